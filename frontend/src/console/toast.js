// A short word at the edge; errors stay until they are closed.
const SECONDS = 6;

export function toast(text, { stays = false } = {}) {
  const box = document.querySelector(".toasts");
  const note = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  note.querySelector("span").textContent = text;
  note.querySelector("button").addEventListener("click", () => note.remove());
  box.replaceChildren(note);
  if (!stays) setTimeout(() => note.remove(), SECONDS * 1000);
}
