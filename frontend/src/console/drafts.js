// A draft per case and kind, kept in this browser until it is sent; fields that grow; the two tabs.
import { announce } from "./morph.js";

const key = (form) => `frontline:draft:${document.getElementById("pane").dataset.case}:${form.dataset.composer}`;
const forms = () => document.querySelectorAll("[data-composer]");

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
}

function restore() {
  for (const form of forms()) {
    const field = form.elements.text;
    field.value ||= localStorage.getItem(key(form)) ?? "";
    grow(field);
  }
}

/** Show the tab of a kind and put the cursor there. */
export function write(kind) {
  const chosen = document.querySelector(`[data-composer="${kind}"]`);
  if (!chosen) return;
  for (const form of forms()) form.hidden = form !== chosen;
  for (const tab of document.querySelectorAll("[data-write]"))
    tab.setAttribute("aria-selected", String(tab.dataset.write === kind));
  document.querySelector(".for-reply").hidden = kind !== "reply";
  document.querySelector(".for-note").hidden = kind !== "note";
  document.getElementById("composer").dataset.writing = kind;
  grow(chosen.elements.text);
  chosen.elements.text.focus();
}

function forget(form) {
  localStorage.removeItem(key(form));
  form.elements.text.value = "";
  form.querySelector("[data-enclosed]")?.replaceChildren();
  form.querySelector("[data-attach-problem]")?.setAttribute("hidden", "");
}

function typed(event) {
  if (!event.target.matches("[data-draft]")) return;
  const { form, value } = event.target;
  grow(event.target);
  if (value) localStorage.setItem(key(form), value);
  else localStorage.removeItem(key(form));
}

/** Listen for typing, tabs and answers. */
export function keepDrafts() {
  document.addEventListener("input", typed);
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-write]");
    if (tab) write(tab.dataset.write);
  });
  document.body.addEventListener("htmx:beforeSwap", ({ detail: { xhr, requestConfig } }) => {
    if (xhr.status < 300 && requestConfig.elt.matches("[data-composer]")) forget(requestConfig.elt);
    if (xhr.status < 300 && requestConfig.elt.matches(".case-form")) requestConfig.elt.closest("details")?.removeAttribute("open");
    const fresh = new DOMParser().parseFromString(xhr.responseText, "text/html").getElementById("pane");
    announce(fresh, { refresh: requestConfig.elt.matches("[data-decide]") });
  });
  document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
    restore();
    const claimed = detail.requestConfig?.path.endsWith("/claim");
    if (claimed && matchMedia("(hover: hover)").matches) write("reply"); // a phone's keyboard waits to be asked for
  });
  document.addEventListener("pane:drawn", restore);
  restore();
}
