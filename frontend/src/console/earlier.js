// A long thread: what is older comes page by page as its reader scrolls up, and nothing moves under his eyes.
const NEAR = 800; // pixels above what is in view, so that he seldom sees the edge
const column = () => document.getElementById("msgs");
const gate = () => document.querySelector("#earlier [data-earlier]");
let loading = null;

/** Fetch older pages as somebody comes near the beginning. */
export function readBack() {
  document.addEventListener("scroll", ({ target }) => target === column() && target.scrollTop < NEAR && more(), true);
  document.addEventListener("click", ({ target }) => target.closest("[data-earlier]") && more());
  document.body.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.verb === "post" && detail.elt.closest("#pane")) detail.parameters.since = first();
  });
  for (const event of ["pane:drawn", "htmx:afterSettle"]) document.addEventListener(event, eachDayOnce);
}

/** The first message of the part that is drawn again with every change; the pages above it stay as they are. */
export const first = () => document.getElementById("earlier")?.dataset.first ?? "0";

/** Have a message on the page, however far up it is; null where the thread has none of this id. */
export async function find(id) {
  while (!document.getElementById(`m${id}`) && gate() && Number(gate().dataset.before) > id) {
    if (!(await more())) return null;
  }
  return document.getElementById(`m${id}`);
}

/** One more page; whether it came. */
function more() {
  loading ??= load().finally(() => (loading = null));
  return loading;
}

async function load() {
  const button = gate();
  if (!button) return false;
  const answer = await fetch(`${button.dataset.earlier}?before=${button.dataset.before}`).catch(() => null);
  if (!answer?.ok || !button.isConnected) return false; // scrolling on, or a click, asks again
  const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("page");
  if (!button.isConnected) return false;
  keepInPlace(() => {
    button.after(...page.childNodes);
    if (page.dataset.earlier) button.dataset.before = page.dataset.first;
    else button.remove();
    eachDayOnce();
  });
  return true;
}

/** Change what is above without moving what is in view. */
function keepInPlace(change) {
  const box = column();
  const fromEnd = box.scrollHeight - box.scrollTop;
  box.style.overflowAnchor = "none"; // else the browser makes up for it too
  change();
  box.scrollTop = box.scrollHeight - fromEnd;
  requestAnimationFrame(() => (box.style.overflowAnchor = ""));
}

/** A day that goes on over the edge of a page is named at its beginning. */
function eachDayOnce() {
  let last = "";
  for (const day of document.querySelectorAll("#msgs .day")) {
    day.hidden = day.textContent === last;
    last = day.textContent;
  }
}
