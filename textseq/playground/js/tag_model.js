// A tag for each step.

import { encoderStates, namedSteps } from "./encoder.js";
import { FittedModel } from "./fitted_model.js";
import { headOutputs } from "./head.js";
import { gradientLengths } from "./instruments.js";
import { bestTags, tagProbabilities } from "./tags.js";
import { Tape } from "./tape.js";

export class TagModel extends FittedModel {
  constructor(form) {
    super(form);
    this.names = this.answer.names;
  }

  run(reading, { edits = new Map(), recording = true } = {}) {
    const tape = new Tape({ edits, recording });
    const hidden = encoderStates(
      tape,
      this.network.encoder,
      namedSteps(tape, this.vectors(reading)),
    );
    const logits = hidden.map((h, t) =>
      tape.named(`logits[${t}]`, headOutputs(tape, this.network.head, h)),
    );
    const emissions = logits.map((step) => Array.from(step.data));
    const byStep = tagProbabilities(this.tags, emissions).map((step) =>
      step.map((value, k) => ({ name: this.names[k], value })),
    );
    const decision = bestTags(this.tags, emissions).map((k) => this.names[k]);
    return {
      model: this,
      reading,
      tape,
      trace: tape.trace,
      logits,
      answer: [],
      by_step: byStep,
      decision,
    };
  }

  // Of what step `step` says of a tag, by default of the one that it is given.
  gradient(run, name = null, step = run.logits.length - 1) {
    return gradientLengths(run, run.logits[step], this.names.indexOf(name ?? run.decision[step]));
  }
}
