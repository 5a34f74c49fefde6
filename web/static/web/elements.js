/* Making and finding elements. Text goes in as text only, never as markup. */

const SVG = "http://www.w3.org/2000/svg";
const icons = document.body.dataset.icons;

export const find = (selector, root = document) => root.querySelector(selector);

/** element("p", {class: "say", hidden: true}, "text", node): children are text or nodes. */
export function element(tag, traits = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(traits)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** The same for a part of a drawing. */
export function drawn(tag, traits = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(traits)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A drawing out of one of our own files of symbols. */
export function drawing(file, name, traits = {}) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  for (const [trait, value] of Object.entries(traits)) svg.setAttribute(trait, value);
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${file}#${name}`);
  svg.append(use);
  return svg;
}

export function icon(name) {
  return drawing(icons, `i-${name}`, { class: "icon" });
}

/** Write only what is new, so that nothing is announced or laid out twice. A browser that translates
    the page leaves such a text alone: what it wrote would be written over with the next figure. */
export function write(node, text) {
  node.translate = false;
  if (node.textContent !== text) node.textContent = text;
}

/** Buttons of a sheet close it; a click beside it too, when it also began there: who selects text
    with the mouse may let go outside. */
export function closable(dialog) {
  let beganBeside = false;
  dialog.addEventListener("pointerdown", (event) => { beganBeside = isBeside(dialog, event); });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]") || (beganBeside && isBeside(dialog, event))) {
      dialog.close();
    }
  });
}

// What is between the fields of a sheet is the dialog itself, as is all that is beside it.
function isBeside(dialog, { target, clientX, clientY }) {
  const box = dialog.getBoundingClientRect();
  return target === dialog && (clientX < box.left || clientX > box.right
    || clientY < box.top || clientY > box.bottom);
}
