// The editor of articles: kept at every pause and when the page goes away; one more wording, one more passage; variables.
import htmx from "htmx.org";

const form = document.getElementById("write");
let written = null; // the field in which somebody wrote last
let unsent = false;

/** What was typed in the last moment goes along when the page is left. */
function leave() {
  if (unsent && form?.hasAttribute("data-beacon")) navigator.sendBeacon(form.action, new FormData(form));
  unsent = false;
}

function more(button) {
  const fields = button.closest("[data-several]");
  const added = fields.lastElementChild.cloneNode(true);
  for (const field of added.matches("textarea") ? [added] : added.querySelectorAll("textarea")) field.value = "";
  fields.append(added);
  (added.matches("textarea") ? added : added.querySelector("textarea")).focus();
}

function insert(words) {
  const field = written ?? form.querySelector("[name=wording]");
  field.focus();
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function begin() {
  for (const button of form.querySelectorAll("[data-more]")) button.hidden = false;
  for (const button of form.querySelectorAll("[data-insert]")) button.disabled = false;
  form.addEventListener("input", () => (unsent = true));
  form.addEventListener("submit", () => (unsent = false));
  form.addEventListener("focusin", ({ target }) => {
    if (target.matches("textarea")) written = target;
  });
  form.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.hasAttribute("data-more")) more(button);
    if (button?.dataset.insert) insert(button.dataset.insert);
  });
  htmx.on("htmx:beforeRequest", () => (unsent = false));
  addEventListener("pagehide", leave);
}

if (form) begin();
