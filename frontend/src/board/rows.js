// The board by keyboard: ↑ ↓ (or J K) go from case to case, A asks to whom it shall go, Tab and Enter choose.
const STEP = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
const handles = () => [...document.querySelectorAll(".cases .act [popovertarget]")];

function press(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [popover]")) return;
  const all = handles();
  const here = all.indexOf(document.activeElement);
  if (event.key === "a" && here >= 0) return ask(event, all[here]);
  const step = STEP[event.key];
  if (!step || !all.length) return;
  event.preventDefault();
  all[Math.min(Math.max(here + step, 0), all.length - 1)].focus();
}

function ask(event, handle) {
  event.preventDefault();
  handle.click();
  document.getElementById(handle.getAttribute("popovertarget")).querySelector("button").focus();
}

/** Whose line has gone with what was done to it begins at the top again. */
function goOn() {
  if (document.activeElement === document.body) document.querySelector("#board h1").focus({ preventScroll: true });
}

export function followKeys() {
  document.addEventListener("keydown", press);
  document.body.addEventListener("htmx:afterSettle", goOn);
}
