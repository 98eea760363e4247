// How soon the list is fetched after a change: at once where it is mine, seldom where it shows nothing of it.
import { SOON } from "./pacing.js";

const SELDOM = 30000;
const AMONG_MACHINES = new Set([
  "message.received",
  "message.queued",
  "message.sent",
  "turn.understood",
  "turn.decided",
  "turn.answered",
  "turn.walked",
]);
const desk = document.getElementById("desk");
const list = () => document.getElementById("list");
const shows = (conversation) => Boolean(list().querySelector(`li[id^="row-${conversation}-"]`));

/** In milliseconds. The bot's conversations are in one view and in the number beside it; what becomes of a case has a
 * kind of its own. */
export function patience(change, pause) {
  if (!change?.conversation_id) return pause;
  if (String(change.row?.assignee_id) === desk.dataset.me) return SOON; // and I am told with a sound
  const { view, query } = list().dataset;
  if (shows(change.conversation_id)) return view === "mine" ? SOON : pause;
  return AMONG_MACHINES.has(change.kind) && view !== "bot" && !query ? SELDOM : pause;
}
