// The page's own small API: the texts and tokens that the server wrote into the page, and calls back to it.
const data = JSON.parse(document.getElementById("simulator-data").textContent);

export const texts = data.texts;
export const shop = data.shop;
export const zone = data.zone;

/** A refusal that the server explained in words for the person. */
export class Refused extends Error {}

export function icon(name, classes = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", `i ${classes}`);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${data.icons}#${name}`);
  svg.append(use);
  return svg;
}

export function element(tag, classes = "", ...content) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...content);
  return made;
}

async function call(path, options = {}) {
  const answer = await fetch(`/simulator/api/${path}`, options);
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  const body = isJson ? await answer.json() : null;
  if (answer.status === 409) throw new Refused(body.message);
  if (!answer.ok) throw new Error(`${answer.status} for ${path}`);
  return body;
}

export const get = (path) => call(path);

export function post(path, body = {}) {
  const isFile = body instanceof Blob;
  const type = isFile ? body.type : "application/json";
  const headers = { "X-CSRFToken": data.csrf, "Content-Type": type };
  return call(path, { method: "POST", headers, body: isFile ? body : JSON.stringify(body) });
}
