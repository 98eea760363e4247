// A case that takes longer than a moment to come: blocks stand where its parts will be, and nothing spins.
const MOMENT = 300; // below that, blocks would only flicker
let soon = null;

/** Show the blocks while a case is being fetched, from `MOMENT` on. */
export function showWhatComes() {
  const blocks = document.getElementById("coming");
  const opens = ({ detail }) => detail.requestConfig.verb === "get" && detail.target.id === "pane";
  const show = (shown) => {
    blocks.hidden = !shown;
    document.getElementById("pane").setAttribute("aria-busy", String(shown));
  };
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (!opens(event)) return;
    clearTimeout(soon);
    soon = setTimeout(show, MOMENT, true);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!opens(event) || document.querySelector("[data-row].htmx-request")) return; // another one is on its way
    clearTimeout(soon);
    show(false);
  });
}
