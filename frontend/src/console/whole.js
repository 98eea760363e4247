// A page that is drawn again as a whole: buttons put the fresh page in place of this one, and so does every change
// elsewhere. Its lines never move under the pointer, nor while somebody answers a question: they wait behind a bar.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { oneAtATime } from "./drawing.js";
import { paced } from "./pacing.js";
import { listenToStream } from "./stream.js";
import { toast } from "./toast.js";

const QUIET = 20000; // what grows old changes nothing that the stream could tell
const desk = document.getElementById("desk");

/** Keep `#name` as it is now. `line`: what must not move; `mayChange`: what a refresh may touch; `pause`: in ms. */
export function keepWhole(name, { line, mayChange, pause }) {
  const page = () => document.getElementById(name);
  const lines = (root) => [...root.querySelectorAll(line)].map((one) => one.id).join();
  const morphing = { morphStyle: "outerHTML", callbacks: { beforeNodeMorphed: mayChange } };
  let held = null;
  let drawn = 0;

  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => style === "morph" && Idiomorph.morph(target, fragment.children, morphing),
  });
  document.body.setAttribute("hx-ext", "morph");

  const pointedAt = () => matchMedia("(hover: hover)").matches && page().querySelector(`${line}:hover`);
  const asking = () => page().querySelector("[popover]:popover-open");

  const refresh = oneAtATime(async () => {
    const before = drawn;
    const answer = await fetch(desk.dataset.here, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.status === 401) location.reload();
    if (!answer?.ok) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const older = drawn !== before || document.querySelector(".htmx-request"); // a click has shown something newer
    if (!older) show(fresh);
    return true;
  });

  function show(fresh) {
    if (lines(fresh) !== lines(document) && (pointedAt() || asking())) hold(fresh);
    else put(fresh);
  }

  function hold(fresh) {
    held = fresh;
    const bar = page().querySelector(".news");
    if (!bar) return put(fresh); // nobody points at a screen on the wall
    bar.textContent = desk.dataset.moved;
    bar.hidden = false;
  }

  function put(fresh) {
    held = null;
    for (const part of ["side", name]) {
      const old = document.getElementById(part);
      if (!old) continue;
      Idiomorph.morph(old, fresh.getElementById(part), morphing);
      htmx.process(document.getElementById(part));
    }
    document.dispatchEvent(new Event("whole:drawn"));
  }

  /** The second click of a double click would hit the line that has moved up. */
  function once(event) {
    if (event.detail > 1 && event.target.closest(`#${name} button`)) {
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

  listenToStream(paced(refresh, pause));
  setInterval(refresh, QUIET);
}
