// The bot's report: each picture is drawn from the table beside it, which says the same to who cannot see it.
import { draw } from "./report/charts.js";
import { colours, onTheme } from "./report/look.js";
import { rows } from "./report/rows.js";

const plots = [...document.querySelectorAll("[data-chart]")];

function show() {
  const look = colours();
  for (const plot of plots) draw(plot, rows(plot), look);
}

onTheme(show);
show();
