// One drawing at a time: a hint that comes meanwhile asks for one more after it, and what failed is tried again. So a
// burst of changes costs two fetches instead of one each, and no change is missed because one answer got lost.
const AGAIN = 3000;

/** `draw` says whether it could. What is returned may be called at every hint. */
export function oneAtATime(draw) {
  let drawing = false;
  let asked = false;
  let later = null;

  return async function hint() {
    asked = true;
    if (drawing) return;
    drawing = true;
    later = clearTimeout(later);
    while (asked) {
      asked = false;
      if (!(await draw())) later = setTimeout(hint, AGAIN);
    }
    drawing = false;
  };
}
