// Hints that something changed. While the stream is away the page asks by itself every three seconds, and says so.
const PATIENCE = 2500; // a stream ends now and then by plan, and is back within a second
const PAUSE = 3000;
const GATHER = 120;
const desk = document.getElementById("desk");

/** Call `changed(conversation id, or nothing)` when panes may be out of date. */
export function listenToStream(changed) {
  let source = null;
  let polling = null;
  let gathered = null;
  let worried = null;
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
    source = new EventSource(desk.dataset.stream, { withCredentials: true });
    source.addEventListener("change", (event) => gather(JSON.parse(event.data).conversation_id));
    source.addEventListener("open", () => {
      offline(false);
      changed();
    });
    source.addEventListener("error", () => (worried ??= setTimeout(offline, PATIENCE, true)));
  }

  open();
  addEventListener("pagehide", () => source.close());
}
