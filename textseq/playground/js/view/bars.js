// Numbers as lengths: one a step, side by side (gradients), or one a name, one below the other.

import { numberText, percentText } from "../words.js";
import { reach } from "./colour.js";
import { element } from "./elements.js";
import { CellGrid } from "./grid.js";

const BAR_HEIGHT = 96;

// One bar a step; a row with numbers below zero has its line in the middle. The cells are walked
// through and read as a matrix's are.
export class StepBars extends CellGrid {
  constructor(options) {
    super({ height: BAR_HEIGHT, ...options });
    this.element.classList.add("step-bars");
  }

  paint(context) {
    const { rows, columns, value, lit } = this.shown;
    const style = getComputedStyle(this.element);
    const [ink, line] = [style.getPropertyValue("--accent"), style.getPropertyValue("--line")];
    const height = this.rowHeight();
    for (let r = 0; r < rows; r++) {
      const row = Array.from({ length: columns }, (_, c) => value(r, c));
      const largest = this.shown.limit === 1 ? reach(row) : this.limitOf(r);
      const signed = row.some((number) => number < 0);
      const [zero, room] = signed
        ? [(r + 0.5) * height, height / 2 - 2]
        : [(r + 1) * height - 1, height - 4];
      context.fillStyle = line;
      context.fillRect(0, zero, this.width, 1);
      row.forEach((number, c) => {
        const left = this.left(c);
        const width = this.right(c) - left;
        const size = Number.isFinite(number)
          ? Math.min(1, Math.abs(number) / largest) * room
          : room;
        context.globalAlpha = lit !== null && !lit(r, c) ? 0.25 : 1;
        context.fillStyle = ink;
        const gap = width > 4 ? 1 : 0;
        context.fillRect(
          left + gap,
          number < 0 ? zero : zero - size,
          Math.max(1, width - 2 * gap),
          Math.max(number ? 1 : 0, size),
        );
      });
      context.globalAlpha = 1;
    }
  }
}

// Names, bars and numbers in lines: [{name, value, before, chosen}]. `before` is what the value was
// without the reader's edits, and lights the line where it was another; with `lights` false it is
// only marked. `asPercent` for probabilities.
export class NamedBars {
  constructor({ asPercent = false, lights = true, onChoose = null } = {}) {
    Object.assign(this, { asPercent, lights, onChoose });
    this.element = element("ul", { class: "named-bars" });
    this.lines = [];
  }

  show(entries, limit = null) {
    const largest = limit ?? reach(entries.map((entry) => entry.value));
    while (this.lines.length < entries.length) this.#addLine();
    while (this.lines.length > entries.length) this.lines.pop().item.remove();
    entries.forEach((entry, k) => this.#write(this.lines[k], entry, largest));
  }

  #addLine() {
    const name = element(this.onChoose ? "button" : "span", {
      class: "named-bar-name",
      type: this.onChoose ? "button" : null,
    });
    const [bar, before] = [element("i"), element("b")];
    const track = element("span", { class: "named-bar-track", "aria-hidden": "true" }, bar, before);
    const number = element("span", { class: "named-bar-number" });
    const item = element("li", {}, name, track, number);
    const line = { item, name, bar, before, number, entry: null };
    if (this.onChoose) name.addEventListener("click", () => this.onChoose(line.entry));
    this.lines.push(line);
    this.element.append(item);
  }

  #write(line, entry, largest) {
    const text = (value) => (this.asPercent ? percentText(value) : numberText(value));
    line.entry = entry;
    line.name.textContent = entry.name;
    line.number.textContent = text(entry.value);
    line.bar.style.width = `${100 * Math.min(1, Math.abs(entry.value) / largest)}%`;
    line.bar.classList.toggle("negative", entry.value < 0);
    const moved = entry.before !== undefined && text(entry.before) !== text(entry.value);
    line.item.classList.toggle("lit", moved && this.lights);
    line.before.hidden = !moved;
    if (moved) line.before.style.left = `${100 * Math.min(1, Math.abs(entry.before) / largest)}%`;
    if (moved && this.lights) {
      line.number.append(element("span", { class: "was" }, ` ← ${text(entry.before)}`));
    }
    if (this.onChoose) line.name.setAttribute("aria-pressed", String(Boolean(entry.chosen)));
  }
}
