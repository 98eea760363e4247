// A case that is on the screen has been seen: the bell forgets what it told of it.
const desk = document.getElementById("desk");

/** Tell the server, each time that news of the open case is in view; then call `told`. */
export function followBell(told) {
  function look() {
    const { news, case: number } = document.getElementById("pane").dataset;
    if (document.hidden || !news) return;
    delete document.getElementById("pane").dataset.news;
    const body = new URLSearchParams({ case: number });
    fetch(desk.dataset.seen, { method: "POST", headers: { "X-CSRFToken": desk.dataset.csrf }, body })
      .then(told)
      .catch(() => null); // the next refresh of the pane brings the news again
  }

  for (const event of ["pane:drawn", "htmx:afterSettle", "visibilitychange"]) document.addEventListener(event, look);
  look();
}
