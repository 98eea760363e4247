// Ticked lines: the buttons for them count them, and are off while there are none.
const boxes = (list) => [...list.querySelectorAll("[name=id]")];

function tell(list) {
  const picked = boxes(list).filter((box) => box.checked).length;
  for (const button of list.querySelectorAll("[data-picked]")) {
    button.disabled = !picked;
    button.textContent = picked ? `${button.dataset.label} (${picked})` : button.dataset.label;
  }
  const all = list.querySelector("[data-pick-all]");
  all.closest("label").hidden = boxes(list).length < 2;
  all.checked = picked > 0 && picked === boxes(list).length;
  all.indeterminate = picked > 0 && !all.checked;
}

const tellAll = () => document.querySelectorAll(".heap form").forEach(tell);

export function followPicks() {
  document.addEventListener("change", (event) => {
    const list = event.target.closest(".heap form");
    if (!list) return;
    if (event.target.matches("[data-pick-all]")) for (const box of boxes(list)) box.checked = event.target.checked;
    tell(list);
  });
  document.addEventListener("whole:drawn", tellAll);
  document.body.addEventListener("htmx:afterSettle", tellAll);
  tellAll();
}
