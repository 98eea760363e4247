// What a refresh must not touch: words being typed, the key of a message not yet sent, what the writer has seen.

const hasDraft = (form) => Boolean(form?.querySelector("[data-draft]")?.value.trim() || form?.querySelector(".enclosure"));
let sameCase = true;
let refreshing = false;

/** Whether what is being written now, a reply or a note, can still be written in the fresh pane. */
function canGoOn(fresh) {
  const writing = document.getElementById("composer")?.dataset.writing;
  return Boolean(writing && fresh.querySelector(`[data-composer="${writing}"]`));
}

/** Told of the pane that is about to come in. Another case takes nothing over; a mere refresh leaves the tabs alone. */
export function announce(fresh, { refresh = false } = {}) {
  sameCase = fresh?.dataset.url === document.getElementById("pane").dataset.url;
  refreshing = refresh && sameCase && canGoOn(fresh);
}

function mayChange(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) return true;
  if (old.matches(".narrow")) return false; // came with the page
  if (old.id === "earlier" && old.childElementCount) return !sameCase || old.dataset.first !== fresh.dataset.first;
  if (old.matches("[data-draft], [data-composer] [name=key], [data-composer] [name=seen]")) {
    return !sameCase || !hasDraft(old.form);
  }
  if (old.matches("[data-enclosed]")) return !sameCase || !old.children.length; // chosen, and not yet sent
  if (old.matches("[data-attach-problem], [data-attaching]")) {
    return !sameCase;
  }
  if (old.matches("[data-company]")) return !sameCase; // drawn by who comes and goes
  if (old.matches("[data-picker]:not([hidden])")) return !sameCase; // somebody is choosing
  if (old.matches("[data-stays]")) return !sameCase; // what was looked up here
  if (old.matches("details[open] .case-form:not([data-done])")) return !sameCase; // somebody may be filling it in
  return !(old.matches("#search") && old === document.activeElement);
}

function mayChangeAttribute(name, node) {
  const chosenTab = node.matches("[data-composer], [data-for], [data-write], #composer");
  if (chosenTab && ["hidden", "aria-selected", "data-writing"].includes(name)) return !refreshing;
  if (name === "disabled" && node.matches("[data-send]")) return false; // what is unfilled is judged here
  return !(name === "open" && node.matches("details, dialog"));
}

/** Settings of Idiomorph for every swap on this page. */
export const morphing = {
  morphStyle: "outerHTML",
  callbacks: { beforeNodeMorphed: mayChange, beforeAttributeUpdated: mayChangeAttribute },
};
