// Menus of the phone: opened by their buttons, closed by Escape, by a choice, or by a click elsewhere.
const buttonOf = (menu) => document.querySelector(`[data-menu="${menu.id.replace("menu-", "")}"]`);
const all = () => document.querySelectorAll("[id^=menu-]");

export function close() {
  for (const menu of all()) {
    menu.hidden = true;
    buttonOf(menu)?.setAttribute("aria-expanded", "false");
  }
}

export function toggle(button) {
  const menu = document.getElementById(`menu-${button.dataset.menu}`);
  const opening = menu.hidden;
  close();
  menu.hidden = !opening;
  button.setAttribute("aria-expanded", String(opening));
  if (opening) menu.querySelector("button").focus();
}

/** Open the menu of a message beside it. */
export function openAt(own) {
  close();
  const menu = document.getElementById("menu-message");
  const phone = menu.parentElement.getBoundingClientRect();
  const box = own.getBoundingClientRect();
  menu.hidden = false;
  menu.dataset.id = own.dataset.own;
  const room = phone.bottom - box.bottom > menu.offsetHeight + 16;
  const top = room ? box.bottom - phone.top + 4 : box.top - phone.top - menu.offsetHeight - 4;
  menu.style.top = `${top}px`;
  menu.style.right = `${phone.right - box.right}px`;
  menu.querySelector("button").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("[id^=menu-],[data-menu]")) close();
});
