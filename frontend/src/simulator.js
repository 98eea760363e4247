// The simulator's page: plays one customer at a time, and shows what LINE's app would show.
import { Refused, get, post, texts } from "./simulator/api.js";
import * as behind from "./simulator/behind.js";
import { time } from "./simulator/bubbles.js";
import * as menus from "./simulator/menus.js";
import * as richmenu from "./simulator/richmenu.js";
import * as thread from "./simulator/thread.js";

const QUICK = 600;
const SLOW = 2_500;
const QUIET_AFTER = 60_000;
const HOLD = 500;
const REMEMBERED = "simulator.customer";

const byId = (id) => document.getElementById(id);
const [page, text, picture, trouble] = ["sim", "text", "picture", "trouble"].map(byId);
const cast = [...document.querySelectorAll("[name=customer]")];
let [customer, cursor, busyUntil, timer, held, online] = ["", 0, 0, 0, 0, true];

/* Which customer, which pane */

function play(id) {
  customer = id;
  cursor = 0;
  localStorage.setItem(REMEMBERED, id);
  const chosen = cast.find((choice) => choice.value === id);
  chosen.checked = true;
  byId("as").textContent = chosen.closest("label").querySelector(".who-name").textContent;
  thread.empty();
  byId("blank").hidden = false;
  behind.clear();
  look();
}

function pane(name) {
  page.dataset.pane = name;
  for (const tab of document.querySelectorAll(".panes [data-pane]")) {
    tab.setAttribute("aria-current", String(tab.dataset.pane === name));
  }
  if (name === "phone") thread.toEnd();
}

/* Looking for news: quick while something happens, slower when it is quiet, not at all when nobody looks */

async function look() {
  clearTimeout(timer);
  if (document.hidden) return;
  const [asked, after] = [customer, cursor];
  const news = await get(`customers/${asked}/messages?after=${after}`).catch(() => null);
  connected(news !== null);
  if (news && asked === customer && after === cursor) show(news);
  clearTimeout(timer);
  timer = setTimeout(look, Date.now() < busyUntil ? QUICK : SLOW);
}

function stayQuick() {
  busyUntil = Date.now() + QUIET_AFTER;
}

function show(news) {
  cursor = news.cursor;
  if (thread.take(news.messages)) stayQuick();
  thread.wait(news.loading);
  byId("composer").hidden = news.blocked;
  byId("blocked").hidden = !news.blocked;
  richmenu.draw(news.blocked ? null : news.menu);
  for (const hint of document.querySelectorAll("[data-say]")) {
    hint.classList.toggle("on", thread.saidTexts().has(hint.dataset.say));
    hint.disabled = news.blocked;
  }
  const newest = thread.newestOwn();
  if (newest && (!behind.chosenId() || news.messages.some((message) => message.id === newest.id && isNew(message)))) {
    choose(newest);
  }
  thread.mark(behind.chosenId());
}

/** Not only redrawn, as when it becomes read. */
const isNew = (message) => Number(message.order) > Number(thread.find(behind.chosenId())?.order ?? 0);

function connected(now) {
  if (now !== online) complain(now ? null : texts.offline);
  online = now;
}

function complain(words) {
  trouble.textContent = words ?? "";
  trouble.hidden = !words;
}

function choose(message) {
  behind.follow(message);
  thread.mark(message.id);
}

/* What the customer does */

async function act(path, body) {
  menus.close();
  stayQuick();
  try {
    await post(path, body);
    complain(null);
    await look();
    thread.toEnd();
    return true;
  } catch (error) {
    complain(error instanceof Refused ? error.message : texts.broken);
    return false;
  }
}

const send = (body) => act(`customers/${customer}/messages`, body);

async function submit() {
  const words = text.value;
  if (!words.trim()) return;
  text.value = "";
  if (!(await send({ type: "text", text: words })) && !text.value) text.value = words;
  grow();
}

/** Words that another page (/help) brought along: the customer only has to send them. */
function bring() {
  text.value = new URLSearchParams(location.search).get("say") ?? "";
  grow();
}

async function deed(name) {
  await act(`customers/${customer}/${name}`);
  if (name === "clear") play(customer);
}

const ACTIONS = {
  message: (action) => send({ type: "text", text: action.text }),
  postback: (action) => act(`customers/${customer}/postbacks`, action),
  uri: (action) => window.open(action.uri, "_blank", "noopener"),
};

const CLICKS = {
  rich: () => richmenu.toggle(),
  say: (hint) => (pane("phone"), send({ type: "text", text: hint.dataset.say })),
  deed: (button) => deed(button.dataset.deed),
  menu: (button) => (menus.toggle(button), thread.toEnd()),
  pane: (tab) => pane(tab.dataset.pane),
  attach: () => picture.click(),
  sticker: (button) => send({ type: "sticker", stickerId: button.dataset.sticker }),
  place: (button) => send({ type: "location", ...JSON.parse(button.dataset.place) }),
  action: (button) => ACTIONS[JSON.parse(button.dataset.action).type]?.(JSON.parse(button.dataset.action)),
  own: (own) => choose(thread.find(own.dataset.own)),
  message: (button) => messageMenu(button.dataset.message, byId("menu-message").dataset.id),
};

function messageMenu(name, id) {
  if (name === "unsend") return act(`messages/${id}/unsend`);
  menus.close();
  choose(thread.find(id));
  pane("behind");
}

document.addEventListener("click", (event) => {
  const target = event.target.closest(Object.keys(CLICKS).map((name) => `button[data-${name}],[role=button][data-${name}]`).join());
  const name = target && Object.keys(CLICKS).find((known) => known in target.dataset);
  if (name) CLICKS[name](target);
});

/* Long press, right click and keys on an own message */

const own = (event) => event.target.closest?.("[data-own]");

byId("thread").addEventListener("contextmenu", (event) => {
  if (!own(event)) return;
  event.preventDefault();
  menus.openAt(own(event));
});
byId("thread").addEventListener("pointerdown", (event) => {
  if (own(event) && event.pointerType === "touch") held = setTimeout(menus.openAt, HOLD, own(event));
});
for (const ending of ["pointerup", "pointercancel", "pointermove"]) {
  byId("thread").addEventListener(ending, () => clearTimeout(held));
}
byId("thread").addEventListener("keydown", (event) => {
  if (own(event) && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    choose(thread.find(own(event).dataset.own));
  }
});

/* The composer. Enter during a 注音 composition ends the composition, nothing else. */

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 108)}px`;
}

text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
picture.addEventListener("change", () => {
  const [file] = picture.files;
  if (file) act(`customers/${customer}/files?${new URLSearchParams({ name: file.name })}`, file);
  picture.value = "";
});

for (const choice of cast) choice.addEventListener("change", () => play(choice.value));
document.addEventListener("visibilitychange", look);
function tick() {
  byId("clock").textContent = time(new Date()).replace(/[^\d:]/g, "");
}
tick();
setInterval(tick, 10_000);
const last = localStorage.getItem(REMEMBERED);
play(cast.some((choice) => choice.value === last) ? last : cast[0].value);
bring();
