// 7: the gradient flows back through time.

import { CELLS } from "../cells.js";
import { eigenvalues } from "../eigenvalues.js";
import { multiplied, spectralNorm, stepJacobians } from "../instruments.js";
import { setWord, word } from "../words.js";
import { StepBars } from "./bars.js";
import { StepChart } from "./chart.js";
import { UnitCircle } from "./circle.js";
import { atRest, beforePaper, element, worded } from "./elements.js";
import { shownToken } from "./play.js";
import { Choice, pageSection, WhenSeen } from "./section.js";
import { lookChoices } from "./states.js";

const STEP = "step"; // the Jacobian of the step looked at
const SLICE = 30; // milliseconds of work between which the page may answer
const LONG = 3e8; // multiplications of Jacobians that a reader must ask for

export function gradientPart(play) {
  const asked = new Choice({ title: ["gradient.of"], onChoose: (name) => play.ask(name) });
  const inputs = new StepBars({
    title: ["gradient.inputs"],
    onSelect: (row, step) => play.moveTo(step),
  });
  const states = play.look ? new StepBars({ onSelect: (row, step) => play.moveTo(step) }) : null;
  const choices = element("div", { class: "choices" }, asked.element);
  const place = element(
    "div",
    {},
    choices,
    element("div", { class: "side-by-side" }, inputs.element, states?.element ?? null),
    play.look && play.layerOf().kind in CELLS ? jacobianFigures(play) : null,
  );
  let found = null;
  const shownBars = (view, numbers) =>
    view.show({
      rows: 1,
      columns: numbers.length,
      column: play.step,
      value: (r, t) => numbers[t],
      label: (r, t) => word("gradient.cell", { step: t + 1, token: play.stepName(t) }),
      names: { columns: (t) => play.columnName(t) },
    });
  const draw = () => {
    asked.offer(
      play.entries().map(({ name }) => [name, shownToken(name)]),
      play.asked,
    );
    shownBars(inputs, found.x);
    const { layer, direction } = play.look ?? {};
    const own =
      play.look && found.states[`layer${layer}${direction === "backward" ? ".backward" : ""}`];
    if (own) shownBars(states, own);
    if (states) states.element.hidden = !own;
    if (own)
      states.entitle("gradient.states", {
        layer: `${layer}`,
        direction: () => word(`direction.${direction}`),
      });
  };
  let foundFor = null;
  const askedFor = () => `${play.asked} ${play.isByStep ? play.step : play.saidStep}`;
  const compute = () => {
    foundFor = askedFor();
    place.hidden = play.asked === null;
    if (play.asked === null) return;
    found = play.gradient();
    draw();
  };
  const seen = new WhenSeen(place, compute);
  const again = atRest(() => seen.ask());
  play.add(
    {
      onRun: () => seen.ask(),
      onLook: () => (found !== null && foundFor === askedFor() ? draw() : seen.ask()),
      onStep() {
        if (found === null) return;
        if (play.isByStep) again(); // another step's answer is another question
        inputs.markColumn(play.step);
        if (states && !states.element.hidden) states.markColumn(play.step);
      },
      onWords: () => found !== null && draw(),
    },
    place,
  );
  return pageSection("gradient", place);
}

// What one step's Jacobian does to a state, what their product does on the way to the end, and
// where its eigenvalues lie.
function jacobianFigures(play) {
  const chart = new StepChart({
    title: ["jacobian.title"],
    logarithmic: true,
    onStep: (step) => play.moveTo(step),
  });
  const circle = new UnitCircle({ title: ["circle.title"] });
  const note = element("p", { class: "note" });
  const start = worded(
    "button",
    "jacobian.compute",
    {},
    { type: "button", onclick: () => compute() },
  );
  const warning = worded("p", "jacobian.long", {}, { class: "note" });
  const figures = element(
    "div",
    { class: "side-by-side" },
    element("div", {}, chart.element, note),
    circle.element,
  );
  const place = element(
    "div",
    { class: "jacobians" },
    worded("h3", "jacobian.head"),
    worded("p", "jacobian.note", {}, { class: "note" }),
    lookChoices(play),
    warning,
    start,
    figures,
  );
  let [matrices, norms, looked, round] = [[], [], null, 0];
  const isBackward = () => play.look.direction === "backward";
  const draw = () => {
    // Known are the last of the reading's steps; those behind them are still to come.
    const found = [
      ...norms,
      ...new Array(matrices.length - 1 - norms.length).fill({ norm: NaN, product: NaN }),
    ];
    if (!isBackward()) found.reverse();
    chart.element.hidden = note.hidden = norms.length === 0;
    if (!norms.length) return;
    chart.show(
      [
        { name: word("jacobian.product"), values: found.map(({ product }) => product) },
        { name: word("jacobian.norm"), values: found.map(({ norm }) => norm) },
      ],
      { step: Math.min(play.step, found.length - 1) },
    );
    setWord(note, "jacobian.verdict", { product: norms.at(-1).product });
  };
  // Of a step's Jacobian, or of the recurrent weights of a gate.
  let circled = STEP;
  const ofWhat = new Choice({
    title: ["circle.of"],
    onChoose(value) {
      circled = value;
      drawCircle();
    },
  });
  circle.element.prepend(element("div", { class: "choices" }, ofWhat.element));
  const showCircle = () => {
    const W = play.model.network.encoder.layers[play.look.layer - 1][play.look.direction];
    const weights = Object.keys(W).filter((name) => name.startsWith("W_h"));
    if (!weights.includes(circled)) circled = STEP;
    ofWhat.offer(
      [[STEP, ["circle.step"]], ...weights.map((name) => [name, ["circle.weights", { name }]])],
      circled,
    );
    const ofStep = matrices[isBackward() ? play.steps - 1 - play.step : play.step];
    const matrix = circled === STEP ? ofStep : W[circled];
    circle.element.hidden = matrix === undefined;
    if (matrix !== undefined) circle.show(eigenvalues(matrix));
  };
  const drawCircle = atRest(showCircle);
  beforePaper("paint", showCircle);
  // Step by step, so that the page answers in between; a later round ends an earlier one.
  const compute = async () => {
    const own = ++round;
    figures.hidden = false;
    start.hidden = warning.hidden = true;
    matrices = stepJacobians(play.run, play.look.layer, play.look.direction);
    norms = [];
    drawCircle();
    let product = null;
    let drawn = performance.now();
    for (let k = matrices.length - 1; k > 0; k--) {
      product = product === null ? matrices[k] : multiplied(product, matrices[k]);
      norms.push({ norm: spectralNorm(matrices[k]), product: spectralNorm(product) });
      if (performance.now() - drawn < SLICE && k > 1) continue;
      draw();
      await new Promise((resume) => setTimeout(resume));
      if (own !== round) return;
      drawn = performance.now();
    }
    draw();
  };
  const seen = new WhenSeen(place, () => {
    looked = lookedAt(play);
    round += 1;
    const { kind } = play.layerOf();
    const size = play.units * CELLS[kind].states.length;
    const isLong = size ** 3 * play.steps > LONG;
    figures.hidden = isLong;
    start.hidden = warning.hidden = !isLong;
    if (!isLong) compute();
  });
  play.add(
    {
      onRun: () => seen.ask(),
      onLook: () => looked !== lookedAt(play) && seen.ask(),
      onStep() {
        if (!norms.length) return;
        chart.mark(Math.min(play.step, norms.length - 1));
        drawCircle();
      },
      onWords: () => norms.length && draw(),
    },
    place,
  );
  return place;
}

function lookedAt(play) {
  return `${play.look.layer} ${play.look.direction}`;
}
