// The page's colours, as its style sheet has them in the theme on show: a canvas knows no custom properties.
const NAMES = ["ink", "ink-2", "ink-3", "line", "surface", "accent", "c-all", "c-contained", "c-handed", "c-rest", "c-fallback"];

export function colours() {
  const style = getComputedStyle(document.getElementById("report"));
  const found = NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return { ...Object.fromEntries(found), font: getComputedStyle(document.body).fontFamily };
}

/** Call `again` whenever another theme is put on. */
export function onTheme(again) {
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}
