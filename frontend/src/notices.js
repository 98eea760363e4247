// The page of my notices: drawn again with every change, and the button that has this browser take pushes.
import { Idiomorph } from "idiomorph";
import { listenToStream } from "./console/stream.js";
import { toast } from "./console/toast.js";

const PAUSE = 1000;
const desk = document.getElementById("desk");
let soon = null;

/** A refresh leaves alone what is being typed. */
const mayChange = (old) => !old.matches?.("input, [data-push]");

async function refresh() {
  soon = null;
  const answer = await fetch(desk.dataset.here, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 401) location.reload();
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ["side", "notices"])
    Idiomorph.morph(document.getElementById(part), fresh.getElementById(part), {
      morphStyle: "outerHTML",
      callbacks: { beforeNodeMorphed: mayChange },
    });
}

const bytes = (base64) => Uint8Array.from(atob(base64.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function subscribe() {
  if ((await Notification.requestPermission()) !== "granted") return toast(desk.dataset.refused, { stays: true });
  const worker = await navigator.serviceWorker.register(desk.dataset.worker);
  const push = worker.pushManager;
  const key = bytes(desk.dataset.key);
  const subscription = (await push.getSubscription()) ?? (await push.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  const answer = await fetch(desk.dataset.subscribe, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": desk.dataset.csrf },
    body: JSON.stringify(subscription),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  toast(desk.dataset.on);
}

const button = document.querySelector("[data-push]");
button.hidden = !("serviceWorker" in navigator && "PushManager" in window);
button.addEventListener("click", () => subscribe().catch(() => toast(desk.dataset.failed, { stays: true })));
listenToStream(() => (soon ??= setTimeout(refresh, PAUSE)));
