// Who else is at the open case, and who is writing there. We say that we look as long as we do, and what we write; the
// answer is who else is there. It fades by itself where nobody says anything any more.
const BEAT = 20000;
const TYPING = 5000;
const LULL = 8000;
const PARTS = ["company", "writers", "beside"];
const desk = document.getElementById("desk");
let at = "";
let doing = "";
let told = 0;
let lull = null;

const here = () => document.getElementById("pane").dataset.companyAt ?? "";
const letterOrReply = () => document.querySelector(":is(#write-reply, #write-mail):not([hidden]) [data-draft]");
const body = (words) => new URLSearchParams({ csrf_token: desk.dataset.csrf, doing: words });

/** Keep the server told, and the page, about who is at the case. */
export function keepCompany() {
  for (const event of ["pane:drawn", "htmx:afterSettle"]) document.addEventListener(event, arrive);
  document.addEventListener("input", typed);
  document.addEventListener("focusin", warn); // another tab of the composer
  document.addEventListener("visibilitychange", () => !document.hidden && tell());
  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.elt.matches("[data-composer]")) rest();
  });
  addEventListener("pagehide", leave);
  setInterval(tell, BEAT);
  arrive();
}

/** Something stirs at a case. */
export function stirred({ case: number }) {
  if (document.getElementById("pane").dataset.case === number) tell();
}

function arrive() {
  if (here() === at) return warn();
  leave();
  at = here();
  doing = "";
  tell();
}

function leave() {
  if (at) navigator.sendBeacon(at, body("gone"));
  at = "";
}

async function tell() {
  if (!at || document.hidden) return;
  const asked = at;
  told = Date.now();
  const answer = await fetch(at, { method: "POST", body: body(doing) }).catch(() => null); // the next beat tells it
  if (asked !== at) return;
  const fresh = new DOMParser().parseFromString(answer?.ok ? await answer.text() : "", "text/html");
  for (const part of PARTS) put(document.getElementById(part), fresh.getElementById(part));
  warn();
}

/** Where nothing came, nobody knows who is there. What stays the same is not announced again. */
function put(old, fresh) {
  if (!fresh) old?.replaceChildren();
  else if (old && old.innerHTML !== fresh.innerHTML) old.replaceWith(fresh);
}

function typed({ target }) {
  if (!target.matches("[data-draft]")) return;
  const kind = target.value.trim() ? target.form.dataset.composer : "";
  const news = kind !== doing || (kind && Date.now() - told > TYPING);
  doing = kind;
  lull = clearTimeout(lull) ?? setTimeout(rest, LULL);
  if (news) tell();
  warn();
}

function rest() {
  lull = clearTimeout(lull) ?? null;
  if (!doing) return;
  doing = "";
  tell();
}

/** Two who write to the customer at once are told before they send. */
function warn() {
  const strip = document.getElementById("beside");
  const writing = letterOrReply()?.value.trim();
  if (strip) strip.hidden = !(writing && "writer" in strip.dataset && strip.childElementCount);
}
