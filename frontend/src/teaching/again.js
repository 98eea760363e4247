// A page whose release is being made looks again until it is over.
const id = "releases";

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
    const typed = document.querySelector(`#${id} [name=note]`)?.value;
    document.getElementById(id).replaceWith(fresh);
    const note = document.querySelector(`#${id} [name=note]`);
    if (note && typed) note.value = typed;
  }
  comeAgain();
}

/** Look again after the pause that the page asks for, if it asks for one. */
export function comeAgain() {
  const pause = document.getElementById(id)?.dataset.again;
  if (pause) setTimeout(look, Number(pause));
}
