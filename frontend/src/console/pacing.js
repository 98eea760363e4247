// After a change all pages would fetch at once: each waits a random part of the time that the stream suggests, which
// is short while few listen. A call that allows less time brings the drawing forward; none puts it off.
export const SOON = 120; // what happens together is drawn together

/** What is returned has `draw` called within so many milliseconds, and never after less than `least`. */
export function paced(draw, least = SOON) {
  let timer = null;
  let latest = Infinity;

  function run() {
    latest = Infinity;
    draw();
  }

  return function within(pause) {
    const spread = Math.max(pause - least, 0);
    const limit = Date.now() + least + spread;
    if (limit >= latest) return;
    latest = limit;
    clearTimeout(timer);
    timer = setTimeout(run, least + Math.random() * spread);
  };
}
