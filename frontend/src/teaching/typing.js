// While somebody types, the server says beside the field what it makes of it; only the newest answer is shown.
const PAUSE = 350;

/** The part `id` follows the field that `selector` finds, as the address of `where` draws it. */
export function answerTyping(selector, id, where) {
  const field = document.querySelector(selector);
  if (!field) return;
  let waiting, asked = 0;

  async function ask() {
    const mine = ++asked;
    const answer = await fetch(where(field), {
      method: "POST",
      body: new FormData(field.form),
      headers: { "X-Part": id },
    }).catch(() => null);
    if (mine === asked && answer?.ok) document.getElementById(id).innerHTML = await answer.text();
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  if (id === "tried") {
    field.form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask();
    });
  }
}
