// What is seen while a network learns: loss, gradient, gradient through time, spectrum.

import { StepChart } from "../view/chart.js";
import { UnitCircle } from "../view/circle.js";
import { element, worded } from "../view/elements.js";
import { onLanguage, setWord, word } from "../words.js";
import { KEEPING_GATE } from "./network.js";

const MOST_POINTS = 240; // of a line; more steps are told by their means
const FLOW_RANGE = [-12, 2]; // powers of ten
const NORM_RANGE = [-4, 4];
const CALM = 1000; // milliseconds between drawings, where the reader wants little motion

export class Figures {
  constructor() {
    this.loss = new StepChart({ title: ["figure.loss"] });
    this.norm = new StepChart({ title: ["figure.norm"], logarithmic: true });
    this.flow = new StepChart({ title: ["figure.flow"], logarithmic: true });
    this.flowNote = element("p", { class: "note" });
    this.flow.element.append(this.flowNote);
    this.circle = new UnitCircle({ title: ["figure.spectrum"] });
    this.noCircle = worded("p", "figure.spectrum.none", {}, { class: "note", hidden: true });
    this.circle.element.append(this.noCircle);
    this.element = element(
      "div",
      { class: "lab-figures" },
      this.loss.element,
      this.flow.element,
      this.norm.element,
      this.circle.element,
    );
    this.clear({ guessing: 0 }, { cell: "rnn" });
    onLanguage(() => this.#draw());
  }

  // A new network of which nothing is known yet.
  clear(task, settings) {
    Object.assign(this, { task, settings, losses: [], norms: [], last: null });
    this.#draw();
  }

  // What a worker reports.
  take(report) {
    this.losses.push(...report.losses);
    this.norms.push(...report.norms);
    this.last = report;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isCalm && report.state === "running" && performance.now() < this.drawn + CALM) return;
    this.#draw();
  }

  #draw() {
    const { task, settings, losses, norms, last } = this;
    this.drawn = performance.now();
    const steps = Math.max(1, losses.length);
    const top = 1.6 * task.guessing || 1;
    const guess = [task.guessing, task.guessing];
    this.loss.show(
      [
        { name: word("line.loss"), values: thinned(losses).map((value) => Math.min(value, top)) },
        { name: word("line.guessing"), values: stretched(guess, losses.length) },
      ],
      { range: [0, top], ends: [1, steps] },
    );
    const limits = settings.clipping ? [settings.clipping, settings.clipping] : [];
    this.norm.show(
      [
        { name: word("line.norm"), values: within(thinned(norms), NORM_RANGE) },
        ...(limits.length
          ? [{ name: word("line.clipping"), values: stretched(limits, norms.length) }]
          : []),
      ],
      { range: NORM_RANGE, ends: [1, steps] },
    );
    this.#drawFlow(last?.flow ?? []);
    this.#drawSpectrum(last?.spectrum ?? []);
  }

  // Of many layers the first, one in the middle and the last.
  #drawFlow(flow) {
    const middle = Math.floor((flow.length - 1) / 2);
    const chosen = [...new Set([flow.length - 1, middle, 0])].filter(
      (layer) => layer >= 0 && layer < flow.length,
    );
    const lines = chosen.map((layer) => ({
      name: flow.length > 1 ? word("line.layer", { n: layer + 1 }) : word("line.flow"),
      values: within(flow[layer], FLOW_RANGE),
    }));
    this.flow.show(lines, { range: FLOW_RANGE, ends: [1, flow[0]?.length ?? 1] });
    if (!flow.length) return setWord(this.flowNote, "figure.flow.empty");
    const [bottom, top] = [flow[0], flow.at(-1)];
    const unheard = bottom.filter((value) => value === null).length;
    const slots = {
      first: bottom[0] ?? 0,
      last: top.at(-1),
      n: flow.length,
      below: bottom.at(-1),
      cut: bottom.length - unheard,
    };
    const key = unheard
      ? "figure.flow.cut"
      : flow.length > 1
        ? "figure.flow.deep"
        : "figure.flow.note";
    setWord(this.flowNote, key, slots);
  }

  #drawSpectrum(values) {
    const { cell } = this.settings;
    this.noCircle.hidden = cell !== "mean";
    this.circle.plane.style.display = this.circle.verdict.style.display =
      cell === "mean" ? "none" : "";
    const known = values.length ? values : [];
    const gated = cell in KEEPING_GATE;
    setWord(this.circle.caption, gated ? "figure.gates" : "figure.spectrum");
    this.circle.show(
      known,
      known.length ? (gated ? "circle.gates" : "circle.verdict") : "circle.empty",
    );
  }
}

// Numbers that a scale from 10^low to 10^high has room for; NaN, which is not drawn, for null.
function within(values, [low, high]) {
  const fitted = (value) =>
    Number.isFinite(value) ? Math.min(10 ** high, Math.max(10 ** low, value)) : 10 ** high;
  return values.map((value) => (value === null ? NaN : fitted(value)));
}

// A level line as long as its neighbours.
function stretched(ends, count) {
  return Array.from({ length: Math.max(2, Math.min(count, MOST_POINTS)) }, () => ends[0]);
}

// Means of neighbours, where there are more numbers than a line has room for.
function thinned(values) {
  if (values.length <= MOST_POINTS) return values;
  const each = values.length / MOST_POINTS;
  return Array.from({ length: MOST_POINTS }, (_, k) => {
    const part = values.slice(Math.floor(k * each), Math.floor((k + 1) * each));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
