// Cells in rows and columns, painted on a canvas, and read, walked through and changed one by one.
//
// Small or of 12,800 cells, a grid is one element: arrow keys move a cursor, a screen reader hears
// the cell under it (role "grid" with the one cell that is spoken of), the pointer shows a cell's
// number, and the field below changes it. What is painted in a cell is the subclass's affair.

import { numberText, setWord, word } from "../words.js";
import { beforePaper, eachFrame, element, freshId, worded } from "./elements.js";
import { NumberField } from "./number_field.js";

const APART = 10; // pixels between the last columns and the others, where they stand apart
const LETTER_WIDTH = 8; // pixels that a letter of a name takes, about
const NARROWEST_NAME = 13; // pixels of a column that has room for its name
const MOST_TABLE_CELLS = 20_000;

export class CellGrid {
  // `title`: [key, slots] of the page's words, or nothing, and `entitle` later. With
  // `onEdit(row, column, number)` cells can be changed; `onSelect(row, column)` hears of the
  // cursor. `tabled`: it can be opened as a table too.
  constructor({ title = null, onEdit = null, onSelect = null, tabled = false, height = null }) {
    Object.assign(this, { onEdit, onSelect, fixedHeight: height });
    this.shown = null;
    this.cursor = null;
    this.canvas = element("canvas", { "aria-hidden": "true" });
    this.column = element("div", { class: "grid-column", "aria-hidden": "true", hidden: true });
    this.frame = element("div", { class: "grid-cursor", "aria-hidden": "true", hidden: true });
    this.changed = element("div", { "aria-hidden": "true" });
    this.cell = element("span", { role: "gridcell", id: freshId("cell") });
    this.row = element("div", { role: "row", class: "unseen" }, this.cell);
    this.cells = element(
      "div",
      {
        class: "grid-cells",
        role: "grid",
        tabindex: 0,
        "aria-activedescendant": this.cell.id,
        onkeydown: (event) => this.#key(event),
        onpointermove: (event) => this.#hover(event),
        onpointerleave: hideTip,
        onclick: (event) => this.select(...this.#placeOf(event)),
        ondblclick: () => this.field?.begin(),
        onfocus: () => this.cursor === null && this.select(0, this.shown?.column ?? 0, false),
      },
      this.canvas,
      this.column,
      this.changed,
      this.frame,
      this.row,
    );
    this.rowNames = element("div", { class: "grid-rows", "aria-hidden": "true" });
    this.columnNames = element("div", { class: "grid-columns", "aria-hidden": "true" });
    this.caption = element("figcaption", { id: freshId("caption") });
    this.cells.setAttribute("aria-labelledby", this.caption.id);
    this.readout = this.#makeReadout();
    this.table = tabled ? this.#makeTable() : null;
    this.element = element(
      "figure",
      { class: "grid" },
      this.caption,
      element(
        "div",
        { class: "grid-body" },
        this.rowNames,
        element("div", { class: "grid-main" }, this.cells, this.columnNames),
      ),
      this.readout,
      this.table,
    );
    this.repaint = eachFrame(() => this.#paintAll());
    new ResizeObserver(() => this.repaint()).observe(this.cells);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.repaint);
    beforePaper("paint", () => this.#paintAll());
    if (title !== null) this.entitle(...title);
  }

  entitle(key, slots = {}) {
    setWord(this.caption, key, slots);
  }

  // `shown`: {rows, columns, value(r, c), limit or limit(r), label(r, c), names: {rows, columns},
  // column: the one that is marked, lit(r, c) or null, edited: [[r, c], ...], fixed(r, c): cells
  // that can't be changed, apart: last columns that stand apart}. All but the first three may be
  // left out.
  show(shown) {
    this.shown = {
      lit: null,
      edited: [],
      column: null,
      apart: 0,
      fixed: () => false,
      label: (r, c) => `${r}, ${c}`,
      limit: 1,
      ...shown,
    };
    const { rows, columns } = this.shown;
    this.cells.setAttribute("aria-rowcount", rows);
    this.cells.setAttribute("aria-colcount", columns);
    if (this.cursor !== null)
      this.cursor = [Math.min(this.cursor[0], rows - 1), Math.min(this.cursor[1], columns - 1)];
    this.#nameRows();
    this.repaint();
    this.#showCursor();
    if (this.table?.open) this.#fillTable();
  }

  // Mark a column without painting anything anew.
  markColumn(column) {
    this.shown.column = column;
    this.#placeColumn();
  }

  limitOf(row) {
    const { limit } = this.shown;
    return typeof limit === "function" ? limit(row) : limit;
  }

  // Put the cursor on a cell.
  select(row, column, tell = true) {
    if (this.shown === null || !this.shown.rows || !this.shown.columns) return;
    this.cursor = [row, column];
    this.#showCursor();
    if (tell) this.onSelect?.(row, column);
  }

  rowHeight() {
    return this.fixedHeight ?? Math.max(3, Math.min(22, Math.floor(340 / this.shown.rows)));
  }

  // Where a column begins, and where it ends, in pixels.
  left(column) {
    return Math.round(column * this.#across()) + this.#moved(column);
  }

  right(column) {
    return Math.round((column + 1) * this.#across()) + this.#moved(column);
  }

  #across() {
    return (this.width - (this.shown.apart ? APART : 0)) / this.shown.columns;
  }

  #moved(column) {
    return this.shown.apart && column >= this.shown.columns - this.shown.apart ? APART : 0;
  }

  #paintAll() {
    if (this.shown === null) return;
    const { rows } = this.shown;
    this.width = this.cells.clientWidth;
    this.height = rows * this.rowHeight();
    if (!this.width) return;
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (this.canvas.width !== across || this.canvas.height !== down) {
      this.canvas.width = across;
      this.canvas.height = down;
      this.canvas.style.height = `${this.height}px`;
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    this.paint(context);
    this.#nameColumns();
    this.#placeColumn();
    this.#showChanged();
    this.#showCursor();
  }

  #nameRows() {
    const names = this.shown.names?.rows;
    this.rowNames.hidden = !names;
    if (!names) return;
    const height = `${this.rowHeight()}px`;
    this.rowNames.replaceChildren(
      ...names.map((name) => {
        const node = element("span", {}, name);
        node.style.height = node.style.lineHeight = height;
        return node;
      }),
    );
  }

  // Names stand under their columns where there is room; else under the marked one alone.
  #nameColumns() {
    const names = this.shown.names?.columns;
    this.columnNames.hidden = !names;
    if (!names) return;
    const across = this.#across();
    this.namesFit = across >= NARROWEST_NAME;
    const texts = this.namesFit
      ? Array.from({ length: this.shown.columns }, (_, c) => names(c))
      : [""];
    const written = `${this.width} ${texts.join("\n")}`;
    if (this.namedColumns === written) return;
    this.namedColumns = written;
    this.columnNames.classList.toggle("grid-columns-one", !this.namesFit);
    const flat = texts.every((text) => text.length * LETTER_WIDTH < across);
    this.columnNames.classList.toggle("grid-columns-flat", flat);
    const longest = Math.min(12, Math.max(...texts.map((text) => text.length)));
    this.columnNames.style.height = flat || !this.namesFit ? "" : `${longest * LETTER_WIDTH + 4}px`;
    this.columnNames.replaceChildren(
      ...texts.map((text, c) => {
        const node = element("span", {}, text);
        if (this.namesFit)
          node.style.cssText = `left: ${this.left(c)}px; width: ${this.right(c) - this.left(c)}px`;
        return node;
      }),
    );
  }

  #placeColumn() {
    const { column, columns, names } = this.shown;
    this.column.hidden = column === null;
    if (column === null) return;
    if (this.width) {
      this.column.style.left = `${this.left(column)}px`;
      this.column.style.width = `${this.right(column) - this.left(column)}px`;
    }
    if (!names?.columns) return;
    const shown = this.columnNames.children;
    if (this.namesFit) {
      for (let c = 0; c < shown.length; c++) shown[c].classList.toggle("here", c === column);
    } else if (shown.length) {
      shown[0].textContent = names.columns(column);
      const part = (column + 0.5) / columns;
      shown[0].style.left = `${100 * part}%`;
      shown[0].style.transform = `translateX(${-100 * part}%)`;
    }
  }

  #frameAt(node, row, column) {
    const height = this.rowHeight();
    node.style.left = `${this.left(column)}px`;
    node.style.top = `${row * height}px`;
    node.style.width = `${this.right(column) - this.left(column)}px`;
    node.style.height = `${height}px`;
  }

  #showChanged() {
    const frames = this.shown.edited.map(([row, column]) => {
      const node = element("div", { class: "grid-edited" });
      this.#frameAt(node, row, column);
      return node;
    });
    this.changed.replaceChildren(...frames);
  }

  #showCursor() {
    const on = this.cursor !== null && this.shown !== null;
    this.frame.hidden = !on;
    this.readout.classList.toggle("readout-empty", !on);
    if (!on) return;
    const [row, column] = this.cursor;
    if (this.width) this.#frameAt(this.frame, row, column);
    const value = this.shown.value(row, column);
    const label = this.shown.label(row, column);
    this.row.setAttribute("aria-rowindex", row + 1);
    this.cell.setAttribute("aria-colindex", column + 1);
    this.cell.textContent = `${label}: ${numberText(value)}`;
    this.readoutLabel.textContent = label;
    if (this.onEdit === null) this.readoutNumber.textContent = numberText(value);
    else {
      this.field.input.readOnly = this.shown.fixed(row, column);
      this.field.show(value);
    }
  }

  #makeReadout() {
    this.readoutLabel = element("span", {});
    const hint = worded(
      "span",
      this.onEdit ? "grid.hint.edit" : "grid.hint",
      {},
      { class: "readout-hint" },
    );
    if (this.onEdit === null) {
      this.readoutNumber = element("output", {});
      return element("div", { class: "readout" }, hint, this.readoutLabel, this.readoutNumber);
    }
    this.field = new NumberField({
      onNumber: (number) => this.onEdit(...this.cursor, number),
      onLeave: () => this.cells.focus(),
    });
    const label = element("label", {}, this.readoutLabel, this.field.input);
    return element("div", { class: "readout" }, hint, label, this.field.fault);
  }

  #key(event) {
    if (event.target !== this.cells || event.altKey || this.cursor === null) return;
    const { rows, columns } = this.shown;
    const [row, column] = this.cursor;
    const far = event.ctrlKey || event.metaKey;
    const moves = {
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      PageUp: [row - 10, column],
      PageDown: [row + 10, column],
      Home: [far ? 0 : row, 0],
      End: [far ? rows - 1 : row, columns - 1],
    };
    if (event.key in moves) {
      const [r, c] = moves[event.key];
      this.select(Math.max(0, Math.min(rows - 1, r)), Math.max(0, Math.min(columns - 1, c)));
    } else if (event.key === "Enter" || event.key === "F2") this.field?.begin();
    else if (!far && /^[-−.,\d]$/.test(event.key)) this.field?.begin(event.key);
    else return;
    event.preventDefault();
  }

  #placeOf(event) {
    const { rows, columns } = this.shown;
    const box = this.cells.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top) / this.rowHeight());
    const x = event.clientX - box.left;
    let column = 0;
    while (column < columns - 1 && this.right(column) < x) column += 1;
    return [Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(columns - 1, column))];
  }

  #hover(event) {
    if (event.pointerType === "touch" || this.shown === null) return;
    const place = this.#placeOf(event);
    const text = this.shown.label(...place);
    showTip(`${text}: ${numberText(this.shown.value(...place))}`, event);
  }

  #makeTable() {
    return element(
      "details",
      { class: "as-table", ontoggle: () => this.table.open && this.#fillTable() },
      worded("summary", "grid.table"),
      element("div", {
        class: "wide",
        tabindex: 0,
        role: "region",
        "aria-labelledby": this.caption.id,
      }),
    );
  }

  #fillTable() {
    const { rows, columns, value, names } = this.shown;
    const place = this.table.querySelector(".wide");
    const shown = Math.min(columns, Math.max(1, Math.floor(MOST_TABLE_CELLS / rows)));
    const head = Array.from({ length: shown }, (_, c) =>
      element("th", { scope: "col", class: "n" }, names?.columns?.(c) ?? `${c}`),
    );
    const lines = Array.from({ length: rows }, (_, r) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, names?.rows?.[r] ?? word("grid.row", { n: r })),
        Array.from({ length: shown }, (_, c) =>
          element("td", { class: "n" }, numberText(value(r, c))),
        ),
      ),
    );
    place.replaceChildren(
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, element("td", {}), head)),
        element("tbody", {}, lines),
      ),
    );
  }
}

// One line beside the pointer, for eyes only: the cursor's cell is what is spoken.
let tip = null;

function showTip(text, event) {
  if (tip === null) {
    tip = element("div", { class: "tip", "aria-hidden": "true" });
    document.body.append(tip);
  }
  tip.textContent = text;
  tip.hidden = false;
  const left = Math.max(
    4,
    Math.min(event.clientX + 14, document.documentElement.clientWidth - tip.offsetWidth - 8),
  );
  tip.style.transform = `translate(${left}px, ${event.clientY + 18}px)`;
}

function hideTip() {
  if (tip !== null) tip.hidden = true;
}
