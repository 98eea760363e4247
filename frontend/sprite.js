// One SVG sprite of the icons that the pages use: Tabler's outline icons under the house's names
// (icons.json), and our own drawings of what Tabler has no neutral glyph for (icons/*.svg).
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

const here = import.meta.dirname;
const tabler = join(here, "node_modules/@tabler/icons/icons/outline");
const STROKE = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';

const inner = (svg) => svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).trim();
const symbol = (name, drawing, style = "") => `<symbol id="${name}" viewBox="0 0 24 24" ${style}>${drawing}</symbol>`;

function outlines() {
  const names = JSON.parse(readFileSync(join(here, "icons.json"), "utf8"));
  return Object.entries(names).map(([ours, theirs]) =>
    symbol(ours, inner(readFileSync(join(tabler, `${theirs}.svg`), "utf8")), STROKE),
  );
}

function drawings() {
  const files = readdirSync(join(here, "icons"));
  return files.map((file) => symbol(basename(file, ".svg"), inner(readFileSync(join(here, "icons", file), "utf8"))));
}

export default function sprite() {
  return {
    name: "sprite",
    generateBundle() {
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${[...outlines(), ...drawings()].join("")}</svg>`;
      this.emitFile({ type: "asset", name: "icons.svg", originalFileName: "src/icons.svg", source });
      const favicon = readFileSync(join(here, "src/favicon.svg"));
      this.emitFile({ type: "asset", name: "favicon.svg", originalFileName: "src/favicon.svg", source: favicon });
    },
  };
}
