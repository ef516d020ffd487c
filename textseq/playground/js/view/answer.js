// 6: pooling and head: all states become one vector, the vector becomes the answer.

import { ngramWeights } from "../wide_path.js";
import { numberText, percentText, setWord, word } from "../words.js";
import { NamedBars, StepBars } from "./bars.js";
import { StepChart } from "./chart.js";
import { reach } from "./colour.js";
import { answerText, tellEdit } from "./controls.js";
import { element, worded } from "./elements.js";
import { equation, latexNumber, writeEquation } from "./equation.js";
import { MatrixView } from "./matrix.js";
import { shownToken } from "./play.js";
import { pageSection, WhenSeen } from "./section.js";

const MOST_NGRAMS_SHOWN = 8;
const MOST_LINES = 4; // of the chart: more can't be told apart
const CLOSE = 2e-3; // how near the equation's result must come to the answer for it to be shown

export function answerPart(play) {
  const bars = new NamedBars({
    asPercent: isProbability(play),
    onChoose: ({ name }) => play.ask(name),
  });
  const formula = equation("\\,");
  const truth = element("p", { class: "note" });
  const beside = play.model.wide ? wideFigure(play) : null;
  const attention = new StepBars({
    title: ["attention.title"],
    onSelect: (row, step) => play.moveTo(step),
  });
  const show = () => {
    const weights = play.numbers("pooling.weights");
    attention.element.hidden = weights === undefined;
    if (weights !== undefined) showWeights(play, attention, weights);
    bars.show(play.comparedEntries(), isProbability(play) ? 1 : null);
    writeEquation(formula, answerFormula(play) ?? "\\,");
    const example = play.model.examples.find(({ input }) => input === play.input);
    truth.hidden = (example?.target ?? null) === null;
    if (!truth.hidden)
      setWord(truth, example.wrong ? "answer.truth.wrong" : "answer.truth", {
        target: answerText(example.target),
      });
  };
  play.add({
    onRun: show,
    onLook: show,
    onWords: show,
    onStep: () => play.numbers("pooling.weights") && attention.markColumn(play.step),
  });
  return pageSection(
    "answer",
    element(
      "div",
      { class: "side-by-side" },
      element("div", {}, attention.element, vectorChain(play), beside),
      element(
        "div",
        {},
        worded("h3", "answer.head"),
        bars.element,
        element("p", { class: "wide-formula" }, formula),
        truth,
        afterEachChart(play),
      ),
    ),
  );
}

// The vectors between pooling and answer, one below the other.
export function vectorChain(play) {
  const chain = element("div", {});
  const strips = new Map();
  const show = () => {
    const names = [...play.run.trace.keys()].filter((name) =>
      /^(pooled|head\d+|logits|outputs)$/.test(name),
    );
    for (const [name, strip] of strips) strip.element.hidden = !names.includes(name);
    for (const name of names) {
      if (!strips.has(name)) {
        strips.set(name, makeStrip(play, name));
        chain.append(strips.get(name).element);
      }
      showStrip(play, strips.get(name), name);
    }
  };
  play.add({ onRun: show, onWords: show });
  return chain;
}

function isProbability(play) {
  return play.model.task !== "number";
}

function makeStrip(play, name) {
  return new MatrixView({
    title: [stripTitle(name), stripSlots(name)],
    height: 26,
    legend: name === "pooled",
    onEdit(row, place, number) {
      play.edit(name, place, number);
      tellEdit(play);
    },
  });
}

function stripTitle(name) {
  return (
    { pooled: "strip.pooled", logits: "strip.logits", outputs: "strip.outputs" }[name] ??
    "strip.head"
  );
}

function stripSlots(name) {
  return { n: 0, number: Number(name.slice(4)) || 0 };
}

function showStrip(play, strip, name) {
  const numbers = play.numbers(name);
  const named = name === "logits" && numbers.length === play.run.answer.length;
  strip.entitle(stripTitle(name), { ...stripSlots(name), n: numbers.length });
  strip.show({
    rows: 1,
    columns: numbers.length,
    limit: Math.max(1, reach(numbers)),
    value: (r, place) => numbers[place],
    label: (r, place) =>
      named ? play.run.answer[place].name : word("vector.cell", { column: place }),
    lit: play.isEdited ? (r, place) => play.isLit(name, place) : null,
    edited: play.editedPlaces(name).map((place) => [0, place]),
  });
}

function showWeights(play, view, weights) {
  view.show({
    rows: 1,
    columns: weights.length,
    limit: reach(weights),
    column: play.step,
    value: (r, t) => weights[t],
    label: (r, t) => word("attention.cell", { step: t + 1, token: play.stepName(t) }),
    names: { columns: (t) => play.columnName(t) },
    lit: play.isEdited ? (r, t) => play.isLit("pooling.weights", t) : null,
    edited: [],
  });
}

// What the n-grams beside the network add to the logit that is asked for.
function wideFigure(play) {
  const bars = new NamedBars();
  const said = element("p", { class: "note" });
  const show = () => {
    const { wide, names } = play.model;
    const place = names.indexOf(play.asked);
    const { whole, tokens } = play.reading;
    const added = ngramWeights(wide, whole).map(
      ({ place: row, weight, runs: [{ start, size }] }) => ({
        name: tokens
          .slice(start, start + size)
          .map(({ text }) => shownToken(text))
          .join(" "),
        value: weight * wide.weights.row(row)[place],
      }),
    );
    const largest = added
      .filter(({ name }) => name !== "")
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    bars.show(largest.slice(0, MOST_NGRAMS_SHOWN));
    const { network, wide: total } = play.run.parts;
    setWord(said, "wide.sum", {
      n: added.length,
      name: play.asked,
      network: network[place],
      wide: total[place],
      logit: network[place] + total[place],
    });
  };
  play.add({ onRun: show, onLook: show, onWords: show });
  return element(
    "div",
    { class: "beside" },
    worded("h3", "wide.head"),
    worded("p", "wide.note", {}, { class: "note" }),
    bars.element,
    said,
  );
}

// How the logits become the answer that is asked for; null where another step lies between, such
// as a calibration.
function answerFormula(play) {
  const logits = play.numbers("logits");
  const place = play.run.answer.findIndex((entry) => entry.name === play.asked);
  const value = play.run.answer[place]?.value;
  if (logits === undefined || value === undefined || logits.length !== play.run.answer.length)
    return null;
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  const own = logits[place];
  if (Math.abs(Math.exp(own) / sum - value) < CLOSE && logits.length > 1)
    return [
      `p = \\frac{e^{${latexNumber(own)}}}{\\sum_k e^{z_k}}`,
      `= \\frac{${latexNumber(Math.exp(own))}}{${latexNumber(sum)}} = ${latexNumber(value)}`,
    ].join(" ");
  if (Math.abs(1 / (1 + Math.exp(-own)) - value) < CLOSE)
    return `p = \\sigma(${latexNumber(own)}) = ${latexNumber(value)}`;
  return null;
}

// The answer after each token, as if the text ended there.
function afterEachChart(play) {
  const chart = new StepChart({ title: ["after.title"], onStep: (step) => play.moveTo(step) });
  const saying = element("p", { class: "note" });
  const unchanged = worded("p", "after.unchanged", {}, { class: "note", hidden: true });
  let answers = [];
  const say = () => {
    const answer = answers[play.step]?.find((entry) => entry.name === play.asked);
    if (!answer) return;
    const value = isProbability(play) ? percentText(answer.value) : numberText(answer.value);
    setWord(saying, "after.now", { token: play.stepName(play.step), name: answer.name, value });
  };
  const draw = () => {
    const last = answers.at(-1) ?? [];
    const order = [...last].sort((a, b) => b.value - a.value).map((entry) => entry.name);
    const names = [...new Set([play.asked, ...order])].slice(0, MOST_LINES);
    const lines = names.map((name) => ({
      name,
      values: answers.map((answer) => answer.find((entry) => entry.name === name)?.value ?? NaN),
    }));
    chart.show(lines, {
      range: isProbability(play) ? [0, 1] : null,
      step: play.step,
      percent: isProbability(play),
    });
    say();
  };
  const place = element("div", { class: "after-each" }, chart.element, saying, unchanged);
  const seen = new WhenSeen(place, () => {
    answers = play.model.afterEach(play.reading);
    draw();
  });
  play.add(
    {
      onReading() {
        answers = [];
        seen.ask();
      },
      onRun: () => unchanged.toggleAttribute("hidden", !play.isEdited),
      onStep() {
        if (!answers.length) return;
        chart.mark(play.step);
        say();
      },
      onLook: () => answers.length && draw(),
      onWords: () => answers.length && draw(),
    },
    place,
  );
  return place;
}
