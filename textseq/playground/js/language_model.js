// A language model: what comes next, after each token, and a text drawn token by token.

import { encoderStates, namedSteps, vectorOf } from "./encoder.js";
import { FittedModel } from "./fitted_model.js";
import { gradientLengths } from "./instruments.js";
import { drawn, drawnAmong, scoredVector, tokenLogProbabilities } from "./softmax.js";
import { runStack } from "./stack.js";
import { Matrix, Tape } from "./tape.js";
import { UNKNOWN } from "./vocabulary.js";

const FEW = 12; // tokens that are told of a distribution

export class LanguageModel extends FittedModel {
  // Every text begins behind the end of another.
  read(text) {
    const reading = this.reader.read(text);
    const mark = { text: this.reader.vocabulary.tokenOf(this.begin), id: this.begin, known: true };
    return {
      ...reading,
      tokens: [mark, ...reading.tokens],
      ids: [this.begin, ...reading.ids],
      steps: reading.steps + 1,
    };
  }

  run(reading, { edits = new Map(), recording = true } = {}) {
    const tape = new Tape({ edits, recording });
    const hidden = encoderStates(
      tape,
      this.network.encoder,
      namedSteps(tape, this.vectors(reading)),
    );
    const read = hidden.map((h, t) =>
      tape.named(`read[${t}]`, scoredVector(tape, this.network.output, h)),
    );
    const run = { model: this, reading, tape, trace: tape.trace, read, decision: [] };
    run.answer = this.after(run, reading.steps - 1);
    return run;
  }

  // log p of each row of the vocabulary behind a step.
  logProbabilities(run, step) {
    return tokenLogProbabilities(this.network.output, run.read[step].data);
  }

  // The likeliest tokens behind a step.
  after(run, step, n = FEW) {
    return this.likeliest(this.logProbabilities(run, step), n);
  }

  likeliest(logProbabilities, n) {
    return drawnAmong(logProbabilities)
      .slice(0, n)
      .map(({ row }) => ({
        name: this.reader.vocabulary.tokens[row],
        value: Math.exp(logProbabilities[row]),
      }));
  }

  // Of the score of a token behind a step.
  gradient(run, name = null, step = run.reading.steps - 1) {
    const { table, bias } = this.network.output;
    const token = name ?? this.after(run, step, 1)[0].name;
    const row = this.reader.vocabulary.tokens.indexOf(token);
    const weight = new Matrix(1, table.columns, table.row(row));
    weight.fixed = true;
    const { tape } = run;
    const score = tape.add(tape.linear(run.read[step], weight), Matrix.of([[bias.data[row]]]));
    return gradientLengths(run, score, 0);
  }

  // Go on with a text: for each token that is drawn, what it was drawn among. `random` answers
  // numbers from 0 to 1. The end of the text is drawn as any token, and ends it.
  *generate(
    prefix,
    { temperature = 1, topK = null, topP = null, random = Math.random, most = 100 } = {},
  ) {
    const { vocabulary } = this.reader;
    let { ids } = this.read(prefix);
    let [ends, unread] = [[], ids];
    const recurrent = this.network.encoder.layers[0].kind !== "tcn";
    for (let count = 0; count < most; count++) {
      const tape = new Tape({ recording: false });
      const vectors = unread.map((id) => vectorOf(this.network.inputs, vocabulary, id));
      const read = runStack(tape, this.network.encoder, vectors, ends);
      const vector = scoredVector(tape, this.network.output, read.hidden.at(-1));
      const chances = tokenLogProbabilities(this.network.output, vector.data);
      chances[vocabulary.rowOf(UNKNOWN)] = -Infinity; // never said
      const candidates = drawnAmong(chances, { temperature, topK, topP });
      const { row, share } = drawn(candidates, random());
      const id = vocabulary.ids === null ? row : vocabulary.ids[row];
      yield {
        id,
        text: vocabulary.tokens[row],
        share,
        ends: id === this.begin,
        candidates: candidates.slice(0, FEW).map((one) => ({
          name: vocabulary.tokens[one.row],
          value: one.share,
          before: Math.exp(chances[one.row]),
        })),
        distribution: this.likeliest(chances, FEW),
      };
      if (id === this.begin) return;
      ids = [...ids, id];
      [ends, unread] = recurrent ? [read.ends, [id]] : [[], ids];
    }
  }

  // Tokens as a text: words stand apart, characters and pieces side by side.
  join(tokens) {
    return this.reader.join(tokens);
  }
}
