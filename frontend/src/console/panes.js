// Fetches the list and the open case again and puts them in place.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { oneAtATime } from "./drawing.js";
import { first } from "./earlier.js";
import { isGlimpse, isPointedAt, showAgain } from "./glimpses.js";
import { announce, morphing } from "./morph.js";

const desk = document.getElementById("desk");
const list = () => document.getElementById("list");
const pane = () => document.getElementById("pane");
/** Something else is about to be put there, which may know more than what was asked before it. */
const isComing = () => Boolean(document.querySelector('.htmx-request[hx-target="#pane"]'));
let held = null;
let pressed = ""; // the row that was opened last: of several that were found in one case, only one is meant

async function fetchPage(url, target) {
  const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": target } });
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function listUrl() {
  const long = (group) => rowsOf(group).filter((row) => !isGlimpse(row.id)).length;
  const shown = [...list().querySelectorAll("[data-group]")].map((group) => [group.dataset.group, long(group)]);
  return `${list().dataset.address}&${new URLSearchParams(shown)}`;
}

const rowsOf = (root) => [...root.querySelectorAll("li[id]")];
const order = (root) => rowsOf(root.querySelector("#rows")).map((row) => row.id);

/** Draw the list again; while the pointer is on it, rows that would move wait behind a bar. What was found stays. */
export const refreshList = oneAtATime(async () => {
  const asked = Date.now();
  const fresh = await fetchPage(listUrl(), "list").catch(() => null);
  if (fresh) show(fresh, asked);
  return Boolean(fresh);
});

function show(fresh, asked) {
  if (list().dataset.query) return put("side", fresh);
  const moves = order(fresh).join() !== order(document).join();
  if (moves && isPointedAt()) return hold(fresh, asked);
  putList(fresh, asked);
}

function hold(fresh, asked) {
  held = () => putList(fresh, asked);
  const known = new Set(order(document));
  const count = order(fresh).filter((id) => !known.has(id)).length;
  const bar = list().querySelector(".news");
  bar.textContent = count ? desk.dataset.new.replace("{n}", count) : desk.dataset.moved;
  bar.hidden = false;
}

function putList(fresh, asked) {
  held = null;
  const known = new Set(order(document).filter((id) => !isGlimpse(id)));
  put("side", fresh);
  put("list", fresh);
  for (const row of rowsOf(list()))
    row.classList.toggle("fresh", known.size > 0 && !known.has(row.id));
  showAgain(asked);
  selectRow();
}

function put(part, fresh) {
  Idiomorph.morph(document.getElementById(part), fresh.getElementById(part), morphing);
  htmx.process(document.getElementById(part));
}

/** Draw the open case again; one that was opened meanwhile is as it is now. */
export const refreshPane = oneAtATime(async () => {
  const { url } = pane().dataset;
  if (!url) return true;
  const view = list().dataset.view;
  const fresh = await fetchPage(`${url}?${new URLSearchParams({ view, since: first() })}`, "pane").catch(() => null);
  if (pane().dataset.url !== url) return true;
  if (!fresh || isComing()) return false;
  announce(fresh.getElementById("pane"), { refresh: true });
  Idiomorph.morph(pane(), fresh.getElementById("pane"), morphing);
  htmx.process(pane());
  document.dispatchEvent(new Event("pane:drawn"));
  return true;
});

/** Whether a row is of the case that is open. */
const isOpen = (row) => row?.querySelector("a")?.pathname === pane().dataset.url;

/** Mark the row of the open case. */
export function selectRow() {
  const open = isOpen(document.getElementById(pressed)) ? pressed : pane().dataset.row;
  desk.classList.toggle("reading", Boolean(open));
  for (const row of rowsOf(list())) {
    const link = row.querySelector("a");
    link.classList.toggle("on", row.id === open);
    if (row.id === open) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("click", ({ target }) => {
  if (target.closest(".news")) held?.();
  pressed = target.closest("#rows [data-row]")?.closest("li").id ?? pressed;
});
document.addEventListener(
  "pointerleave",
  (event) => {
    if (event.target.id === "list") held?.();
  },
  true,
);
