// Hints that something changed. While the stream is away the page asks by itself every three seconds, and says so.
// A connection that died without a word (a lid was closed, a network left) is told by its silence: the stream beats.
import { SOON } from "./pacing.js";

const PATIENCE = 2500; // a stream ends now and then by plan, and is back within a second
const PAUSE = 3000;
const SILENCE = 40000; // two beats and a half
const LOOK = 5000;
const SIGNS = ["open", "beat", "change", "company", "reset"];
const desk = document.getElementById("desk");

/** Call `changed(pause, change, or nothing)` when panes may be out of date: everybody looks within so many milliseconds,
 * those whom it concerns at once. `stirred(of a case)`: people come to it. */
export function listenToStream(changed, stirred) {
  let source = null;
  let polling = null;
  let worried = null;
  let heard = Date.now();
  let pause = SOON;
  let left = false; // the network, as the browser tells it: a stream that was just opening may still say that it is open

  function offline(away) {
    worried = clearTimeout(worried) ?? null;
    desk.querySelector(".offline").hidden = !away;
    if (away) polling ??= setInterval(retry, PAUSE);
    else polling = clearInterval(polling) ?? null;
  }

  function hear(event) {
    const told = JSON.parse(event.data);
    pause = told.pause ?? pause;
    return told;
  }

  function retry() {
    changed(pause);
    if (source.readyState === EventSource.CLOSED) open();
  }

  function open() {
    source?.close();
    heard = Date.now();
    source = new EventSource(desk.dataset.stream, { withCredentials: true });
    source.addEventListener("beat", hear);
    source.addEventListener("change", (event) => {
      const change = hear(event);
      changed(pause, change);
    });
    source.addEventListener("reset", () => changed(pause));
    for (const sign of SIGNS) source.addEventListener(sign, () => (heard = Date.now()));
    if (stirred) source.addEventListener("company", (event) => stirred(JSON.parse(event.data)));
    source.addEventListener("open", () => {
      offline(left);
      changed(pause);
    });
    source.addEventListener("error", () => (worried ??= setTimeout(offline, PATIENCE, true)));
  }

  /** What was missed in the silence comes with the next opening: it draws everything. */
  function listen() {
    if (source.readyState === EventSource.OPEN && Date.now() - heard > SILENCE) open();
  }

  open();
  setInterval(listen, LOOK);
  document.addEventListener("visibilitychange", listen);
  addEventListener("offline", () => offline((left = true)));
  addEventListener("online", () => {
    left = false;
    open();
  });
  addEventListener("pagehide", () => source.close());
}
