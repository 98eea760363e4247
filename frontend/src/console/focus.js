// Who decides line by line with the keyboard goes on at the next line, not at the top of the page.
let place = null;

function remember({ detail }) {
  const button = detail.requestConfig.triggeringEvent?.submitter;
  const line = button?.closest(".letter");
  const list = line?.closest(".heap");
  place = line && {
    heap: list.getAttribute("aria-labelledby"),
    line: [...list.querySelectorAll(".letter")].indexOf(line),
    button: [...line.querySelectorAll("button")].indexOf(button),
  };
}

function goOn() {
  if (document.activeElement !== document.body) return;
  const left = place ? [...document.querySelectorAll(`[aria-labelledby="${place.heap}"] .letter`)] : [];
  const line = left[Math.min(place?.line ?? 0, left.length - 1)];
  const next = line?.querySelectorAll("button")[place.button] ?? document.querySelector("#trouble h1");
  next.focus({ preventScroll: Boolean(line) });
}

export function keepFocus() {
  document.body.addEventListener("htmx:beforeRequest", remember);
  document.body.addEventListener("htmx:afterSettle", goOn);
}
