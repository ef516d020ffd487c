// 5: inside a cell at one step: gates and states of all units in colour, and the equations of one
// unit with its numbers.

import { CELLS } from "../cells.js";
import { setWord, word } from "../words.js";
import { CELL_NUMBERS } from "./cell_numbers.js";
import { reach } from "./colour.js";
import { stepText, tellEdit } from "./controls.js";
import { element, worded } from "./elements.js";
import { equation, writeEquation } from "./equation.js";
import { MatrixView } from "./matrix.js";
import { NumberField } from "./number_field.js";
import { pageSection } from "./section.js";
import { lookChoices } from "./states.js";
import { nameAt, stepBefore, symbolName, symbolText } from "./symbols.js";

export function cellPart(play) {
  const edit = (row, unit, number) => {
    play.edit(row.name, unit, number);
    tellEdit(play);
  };
  const strips = new MatrixView({
    height: 22,
    onEdit: (r, unit, number) => edit(rowsOf(play)[r], unit, number),
    onSelect: (r, unit) => unit !== play.look.unit && play.lookAt({ unit }),
  });
  const list = element("ol", { class: "equations" });
  const unitField = element("input", {
    type: "number",
    min: 0,
    id: "unit",
    oninput: () => {
      const unit = Math.round(Number(unitField.value));
      if (unitField.value !== "" && unit >= 0 && unit < play.units) play.lookAt({ unit });
    },
  });
  const where = element("p", { class: "note", "aria-live": "off" });
  let [lines, shownKind] = [[], null];
  const show = () => {
    const { kind, size } = play.layerOf();
    const { activation } = play.model.network.encoder;
    const cell = CELLS[kind];
    const rows = rowsOf(play);
    const numbers = rows.map((row) => play.numbers(row.name) ?? new Float64Array(size));
    const limits = numbers.map((own) => Math.max(1, reach(own)));
    strips.entitle("cell.strips", { n: size });
    strips.show({
      rows: rows.length,
      columns: size,
      column: play.look.unit,
      limit: (r) => limits[r],
      value: (r, unit) => numbers[r][unit],
      label: (r, unit) => word("cell.cell", { symbol: rows[r].text, unit }),
      names: { rows: rows.map((row) => row.text) },
      lit: play.isEdited ? (r, unit) => play.isLit(rows[r].name, unit) : null,
      edited: rows.flatMap((row, r) => play.editedPlaces(row.name).map((place) => [r, place])),
    });
    setWord(where, "cell.where", { step: stepText(play, play.step), unit: play.look.unit });
    unitField.max = size - 1;
    if (document.activeElement !== unitField) unitField.value = play.look.unit;
    if (shownKind !== kind) {
      lines = cell
        .equations({ activation })
        .map(([symbol, latex]) => equationLine(play, kind, symbol, latex, edit));
      list.replaceChildren(...lines.map((line) => line.element));
      shownKind = kind;
    }
    const filled = filledIn(play);
    for (const line of lines) line.show(filled[line.symbol]);
  };
  const section = pageSection(
    "cell",
    lookChoices(play),
    strips.element,
    element(
      "div",
      { class: "choices" },
      element("label", {}, worded("span", "cell.unit"), unitField),
      where,
    ),
    list,
  );
  play.add({ onRun: show, onStep: show, onLook: show, onWords: show }, section);
  return section;
}

// The rows of the strips: the states before, the gates, the states now.
function rowsOf(play) {
  const { kind } = play.layerOf();
  const cell = CELLS[kind];
  const earlier = stepBefore(play.look.direction, play.step);
  const before = cell.states.map((symbol) => ({
    text: symbolText(kind, symbol, true),
    name: nameAt(play.look, symbol, earlier),
  }));
  const now = [...cell.gates, ...[...cell.states].reverse()];
  const has = (row) => play.numbers(row.name) !== undefined;
  return [
    ...before.filter(has),
    ...now.map((symbol) => ({
      text: symbolText(kind, symbol),
      name: nameAt(play.look, symbol, play.step),
    })),
  ];
}

// The equations of the unit looked at, with numbers; {} where what the layer reads isn't known.
function filledIn(play) {
  const { kind, number, size } = play.layerOf();
  const { activation, layers } = play.model.network.encoder;
  const { direction, unit } = play.look;
  const x =
    play.numbers(`layer${number}.x[${play.step}]`) ??
    (number === 1 ? play.numbers(`x[${play.step}]`) : undefined);
  const earlier = stepBefore(direction, play.step);
  const state = (symbol) =>
    play.numbers(nameAt(play.look, symbol, earlier)) ?? new Float64Array(size);
  const now = new Proxy(
    {},
    { get: (_, symbol) => play.numbers(nameAt(play.look, symbol, play.step))?.[unit] ?? NaN },
  );
  if (x === undefined || !play.steps) return {};
  const W = layers[number - 1][direction];
  return CELL_NUMBERS[kind](W, { x, h: state("h"), c: state("c") }, now, unit, { activation });
}

// One equation: what the symbol is, the equation, its numbers, and the value, which can be changed.
function equationLine(play, kind, symbol, latex, edit) {
  const place = () => ({ name: nameAt(play.look, symbol, play.step) });
  const numbers = [equation(""), equation("")];
  const field = new NumberField({ onNumber: (number) => edit(place(), play.look.unit, number) });
  setWord(field.input, "cell.value", { symbol: () => symbolName(kind, symbol) }, "aria-label");
  const was = element("span", { class: "was" });
  const item = element(
    "li",
    {},
    worded("span", `symbol.${kind}.${symbol}`, {}, { class: "equation-name" }),
    equation(latex),
    element("span", { class: "equation-numbers" }, numbers),
    element("span", { class: "equation-value" }, "=", field.input, was, field.fault),
  );
  return {
    element: item,
    symbol,
    show(filled) {
      const { name } = place();
      const { unit } = play.look;
      numbers.forEach((part, k) => writeEquation(part, filled?.[k] ?? ""));
      field.show(play.numbers(name)?.[unit] ?? NaN);
      const lit = play.isEdited && play.isLit(name, unit);
      item.classList.toggle("lit", lit);
      item.classList.toggle("by-hand", play.editedPlaces(name).includes(unit));
      was.textContent = lit ? word("was", { value: play.numbersBefore(name)[unit] }) : "";
    },
  };
}
