// Files that go with a reply: chosen, dropped or pasted, kept by the server at once, and named by the form when it is sent.
const form = () => document.querySelector('[data-composer="reply"]');
const list = () => form()?.querySelector("[data-enclosed]");
const button = () => form()?.querySelector("[data-attach]");
const problem = () => form()?.querySelector("[data-attach-problem]");

/** A refusal that the server explained in words for the person. */
class Refused extends Error {}

function say(words) {
  const place = problem();
  if (!place) return;
  place.hidden = !words;
  place.textContent = words;
}

/** Words are needed only where there is no file. */
function settle() {
  if (list()) form().elements.text.required = !list().children.length;
}

/** `part` is a field of the form: the file, or the template that has it. */
async function keep(part, address) {
  const body = new FormData();
  body.append("csrf_token", form().elements.csrf_token.value);
  body.append(...part);
  const answer = await fetch(address, { method: "POST", body });
  if (answer.status === 409) throw new Refused((await answer.json()).message);
  if (answer.status === 413) throw new Refused(problem().dataset.tooLarge);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".enclosure");
}

/** While files are on their way the reply waits for them. */
function wait(waiting) {
  const [busy, send] = ["[data-attaching]", "[data-send]"].map((name) => form()?.querySelector(name));
  if (busy) busy.hidden = !waiting;
  if (send) send.disabled = waiting;
}

/** One after the other, each into the case in which it was chosen. */
async function attach(parts) {
  const address = button().dataset.attach;
  say("");
  wait(true);
  try {
    for (const part of parts) {
      const kept = await keep(part, address);
      if (button()?.dataset.attach !== address) return; // another case is open by now
      list().append(kept);
    }
  } catch (error) {
    say(error instanceof Refused ? error.message : problem()?.dataset.broken);
  }
  wait(false);
  settle();
  form().elements.text.dispatchEvent(new Event("input", { bubbles: true })); // what else may keep it from being sent
}

const filesOf = (transfer) => [...(transfer?.files ?? [])];

function take(event, files) {
  if (!button() || !files.length) return;
  event.preventDefault();
  attach(files.map((file) => ["file", file]));
}

/** What goes with a template goes with this reply. */
export function encloseOf(template) {
  if (button()) attach([["template", template]]);
}

export function attachFiles() {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-attach]")) form().querySelector("[data-file]").click();
    if (target.closest("[data-leave-out]")) {
      target.closest(".enclosure").remove();
      settle();
      form().elements.text.focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-file]")) return;
    take(event, filesOf(event.target));
    event.target.value = "";
  });
  document.addEventListener("paste", (event) => {
    if (event.target.closest('[data-composer="reply"]')) take(event, filesOf(event.clipboardData));
  });
  document.addEventListener("dragover", (event) => {
    if (button() && event.target.closest("#pane") && event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (event.target.closest("#pane")) take(event, filesOf(event.dataTransfer));
  });
  document.addEventListener("pane:drawn", settle);
  document.body.addEventListener("htmx:afterSettle", settle);
}
