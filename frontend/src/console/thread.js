// The thread stays at its newest message while its reader is there; what came in meanwhile is announced, not hidden.
const desk = document.getElementById("desk");
const pane = () => document.getElementById("pane");
const thread = () => document.getElementById("msgs");
const NEAR = 80;
let atEnd = true;
let shown = "";
let known = 0;
let unseen = false;

const newest = () =>
  Math.max(0, ...[...document.querySelectorAll('.mg[data-author="customer"]')].map((m) => Number(m.dataset.id)));
const composer = () => document.querySelector('[data-composer="reply"]');

/** Keep the end in view after every drawing of the pane, and say what the writer has not seen. */
export function followThread() {
  document.addEventListener("scroll", onScroll, true);
  document.addEventListener("pane:drawn", follow);
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    atEnd = detail.requestConfig.verb === "post" || isAtEnd(); // one's own words are always shown
  });
  document.body.addEventListener("htmx:afterSettle", follow);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-catch-up], .tail")) catchUp();
  });
  follow();
}

function isAtEnd() {
  const column = thread();
  return !column || column.scrollHeight - column.scrollTop - column.clientHeight < NEAR;
}

function onScroll(event) {
  if (event.target !== thread()) return;
  atEnd = isAtEnd();
  unseen &&= !atEnd;
  document.querySelector(".tail").hidden = !unseen;
}

function follow() {
  const column = thread();
  if (!column) return;
  const other = shown !== pane().dataset.url;
  shown = pane().dataset.url;
  const sought = soughtMessage();
  sought?.classList.add("sought"); // the server, whose drawing this is, does not know
  if (other && sought) showSought(sought);
  else if (other || atEnd) column.scrollTop = column.scrollHeight;
  unseen = !other && !atEnd && (unseen || newest() > known);
  known = newest();
  document.querySelector(".tail").hidden = !unseen;
  warnOfMissed();
}

/** A search leads to one message of a thread: it is shown in the middle, and marked. */
const soughtMessage = () => (/^#m\d+$/.test(location.hash) ? document.querySelector(location.hash) : null);

function showSought(message) {
  message.scrollIntoView({ block: "center" });
  atEnd = isAtEnd();
}

/** Somebody is writing while the customer goes on: say so above the composer, and keep every word. */
function warnOfMissed() {
  const form = composer();
  const strip = document.querySelector(".stale");
  if (!form || !strip) return;
  const seen = Number(form.elements.seen.value);
  const missed = [...document.querySelectorAll('.mg[data-author="customer"] .bb')].filter(
    (b) => Number(b.id.slice(1)) > seen,
  ).length;
  const writing = Boolean(form.elements.text.value.trim());
  strip.hidden = !(missed && writing);
  if (!strip.hidden) {
    const words = desk.dataset.missed.replace("{name}", pane().dataset.name).replace("{count}", missed);
    strip.querySelector("span").textContent = words;
  }
}

/** The writer has looked: the newest message is seen, and the reply may go. */
function catchUp() {
  thread().scrollTop = thread().scrollHeight;
  for (const field of document.querySelectorAll("#pane [name=seen]"))
    field.value = Math.max(newest(), Number(field.value));
  warnOfMissed();
  composer()?.elements.text.focus();
}
