// A case that waits for its first answer is in its place as soon as the stream tells of it. The list that is fetched next
// is the truth: it puts the real row over this one, or takes it away. Nothing moves under the pointer.
import htmx from "htmx.org";
import { leftUntil } from "./clocks.js";

const desk = document.getElementById("desk");
const template = document.getElementById("glimpse");
const list = () => document.getElementById("list");
const idOf = (row) => `row-${row.conversation_id}-${row.ticket_id}`;
const told = new Map(); // what is shown so, by its id, and since when
const BELONGS = {
  new: (row) => !row.assignee_id,
  mine: (row) => String(row.assignee_id) === desk.dataset.me,
  team: (row) => JSON.parse(template.dataset.teams).includes(row.team),
  due: (row) => Date.parse(row.due) < Date.now() + template.dataset.soon * 1000,
  all: () => true,
};

/** Whether rows may not move now. */
export const isPointedAt = () => list().matches(":hover") && matchMedia("(hover: hover)").matches;

/** Whether a case belongs on this screen; one that has left since it was shown goes at once. */
export function belongsHere(row) {
  const narrowed = list().dataset.query || list().dataset.address.includes("narrow=");
  const here = !narrowed && Boolean(BELONGS[list().dataset.view]?.(row));
  if (!here && told.delete(idOf(row))) {
    document.getElementById(idOf(row))?.remove();
    recount();
  }
  return here;
}

/** Show a case that belongs here. */
export function show(row) {
  if (document.getElementById(idOf(row))) return;
  told.set(idOf(row), { row, since: Date.now() });
  put(row);
}

/** A list has been drawn that was asked for at this time: what was told later is not on it yet. */
export function showAgain(asked) {
  for (const [id, { row, since }] of told) {
    if (since < asked) told.delete(id);
    else if (!document.getElementById(id)) put(row);
  }
}

/** Rows that no list has confirmed yet. */
export const isGlimpse = (id) => told.has(id);

function put(row) {
  const fresh = template.content.cloneNode(true);
  const item = filled(fresh.querySelector("li"), row);
  const group = document.querySelector("#rows [data-group=asking]");
  if (group && !insert(group, item, row)) return told.delete(idOf(row));
  if (!group) {
    document.querySelector("#rows .empty0")?.remove();
    document.getElementById("rows").prepend(fresh);
  }
  htmx.process(item);
  recount();
}

/** What stands above the rows says how many there are. */
function recount() {
  const count = (root) => `${root.querySelectorAll("li[id]").length}${root.querySelector(".further") ? "+" : ""}`;
  for (const group of document.querySelectorAll("#rows [data-group]")) {
    const title = group.previousElementSibling?.querySelector("b");
    if (title) title.nextSibling.textContent = count(group);
  }
  const all = list().querySelector(".count");
  if (all) all.textContent = count(document.getElementById("rows"));
}

/** Soonest first. What comes after the last row of a page that has a next one is not shown. */
function insert(group, item, row) {
  const due = Date.parse(row.due);
  const later = [...group.querySelectorAll("li[id]")].find((one) => dueOf(one) > due);
  if (!later && group.querySelector(".further")) return false;
  group.insertBefore(item, later ?? null);
  return true;
}

const dueOf = (item) => Date.parse(item.querySelector("[data-due]")?.dataset.due);

function filled(item, row) {
  const part = (name) => item.querySelector(name);
  item.id = idOf(row);
  item.className = "fresh";
  part("a").classList.add("un"); // nobody has answered yet
  for (const name of ["href", "hx-get"])
    part("a").setAttribute(name, part("a").getAttribute(name).replace("NUMBER", encodeURIComponent(row.number)));
  fillAvatar(part(".av"), row);
  part(".nm").textContent = row.name || template.dataset.nameless;
  fillOrDrop(part(".tier"), row.tier);
  part(".tm").dateTime = row.at;
  part(".tm").textContent = hour(row.at);
  part(".pv").textContent = row.number;
  part(".lv").className = `lv lv${row.level.at(-1)}`;
  part(".lv").textContent = row.level;
  part(".r3 .t").textContent = JSON.parse(template.dataset.categories)[row.category] ?? template.dataset.other;
  fillOrDrop(part(".r3 .m.t"), row.assignee);
  part(".cd").dataset.due = row.due;
  part(".cd").lastElementChild.textContent = leftUntil(row.due);
  return item;
}

function fillAvatar(avatar, row) {
  const channel = avatar.querySelector(".ch");
  const glyph = channel.querySelector("use");
  avatar.className = `av ${row.tint}`;
  avatar.firstChild.textContent = row.initial;
  channel.className = `ch ${row.channel}`;
  glyph.setAttribute("href", glyph.getAttribute("href").replace(/#.*/, `#${row.channel}`));
}

function fillOrDrop(part, text) {
  if (text) part.textContent = text;
  else part?.remove();
}

const hour = (at) =>
  new Date(at).toLocaleTimeString("en-GB", { timeZone: template.dataset.zone, hour: "2-digit", minute: "2-digit" });
