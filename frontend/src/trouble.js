// The page of what went wrong: buttons put the fresh page in place of this one, and so does every change elsewhere.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { keepFocus } from "./console/focus.js";
import { followPicks } from "./console/picks.js";
import { listenToStream } from "./console/stream.js";
import { toast } from "./console/toast.js";

const PAUSE = 2000; // a busy shop changes many times a second
const QUIET = 20000; // what grows old changes nothing that the stream could tell
const desk = document.getElementById("desk");
const page = () => document.getElementById("trouble");
const lines = (root) => [...root.querySelectorAll(".letter")].map((line) => line.id).join();
let held = null;
let soon = null;
let drawn = 0;

/** A refresh leaves alone what was ticked and the question that is being asked. */
const mayChange = (old) => !old.matches?.("[name=id], [data-pick-all], [popover]:popover-open");
const morphing = { morphStyle: "outerHTML", callbacks: { beforeNodeMorphed: mayChange } };

htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap: (style, target, fragment) => style === "morph" && Idiomorph.morph(target, fragment.children, morphing),
});
document.body.setAttribute("hx-ext", "morph");

async function refresh() {
  soon = null;
  const before = drawn;
  const answer = await fetch(desk.dataset.here, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 401) location.reload();
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (drawn !== before || document.querySelector(".htmx-request")) return; // a click has shown something newer
  if (lines(fresh) !== lines(document) && page().querySelector(".letter:hover") && matchMedia("(hover: hover)").matches)
    return hold(fresh);
  put(fresh);
}

/** Lines never move under the pointer: they wait behind a bar. */
function hold(fresh) {
  held = fresh;
  const bar = page().querySelector(".news");
  bar.textContent = desk.dataset.moved;
  bar.hidden = false;
}

function put(fresh) {
  held = null;
  for (const part of ["side", "trouble"]) {
    Idiomorph.morph(document.getElementById(part), fresh.getElementById(part), morphing);
    htmx.process(document.getElementById(part));
  }
  document.dispatchEvent(new Event("trouble:drawn"));
}

/** The second click of a double click would hit the line that has moved up. */
function once(event) {
  if (event.detail > 1 && event.target.closest("#trouble button")) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

const failed = () => toast(desk.dataset.failed, { stays: true });
document.body.addEventListener("toast", (event) => toast(event.detail.value));
document.body.addEventListener("htmx:responseError", ({ detail }) => {
  if (!detail.xhr.getResponseHeader("HX-Trigger")) failed(); // else it said more
});
document.body.addEventListener("htmx:sendError", failed);
document.body.addEventListener("htmx:beforeRequest", () => {
  document.querySelector("[popover]:popover-open")?.hidePopover();
});
document.body.addEventListener("htmx:afterSettle", () => {
  held = null;
  drawn += 1;
});
document.addEventListener("click", once, true);
document.addEventListener("click", (event) => event.target.closest(".news") && held && put(held));
document.addEventListener("mouseleave", (event) => event.target === page() && held && put(held), true);

keepFocus();
followPicks();
listenToStream(() => (soon ??= setTimeout(refresh, PAUSE)));
setInterval(refresh, QUIET);
