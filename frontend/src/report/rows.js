// What a table says, as numbers: its first column names a row, data-value and data-share are what a picture shows.

/** The rows of a plot's table, as many as it shows, each with its name, its link and its columns. */
export function rows(plot) {
  const lines = [...document.querySelectorAll(`#${plot.dataset.from} tbody tr`)];
  return lines.slice(0, Number(plot.dataset.most) || lines.length).map((line) => ({
    name: line.dataset.name,
    href: line.dataset.href,
    cells: [...line.querySelectorAll("td")].map(cell),
  }));
}

function cell(td) {
  const share = td.querySelector("[data-share]")?.dataset.share;
  return { count: Number(td.dataset.value), share: share ? Math.round(share * 1000) / 10 : null };
}
