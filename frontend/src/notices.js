// The page of my notices: drawn again with every change, and the button that has this browser take pushes.
import { Idiomorph } from "idiomorph";
import { followAlerts, isOn, ring, turn } from "./console/alerts.js";
import { oneAtATime } from "./console/drawing.js";
import { paced } from "./console/pacing.js";
import { listenToStream } from "./console/stream.js";
import { toast } from "./console/toast.js";

const PAUSE = 1000;
const ASKED = 60_000;
const desk = document.getElementById("desk");

/** A refresh leaves alone what is being typed. */
const mayChange = (old) => !old.matches?.("input, [data-push], .alerts");

const refresh = oneAtATime(async () => {
  const answer = await fetch(desk.dataset.here, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 401) location.reload();
  if (!answer?.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ["side", "notices"])
    Idiomorph.morph(document.getElementById(part), fresh.getElementById(part), {
      morphStyle: "outerHTML",
      callbacks: { beforeNodeMorphed: mayChange },
    });
  return true;
});

const bytes = (base64) => Uint8Array.from(atob(base64.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const { scope, worker } = desk.dataset;
const able = "serviceWorker" in navigator && "PushManager" in window;
const subscribed = async () => (await navigator.serviceWorker.getRegistration(scope))?.pushManager.getSubscription();

async function tell(address, subscription) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": desk.dataset.csrf },
    body: JSON.stringify(subscription),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
}

const deeds = {
  async on() {
    if ((await Notification.requestPermission()) !== "granted") return toast(desk.dataset.refused, { stays: true });
    const push = (await navigator.serviceWorker.register(worker, { scope })).pushManager;
    const key = bytes(desk.dataset.key);
    const known = await push.getSubscription();
    await tell(desk.dataset.subscribe, known ?? (await push.subscribe({ userVisibleOnly: true, applicationServerKey: key })));
    show("off");
    toast(desk.dataset.on);
  },
  async off() {
    const subscription = await subscribed();
    if (subscription) await tell(desk.dataset.unsubscribe, subscription);
    await subscription?.unsubscribe();
    show("on");
    toast(desk.dataset.off);
  },
};

/** The one button that makes sense now. */
function show(deed) {
  for (const button of document.querySelectorAll("[data-push]")) button.hidden = button.dataset.push !== deed;
}

for (const button of document.querySelectorAll("[data-push]"))
  button.addEventListener("click", () => deeds[button.dataset.push]().catch(() => toast(desk.dataset.failed, { stays: true })));
if (able) {
  const mine = JSON.parse(desk.dataset.browsers);
  subscribed().then((found) => show(found && mine.includes(found.endpoint) ? "off" : "on"));
}
for (const choice of document.querySelectorAll("[data-alert]")) {
  const { alert } = choice.dataset;
  choice.checked = isOn(alert);
  choice.addEventListener("change", () => {
    turn(alert, choice.checked);
    if (alert === "sound" && choice.checked) ring(); // how it sounds
  });
}
document.querySelector(".alerts").hidden = false;
followAlerts();
if (desk.dataset.stream) listenToStream(paced(refresh, PAUSE));
else setInterval(() => document.hidden || refresh(), ASKED); // who follows no cases hears no stream
