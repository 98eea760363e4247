// A draft per person, case and kind, kept in this browser until it is sent; fields that grow; the tabs.
import { announce } from "./morph.js";
import { toast } from "./toast.js";

const KINDS = ["reply", "whisper", "mail"]; // what may be open to somebody at one moment and not at the next
const desk = document.getElementById("desk");
const pane = () => document.getElementById("pane");
const keyOf = (kind) => `frontline:draft:${desk.dataset.me}:${pane().dataset.case}:${kind}`;
const forms = () => document.querySelectorAll("[data-composer]");
const formOf = (kind) => document.querySelector(`[data-composer="${kind}"]`);
const sent = new WeakMap(); // by request: which words went out, and from where

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
}

function restore() {
  for (const form of forms()) {
    const field = form.elements.text;
    field.value ||= localStorage.getItem(keyOf(form.dataset.composer)) ?? "";
    grow(field);
  }
  showKept();
}

/** Words whose form is gone, since the case is another's now, are not gone with it. */
function showKept() {
  const box = document.querySelector(".kept");
  if (!box) return;
  const kind = KINDS.find((kind) => !formOf(kind) && localStorage.getItem(keyOf(kind)));
  box.hidden = !kind;
  if (!kind) return;
  box.dataset.kind = kind;
  box.querySelector("p").textContent = localStorage.getItem(keyOf(kind));
}

function settleKept(button) {
  const key = keyOf(button.closest(".kept").dataset.kind);
  if (button.dataset.kept === "note") {
    const { text } = formOf("note").elements;
    text.value = [text.value.trim(), localStorage.getItem(key)].filter(Boolean).join("\n");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    write("note");
  }
  localStorage.removeItem(key);
  showKept();
}

/** Show the tab of a kind and put the cursor there. */
export function write(kind) {
  const chosen = formOf(kind);
  if (!chosen) return;
  for (const form of forms()) form.hidden = form !== chosen;
  for (const tab of document.querySelectorAll("[data-write]"))
    tab.setAttribute("aria-selected", String(tab.dataset.write === kind));
  for (const about of document.querySelectorAll("[data-for]")) about.hidden = about.dataset.for !== kind;
  document.getElementById("composer").dataset.writing = kind;
  grow(chosen.elements.text);
  chosen.elements.text.focus();
}

function remember({ detail: { xhr, requestConfig: { elt } } }) {
  if (!elt.matches("[data-composer]")) return;
  const kind = elt.dataset.composer;
  sent.set(xhr, { kind, key: keyOf(kind), url: pane().dataset.url, text: elt.elements.text.value });
}

/** They are on their way: what was typed since stays, as the beginning of the next message. */
function forget({ kind, key, url, text }, fresh) {
  localStorage.removeItem(key);
  if (pane().dataset.url !== url || !formOf(kind)) return;
  const { elements } = formOf(kind);
  formOf(kind).querySelector("[data-enclosed]")?.replaceChildren();
  formOf(kind).querySelector("[data-attach-problem]")?.setAttribute("hidden", "");
  elements.text.value = elements.text.value.startsWith(text) ? elements.text.value.slice(text.length).trimStart() : "";
  if (!elements.text.value) return;
  localStorage.setItem(key, elements.text.value);
  elements.key.value = fresh?.querySelector(`[data-composer="${kind}"] [name=key]`)?.value ?? elements.key.value;
}

function typed(event) {
  if (!event.target.matches("[data-draft]")) return;
  const { form, value } = event.target;
  grow(event.target);
  if (value) localStorage.setItem(keyOf(form.dataset.composer), value);
  else localStorage.removeItem(keyOf(form.dataset.composer));
}

/** What a form was for is done: its fold closes, and another may come in its place though a fold around it is open. */
function finish(form) {
  form.dataset.done = "";
  form.closest("details")?.removeAttribute("open");
}

/** An answer comes. Where its case is no longer the open one, that one stays, and a refusal is told in passing. */
function answered({ detail }) {
  const { xhr, requestConfig } = detail;
  const words = sent.get(xhr);
  const fresh = new DOMParser().parseFromString(xhr.responseText, "text/html").getElementById("pane");
  if (words && xhr.status < 300) forget(words, fresh);
  if (words && words.url !== pane().dataset.url) {
    detail.shouldSwap = false;
    if (xhr.status === 409) toast(desk.dataset.unsent.replace("{number}", fresh.dataset.case), { stays: true });
    return;
  }
  if (xhr.status < 300 && requestConfig.elt.matches(".case-form")) finish(requestConfig.elt);
  announce(fresh, { refresh: requestConfig.elt.matches("[data-decide]") });
}

/** Listen for typing, tabs and answers. */
export function keepDrafts() {
  document.addEventListener("input", typed);
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-write]");
    if (tab) write(tab.dataset.write);
    const kept = event.target.closest("[data-kept]");
    if (kept) settleKept(kept);
  });
  document.body.addEventListener("htmx:beforeRequest", remember);
  document.body.addEventListener("htmx:beforeSwap", answered);
  document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
    restore();
    const claimed = detail.requestConfig?.path.endsWith("/claim");
    if (claimed && matchMedia("(hover: hover)").matches) write("reply"); // a phone's keyboard waits to be asked for
  });
  document.addEventListener("pane:drawn", restore);
  restore();
}
