// Reply templates: a slash at the beginning of a line opens the picker, typing filters, the keyboard does the rest.
import { encloseOf } from "./attachments.js";

const SLASH = /(^|\n)[/／]([^\n]*)$/;
const FIELD = /\{([\p{L}\p{N}_-]{1,20})(?::[a-z]{1,10})?\}/u;
const PAUSE = 120;

const box = () => document.querySelector("[data-picker]");
const field = () => document.querySelector('[data-composer="reply"] [data-draft]');
const choices = () => [...box().querySelectorAll('[role="option"]')];
const chosen = () => box().querySelector('[aria-selected="true"]');
let asked = null;
let asking = 0;

const isOpen = () => Boolean(box() && !box().hidden);
const typedAfterSlash = () => field().value.slice(0, field().selectionStart).match(SLASH);

function leaveList() {
  for (const name of ["aria-activedescendant", "aria-controls"]) field().removeAttribute(name);
}

function close() {
  clearTimeout(asked);
  asking += 1;
  box().hidden = true;
  box().replaceChildren();
  leaveList();
}

async function open(query) {
  const mine = ++asking;
  const answer = await fetch(`${box().dataset.picker}?${new URLSearchParams({ q: query })}`).catch(() => null);
  if (!answer?.ok || mine !== asking || !box()) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  box().replaceChildren(page.getElementById("picker"));
  box().hidden = false;
  field().setAttribute("aria-controls", "picker");
  mark(0);
}

function mark(at) {
  const all = choices();
  all.forEach((choice, place) => choice.setAttribute("aria-selected", String(place === at)));
  if (!all[at]) return field().removeAttribute("aria-activedescendant");
  field().setAttribute("aria-activedescendant", all[at].id);
  all[at].scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = choices();
  if (all.length) mark((all.indexOf(chosen()) + by + all.length) % all.length);
}

function choose(choice) {
  const questions = choice.querySelector("template");
  if (!questions) return insert(choice.dataset);
  const form = document.importNode(questions.content, true).firstElementChild;
  Object.assign(form.dataset, choice.dataset);
  leaveList();
  box().replaceChildren(form);
  form.querySelector("[data-field]").focus();
}

/** A date as one says it, an amount with its thousands, everything else as it was typed. */
function said(input) {
  const value = input.value.trim();
  const language = document.documentElement.lang;
  if (input.type === "date")
    return new Intl.DateTimeFormat(language, { month: "long", day: "numeric" }).format(new Date(`${value}T00:00`));
  if (input.type === "number" && input.dataset.field === "amount") return Number(value).toLocaleString(language);
  return value;
}

function fill(form) {
  let { text } = form.dataset;
  for (const input of form.querySelectorAll("[data-field]")) {
    const slot = new RegExp(`\\{${input.dataset.field}(:[a-z]{1,10})?\\}`, "gu");
    text = text.replace(slot, () => said(input));
  }
  insert({ ...form.dataset, text });
}

/** In place of the slash and what was typed after it. */
function insert({ text, encloses }) {
  const area = field();
  const slash = typedAfterSlash();
  const end = area.selectionStart;
  const start = slash ? end - slash[2].length - 1 : end;
  close();
  area.setRangeText(text, start, end, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  if (encloses) encloseOf(encloses);
}

function onInput(event) {
  if (!event.target.matches('[data-composer="reply"] [data-draft]')) return;
  warn();
  const slash = typedAfterSlash();
  clearTimeout(asked);
  if (slash) asked = setTimeout(open, PAUSE, slash[2].trim());
  else if (isOpen()) close();
}

function onKey(event) {
  if (!isOpen() || event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape") {
    close();
    field().focus();
  } else if (event.target === field() && event.key === "ArrowDown") step(1);
  else if (event.target === field() && event.key === "ArrowUp") step(-1);
  else if (event.target === field() && ["Enter", "Tab"].includes(event.key) && chosen()) choose(chosen());
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The button opens the same picker: it types the slash. */
function press() {
  const area = field();
  const before = area.value.slice(0, area.selectionStart);
  area.focus();
  area.setRangeText(before && !before.endsWith("\n") ? "\n/" : "/", area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** A text with an unfilled field is not sent; the reason stands beside the button. */
function warn() {
  const form = document.querySelector('[data-composer="reply"]');
  if (!form) return;
  const open = form.elements.text.value.match(FIELD);
  const reason = form.querySelector(".unfilled");
  form.querySelector("[data-send]").disabled = Boolean(open);
  reason.hidden = !open;
  if (open) reason.textContent = reason.dataset.reason.replace("{field}", open[1]);
}

export function offerTemplates() {
  document.addEventListener("input", onInput);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".asks")) return;
    event.preventDefault();
    fill(event.target);
  });
  document.addEventListener("click", ({ target }) => {
    const choice = target.closest('[data-picker] [role="option"]');
    if (choice) choose(choice);
    if (target.closest("[data-no-template]")) close();
    if (target.closest("[data-templates]")) press();
  });
  document.addEventListener("pane:drawn", warn);
  document.body.addEventListener("htmx:afterSettle", warn);
  warn();
}
