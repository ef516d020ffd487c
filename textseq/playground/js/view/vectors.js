// 3: ids become vectors: a row with a single one in it, times the matrix of word vectors.

import { isKnownCharacter, TRAITS } from "../word_features.js";
import { setWord, word } from "../words.js";
import { NamedBars } from "./bars.js";
import { reach } from "./colour.js";
import { tellEdit } from "./controls.js";
import { atRest, element, worded } from "./elements.js";
import { equation, writeEquation } from "./equation.js";
import { MatrixView } from "./matrix.js";
import { pageSection } from "./section.js";
import { shownToken } from "./play.js";

const NEIGHBOURS = 8;

export function vectorsPart(play) {
  const { table } = play.model.network.inputs;
  const { vocabulary } = play.model.reader;
  const idOf = (row) => vocabulary.ids?.[row] ?? row; // the page may have some words only
  const size = vocabulary.ids === null ? table.rows : vocabulary.size;
  const wordOf = (row) => shownToken(vocabulary.tokens[row] ?? `#${row}`);
  const oneHot = new MatrixView({ height: 26, legend: false });
  const matrix = new MatrixView({ height: 22 });
  const vector = new MatrixView({
    height: 26,
    legend: false,
    onEdit(row, place, number) {
      play.edit(`x[${play.step}]`, place, number);
      tellEdit(play);
    },
  });
  const dimensions = equation("x_t");
  const { words } = play.model.network;
  const spelling = element("p", { class: "note" });
  const nearest = new NamedBars();
  const nearestTitle = element("h3");
  const show = () => {
    const name = play.stepName(play.step);
    const own = play.steps ? vocabulary.rowOf(play.reading.ids[play.step]) : 0;
    const rows = rowsAround(own, table.rows);
    const limit = reach(rows.flatMap((id) => (id === null ? [] : [...table.row(id)])));
    const isOwn = (row) => play.steps > 0 && row === own;
    const named = (row) => (row === null ? "…" : `${idOf(row)}`);
    oneHot.entitle("onehot.title", { token: name, id: idOf(own) });
    oneHot.show({
      rows: 1,
      columns: rows.length,
      limit: 1,
      column: rows.findIndex(isOwn),
      value: (r, c) => (rows[c] === null ? NaN : Number(isOwn(rows[c]))),
      label: (r, c) => word("onehot.cell", { id: named(rows[c]) }),
      names: { columns: (c) => named(rows[c]) },
    });
    matrix.entitle("table.title", { rows: size, columns: table.columns });
    matrix.show({
      rows: rows.length,
      columns: table.columns,
      limit,
      value: (r, c) => (rows[r] === null ? NaN : table.row(rows[r])[c]),
      label: (r, c) =>
        word("table.cell", { word: rows[r] === null ? "…" : wordOf(rows[r]), column: c }),
      names: { rows: rows.map((row) => (row === null ? "…" : `${wordOf(row)} ${idOf(row)}`)) },
      lit: (r) => isOwn(rows[r]),
    });
    showVector();
    showNearest();
  };
  // All words are looked through: once the slider has come to rest.
  const showNearest = atRest(() => {
    const token = play.reading.tokens[play.step];
    const close = token?.known ? play.model.nearest(token.id, NEIGHBOURS) : [];
    setWord(nearestTitle, close.length ? "nearest.title" : "nearest.none", {
      token: play.stepName(play.step),
    });
    nearest.show(
      close.map(({ text, cosine }) => ({ name: shownToken(text), value: cosine })),
      1,
    );
  });
  const showVector = () => {
    const name = `x[${play.step}]`;
    const numbers = play.numbers(name) ?? [];
    writeEquation(
      dimensions,
      `x_{${play.step + 1}} = ` +
        besides(
          words,
          `\\text{one-hot}_{1 \\times ${size}} \\; E_{${size} \\times ${table.columns}}`,
        ),
    );
    vector.entitle("vector.title", { token: play.stepName(play.step), n: numbers.length });
    vector.show({
      rows: 1,
      columns: numbers.length,
      limit: reach(numbers, matrix.limitOf(0)),
      value: (r, c) => numbers[c],
      label: (r, c) => columnLabel(words, table.columns, c),
      lit: play.editedPlaces(name).length ? (r, c) => play.isLit(name, c) : null,
      edited: play.editedPlaces(name).map((place) => [0, place]),
    });
    if (words && play.steps) setWord(spelling, "spelling.note", spellingOf(play));
  };
  const place = element(
    "div",
    { class: "side-by-side vectors" },
    element(
      "div",
      {},
      oneHot.element,
      matrix.element,
      element("p", { class: "times" }, dimensions),
      vector.element,
      words && spelling,
    ),
    element(
      "div",
      {},
      nearestTitle,
      nearest.element,
      worded("p", "nearest.note", {}, { class: "note" }),
    ),
  );
  play.add({ onReading: show, onStep: show, onRun: showVector, onWords: show }, place);
  return pageSection("vectors", place);
}

// The equation's right side: a word's spelling stands behind its vector.
function besides(words, own) {
  if (!words) return own;
  return `[\\, ${own} \\;;\\; \\text{${word("spelling")}}_{1 \\times ${words.width}} \\,]`;
}

// What a number of a step's vector is.
function columnLabel(words, size, column) {
  const trait = words ? column - size - words.width + TRAITS : -1;
  if (trait >= 0) return word("shape.cell", { trait: word(`shape.${trait}`) });
  return word(column < size ? "vector.cell" : "spelling.cell", { column });
}

function spellingOf(play) {
  const { table } = play.model.network.inputs;
  const { characters, shape } = play.reading.spelled[play.step];
  const traits = shape.flatMap((has, k) => (has ? [word(`shape.${k}`)] : []));
  return {
    n: table.columns,
    features: play.model.network.words.width - TRAITS,
    traits: TRAITS,
    characters: characters
      .map(({ text, id }) => (isKnownCharacter(id) ? text : `${text}${word("unknown")}`))
      .join(" "),
    shape: traits.join(", ") || word("shape.none"),
  };
}

// Rows of the matrix that are shown: its first and last, and those beside the one that is taken;
// null stands for those between.
function rowsAround(id, rows) {
  const wanted = [...new Set([0, 1, id - 1, id, id + 1, rows - 1])].filter(
    (row) => row >= 0 && row < rows,
  );
  const shown = [];
  for (const row of wanted.sort((a, b) => a - b)) {
    if (shown.length && row > shown.at(-1) + 1) shown.push(null);
    shown.push(row);
  }
  return shown;
}
