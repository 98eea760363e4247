// The editor of articles: kept at every pause and when the page goes away; one more wording, one more passage; variables.
import htmx from "htmx.org";
import { keepTyped } from "./teaching/typed.js";

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

function insert(words, into = "wording") {
  const fits = written?.name === into || into === "wording";
  const field = (fits && written) || [...form.querySelectorAll(`[name=${into}]`)].at(-1);
  field.focus();
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function begin() {
  for (const button of form.querySelectorAll("[data-more]")) button.hidden = false;
  const opens = form.hasAttribute("data-beacon"); // what is reviewed stays as it is
  for (const button of document.querySelectorAll("[data-insert]")) button.disabled = !opens;
  form.addEventListener("input", () => (typed += 1));
  form.addEventListener("submit", () => (kept = typed));
  form.addEventListener("focusin", ({ target }) => {
    if (target.matches("[name=wording], [name=passage]")) written = target;
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.hasAttribute("data-more")) more(button);
    if (button?.dataset.insert) insert(button.dataset.insert, button.dataset.into);
  });
  htmx.on("htmx:beforeRequest", () => (sent = typed));
  htmx.on("htmx:afterRequest", ({ detail }) => (kept = detail.successful ? sent : kept));
  addEventListener("pagehide", leave);
}

if (form) begin();
keepTyped();
