// Elements from data. Strings become text nodes or attributes, never HTML.

const isThere = (value) => value !== null && value !== undefined && value !== false;

/** Put children in place of what an element has: strings, elements, lists of them; null and false are left out. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat().filter((child) => isThere(child)));
}

/** `element("p", {class: "note"}, "words", child)`; functions are listeners, null and false are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (key.startsWith("--")) made.style.setProperty(key, value);
    else if (value === true) made.setAttribute(key, "");
    else if (isThere(value)) made.setAttribute(key, value);
  }
  fill(made, ...children);
  return made;
}

/** A button that does something; `attributes` as element has them. */
export const button = (words, click, attributes = {}) =>
  element("button", { type: "button", click, ...attributes }, words);

export const byId = (id) => document.getElementById(id);
