// The console's page: panes are drawn by the server and put in place of each other without losing what was typed.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { attachFiles } from "./console/attachments.js";
import { keepDrafts } from "./console/drafts.js";
import { readBack } from "./console/earlier.js";
import { patience } from "./console/concerns.js";
import { belongsHere, isPointedAt, show } from "./console/glimpses.js";
import { listenToKeys } from "./console/keys.js";
import { morphing } from "./console/morph.js";
import { followAlerts } from "./console/alerts.js";
import { followBell } from "./console/bell.js";
import { startClocks } from "./console/clocks.js";
import { showWhatComes } from "./console/coming.js";
import { keepCompany, stirred } from "./console/company.js";
import { giveWords } from "./console/give.js";
import { refreshList, refreshPane, selectRow } from "./console/panes.js";
import { paced, SOON } from "./console/pacing.js";
import { offerTemplates } from "./console/templates.js";
import { listenToStream } from "./console/stream.js";
import { followThread } from "./console/thread.js";
import { toast } from "./console/toast.js";
import { endBlocks } from "./console/unanswered.js";

const desk = document.getElementById("desk");

htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap: (style, target, fragment) => style === "morph" && Idiomorph.morph(target, fragment.children, morphing),
});
document.body.setAttribute("hx-ext", "morph");
document.body.addEventListener("toast", (event) => toast(event.detail.value));
document.body.addEventListener("htmx:responseError", ({ detail }) => {
  if (!detail.xhr.getResponseHeader("HX-Trigger")) toast(desk.dataset.failed, { stays: true }); // else it said more
});
document.body.addEventListener("htmx:sendError", () => toast(desk.dataset.failed, { stays: true }));
document.body.addEventListener("htmx:afterSettle", selectRow);
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.verb === "post") refreshList();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-context]")) desk.classList.toggle("context-open");
  const chosen = event.target.closest("button");
  for (const menu of document.querySelectorAll(".menu[open]")) menu.open = menu.contains(event.target) && !chosen;
  if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
});

keepDrafts();
readBack();
followThread();
startClocks();
followBell(refreshList);
followAlerts();
offerTemplates();
attachFiles();
giveWords();
listenToKeys();
selectRow();
showWhatComes();
endBlocks();
keepCompany();
const listWithin = paced(refreshList);
const paneWithin = paced(refreshPane);

/** A case that is new on this screen is in its place at once, or the list is fetched where that may not be. */
function place(row) {
  if (!row || !belongsHere(row)) return false;
  if (!isPointedAt()) show(row);
  return isPointedAt();
}

listenToStream((pause, change) => {
  listWithin(place(change?.row) ? SOON : patience(change, pause));
  const open = document.getElementById("pane").dataset.threads?.split(" ");
  const concerned = !change?.conversation_id || open?.includes(String(change.conversation_id));
  if (open && concerned) paneWithin(change ? SOON : pause);
}, stirred);
