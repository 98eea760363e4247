// The editor of articles: kept at every pause and when the page goes away; one more wording, one more passage; variables.
import htmx from "htmx.org";
import { heard, later } from "./teaching/retrying.js";
import { more } from "./teaching/several.js";
import { keepTyped } from "./teaching/typed.js";

const EXPIRED = 401;
const REFUSED = 409; // the answer says why
const LOST = [0, 500, 502, 503, 504]; // nobody answered, or the server failed: next time it may not
const PUT_BACK = 8; // pages whose words are on this one, as faq/writing/forms.py has it
const form = document.getElementById("write");
const own = crypto.getRandomValues(new BigUint64Array(1))[0].toString(16).padStart(16, "0"); // no other tab's, ever
const told = document.getElementById("kept");
let times = 0; // that this page was sent
let written = null; // the field in which somebody wrote last
let typed = 0; // changes
let sent = 0; // of these, what the last request took along
let kept = 0; // and what the server said it has
let lost = false; // whether the last request never arrived

/**
 * Each sending says which of this page's it is: one that arrives late is known by that, and one that was not heard of.
 * What was put back comes from another page, which may be open still: of that one it tells how far it had come.
 */
function count() {
  const { sheet } = form.elements;
  const before = sheet.value.split(" ").filter((one) => one && !one.startsWith(own)).slice(-PUT_BACK);
  times += 1;
  sheet.value = [...before, `${own}.${times}`].join(" ");
  form.dispatchEvent(new Event("sent"));
  return sheet.value;
}

/** What nobody has kept yet goes along when the page is left. */
function leave() {
  if (typed > kept && form.hasAttribute("data-beacon")) {
    count();
    navigator.sendBeacon(form.action, new FormData(form));
  }
  kept = typed;
}

function insert(words, into = "wording") {
  const fits = written?.name === into || into === "wording";
  const field = (fits && written) || [...form.querySelectorAll(`[name=${into}]`)].at(-1);
  field.focus();
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function leaves({ detail }) {
  if (detail.elt !== form) return;
  detail.parameters.sheet = count();
  detail.parameters.sought = document.getElementById("alike").dataset.sought; // what is alike is here already
  sent = typed;
}

function answered({ detail: { elt, successful, xhr } }) {
  if (elt.id === "ask" && !successful) unasked(xhr);
  if (elt !== form) return;
  lost = LOST.includes(xhr.status);
  if (lost) return miss();
  heard();
  if (successful && xhr.status !== REFUSED) {
    kept = sent;
    form.dispatchEvent(new Event("kept"));
  } else if (xhr.status !== REFUSED) refuse(xhr);
}

/** It did not arrive, and will be sent again; what it says of the words is true where the browser keeps nothing, too. */
function miss() {
  const alone = form.hasAttribute("data-unheld");
  told.textContent = alone ? told.dataset.alone : told.dataset.unsent;
  const { box, why, both, link, now } = unkept();
  if (!later(again)) return;
  why.textContent = alone ? box.dataset.alone : box.dataset.struggling;
  [both.hidden, link.hidden, now.hidden, box.hidden] = [true, true, false, false];
}

/** Where it is told why nothing is being kept, and its ways on. */
function unkept() {
  const box = document.getElementById("unkept");
  const [why, both, link, now] = ["span", "[form]", "a", "[data-again]"].map((part) => box.querySelector(part));
  return { box, why, both, link, now };
}

/** What a page of the server that tells of a refusal says; nothing where it is none. */
function words({ responseText }) {
  const page = new DOMParser().parseFromString(responseText, "text/html");
  return [...page.querySelectorAll("main h1, main p")].map(({ textContent }) => textContent.trim()).join(" ");
}

function unasked(xhr) {
  const box = document.getElementById("asked");
  const textContent = words(xhr) || box.dataset.unasked;
  box.replaceChildren(Object.assign(document.createElement("p"), { className: "about m2", textContent }));
}

/** Why the server does not take it, in its own words; asked once more it would say the same. */
function refuse(xhr) {
  const { box, why, both, link, now } = unkept();
  const expired = xhr.status === EXPIRED;
  why.textContent = expired ? told.dataset.expired : words(xhr) || `${box.dataset.strange}（${xhr.status}）`;
  if (expired) link.textContent = link.dataset.expired;
  [both.hidden, link.hidden, now.hidden, box.hidden] = [true, false, true, false];
  told.textContent = told.dataset.refused;
}

/** What did not arrive may do so now. */
function again() {
  if (lost && typed > kept) htmx.trigger(form, "again");
}

function begin() {
  for (const button of form.querySelectorAll("[data-more]")) button.hidden = false;
  const opens = form.hasAttribute("data-beacon"); // what is reviewed stays as it is
  for (const button of document.querySelectorAll("[data-insert]")) button.disabled = !opens;
  form.addEventListener("input", () => (typed += 1));
  form.addEventListener("submit", () => {
    kept = typed;
    count();
  });
  form.addEventListener("focusin", ({ target }) => {
    if (target.matches("[name=wording], [name=passage]")) written = target;
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.hasAttribute("data-more")) more(button.closest("[data-several]")).focus();
    if (button?.hasAttribute("data-again")) again();
    if (button?.dataset.insert) insert(button.dataset.insert, button.dataset.into);
  });
  htmx.on("htmx:configRequest", leaves);
  htmx.on("htmx:beforeOnLoad", (event) => {
    if (event.detail.elt === form && event.detail.xhr.status === EXPIRED) event.preventDefault(); // who types is told, and stays
  });
  htmx.on("htmx:afterRequest", answered);
  addEventListener("online", again);
  addEventListener("pagehide", leave);
}

if (form) begin();
keepTyped();
// What was put back is saved as what is typed is, as soon as somebody listens.
document.addEventListener("DOMContentLoaded", () => {
  if (form?.querySelector("[data-back]:not([hidden])")) form.dispatchEvent(new Event("input", { bubbles: true }));
});
