// The thread stays at its newest message while its reader is there; what came in meanwhile is announced, not hidden.
import { find } from "./earlier.js";

const desk = document.getElementById("desk");
const pane = () => document.getElementById("pane");
const thread = () => document.getElementById("msgs");
const NEAR = 80;
let atEnd = true;
let shown = "";
let shownSought = 0;
let known = 0;
let unseen = false;

/** What others said to or for the customer, bubble by bubble: the customer himself (no name), or a colleague. */
const news = () => [...document.querySelectorAll(".mg[data-news] .bb")];
const newest = () => Math.max(0, ...news().map((bubble) => Number(bubble.id.slice(1))));
const composer = () => document.querySelector('[data-composer="reply"]');

/** What opens below the thread takes its place from it, and covers nothing. */
const resized = new ResizeObserver(([{ target }]) => atEnd && (target.scrollTop = target.scrollHeight));

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
  resized.observe(column);
  const other = shown !== pane().dataset.url;
  const asked = sought();
  if (other || atEnd) column.scrollTop = column.scrollHeight;
  if (asked) showSought(asked, other || asked !== shownSought);
  shown = pane().dataset.url;
  shownSought = asked;
  unseen = !other && !atEnd && (unseen || newest() > known);
  known = newest();
  document.querySelector(".tail").hidden = !unseen;
  warnOfMissed();
}

/** A search leads to one message of a thread, however old: it is marked, and shown in the middle. */
const sought = () => Number(location.hash.match(/^#m(\d+)$/)?.[1] ?? 0);

async function showSought(id, fresh) {
  const where = pane().dataset.url;
  const message = document.getElementById(`m${id}`) ?? (fresh ? await find(id) : null);
  if (pane().dataset.url !== where) return;
  message?.classList.add("sought"); // the server, whose drawing this is, does not know
  if (fresh) message?.scrollIntoView({ block: "center" });
  atEnd = isAtEnd();
}

/** Somebody is writing while the customer goes on, or a colleague answers: say so, and keep every word. */
function warnOfMissed() {
  const form = composer();
  const strip = document.querySelector(".stale");
  if (!form || !strip) return;
  const seen = Number(form.elements.seen.value);
  const missed = news().filter((bubble) => Number(bubble.id.slice(1)) > seen);
  const writing = Boolean(form.elements.text.value.trim());
  strip.hidden = !(missed.length && writing);
  if (!strip.hidden) strip.querySelector("span").textContent = wordsOf(missed);
}

function wordsOf(missed) {
  const authors = missed.map((bubble) => bubble.closest("[data-news]").dataset.news);
  const his = authors.filter((name) => !name).length;
  if (!his) return desk.dataset.answered.replace("{name}", authors.at(-1));
  return desk.dataset.missed.replace("{name}", pane().dataset.name).replace("{count}", his);
}

/** The writer has looked: the newest message is seen, and the reply may go. */
function catchUp() {
  thread().scrollTop = thread().scrollHeight;
  for (const field of document.querySelectorAll("#pane [name=seen]"))
    field.value = Math.max(newest(), Number(field.value));
  warnOfMissed();
  composer()?.elements.text.focus();
}
