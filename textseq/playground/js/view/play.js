// What a reader plays with: a text, the step looked at, numbers put in by hand; and what the model
// makes of them. The page's parts are told what has changed, and ask here for the rest.

import { numberText } from "../words.js";
import { reach } from "./colour.js";
import { atRest } from "./elements.js";

// A token of white space alone must be seen too.
export function shownToken(text) {
  return text.trim() === ""
    ? text.replaceAll(" ", "␣").replaceAll("\n", "⏎").replaceAll("\t", "⇥")
    : text;
}

// What is read at a step: a token, an n-gram that is read like one, or a moment of a series.
export function stepNameOf(reading, step) {
  const channels = channelsOf(reading);
  // Steps into which a season is folded are of several moments.
  if (channels && channels[0].length !== reading.steps) return `${step + 1}`;
  if (channels) return channels.map((channel) => numberText(channel[step] ?? NaN, 2)).join("; ");
  const { tokens, ngrams } = reading;
  return shownToken((tokens[step] ?? ngrams[step - tokens.length])?.text ?? "");
}

// The values of a series or of a forecaster's window, channel by channel; undefined of a text.
export function channelsOf({ channels, input }) {
  return channels ?? input?.values;
}

export const NEAR = "300px"; // beyond the window's edge
const TYPING = 1500; // milliseconds within which keys belong to one change
const SAME = 1e-9; // of a number's size: what rounding alone may change

export class Play {
  constructor(model) {
    this.model = model;
    this.parts = [];
    this.past = [];
    this.lastTyped = 0;
    this.layers = model.layers.map((layer, k) => ({ ...layer, number: k + 1 }));
    this.look = this.layers.length
      ? { layer: 1, direction: "forward", symbol: "h", unit: 0 }
      : null;
    this.followUp = atRest(() => {
      for (const part of this.parts.filter((one) => one.isBehind)) {
        part.isBehind = false;
        part.onStep();
      }
    }, 300);
    this.asked = null; // the name of the answer whose gradient is followed
    this.saidStep = 0; // of a translation's answer
  }

  // A part has some of onReading (another text), onRun (other numbers), onStep, onLook (another
  // layer, unit or answer is looked at), onWords (another language). With a `place` on the page,
  // a part hears of steps only while that is near the reader's eyes, so that a slider moves freely;
  // the others follow once it has come to rest.
  add(part, place = null) {
    this.parts.push(part);
    if (place === null) return;
    part.isFar = true;
    part.isBehind = false;
    new IntersectionObserver(
      (entries) => {
        part.isFar = !entries.at(-1).isIntersecting;
        if (part.isFar || !part.isBehind) return;
        part.isBehind = false;
        part.onStep();
      },
      { rootMargin: NEAR },
    ).observe(place);
  }

  // `input`: a text, tokens that are cut already, or the channels of a series.
  read(input, { typing = false } = {}) {
    const now = performance.now();
    if (this.reading && !(typing && now - this.lastTyped < TYPING)) this.#remember();
    this.lastTyped = typing ? now : 0;
    this.edits = new Map();
    // What comes next is asked at the end.
    this.#begin(input, this.model.task === "language" ? Infinity : 0);
  }

  moveTo(step) {
    this.step = Math.max(0, Math.min(this.steps - 1, step));
    if (this.isByStep) this.#askBest();
    this.#tell("onStep");
  }

  // Look at another token of a translation's answer.
  moveToSaid(step) {
    this.saidStep = step;
    this.#askBest();
    this.#tell("onLook");
  }

  lookAt(change) {
    this.look = { ...this.look, ...change };
    this.look.unit = Math.min(this.look.unit, Math.max(0, this.units - 1)); // layers may narrow
    this.#tell("onLook");
  }

  ask(name) {
    this.asked = name;
    this.#tell("onLook");
  }

  // Put a number by hand into what was computed under a name.
  edit(name, place, number) {
    this.#remember();
    this.lastTyped = 0;
    this.edits = new Map([
      ...this.edits,
      [name, new Map([...(this.edits.get(name) ?? []), [place, number]])],
    ]);
    this.#run();
    this.#tell("onRun");
  }

  clearEdits() {
    this.#remember();
    this.edits = new Map();
    this.#run();
    this.#tell("onRun");
  }

  // Go back by one change; false if there is none.
  undo() {
    const before = this.past.pop();
    if (before === undefined) return false;
    this.lastTyped = 0;
    this.edits = before.edits;
    if (before.input === this.input) {
      this.#run();
      this.#tell("onRun");
    } else this.#begin(before.input, before.step);
    return true;
  }

  // The numbers under a name, and what they were without the reader's.
  numbers(name) {
    return this.run.trace.get(name)?.data;
  }

  numbersBefore(name) {
    return this.base.trace.get(name)?.data;
  }

  editedPlaces(name) {
    return [...(this.edits.get(name)?.keys() ?? [])];
  }

  get isEdited() {
    return this.edits.size > 0;
  }

  // Whether a number is another than it would be without the reader's.
  isLit(name, place) {
    const [now, before] = [this.numbers(name), this.numbersBefore(name)];
    return (
      now !== undefined &&
      Math.abs(now[place] - before[place]) > SAME * (1 + Math.abs(before[place]))
    );
  }

  // How many numbers the edits have changed, the edited ones aside.
  countLit() {
    let count = 0;
    for (const [name, { data }] of this.run.trace)
      for (let place = 0; place < data.length; place++)
        if (!this.edits.get(name)?.has(place) && this.isLit(name, place)) count += 1;
    return count;
  }

  get isSeries() {
    return this.model.reads !== "text";
  }

  // Whether each step has an answer of its own: a tag, or what comes next.
  get isByStep() {
    return this.model.task === "tags" || this.model.task === "language";
  }

  // What the model says, as [{name, value}]: of the whole, or of the step that is looked at.
  entries(run = this.run) {
    if (this.model.task === "tags") return run.by_step[this.step] ?? [];
    if (this.model.task === "language") return this.model.after(run, this.step);
    if (this.model.task === "translation") return run.by_step[this.saidStep] ?? [];
    return run.answer;
  }

  // The same with what each value was without the reader's numbers.
  comparedEntries() {
    const before = new Map(this.entries(this.base).map(({ name, value }) => [name, value]));
    return this.entries().map((entry) => ({
      ...entry,
      before: before.get(entry.name),
      chosen: entry.name === this.asked,
    }));
  }

  // The answer with the highest value; undefined of an empty row.
  get best() {
    if (this.model.task === "forecast") return this.entries()[0];
    return this.entries().reduce(
      (best, entry) => (best === undefined || entry.value > best.value ? entry : best),
      undefined,
    );
  }

  // The lengths of the gradients of what is asked for.
  gradient() {
    const run = this.model.run(this.reading, { edits: this.edits, recording: true });
    if (this.model.task === "forecast") {
      const place = run.answer.findIndex(({ name }) => name === this.asked);
      const targets = this.model.answer.names.length;
      return this.model.gradient(run, place % targets, Math.floor(place / targets));
    }
    const step = this.model.task === "translation" ? this.saidStep : this.step;
    const answers = this.isByStep || this.model.task === "translation";
    return answers
      ? this.model.gradient(run, this.asked, step)
      : this.model.gradient(run, this.asked);
  }

  layerOf(number = this.look.layer) {
    return this.layers[number - 1];
  }

  get steps() {
    return this.reading.steps;
  }

  // How many units the layer looked at has.
  get units() {
    return this.layerOf().size ?? this.numbers(`layer${this.look.layer}.h[0]`)?.length ?? 0;
  }

  // What the column of a step is called: the step's name, or its place where that is a number.
  columnName(step) {
    return this.isSeries ? `${step + 1}` : this.stepName(step);
  }

  // What is read at a step: a token, or, behind them, an n-gram that is read like one.
  stepName(step) {
    return stepNameOf(this.reading, step);
  }

  // The largest number of a symbol over all steps: what its colours reach to.
  reachOf(nameAt, least = 1) {
    let largest = least;
    for (let t = 0; t < this.steps; t++) largest = reach(this.numbers(nameAt(t)) ?? [], largest);
    return largest;
  }

  // The language has changed: parts that write letters themselves write them anew.
  rewrite() {
    this.#tell("onWords");
  }

  #begin(input, step) {
    this.reading = this.model.read(input);
    this.input = input;
    this.step = Math.max(0, Math.min(step, this.steps - 1));
    this.saidStep = 0;
    this.#run();
    this.#askBest();
    this.#tell("onReading");
    this.#tell("onRun");
  }

  #run() {
    this.base = this.model.run(this.reading, { edits: new Map(), recording: false });
    this.run = this.isEdited
      ? this.model.run(this.reading, { edits: this.edits, recording: false })
      : this.base;
    this.saidStep = Math.max(0, Math.min(this.saidStep, (this.run.by_step?.length ?? 1) - 1));
    if (!this.entries().some((entry) => entry.name === this.asked)) this.#askBest();
  }

  #askBest() {
    this.asked = this.best?.name ?? null;
  }

  #remember() {
    this.past.push({ input: this.input, edits: this.edits, step: this.step });
    if (this.past.length > 200) this.past.shift();
  }

  #tell(what) {
    for (const part of this.parts) {
      if (what === "onStep" && part.isFar) part.isBehind = true;
      else part[what]?.();
    }
    if (what === "onStep") this.followUp();
  }
}
