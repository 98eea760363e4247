// Draws messages as the phone shows them. One function a kind of message; what we cannot draw says so.
import { element, icon, shop, texts, zone } from "./api.js";

const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", hour12: true, timeZone: zone });
const day = new Intl.DateTimeFormat(language, { month: "long", day: "numeric", weekday: "short", timeZone: zone });
const date = new Intl.DateTimeFormat("en-CA", { timeZone: zone });

const ADDRESS = /(https?:\/\/\S+)/;
const bubble = (...content) => element("div", "lb", ...content);
const words = (text) => bubble(...text.split(ADDRESS).map((part, place) => (place % 2 ? link(part) : part)));

function link(address) {
  const made = element("a", "", address);
  Object.assign(made, { href: address, target: "_blank", rel: "noopener" });
  return made;
}

function sticker(body) {
  const drawing = document.getElementById(`sticker-${body.stickerId}`);
  if (!drawing) return bubble(texts.sticker);
  const holder = element("div", "sticker");
  holder.innerHTML = `<svg viewBox="0 0 96 96" role="img"><use href="#${drawing.id}"/></svg>`;
  holder.firstChild.setAttribute("aria-label", `${texts.sticker} ${body.keywords?.[0] ?? ""}`);
  return holder;
}

/** What the shop sent lies at its own address, under whatever name of this machine the phone is open. */
function address(body, id) {
  if (!body.originalContentUrl) return `/simulator/api/messages/${id}/content`;
  return new URL(body.originalContentUrl).pathname;
}

function picture(body, id) {
  const image = element("img", "picture");
  image.alt = texts.image;
  image.src = address(body, id);
  return image;
}

function film(body, id) {
  const video = element("video", "picture");
  video.controls = true;
  video.preload = "metadata";
  video.src = address(body, id);
  return video;
}

function place(body) {
  const pin = element("div", "pin", icon("location", "l"));
  return element("div", "flex place", pin, element("div", "where", element("b", "", body.title), body.address));
}

function opens({ label, uri }) {
  const made = link(uri);
  made.className = "open";
  made.textContent = label;
  return made;
}

function says(action) {
  const made = element("button", "open", action.label);
  made.type = "button";
  made.dataset.action = JSON.stringify(action);
  return made;
}

/** A part of a Flex bubble: boxes, texts and buttons, which is all that the shop sends. */
function part(component) {
  if (component.type === "button") return component.action.type === "uri" ? opens(component.action) : says(component.action);
  if (component.type === "text") return element(component.weight === "bold" ? "b" : "span", "", component.text);
  return element("div", component.layout === "baseline" ? "fact" : "stack", ...component.contents.map(part));
}

function hung(hero) {
  const image = element("img", "hero");
  image.alt = "";
  image.src = new URL(hero.url).pathname;
  return image;
}

function card(body) {
  const { hero, body: inside, footer } = body.contents;
  if (!inside) return bubble(body.altText);
  const shown = hero ? [hung(hero)] : [];
  return element("div", "flex card", ...shown, part(inside), ...(footer ? [part(footer)] : []));
}

const DRAW = {
  text: (body) => words(body.text),
  textV2: (body) => words(body.text),
  sticker,
  image: picture,
  video: film,
  file: (body) => bubble(body.fileName),
  location: place,
  flex: card,
};

const draw = (message) =>
  DRAW[message.body.type]?.(message.body, message.id) ??
  bubble(message.body.altText ?? texts.unsupported + message.body.type);

export const summary = (message) =>
  message.body.text ?? message.body.altText ?? message.body.title ?? message.body.fileName ?? texts[message.body.type] ?? message.body.type;

/** The day in the shop's zone, wherever this browser is. */
export const dayOf = (at) => date.format(new Date(at));

export const time = (at) => clock.format(new Date(at));

function stamp(message) {
  const lines = message.mine && message.read ? [texts.read, element("br")] : [];
  return element("span", "ltime", ...lines, time(message.at));
}

function mine(message) {
  const drawn = draw(message);
  drawn.tabIndex = 0;
  drawn.setAttribute("role", "button");
  drawn.dataset.own = message.id;
  return element("div", "lmsg r", drawn, stamp(message));
}

function name(message) {
  const label = element("div", "lname", message.sender || shop);
  if (message.sender && !message.sender.startsWith(shop)) label.append(element("small", "", texts.from));
  return label;
}

function theirs(message) {
  const isPerson = message.sender && !message.sender.startsWith(shop);
  const face = element("span", "lav", isPerson ? shop.slice(0, 1) : icon("bot"));
  const line = element("div", "line", draw(message), stamp(message));
  return element("div", "lmsg", face, element("div", "col", name(message), line));
}

const note = (...content) => element("p", "lnote", ...content);

/** A message as a list item; the caller puts it in place. */
export function drawn(message) {
  const item = element("li", "", message.unsent ? note(texts.unsent) : message.mine ? mine(message) : theirs(message));
  item.dataset.id = message.id;
  item.dataset.order = message.order;
  item.dataset.voice = message.unsent ? "none" : message.mine ? "mine" : `${message.sender}/${time(message.at)}`;
  return item;
}

/** The line above the first message of a day. */
export function dayLine(at) {
  return note(dayOf(at) === dayOf(Date.now()) ? texts.today : day.format(new Date(at)));
}
