// Lines over steps, each named at its end.

import { numberText, percentText, setWord, superscript } from "../words.js";
import { eachFrame, element, svgElement } from "./elements.js";

const CHART_HEIGHT = 180;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 96, 10, 22];
const MARKS = ["", "6 4", "2 3", "9 3 2 3"]; // dashes, so that lines are told apart without colour

export class StepChart {
  // `title`: [key, slots]; `logarithmic`: powers of ten up the side; `onStep(t)` for a click.
  constructor({ title, logarithmic = false, onStep = null }) {
    Object.assign(this, { logarithmic, onStep });
    this.plane = svgElement("svg", { height: CHART_HEIGHT, role: "img", class: "chart" });
    this.marker = svgElement("line", { y1: TOP, y2: CHART_HEIGHT - BOTTOM, class: "chart-marker" });
    this.caption = setWord(element("figcaption"), ...title);
    setWord(this.plane, title[0], title[1] ?? {}, "aria-label");
    this.element = element("figure", { class: "chart-figure" }, this.caption, this.plane);
    this.shown = null;
    const redraw = eachFrame(() => this.#draw());
    new ResizeObserver(redraw).observe(this.element);
    if (onStep) this.plane.addEventListener("click", (event) => onStep(this.#stepAt(event)));
  }

  // `lines`: [{name, values: [number a step], before: the same without edits, quiet: whether it is
  // a bound only}]; `range`: [low, high]; `ends`: the numbers of the first and last step, where
  // those are not 1 and how many there are.
  show(lines, { range = null, step = null, percent = false, ends = null } = {}) {
    this.shown = { lines, range, step, percent, ends };
    this.#draw();
  }

  mark(step) {
    this.shown.step = step;
    this.#place();
  }

  // Drawn as wide as it is, so that its letters keep their size on a phone.
  #draw() {
    this.width = Math.max(240, this.element.clientWidth);
    if (this.shown === null) return;
    const { lines, range, percent } = this.shown;
    this.plane.setAttribute("viewBox", `0 0 ${this.width} ${CHART_HEIGHT}`);
    this.count = Math.max(1, ...lines.map((line) => line.values.length));
    const scaled = (value) => (this.logarithmic ? Math.log10(Math.max(value, 1e-30)) : value);
    const numbers = lines
      .flatMap((line) => [...line.values, ...(line.before ?? [])])
      .filter(isNumber)
      .map(scaled);
    const found = widened(Math.min(...numbers), Math.max(...numbers));
    const [low, high] =
      range ?? (this.logarithmic ? [Math.floor(found[0]), Math.ceil(found[1])] : found);
    const y = (value) =>
      TOP + (CHART_HEIGHT - TOP - BOTTOM) * (1 - (scaled(value) - low) / (high - low || 1));
    const tick = (value) => {
      const plain = percent ? percentText(value, 0) : numberText(value, 2);
      const text = this.logarithmic ? `10${superscript(Math.round(value))}` : plain;
      const at = TOP + (CHART_HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low || 1));
      return [
        svgElement("line", {
          x1: LEFT,
          x2: this.width - RIGHT,
          y1: at,
          y2: at,
          class: "chart-line",
        }),
        svgElement("text", { x: LEFT - 6, y: at + 4, "text-anchor": "end" }, text),
      ];
    };
    const [first, last] = this.shown.ends ?? [1, this.count];
    // Names stand behind the lines' last points, or above that where the line ends early.
    const lasts = lines.map((line) => line.values.findLastIndex(isNumber));
    const ends = spread(
      lines.map((line, k) => (lasts[k] < 0 ? CHART_HEIGHT : y(line.values[lasts[k]]))),
    );
    const nameAt = (k) => {
      if (lasts[k] < 0 || lasts[k] >= this.count - 1)
        return { x: this.width - RIGHT + 6, y: ends[k] + 4 };
      return {
        x: this.#x(lasts[k]) - 2,
        y: Math.max(TOP + 8, y(lines[k].values[lasts[k]]) - 9),
        "text-anchor": "end",
      };
    };
    this.plane.replaceChildren(
      ...ticks(low, high, this.logarithmic).flatMap(tick),
      ...lines.flatMap((line, k) => {
        const path = (values) =>
          values
            .flatMap((value, t) => (isNumber(value) ? [`${this.#x(t)},${y(value)}`] : []))
            .join(" ");
        return [
          line.before
            ? svgElement("polyline", { points: path(line.before), class: "chart-before" })
            : null,
          svgElement("polyline", {
            points: path(line.values),
            ...(line.quiet
              ? { class: "chart-quiet" }
              : { class: `chart-path chart-path-${k % 4}`, "stroke-dasharray": MARKS[k % 4] }),
          }),
          svgElement("text", { ...nameAt(k), class: line.quiet ? "" : "chart-name" }, line.name),
        ].filter((node) => node !== null);
      }),
      svgElement("text", { x: LEFT, y: CHART_HEIGHT - 5 }, numberText(first, 0)),
      svgElement(
        "text",
        { x: this.width - RIGHT, y: CHART_HEIGHT - 5, "text-anchor": "end" },
        numberText(last, 0),
      ),
      this.marker,
    );
    this.#place();
  }

  #place() {
    const { step } = this.shown;
    this.marker.style.display = step === null ? "none" : "";
    if (step !== null) for (const end of ["x1", "x2"]) this.marker.setAttribute(end, this.#x(step));
  }

  #x(step) {
    return (
      LEFT +
      ((this.width - LEFT - RIGHT) * (step + (this.count === 1 ? 0.5 : 0))) /
        Math.max(1, this.count - 1)
    );
  }

  #stepAt(event) {
    const box = this.plane.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.width;
    const part = (x - LEFT) / (this.width - LEFT - RIGHT);
    return Math.max(0, Math.min(this.count - 1, Math.round(part * (this.count - 1))));
  }
}

// null and NaN are no points.
function isNumber(value) {
  return Number.isFinite(value);
}

function widened(low, high) {
  if (!Number.isFinite(low)) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function ticks(low, high, whole) {
  if (whole) {
    const by = Math.max(1, Math.ceil((high - low) / 4));
    const first = Math.ceil(low);
    return Array.from(
      { length: Math.max(1, Math.floor((high - first) / by) + 1) },
      (_, k) => first + k * by,
    );
  }
  return [low, (low + high) / 2, high];
}

// Names that would lie on each other, moved apart.
function spread(places) {
  const order = places.map((y, k) => [y, k]).sort((a, b) => a[0] - b[0]);
  for (let k = 1; k < order.length; k++) order[k][0] = Math.max(order[k][0], order[k - 1][0] + 15);
  const over = Math.max(0, (order.at(-1)?.[0] ?? 0) - (CHART_HEIGHT - BOTTOM));
  const moved = [];
  for (const [y, k] of order) moved[k] = y - over;
  return moved;
}
