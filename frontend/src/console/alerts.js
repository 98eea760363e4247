// Something new for me while I look elsewhere: the tab's title counts it, and a short sound tells of it. Each can be
// switched off for this browser; of several open tabs one rings.
const desk = document.getElementById("desk");
const HUSH = 2000;
const NOTES = [880, 1175];
const LENGTH = 0.16;
const title = document.title;
let audio = null;
let known = null;

const kept = (name) => `frontline:alert:${name}`;

/** Both are on until somebody switches them off. */
export const isOn = (name) => localStorage.getItem(kept(name)) !== "off";

export function turn(name, on) {
  localStorage.setItem(kept(name), on ? "on" : "off");
  look();
}

/** Browsers let a page sound only after a click or a key. */
function wake() {
  audio ??= new AudioContext();
  audio.resume();
}

export function ring() {
  if (audio?.state !== "running") return;
  NOTES.forEach((pitch, place) => {
    const [tone, loudness, from] = [audio.createOscillator(), audio.createGain(), audio.currentTime + place * LENGTH];
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, from);
    loudness.gain.exponentialRampToValueAtTime(0.12, from + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, from + LENGTH);
    tone.connect(loudness).connect(audio.destination);
    tone.start(from);
    tone.stop(from + LENGTH);
  });
}

/** Whether no other tab has rung just now. */
function mayRing() {
  const last = Number(localStorage.getItem(kept("rung")));
  if (Date.now() - last < HUSH) return false;
  localStorage.setItem(kept("rung"), Date.now());
  return true;
}

function look() {
  const news = Number(document.getElementById("side").dataset.notices);
  document.title = news && isOn("badge") ? `(${news}) ${title}` : title;
  if (known !== null && news > known && isOn("sound") && mayRing()) ring();
  known = news;
}

/** Follow the bell's number in the sidebar, whoever draws it. */
export function followAlerts() {
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, wake, { once: true });
  new MutationObserver(look).observe(desk, { attributeFilter: ["data-notices"], childList: true, subtree: true });
  addEventListener("storage", look);
  look();
}
