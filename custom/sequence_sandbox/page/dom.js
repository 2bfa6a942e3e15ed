// Elements, made from data as text only, and kept where they show the same as before.

export const $ = (id) => document.getElementById(id);

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
};

export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const shown = new WeakMap();

/**
 * Let an element's children be those of some items, in their order.
 *
 * A child whose item is as before stays where it is: with its focus, and what is selected in it.
 */
export function keep(parent, items, key, make) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const children = items.map((item) => {
    const name = String(key(item));
    const state = JSON.stringify(item);
    const old = before.get(name);
    if (old && shown.get(old) === state) return old;
    const child = make(item);
    child.dataset.key = name;
    shown.set(child, state);
    if (old) replace(old, child);
    if (parent.dataset.filled) child.classList.add(old ? "changed" : "new");
    return child;
  });
  const staying = new Set(children);
  for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const child of children) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
  parent.dataset.filled = "true";
  const empty = $(`${parent.id}-empty`);
  if (empty) empty.hidden = items.length > 0;
}

function replace(old, child) {
  const focused = [...old.querySelectorAll("button, summary")].indexOf(document.activeElement);
  old.replaceWith(child);
  if (focused >= 0) child.querySelectorAll("button, summary")[focused]?.focus();
}
