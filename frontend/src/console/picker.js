// The picker above the composer: a slash at the beginning of a reply's line offers templates, an @ in a note colleagues.
// Typing goes on in the field and filters, the keyboard does the rest.
const OFFERS = {
  reply: /(^|\n)([/／][^\n]*)$/,
  note: /(^|[^\w.-])([@＠][^\s@＠]{0,20})$/, // after a letter of an address it is none
};
const PAUSE = 120;

export const box = () => document.querySelector("[data-picker]");
export const field = () => document.querySelector("[data-composer]:not([hidden]) [data-draft]");
const choices = () => [...box().querySelectorAll('[role="option"]')];
const chosen = () => box().querySelector('[aria-selected="true"]');
let asked = null;
let asking = 0;
let choose = insert;

const isOpen = () => Boolean(box() && !box().hidden);

/** What stands before the cursor, the sign in front included. */
function typed() {
  const offer = OFFERS[field().form.dataset.composer];
  return offer && field().value.slice(0, field().selectionStart).match(offer)?.[2];
}

export function leaveList() {
  for (const name of ["aria-activedescendant", "aria-controls"]) field()?.removeAttribute(name);
}

export function close() {
  clearTimeout(asked);
  asking += 1;
  box().hidden = true;
  box().replaceChildren();
  leaveList();
}

async function open(source, query) {
  const mine = ++asking;
  const answer = await fetch(`${source}?${new URLSearchParams({ q: query })}`).catch(() => null);
  if (mine !== asking || !box()) return;
  if (answer?.status !== 200) return close();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asking || !box()) return;
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

/** In place of the sign and what was typed after it. */
export function insert({ dataset: { text } }) {
  const area = field();
  const end = area.selectionStart;
  const start = end - (typed()?.length ?? 0);
  close();
  area.setRangeText(text, start, end, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function onInput(event) {
  if (event.target !== field()) return;
  const sought = typed();
  const source = box()?.dataset[event.target.form.dataset.composer];
  clearTimeout(asked);
  if (sought && source) asked = setTimeout(open, PAUSE, source, sought.slice(1).trim());
  else if (isOpen()) close();
}

function onKey(event) {
  if (!isOpen() || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey) return;
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

/** Listen for signs and keys; `take` is told of the choice, which may be more than a text to insert. */
export function offerChoices(take) {
  choose = take;
  document.addEventListener("input", onInput);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("click", ({ target }) => {
    const choice = target.closest('[data-picker] [role="option"]');
    if (choice) choose(choice);
    if (target.closest("[data-write]") && isOpen()) close();
  });
}
