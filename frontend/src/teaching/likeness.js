// How much each sentence on the page is like the others of its intent: worked out after the page is there.

/** Put what the server draws of each sentence in its place. */
export async function showLikeness() {
  const list = document.querySelector("[data-likeness]");
  const answer = list && (await fetch(list.dataset.likeness).catch(() => null));
  if (!answer?.ok || answer.redirected) return;
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const one of drawn.querySelectorAll("[data-of]")) {
    list.querySelector(`[data-of="${CSS.escape(one.dataset.of)}"]`)?.replaceWith(one);
  }
}
