// Builds what a page shows: text is always text, never markup.

// An element with its properties (or attributes, where it has no such property) and its children.
export function made(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => { if (key in node && key !== "role") node[key] = value; else node.setAttribute(key, value); });
  node.append(...children);
  return node;
}

// A small button that sends no form by itself.
export const button = (label, act, { main = false } = {}) =>
  made("button", { type: "button", className: `button button--small${main ? " button--main" : ""}`, onclick: act }, label);
