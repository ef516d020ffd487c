// 4: the average on one side, the states step by step on the other.

import { setWord, word } from "../words.js";
import { tellEdit } from "./controls.js";
import { element, worded } from "./elements.js";
import { MatrixView } from "./matrix.js";
import { Choice, pageSection } from "./section.js";
import { nameAt, symbolName, symbolText } from "./symbols.js";
import { CELLS } from "../cells.js";

export function statesPart(play) {
  const states = play.look ? stateMap(play) : null;
  return pageSection(
    "states",
    element("div", { class: "side-by-side" }, element("div", {}, averageMap(play)), states),
  );
}

// The word vectors one beside the other; their mean, as the last column, stands apart.
function averageMap(play) {
  const edit = (step, place, number) => {
    play.edit(`x[${step}]`, place, number);
    tellEdit(play);
  };
  const vectors = new MatrixView({
    title: ["inputs.title"],
    tabled: true,
    onEdit: (place, step, number) => edit(step, place, number),
    onSelect: (place, step) => step < play.steps && play.moveTo(step),
  });
  const show = () => {
    const steps = play.steps;
    const width = play.numbers("x[0]")?.length ?? 0;
    const average = new Float64Array(width);
    for (let t = 0; t < steps; t++)
      play.numbers(`x[${t}]`).forEach((value, d) => (average[d] += value / steps));
    const limit = play.reachOf((t) => `x[${t}]`, 1e-9);
    const isMean = (t) => t === steps;
    showSteps(vectors, play, {
      rows: width,
      limit,
      name: (t) => `x[${t}]`,
      label: (d, t) =>
        isMean(t)
          ? word("average.cell", { column: d })
          : word("inputs.cell", { column: d, step: t + 1, token: play.stepName(t) }),
      last: {
        value: (d) => average[d],
        name: () => word("average.title"),
        isLit: play.isEdited && [...play.edits.keys()].some((name) => name.startsWith("x[")),
      },
    });
  };
  play.add(
    { onRun: show, onStep: () => vectors.markColumn(play.step), onWords: show },
    vectors.element,
  );
  return element(
    "div",
    {},
    worded("h3", "average.head"),
    worded("p", "average.note", {}, { class: "note" }),
    vectors.element,
  );
}

// The states of a layer, or one of its gates, over all steps.
function stateMap(play) {
  const map = new MatrixView({
    tabled: true,
    onEdit(unit, step, number) {
      play.edit(nameAt(play.look, play.look.symbol, step), unit, number);
      tellEdit(play);
    },
    onSelect(unit, step) {
      play.moveTo(step);
      play.lookAt({ unit });
    },
  });
  const choices = lookChoices(play, { symbols: true });
  const lit = element("p", { class: "note", hidden: true });
  const show = () => {
    const { symbol } = play.look;
    const { kind } = play.layerOf();
    const size = play.units;
    const name = (t) => nameAt(play.look, symbol, t);
    map.entitle("states.map", {
      n: size,
      steps: play.steps,
      symbol: () => symbolName(kind, symbol),
    });
    showSteps(map, play, {
      rows: size,
      limit: play.reachOf(name, 0.05),
      name,
      label: (unit, t) =>
        word("states.cell", {
          symbol: symbolText(kind, symbol),
          unit,
          step: t + 1,
          token: play.stepName(t),
        }),
    });
    lit.hidden = !play.isEdited;
    if (play.isEdited) setWord(lit, "edits.lit", { n: play.countLit() });
  };
  play.add(
    { onRun: show, onLook: show, onStep: () => map.markColumn(play.step), onWords: show },
    map.element,
  );
  return element(
    "div",
    {},
    worded("h3", "states.head"),
    worded("p", "states.note", {}, { class: "note" }),
    choices,
    map.element,
    lit,
  );
}

// A matrix of one column a step, out of what the model kept at each step. `last`: {value(r),
// name(), isLit} of one more column, which stands apart. `steps`, `step`, `stepName`: those of the
// row that is read, or of an answer.
export function showSteps(
  view,
  play,
  {
    rows,
    limit,
    name,
    label,
    last = null,
    steps = play.steps,
    step = play.step,
    stepName = (t) => play.columnName(t),
  },
) {
  const names = Array.from({ length: steps }, (_, t) => name(t));
  const columns = names.map((one) => play.numbers(one) ?? []);
  const isLast = (t) => t === steps;
  view.show({
    rows,
    columns: steps + (last ? 1 : 0),
    limit,
    label,
    column: step,
    apart: last ? 1 : 0,
    value: (r, t) => (isLast(t) ? last.value(r) : columns[t][r]),
    names: { columns: (t) => (isLast(t) ? last.name() : stepName(t)) },
    lit: play.isEdited ? (r, t) => (isLast(t) ? last.isLit : play.isLit(names[t], r)) : null,
    edited: names.flatMap((one, t) => play.editedPlaces(one).map((place) => [place, t])),
    fixed: (r, t) => isLast(t),
  });
}

// Layer and direction, and where asked for what of the cell is shown.
export function lookChoices(play, { symbols = false } = {}) {
  const layer = new Choice({
    title: ["layer"],
    onChoose: (value) => {
      const number = Number(value);
      const { directions, kind } = play.layerOf(number);
      const direction = directions.includes(play.look.direction)
        ? play.look.direction
        : directions[0];
      const symbol = kind in CELLS ? play.look.symbol : "h";
      play.lookAt({ layer: number, direction, symbol });
    },
  });
  const direction = new Choice({
    title: ["direction"],
    onChoose: (value) => play.lookAt({ direction: value }),
  });
  const symbol = new Choice({
    title: ["shows"],
    onChoose: (value) => play.lookAt({ symbol: value }),
  });
  const show = () => {
    const own = play.layerOf();
    layer.offer(
      play.layers.map(({ number }) => [number, `${number}`]),
      own.number,
    );
    direction.offer(
      own.directions.map((name) => [name, [`direction.${name}`]]),
      play.look.direction,
    );
    const cell = CELLS[own.kind];
    const offered = cell ? [...cell.states, ...cell.gates] : ["h"];
    if (symbols)
      symbol.offer(
        offered.map((name) => [name, [`symbol.${own.kind}.${name}`]]),
        play.look.symbol,
      );
  };
  show();
  play.add({ onLook: show });
  return element(
    "div",
    { class: "choices" },
    layer.element,
    direction.element,
    symbols ? symbol.element : null,
  );
}
