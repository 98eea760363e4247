// The supervisor's board, and the screen on the wall that shows it and never dims.
import { followKeys } from "./board/rows.js";
import { takeTurns } from "./board/turns.js";
import { followAlerts } from "./console/alerts.js";
import { startClocks } from "./console/clocks.js";
import { keepWhole } from "./console/whole.js";

const PAUSE = 500;
const mayChange = (old) => !old.matches?.("[popover]:popover-open");

/** Browsers let a screen sleep again whenever its page was hidden. */
function stayAwake() {
  if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => null);
}

followKeys();
startClocks();
keepWhole("board", { line: ".line", mayChange, pause: PAUSE });
if ("wall" in document.getElementById("desk").dataset) {
  stayAwake();
  document.addEventListener("visibilitychange", stayAwake);
  takeTurns();
} else {
  followAlerts();
}
