// The keyboard. Single keys work outside fields only, and never while an input method is composing.
import { write } from "./drafts.js";

const composing = (event) => event.isComposing || event.keyCode === 229;
const inField = (target) => target.matches("input, textarea, select, [contenteditable]");
const digit = (key) => [...document.querySelectorAll(`[data-digit="${key}"]`)].find((button) => button.checkVisibility());
const press = (selector) => document.querySelector(selector)?.click();

/** From the row that is being opened, or else is open: who presses twice at once goes two rows on. */
function step(by) {
  const rows = [...document.querySelectorAll("#rows [data-row]")];
  const here = rows.find((row) => row.matches(".htmx-request")) ?? rows.find((row) => row.matches(".on"));
  const at = rows.indexOf(here);
  const next = rows[at < 0 ? 0 : at + by];
  next?.click();
  next?.scrollIntoView({ block: "nearest" });
}

/** A fold of the panel, opened for writing; on a narrow screen the panel comes out first. */
function unfold(key) {
  const fold = document.querySelector(`.ctxp details[data-key="${key}"]`);
  if (!fold) return;
  if (!fold.checkVisibility({ visibilityProperty: true })) document.getElementById("desk").classList.add("context-open");
  fold.open = true;
  fold.scrollIntoView({ block: "nearest" });
  fold.querySelector("select, input:not([type=hidden]), textarea").focus();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  r: () => write("reply"),
  n: () => write("note"),
  h: () => write("whisper"),
  c: () => document.querySelector('[data-action="claim"]')?.requestSubmit(),
  e: () => document.querySelector('.acts :is([data-action="resolve"], [data-action="propose"])')?.requestSubmit(),
  "/": () => document.getElementById("search").focus(),
  "／": () => document.getElementById("search").focus(),
  a: () => unfold("t"),
  t: () => unfold("t"),
  "]": () => press("[data-context]"),
  "?": () => press("[data-keys]"),
};

function onKey(event) {
  if (composing(event)) return;
  const field = event.target;
  if (field.matches("[data-draft]") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (!field.form.querySelector("[data-send]").disabled) field.form.requestSubmit();
  } else if (event.key === "Escape") {
    field.blur();
    document.getElementById("desk").classList.remove("context-open");
  } else if (
    !inField(field) &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey &&
    !document.querySelector("dialog[open]")
  ) {
    const action = KEYS[event.key.toLowerCase()] ?? (/^[1-9]$/.test(event.key) && digit(event.key) && (() => digit(event.key).click()));
    if (action) {
      event.preventDefault();
      action();
    }
  }
}

export function listenToKeys() {
  document.addEventListener("keydown", onKey);
}
