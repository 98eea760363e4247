// What somebody typed into a form (`data-typed`) and did not save is kept in this browser until it is, as the composer
// keeps drafts, and stands there again when the page is opened. The state that was on the screen goes with it, so a
// colleague who saved meanwhile is not overwritten. A form that is saved while it is written says so by the
// events `sent` and `kept`; one that the browser does not keep has `data-unheld`. Never files, never passwords.
import { grow } from "./several.js";

const SENT = "frontline:typed:sent"; // of this tab: whose answer comes next
const KEPT = "frontline:typed:";
const DAYS = 14;
const keyOf = (form) => KEPT + form.dataset.typed;
const kindOf = (form, name) => form.elements.namedItem(name)?.type;
const hidden = (form) => ([name]) => kindOf(form, name) === "hidden";
const shown = (form) => (pair) => !hidden(form)(pair);

/** What the browser's store answers; null where it is refused, full or broken: then nothing is kept, and all else works. */
function stored(use) {
  try {
    return use();
  } catch {
    return null;
  }
}
const read = (key) => stored(() => JSON.parse(localStorage.getItem(key)));
const write = (key, value) => stored(() => localStorage.setItem(key, JSON.stringify(value)));
const forget = (key) => stored(() => localStorage.removeItem(key));

/** What nobody came back for in a fortnight goes. */
function sweep() {
  const mine = stored(() => Object.keys(localStorage).filter((key) => key.startsWith(KEPT))) ?? [];
  for (const key of mine) if (!(read(key)?.at > Date.now() - DAYS * 86_400_000)) forget(key);
}

/** Names and values as they would be sent; the token is each page's own. */
function words(form) {
  const kept = ([name, value]) =>
    typeof value === "string" && name !== "csrf_token" && kindOf(form, name) !== "password";
  return [...new FormData(form)].filter(kept);
}

/** The same, of what can be seen; spaces around it are not kept anyway. */
function seen(form, held) {
  return JSON.stringify(held.filter(shown(form)).map(([name, value]) => [name, value.trim()]));
}

function say(field, value) {
  if (field.value === value) return;
  field.value = value;
  field.closest("details")?.setAttribute("open", "");
}

/** The form says this now; what has no field any more is sent along all the same. */
function put(form, held) {
  for (const added of form.querySelectorAll("[data-added]")) added.remove();
  const values = new Map();
  for (const [name, value] of held) values.set(name, [...(values.get(name) ?? []), value]);
  for (const [name, { length }] of values) grow(form, name, length);
  for (const field of form.elements) {
    const own = values.get(field.name);
    if (field.type === "checkbox") field.checked = Boolean(own?.includes(field.value));
    else if (own) say(field, own.shift() ?? field.options?.[0].value ?? "");
  }
  for (const [name, value] of held.filter(([name]) => !form.elements.namedItem(name))) {
    const added = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    added.dataset.added = "";
    form.append(added);
  }
}

/** Whether the form says the same with either; fields that stand empty for one more say nothing. */
function alike(form, one, other) {
  put(form, one);
  const said = seen(form, words(form));
  put(form, other);
  return said === seen(form, words(form));
}

function putBack(form, { at, held }, server) {
  const told = form.querySelector("[data-back]");
  const when = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  put(form, held);
  told.querySelector("b").textContent = when;
  told.hidden = false;
  told.closest("details")?.setAttribute("open", "");
  told.querySelector("button").addEventListener("click", () => {
    put(form, server());
    forget(keyOf(form));
    told.hidden = true;
    form.dispatchEvent(new Event("input", { bubbles: true })); // what was saved of it meanwhile is taken back, too
    form.querySelector("input:not([type=hidden]), select, textarea").focus();
  });
}

function begin(form, sent) {
  const before = read(keyOf(form)), first = words(form);
  let [server, leaving] = [first, first];
  let refused = form.hasAttribute("data-refused") && keyOf(form) === sent; // it holds what was typed
  const keep = () => {
    const held = words(form);
    if (!refused && seen(form, held) === seen(form, server)) forget(keyOf(form));
    else form.toggleAttribute("data-unheld", write(keyOf(form), { at: Date.now(), held }) === null);
  };
  const begun = () => [...server.filter(hidden(form)), ...first.filter(shown(form))];
  if (refused) keep();
  else if (before && alike(form, before.held, server)) forget(keyOf(form)); // it would only grow old here
  else if (before) putBack(form, before, begun);
  form.addEventListener("input", keep);
  form.addEventListener("sent", () => {
    leaving = words(form);
    keep(); // what the form counts is kept as well
  });
  form.addEventListener("kept", () => {
    server = [...words(form).filter(hidden(form)), ...leaving.filter(shown(form))];
    refused = false;
    keep();
  });
  form.addEventListener("click", ({ target }) => {
    if (target.closest("[data-forget]")) forget(keyOf(form));
  });
}

/** Listen to all forms of the page that name themselves; what was taken is forgotten. */
export function keepTyped() {
  const sent = stored(() => sessionStorage.getItem(SENT));
  if (sent && document.querySelector("[data-done]")) {
    forget(sent);
    stored(() => sessionStorage.removeItem(SENT));
  }
  sweep();
  for (const form of document.querySelectorAll("[data-typed]")) begin(form, sent);
  document.addEventListener("submit", ({ target }) => {
    stored(() => sessionStorage.setItem(SENT, target.dataset.typed ? keyOf(target) : ""));
  });
}
