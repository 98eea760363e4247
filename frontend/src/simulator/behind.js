// 「幕後」: the way of the chosen message through the engine, asked for again until it is complete.
import { element, get, icon, texts, zone } from "./api.js";
import { summary } from "./bubbles.js";

const AGAIN = 600;
const PATIENCE = 30_000;
const LONGEST = 40;
const steps = document.getElementById("steps");
const about = document.getElementById("behind-about");
const before = about.textContent;
let chosen = null;

export const chosenId = () => chosen?.id;

export function clear() {
  chosen = null;
  about.textContent = before;
  steps.replaceChildren();
}

/** Follow a message; a click on another one ends this. */
export function follow(message) {
  chosen = message;
  about.textContent = texts.behind.replace("{text}", () => shortened(summary(message)));
  steps.replaceChildren();
  ask(message, Date.now() + PATIENCE);
}

function shortened(words) {
  const signs = [...words];
  return signs.length > LONGEST ? `${signs.slice(0, LONGEST).join("")}…` : words;
}

async function ask(message, until) {
  if (chosen !== message) return;
  const found = await get(`messages/${message.id}/trace`).catch(() => null);
  if (chosen !== message) return;
  if (found) show(found.steps);
  if (!found?.finished && Date.now() < until) setTimeout(ask, AGAIN, message, until);
}

function show(found) {
  const start = new Date(found[0].at);
  const lines = found.map((step) => line(step, new Date(step.at), start));
  if (lines.map((item) => item.textContent).join() !== steps.textContent) steps.replaceChildren(...lines);
}

function line(step, at, start) {
  const when = at > start ? texts.ms.replace("{ms}", at - start) : exact(at);
  const head = element("div", "row1", element("b", "", step.title), element("span", "sp"));
  head.append(element("span", "fs12 m num", when));
  const item = element("li", step.kind, element("span", "jd", icon(step.icon, "s")));
  item.append(element("div", "", head, element("div", "m2 detail", step.detail)));
  return item;
}

function exact(at) {
  const milliseconds = String(at.getMilliseconds()).padStart(3, "0");
  return `${at.toLocaleTimeString("en-GB", { timeZone: zone })}.${milliseconds}`;
}
