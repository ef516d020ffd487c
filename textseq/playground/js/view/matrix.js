// A matrix as colours, with its numbers in the cells where they have room.

import { fixedText, numberText } from "../words.js";
import { inkOn, shade } from "./colour.js";
import { element, worded } from "./elements.js";
import { CellGrid } from "./grid.js";

const NUMBER_WIDTH = 38; // pixels that "−0.48" needs
const GAP_FROM = 9; // pixels of a cell from which on cells stand apart
const FADED = 0.16; // of what an edit did not change

export class MatrixView extends CellGrid {
  constructor(options) {
    super(options);
    if (options.legend !== false)
      this.element.querySelector("figcaption").after(this.#makeLegend());
  }

  show(shown) {
    super.show(shown);
    if (this.legendEnds) {
      const limit = this.limitOf(0);
      this.legendEnds[0].textContent = numberText(-limit, limit < 10 ? 1 : 0);
      this.legendEnds[1].textContent = numberText(limit, limit < 10 ? 1 : 0);
    }
  }

  paint(context) {
    const { rows, columns, value, lit } = this.shown;
    const height = this.rowHeight();
    const wide = this.width / columns;
    const gap = Math.min(wide, height) >= GAP_FROM ? 1 : 0;
    const numbered = wide >= NUMBER_WIDTH && height >= 16;
    const plainInk = numbered && lit !== null ? getComputedStyle(this.element).color : null;
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let r = 0; r < rows; r++) {
      const limit = this.limitOf(r);
      for (let c = 0; c < columns; c++) {
        const number = value(r, c);
        if (Number.isNaN(number)) continue;
        const left = this.left(c);
        const width = this.right(c) - left;
        const faded = lit !== null && !lit(r, c);
        context.globalAlpha = faded ? FADED : 1;
        context.fillStyle = shade(number, limit);
        context.fillRect(left, r * height, width - gap || 1, height - gap);
        context.globalAlpha = 1;
        if (!numbered) continue;
        context.fillStyle = faded ? plainInk : inkOn(number, limit);
        context.fillText(fixedText(number, 2), left + width / 2, (r + 0.5) * height);
      }
    }
  }

  // What the colours mean, from the lowest to the highest number.
  #makeLegend() {
    this.legendEnds = [element("span"), element("span")];
    return element(
      "p",
      { class: "legend" },
      worded("span", "legend", {}, { class: "unseen" }),
      this.legendEnds[0],
      element("span", { class: "legend-bar", "aria-hidden": "true" }),
      this.legendEnds[1],
    );
  }
}
