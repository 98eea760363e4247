// The rich menu under the chat: a picture with parts that can be tapped, opened and closed by the bar below it.
import { element } from "./api.js";

const byId = (id) => document.getElementById(id);
let shown = "";

/** Draw what the phone shows now; a tapped part does what its action asks for, as the buttons of messages do. */
export function draw(menu) {
  byId("rich").hidden = !menu;
  if ((menu?.id ?? "") === shown) return;
  shown = menu?.id ?? "";
  byId("rich-face").replaceChildren(...(menu ? [pictureOf(menu), ...menu.areas.map((area) => part(area, menu.size))] : []));
  byId("rich-bar").textContent = menu ? menu.bar : "";
  open(Boolean(menu?.opened));
}

export function toggle() {
  open(byId("rich-face").hidden);
}

function open(now) {
  byId("rich-face").hidden = !now;
  byId("rich-bar").setAttribute("aria-expanded", String(now));
}

function pictureOf(menu) {
  const picture = element("img");
  picture.src = menu.picture;
  picture.alt = "";
  return picture;
}

function part({ bounds, action }, size) {
  const made = element("button");
  made.type = "button";
  made.setAttribute("aria-label", action.label);
  const share = (length, whole) => `${(100 * length) / whole}%`;
  made.style.left = share(bounds.x, size.width);
  made.style.top = share(bounds.y, size.height);
  made.style.width = share(bounds.width, size.width);
  made.style.height = share(bounds.height, size.height);
  made.dataset.action = JSON.stringify(action);
  return made;
}
