// 7: the gradient flows back through time.

import { CELLS } from "../cells.js";
import { eigenvalues } from "../eigenvalues.js";
import { setWord, word } from "../words.js";
import { StepBars } from "./bars.js";
import { StepChart } from "./chart.js";
import { UnitCircle } from "./circle.js";
import { element, eachFrame, worded } from "./elements.js";
import { Choice, pageSection, WhenSeen } from "./section.js";
import { lookChoices } from "./states.js";

export function gradientPart(play) {
  const asked = new Choice({ title: ["gradient.of"], onChoose: (name) => play.ask(name) });
  const inputs = new StepBars({ title: ["gradient.inputs"], onSelect: (row, step) => play.moveTo(step) });
  const states = play.look ? new StepBars({ onSelect: (row, step) => play.moveTo(step) }) : null;
  const choices = element("div", { class: "choices" }, asked.element);
  const place = element(
    "div", {}, choices,
    element("div", { class: "side-by-side" }, inputs.element, states?.element ?? null),
    play.look && play.layerOf().kind in CELLS ? jacobianFigures(play) : null,
  );
  let found = null;
  const shownBars = (view, numbers) =>
    view.show({
      rows: 1, columns: numbers.length, column: play.step,
      value: (r, t) => numbers[t],
      label: (r, t) => word("gradient.cell", { step: t + 1, token: play.stepName(t) }),
      names: { columns: (t) => play.stepName(t) },
    });
  const draw = () => {
    asked.offer(play.run.answer.map(({ name }) => [name, name]), play.asked);
    shownBars(inputs, found.x);
    const { layer, direction } = play.look ?? {};
    const own = play.look && found.states[`layer${layer}${direction === "backward" ? ".backward" : ""}`];
    if (own) shownBars(states, own);
    if (states) states.element.hidden = !own;
    if (own) states.entitle("gradient.states", { layer: `${layer}`, direction: () => word(`direction.${direction}`) });
  };
  let foundFor = null;
  const compute = () => {
    foundFor = play.asked;
    const run = play.model.run(play.reading, { edits: play.edits, recording: true });
    found = play.model.gradient(run, play.asked);
    draw();
  };
  const seen = new WhenSeen(place, compute);
  play.add({
    onRun: () => seen.ask(),
    onLook: () => (found !== null && foundFor === play.asked ? draw() : seen.ask()),
    onStep() {
      if (found === null) return;
      inputs.markColumn(play.step);
      if (states && !states.element.hidden) states.markColumn(play.step);
    },
    onWords: () => found !== null && draw(),
  });
  return pageSection("gradient", place);
}

// What one step's Jacobian does to a state, what their product does on the way to the end, and
// where its eigenvalues lie.
function jacobianFigures(play) {
  const chart = new StepChart({ title: ["jacobian.title"], logarithmic: true, onStep: (step) => play.moveTo(step) });
  const circle = new UnitCircle({ title: ["circle.title"] });
  const note = element("p", { class: "note" });
  const place = element(
    "div", { class: "jacobians" }, worded("h3", "jacobian.head"), worded("p", "jacobian.note", {}, { class: "note" }),
    lookChoices(play), element("div", { class: "side-by-side" }, element("div", {}, chart.element, note), circle.element),
  );
  let [found, looked] = [null, null];
  const drawCircle = eachFrame(() => {
    const matrix = found?.matrices[play.look.direction === "backward" ? play.steps - 1 - play.step : play.step];
    circle.element.hidden = !matrix;
    if (matrix) circle.show(eigenvalues(matrix));
  });
  const seenCircle = new WhenSeen(circle.element, drawCircle);
  const draw = () => {
    // From the last step back; in the text's order where that is read forwards.
    const steps = play.look.direction === "backward" ? found.norms : [...found.norms].reverse();
    chart.element.hidden = note.hidden = steps.length === 0;
    if (!steps.length) return;
    chart.show(
      [
        { name: word("jacobian.product"), values: steps.map((step) => step.product) },
        { name: word("jacobian.norm"), values: steps.map((step) => step.norm) },
      ],
      { step: play.step },
    );
    const far = play.look.direction === "backward" ? steps.at(-1) : steps[0];
    setWord(note, "jacobian.verdict", { product: far.product });
    seenCircle.ask();
  };
  const seen = new WhenSeen(place, () => {
    const run = play.model.run(play.reading, { edits: play.edits, recording: true });
    looked = lookedAt(play);
    found = play.model.jacobians(run, play.look.layer, play.look.direction);
    draw();
  });
  play.add({
    onRun: () => seen.ask(),
    onLook: () => looked !== lookedAt(play) && seen.ask(),
    onStep() {
      if (found === null || !found.norms.length) return;
      chart.mark(play.step);
      seenCircle.ask();
    },
    onWords: () => found !== null && draw(),
  });
  return place;
}

function lookedAt(play) {
  return `${play.look.layer} ${play.look.direction}`;
}
