// One click puts a fact, a number or an answer where the cursor stands in what is being written, reply or note.
const field = () => document.querySelector("[data-composer]:not([hidden]) [data-draft]");

function give(text) {
  const area = field();
  if (!area) return;
  document.getElementById("desk").classList.remove("context-open"); // on a phone the panel covers what is written
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

export function giveWords() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-give]");
    if (button) give(button.dataset.give);
  });
}
