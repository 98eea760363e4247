// What is looked up beside a case and never comes: the blocks that stand for it give way to a line that says so.
export function endBlocks() {
  const ended = ({ detail }) => {
    const blocks = detail.target?.querySelector(":scope > .blocks");
    if (!blocks) return; // what was found before stays
    const line = document.createElement("p");
    line.className = "m";
    line.textContent = detail.target.dataset.away;
    blocks.replaceWith(line);
  };
  document.body.addEventListener("htmx:responseError", ended);
  document.body.addEventListener("htmx:sendError", ended);
}
