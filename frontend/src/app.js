// What every page loads: the theme switch and the eye in the password field.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

/** The theme on show: the one chosen by hand (a cookie, so that the server draws it), else the device's. */
function show() {
  root.dataset.bsTheme = root.dataset.theme || (dark.matches ? "dark" : "light");
}

function reveal(button) {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const hidden = field.type === "password";
  field.type = hidden ? "text" : "password";
  button.setAttribute("aria-pressed", String(hidden));
}

dark.addEventListener("change", show);
show();
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (button) reveal(button);
});
