// The pictures themselves. Columns of the tables: all, contained, handed, fallback, cleared, wrong, unhelpful.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

const ALL = 0, CONTAINED = 1, HANDED = 2, FALLBACK = 3;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const KINDS = { days, intents, releases };
const known = new WeakMap();

/** Draw a plot anew; a click on what stands for a row opens its messages. */
export function draw(plot, lines, look) {
  const kind = KINDS[plot.dataset.chart];
  if (kind === intents) plot.classList.add(`of-${Math.min(lines.length, 12)}`);
  const chart = known.get(plot) ?? begun(plot);
  const ordered = kind === days ? lines.toReversed() : lines;
  chart.setOption({ ...common(look), ...kind(ordered, look) }, true);
  chart.off("click");
  chart.on("click", ({ dataIndex }) => location.assign(ordered[dataIndex].href));
}

function begun(plot) {
  const chart = init(plot);
  known.set(plot, chart);
  new ResizeObserver(() => chart.resize()).observe(plot);
  return chart;
}

const common = (look) => ({
  animation: !still.matches,
  animationDuration: 180,
  textStyle: { fontFamily: look.font, color: look["ink-2"] },
  tooltip: {
    trigger: "axis",
    renderMode: "richText", // HTML would bring styles of its own, which the page's policy forbids
    confine: true,
    backgroundColor: look.surface,
    borderColor: look.line,
    textStyle: { color: look.ink, fontSize: 12 },
  },
});

function days(lines, look) {
  return {
    grid: { left: 44, right: 48, top: 16, bottom: 28 },
    xAxis: names(lines, look),
    yAxis: [counts(look), percents(look)],
    series: [
      { ...bars(look, "c-all", lines, count(ALL)), name: title("days", ALL) },
      {
        type: "line",
        yAxisIndex: 1,
        name: title("days", CONTAINED),
        data: lines.map(share(CONTAINED)),
        connectNulls: false,
        symbolSize: 6,
        showSymbol: lines.length < 40,
        showAllSymbol: true, // also where there is no room for each day's name
        lineStyle: { width: 2, color: look["c-contained"] },
        itemStyle: { color: look["c-contained"] },
        tooltip: { valueFormatter: percent },
      },
    ],
  };
}

function intents(lines, look) {
  const stack = (colour, value, name) => ({ ...bars(look, colour, lines, value), stack: "all", name });
  return {
    grid: { left: 8, right: 24, top: 4, bottom: 24, containLabel: true },
    xAxis: counts(look),
    yAxis: { ...names(lines, look), inverse: true },
    series: [
      stack("c-contained", count(CONTAINED), title("intents", CONTAINED)),
      stack("c-handed", count(HANDED), title("intents", HANDED)),
      stack("c-rest", rest, document.querySelector(".k-rest").nextSibling.textContent.trim()),
    ],
  };
}

function releases(lines, look) {
  const series = (colour, at) => ({
    ...bars(look, colour, lines, share(at)),
    name: title("releases", at),
    tooltip: { valueFormatter: percent },
  });
  return {
    grid: { left: 44, right: 16, top: 16, bottom: 28 },
    xAxis: names(lines, look),
    yAxis: percents(look),
    series: [series("c-contained", CONTAINED), series("c-fallback", FALLBACK)],
  };
}

const count = (at) => (line) => line.cells[at].count;
const share = (at) => (line) => line.cells[at].share;
const rest = ({ cells }) => Math.max(0, cells[ALL].count - cells[CONTAINED].count - cells[HANDED].count);
const percent = (value) => (value == null ? "—" : `${value}%`);
const title = (table, at) => document.querySelectorAll(`#${table} thead th`)[at + 1].textContent;

const names = (lines, look) => ({
  type: "category",
  data: lines.map((line) => line.name),
  axisTick: { show: false },
  axisLine: { lineStyle: { color: look.line } },
  axisLabel: { color: look["ink-2"], fontSize: 12, width: 120, overflow: "truncate" },
});

const counts = (look) => ({
  type: "value",
  minInterval: 1,
  splitLine: { lineStyle: { color: look.line } },
  axisLabel: { color: look["ink-3"], fontSize: 12 },
});

const percents = (look) => ({
  ...counts(look),
  min: 0,
  max: 100,
  interval: 25,
  splitLine: { show: false },
  axisLabel: { color: look["ink-3"], fontSize: 12, formatter: "{value}%" },
});

const bars = (look, colour, lines, value) => ({
  type: "bar",
  data: lines.map(value),
  barMaxWidth: 28,
  itemStyle: { color: look[colour], borderRadius: 2 },
});
