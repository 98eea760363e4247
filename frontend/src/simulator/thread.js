// The phone's screen: keeps the list of messages in order and says what changed after each answer of the server.
import { element, shop } from "./api.js";
import { dayLine, dayOf, drawn, summary } from "./bubbles.js";

const list = document.getElementById("messages");
const screen = document.getElementById("thread");
const dots = document.getElementById("dots");
const quick = document.getElementById("quick");
const news = document.getElementById("news");
const messages = new Map();
let following = true;

const inOrder = () => [...messages.values()].sort((a, b) => a.order - b.order);
export const find = (id) => messages.get(id);
export const newestOwn = () => inOrder().filter((message) => message.mine && !message.unsent).at(-1);
export const saidTexts = () => new Set(inOrder().filter((m) => m.mine).map((m) => m.body.text));

export function empty() {
  messages.clear();
  list.replaceChildren();
  quick.hidden = true;
}

/** Take changed messages in; true when something was drawn. */
export function take(changed) {
  if (messages.size) announce(changed.filter((message) => !message.mine && !messages.has(message.id)));
  for (const message of changed) {
    messages.set(message.id, message);
    put(drawn(message));
  }
  if (changed.length) arrange();
  if (changed.length && following) toEnd();
  return changed.length > 0;
}

/** Read out what came in; bubbles that are only drawn again (as 已讀) stay quiet. */
function announce(fresh) {
  if (fresh.length) news.textContent = fresh.map((message) => `${message.sender || shop}：${summary(message)}`).join("\n");
}

function put(item) {
  const known = list.querySelector(`[data-id="${item.dataset.id}"]`);
  if (known) return known.replaceWith(item);
  const later = [...list.children].find((other) => Number(other.dataset.order) > Number(item.dataset.order));
  list.insertBefore(item, later ?? null);
}

function arrange() {
  document.getElementById("blank").hidden = list.children.length > 0;
  for (const line of list.querySelectorAll(".day-line")) line.remove();
  let before = { voice: "", day: "" };
  for (const item of [...list.children]) {
    const day = dayOf(messages.get(item.dataset.id).at);
    item.classList.toggle("first", item.dataset.voice !== before.voice || day !== before.day);
    if (day !== before.day) list.insertBefore(dated(item), item);
    before = { voice: item.dataset.voice, day };
  }
  offer();
}

function dated(item) {
  const line = element("li", "day-line", dayLine(messages.get(item.dataset.id).at));
  line.dataset.order = item.dataset.order - 0.5;
  return line;
}

/** Quick replies belong to the newest message only, and go when the customer says something. */
function offer() {
  const items = inOrder().at(-1)?.body.quickReply?.items ?? [];
  quick.replaceChildren(...items.map(choice));
  quick.hidden = items.length === 0;
}

function choice({ action }) {
  const button = element("button", "", action.label);
  button.type = "button";
  button.dataset.action = JSON.stringify(action);
  return button;
}

export function wait(loading) {
  const changed = dots.hidden === loading;
  dots.hidden = !loading;
  if (changed && loading) toEnd();
}

export function toEnd() {
  screen.scrollTop = screen.scrollHeight;
}

/* The end stays in view while a picture loads or the keyboard opens, unless the person scrolled up. */
screen.addEventListener("scroll", () => {
  following = screen.scrollHeight - screen.scrollTop - screen.clientHeight < 80;
});
const growth = new ResizeObserver(() => following && toEnd());
growth.observe(screen);
growth.observe(list);

export function mark(id) {
  for (const own of list.querySelectorAll("[data-own]")) {
    own.classList.toggle("chosen", own.dataset.own === id);
    own.setAttribute("aria-pressed", String(own.dataset.own === id));
  }
}
