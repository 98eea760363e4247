// Hints that something changed. While the stream is away the page asks by itself every three seconds, and says so.
// A connection that died without a word (a lid was closed, a network left) is told by its silence: the stream beats.
const PATIENCE = 2500; // a stream ends now and then by plan, and is back within a second
const PAUSE = 3000;
const GATHER = 120;
const SILENCE = 40000; // two beats and a half
const LOOK = 5000;
const SIGNS = ["open", "beat", "change", "company", "reset"];
const desk = document.getElementById("desk");

/** Call `changed(conversation id, or nothing)` when panes may be out of date, `stirred(of a case)` when people come. */
export function listenToStream(changed, stirred) {
  let source = null;
  let polling = null;
  let gathered = null;
  let worried = null;
  let heard = Date.now();
  const waiting = new Set();

  function gather(conversation) {
    waiting.add(conversation);
    gathered ??= setTimeout(() => {
      gathered = null;
      const all = [...waiting];
      waiting.clear();
      changed(all.length === 1 ? all[0] : undefined);
    }, GATHER);
  }

  function offline(away) {
    worried = clearTimeout(worried) ?? null;
    desk.querySelector(".offline").hidden = !away;
    if (away) polling ??= setInterval(retry, PAUSE);
    else polling = clearInterval(polling) ?? null;
  }

  function retry() {
    changed();
    if (source.readyState === EventSource.CLOSED) open();
  }

  function open() {
    source?.close();
    heard = Date.now();
    source = new EventSource(desk.dataset.stream, { withCredentials: true });
    source.addEventListener("change", (event) => gather(JSON.parse(event.data).conversation_id));
    source.addEventListener("reset", () => changed());
    for (const sign of SIGNS) source.addEventListener(sign, () => (heard = Date.now()));
    if (stirred) source.addEventListener("company", (event) => stirred(JSON.parse(event.data)));
    source.addEventListener("open", () => {
      offline(false);
      changed();
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
  addEventListener("offline", () => offline(true));
  addEventListener("online", open);
  addEventListener("pagehide", () => source.close());
}
