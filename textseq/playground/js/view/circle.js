// Eigenvalues in the complex plane, with the circle that parts what dies out from what grows.

import { numberText, setWord } from "../words.js";
import { element, svgElement } from "./elements.js";

const PLANE_SIZE = 220;
const FARTHEST = 4; // what lies farther out is drawn at the edge

export class UnitCircle {
  // `title`: [key, slots]. The figure says in words how many lie outside, and how far out they are.
  constructor({ title }) {
    this.plane = svgElement("svg", {
      viewBox: `0 0 ${PLANE_SIZE} ${PLANE_SIZE}`,
      role: "img",
      class: "circle",
    });
    setWord(this.plane, title[0], title[1] ?? {}, "aria-label"); // until there is a verdict
    this.verdict = element("p", { class: "note" });
    this.caption = setWord(element("figcaption"), ...title);
    this.element = element(
      "figure",
      { class: "circle-figure" },
      this.caption,
      this.plane,
      this.verdict,
    );
  }

  // `values`: [{re, im}, ...]; `said`: the sentence on them, with {n}, {outside} and {radius}.
  show(values, said = "circle.verdict") {
    const radii = values.map(({ re, im }) => Math.hypot(re, im));
    const far = Math.min(FARTHEST, Math.max(1.15, ...radii)) * 1.08;
    const at = (number) => (PLANE_SIZE / 2) * (1 + Math.max(-1, Math.min(1, number / far)));
    const text = (x, y, letters, anchor = "middle") =>
      svgElement("text", { x, y, "text-anchor": anchor, class: "circle-text" }, letters);
    this.plane.replaceChildren(
      svgElement("line", {
        x1: 0,
        x2: PLANE_SIZE,
        y1: PLANE_SIZE / 2,
        y2: PLANE_SIZE / 2,
        class: "circle-axis",
      }),
      svgElement("line", {
        y1: 0,
        y2: PLANE_SIZE,
        x1: PLANE_SIZE / 2,
        x2: PLANE_SIZE / 2,
        class: "circle-axis",
      }),
      svgElement("circle", {
        cx: PLANE_SIZE / 2,
        cy: PLANE_SIZE / 2,
        r: at(1) - PLANE_SIZE / 2,
        class: "circle-unit",
      }),
      text(at(1) + 3, PLANE_SIZE / 2 - 4, numberText(1, 0), "start"),
      ...values.map(({ re, im }, k) =>
        svgElement("circle", {
          cx: at(re),
          cy: at(-im),
          r: 3.5,
          class: radii[k] > 1 ? "eigenvalue outside" : "eigenvalue",
        }),
      ),
    );
    const slots = {
      n: values.length,
      outside: radii.filter((radius) => radius > 1).length,
      radius: Math.max(0, ...radii),
    };
    setWord(this.plane, said, slots, "aria-label");
    setWord(this.verdict, said, slots);
  }
}
