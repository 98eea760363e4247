// Reply templates: what nobody knows yet is asked in the picker, and a text with an unfilled field is not sent.
import { encloseOf } from "./attachments.js";
import { box, close, field, insert, leaveList, offerChoices } from "./picker.js";

const FIELD = /\{([\p{L}\p{N}_-]{1,20})(?::[a-z]{1,10})?\}/u;

function choose(choice) {
  const questions = choice.querySelector("template");
  if (!questions) return take(choice);
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
  form.dataset.text = text;
  take(form);
}

/** Its text, and the file that goes with it. */
function take(chosen) {
  insert(chosen);
  if (chosen.dataset.encloses) encloseOf(chosen.dataset.encloses);
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
  offerChoices(choose);
  document.addEventListener("input", ({ target }) => {
    if (target.matches('[data-composer="reply"] [data-draft]')) warn();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".asks")) return;
    event.preventDefault();
    fill(event.target);
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-no-template]")) close();
    if (target.closest("[data-templates]")) press();
  });
  document.addEventListener("pane:drawn", warn);
  document.body.addEventListener("htmx:afterSettle", warn);
  warn();
}
