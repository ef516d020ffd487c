// Elements of the page, made in one line each.

import { setWord } from "../words.js";

// element("p", {class: "note", onclick: f}, "text", child, ...); null children are left out.
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svgElement(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// An element with one of the page's sentences in it.
export function worded(name, key, slots = {}, attributes = {}) {
  return setWord(element(name, attributes), key, slots);
}

let lastId = 0;
export function freshId(name) {
  lastId += 1;
  return `${name}-${lastId}`;
}

// Say something to those who listen instead of looking; one region for the whole page.
export function announce(key, slots = {}) {
  let region = document.getElementById("announcements");
  if (region === null) {
    region = element("p", {
      id: "announcements",
      class: "unseen",
      role: "status",
      "aria-live": "polite",
    });
    document.body.append(region);
  }
  setWord(region, key, slots);
}

// Call only once nobody has asked again for a moment: while a slider moves, not at all.
export function atRest(work, milliseconds = 150) {
  let timer = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, milliseconds);
  };
}

// Call once a frame at most, however often it is asked for.
export function eachFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

// Paper waits for no frame: what a page still has to do is done before it is printed, first what
// is computed, then what is painted of it. (A worker that loads this file has no window.)
const paperWork = { compute: [], paint: [] };
globalThis.addEventListener("beforeprint", () => {
  for (const work of [...paperWork.compute, ...paperWork.paint]) work();
});

export function beforePaper(phase, work) {
  paperWork[phase].push(work);
}
