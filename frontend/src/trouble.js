// The page of what went wrong.
import { followAlerts } from "./console/alerts.js";
import { keepFocus } from "./console/focus.js";
import { followPicks } from "./console/picks.js";
import { keepWhole } from "./console/whole.js";

/** A refresh leaves alone what was ticked and the question that is being asked. */
const mayChange = (old) => !old.matches?.("[name=id], [data-pick-all], [popover]:popover-open");
const PAUSE = 2000; // a busy shop changes many times a second

keepFocus();
followAlerts();
followPicks();
keepWhole("trouble", { line: ".letter", mayChange, pause: PAUSE });
