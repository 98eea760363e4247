// The editor of articles: kept at every pause and when the page goes away; one more wording, one more passage; variables.
import htmx from "htmx.org";

const form = document.getElementById("write");
let written = null; // the field in which somebody wrote last
let typed = 0; // changes
let sent = 0; // of these, what the last request took along
let kept = 0; // and what the server said it has

/** What nobody has kept yet goes along when the page is left. */
function leave() {
  if (typed > kept && form?.hasAttribute("data-beacon")) navigator.sendBeacon(form.action, new FormData(form));
  kept = typed;
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
  form.addEventListener("input", () => (typed += 1));
  form.addEventListener("submit", () => (kept = typed));
  form.addEventListener("focusin", ({ target }) => {
    if (target.matches("textarea")) written = target;
  });
  form.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.hasAttribute("data-more")) more(button);
    if (button?.dataset.insert) insert(button.dataset.insert);
  });
  htmx.on("htmx:beforeRequest", () => (sent = typed));
  htmx.on("htmx:afterRequest", ({ detail }) => (kept = detail.successful ? sent : kept));
  addEventListener("pagehide", leave);
}

if (form) begin();
