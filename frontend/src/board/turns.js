// Nobody scrolls a screen on the wall: what does not fit is shown a page at a time, by whole rows.
const PAUSE = 12000;
const boxes = () => document.querySelectorAll(".turns");
const head = (box) => box.querySelector("thead")?.offsetHeight ?? 0;
const row = (box) => box.querySelector(".ln, .line")?.offsetHeight ?? 0;
const room = (box) => Math.max(1, Math.floor((box.clientHeight - head(box)) / row(box)));

/** As high as the rows that fit whole, and what of them is on show. */
function fit(box) {
  const at = box.scrollTop;
  box.style.maxHeight = "";
  if (!row(box) || box.scrollHeight <= box.clientHeight) return tell(box, "");
  box.style.maxHeight = `${head(box) + room(box) * row(box)}px`;
  box.scrollTop = at;
  const first = Math.round(box.scrollTop / row(box));
  tell(box, `${first + 1}–${first + room(box)}`);
}

function tell(box, words) {
  box.closest("section").querySelector(".which").textContent = words;
}

function next(box) {
  const end = box.scrollHeight - box.clientHeight;
  box.scrollTop = box.scrollTop >= end - 1 ? 0 : box.scrollTop + room(box) * row(box);
  fit(box);
}

export function takeTurns() {
  const fitAll = () => boxes().forEach(fit);
  setInterval(() => boxes().forEach(next), PAUSE);
  document.addEventListener("whole:drawn", fitAll);
  addEventListener("resize", fitAll);
  fitAll();
}
