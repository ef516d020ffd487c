// One answer for a whole row: a class, labels or a number.

import { answerNumbers, decided } from "./answers.js";
import { encoderStates, namedSteps, rowVector } from "./encoder.js";
import { FittedModel } from "./fitted_model.js";
import { headOutputs } from "./head.js";
import { gradientLengths } from "./instruments.js";
import { pooledStates } from "./pooling.js";
import { Matrix, Tape } from "./tape.js";
import { wideOutputs } from "./wide_path.js";

export class RowModel extends FittedModel {
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
      model: this,
      reading,
      tape,
      trace: tape.trace,
      logits,
      parts: { network: Array.from(own.data), wide: beside && Array.from(beside.data) },
      answer: answered.map((value, k) => ({ name: this.names[k], value })),
      decision: decision.map((k) => this.names[k]),
    };
  }

  // The answer after each step of a row, of the steps up to it alone.
  afterEach(reading) {
    const { encoder, pooling } = this.network;
    const lengths = Array.from(
      { length: reading.tokens?.length ?? reading.steps },
      (_, t) => t + 1,
    );
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
