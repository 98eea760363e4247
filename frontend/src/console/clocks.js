// Countdowns go on between refreshes: each minute, in the last ten minutes each second.
const desk = document.getElementById("desk");
const SOON = 600;

const span = (minutes) => {
  const { instant, minutes: short, hours } = desk.dataset;
  if (minutes < 1) return instant;
  const rest = minutes % 60;
  return minutes < 60 || !rest
    ? short.replace("{n}", minutes)
    : hours.replace("{h}", Math.floor(minutes / 60)).replace("{m}", rest);
};

const seconds = (due) => Math.floor((Date.parse(due) - Date.now()) / 1000);

/** The time left until `due`, as a countdown says it. */
export const leftUntil = (due) => words(seconds(due));

function words(left) {
  if (left <= 0) return desk.dataset.over.replace("{time}", span(Math.floor(-left / 60)));
  return left < SOON ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : span(Math.floor(left / 60));
}

function tick() {
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = seconds(clock.dataset.due);
    const label = clock.lastElementChild;
    const text = words(left);
    if (label.textContent !== text && Math.abs(left) < 3600) label.textContent = text;
    if (left <= SOON && left > 0) clock.classList.replace("calm", "soon");
    if (left <= 0) clock.classList.add("over");
  }
}

export function startClocks() {
  setInterval(tick, 1000);
}
