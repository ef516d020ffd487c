// A fitted model as the page computes with it. `openModel` is all that the page's parts need.

import { answerNumbers, decided } from "./answers.js";
import { CELLS } from "./cells.js";
import { encoderStates, namedSteps, rowVector, vectorOf } from "./encoder.js";
import { headOutputs } from "./head.js";
import { gradientLengths, jacobianNorms, lengthOf } from "./instruments.js";
import { withMatrices } from "./numbers.js";
import { pooledStates } from "./pooling.js";
import { SeriesReader } from "./series_reader.js";
import { bestTags, tagProbabilities } from "./tags.js";
import { Matrix, Tape } from "./tape.js";
import { TextReader } from "./text_reader.js";
import { wideOutputs } from "./wide_path.js";

// What all models share: reading a row, and looking at what became of it.
export class FittedModel {
  constructor(form) {
    Object.assign(this, form);
    this.reader = this.reads === "text" ? new TextReader(form) : new SeriesReader(form);
    this.layers = (this.network.encoder.layers ?? []).map(({ kind, forward, backward }, k) => ({
      name: `layer${k + 1}`,
      kind,
      size: kind === "tcn" ? null : Object.values(forward)[0].rows,
      directions: backward ? ["forward", "backward"] : ["forward"],
      gates: kind === "tcn" ? [] : CELLS[kind].gates,
      equations: kind === "tcn" ? [] : CELLS[kind].equations(this.network.encoder),
    }));
  }

  // A text, tokens that are cut already, or numbers, as the network reads them.
  read(input) {
    return this.reader.read(input);
  }

  vectors(reading) {
    if (this.reads !== "text") return reading.vectors.map((x) => new Matrix(1, x.length, x.slice()));
    return reading.ids.map((id) => vectorOf(this.network.inputs, this.reader.vocabulary, id));
  }

  // Each layer and direction that reads by a cell.
  directions() {
    return this.layers.flatMap(({ directions }, k) =>
      directions.map((direction) => ({ layer: k + 1, direction })),
    );
  }

  // The mean of the steps' vectors, which knows no order.
  average(reading) {
    const vectors = this.vectors(reading);
    return Array.from({ length: this.vectorSize() }, (_, d) =>
      vectors.reduce((sum, x) => sum + x.data[d] / vectors.length, 0),
    );
  }

  vectorSize() {
    const { kind, table, width } = this.network.inputs;
    return kind === "embedding" ? table.columns : kind === "integer" ? 1 : width;
  }

  jacobians(run, layer, direction = "forward") {
    return jacobianNorms(run, layer, direction);
  }

  // The words whose vectors point most nearly the same way: cosines, largest first.
  nearest(id, n) {
    const { table } = this.network.inputs;
    const { tokens, specials, rows } = this.reader.vocabulary;
    const own = table.row(this.reader.vocabulary.rowOf(id));
    const found = [];
    for (let row = specials; row < tokens.length; row++) {
      const other = table.row(row);
      const size = lengthOf(own) * lengthOf(other);
      const cosine = size ? own.reduce((sum, v, d) => sum + v * other[d], 0) / size : 0;
      const itsId = rows === null ? row : this.reader.vocabulary.ids[row];
      if (itsId !== id) found.push({ id: itsId, text: tokens[row], cosine });
    }
    return found.sort((a, b) => b.cosine - a.cosine).slice(0, n);
  }

  // For each unit of the states that are pooled, where it is largest among the examples: `n` places.
  units(n) {
    if (this.network.encoder.bag !== undefined) return [];
    const places = Array.from({ length: this.network.encoder.width }, () => []);
    this.examples.forEach(({ input }, example) => {
      const reading = this.read(input);
      const { trace } = this.run(reading, { recording: false });
      for (let t = 0; t < reading.steps; t++)
        trace.get(`states[${t}]`).data.forEach((value, unit) =>
          places[unit].push({ example, step: t, value, text: reading.tokens?.[t]?.text ?? null }),
        );
    });
    return places.map((found, unit) => ({
      unit, places: found.sort((a, b) => b.value - a.value).slice(0, n),
    }));
  }
}

// One answer for a whole row: a class, labels or a number.
class RowModel extends FittedModel {
  constructor(form) {
    super(form);
    this.names = this.answer.names ?? ["number"];
  }

  run(reading, { edits = new Map(), recording = true } = {}) {
    const tape = new Tape({ edits, recording });
    const steps = namedSteps(tape, this.vectors(reading));
    return this.#answered(tape, reading, rowVector(tape, this.network, steps));
  }

  #answered(tape, reading, vector) {
    const own = headOutputs(tape, this.network.head, vector);
    const beside = this.wide === null ? null : wideOutputs(this.wide, reading.whole);
    const logits = tape.named("logits", beside === null ? own : tape.add(own, beside));
    const numbers = answerNumbers(this.answer, Array.from(logits.data));
    const shown = tape.named("answer", new Matrix(1, numbers.length, Float64Array.from(numbers)));
    const answered = Array.from(shown.data);
    const decision = this.answer.kind === "number" ? [] : decided(this.answer, answered);
    return {
      model: this, reading, tape, trace: tape.trace, logits,
      parts: { network: Array.from(own.data), wide: beside && Array.from(beside.data) },
      answer: answered.map((value, k) => ({ name: this.names[k], value })),
      decision: decision.map((k) => this.names[k]),
    };
  }

  // The answer after each step of a row, of the steps up to it alone.
  afterEach(reading) {
    const { encoder, pooling } = this.network;
    const lengths = Array.from({ length: reading.tokens?.length ?? reading.steps }, (_, t) => t + 1);
    const readings = lengths.map((length) => this.reader.prefix(reading, length));
    const looksAhead = encoder.bidirectional || encoder.convolutions !== undefined;
    if (encoder.bag !== undefined || looksAhead || reading.ngrams?.length)
      return readings.map((part) => this.run(part, { recording: false }).answer);
    // What reads forwards alone has the same states whatever comes behind them.
    const tape = new Tape({ recording: false });
    const hidden = encoderStates(tape, encoder, namedSteps(tape, this.vectors(reading)));
    return readings.map((part, t) => {
      const own = new Tape({ recording: false });
      const vector = pooledStates(own, pooling, hidden.slice(0, t + 1));
      return this.#answered(own, part, vector).answer;
    });
  }

  gradient(run, name = run.answer.reduce((a, b) => (b.value > a.value ? b : a)).name) {
    return gradientLengths(run, run.logits, this.names.indexOf(name));
  }
}

// A tag for each step.
class TagModel extends FittedModel {
  constructor(form) {
    super(form);
    this.names = this.answer.names;
  }

  run(reading, { edits = new Map(), recording = true } = {}) {
    const tape = new Tape({ edits, recording });
    const hidden = encoderStates(tape, this.network.encoder, namedSteps(tape, this.vectors(reading)));
    const logits = hidden.map((h, t) =>
      tape.named(`logits[${t}]`, headOutputs(tape, this.network.head, h)),
    );
    const emissions = logits.map((step) => Array.from(step.data));
    const byStep = tagProbabilities(this.tags, emissions).map((step) =>
      step.map((value, k) => ({ name: this.names[k], value })),
    );
    const decision = bestTags(this.tags, emissions).map((k) => this.names[k]);
    return { model: this, reading, tape, trace: tape.trace, logits, answer: [], by_step: byStep, decision };
  }

  // Of what step `step` says of a tag, by default of the one that it is given.
  gradient(run, name = null, step = run.logits.length - 1) {
    return gradientLengths(run, run.logits[step], this.names.indexOf(name ?? run.decision[step]));
  }
}

const MODELS = { classes: RowModel, labels: RowModel, number: RowModel, tags: TagModel };

// `payload`: what the page's JSON says; `block`: its numbers, as one ArrayBuffer.
export function openModel(payload, block) {
  const { arrays, ...form } = payload;
  return new MODELS[form.task](withMatrices(form, arrays, block));
}
