// A source to a target, token by token: `textseq/nn/encoder_decoder.py`, `token_decoder.py`.

import { softmaxOf } from "./answers.js";
import { encoderStates, namedSteps, rowVector } from "./encoder.js";
import { FittedModel } from "./fitted_model.js";
import { affine } from "./head.js";
import { gradientLengths } from "./instruments.js";
import { CELLS } from "./cells.js";
import { pooledStates } from "./pooling.js";
import { runStack } from "./stack.js";
import { Matrix, Tape } from "./tape.js";
import { joinedTokens } from "./tokenizer.js";
import { TokenIds } from "./vocabulary.js";

const [BEGIN, END] = [2, 3]; // ids of a target vocabulary; before them padding and unknown
const FEW_SAID = 8; // tokens that are told of a step

// Where the decoder's layers begin: tanh(W v + b) of the source's vector, dealt to their states.
function firstStates(tape, decoder, vector) {
  const { states } = CELLS[decoder.layers.layers[0].kind];
  const all = tape.tanh(affine(tape, decoder.start, vector));
  let start = 0;
  return decoder.sizes.map((size) =>
    Object.fromEntries(states.map((name) => [name, tape.columns(all, start, (start += size))])),
  );
}

// Luong, Pham & Manning (2015), equation 8: s . (W h); Bahdanau, Cho & Bengio (2015), appendix
// A.1.2: v . tanh(W h + U s). The weights (1, T) of the source's states (T, S).
function attentionWeights(tape, { query, direction }, keys, state) {
  if (query === undefined) return tape.softmax(tape.linear(state, keys));
  const compared = tape.tanh(tape.add(keys, affine(tape, query, state)));
  return tape.softmax(tape.linear(direction, compared));
}

export class TranslationModel extends FittedModel {
  constructor(form) {
    super(form);
    this.said = new TokenIds(this.target.vocabulary);
  }

  run(reading, { edits = new Map(), recording = true } = {}) {
    const tape = new Tape({ edits, recording });
    const steps = namedSteps(tape, this.vectors(reading));
    const run = {
      model: this,
      reading,
      tape,
      trace: tape.trace,
      logits: [],
      output: [],
      by_step: [],
      answer: [],
      decision: [],
    };
    if (!reading.steps) return run;
    const { decoder } = this.network;
    const [vector, states] = this.#read(tape, steps);
    const memory = states === null ? null : tape.above(...states); // (T, S)
    const keys = memory === null ? null : affine(tape, decoder.attention.keys, memory);
    let [before, word] = [firstStates(tape, decoder, vector), BEGIN];
    const most = Math.max(this.target.longest, Math.ceil(this.target.grows * reading.steps));
    for (let t = 0; word !== END; t++) {
      const said = this.#step(tape, t, word, before, memory, keys);
      run.logits.push(said.logits);
      before = said.ends;
      const row = this.#likeliest(said.logits.data, t >= most);
      word = this.said.ids === null ? row : this.said.ids[row];
      if (word !== END) run.output.push(this.said.tokens[row]);
      run.by_step.push(this.#told(said.logits.data));
    }
    run.decision = run.output;
    return run;
  }

  // The source's vector, and its states where they are attended to.
  #read(tape, steps) {
    const { encoder, pooling, decoder } = this.network;
    if (encoder.bag !== undefined) return [rowVector(tape, this.network, steps), null];
    const states = encoderStates(tape, encoder, steps);
    const vector = tape.named("pooled", pooledStates(tape, pooling, states));
    return [vector, decoder.attention === null ? null : states];
  }

  // h = tanh(W [c; s] + b) of the layers' state s and what attention reads, c; scores E h + b.
  #step(tape, t, word, before, memory, keys) {
    const { decoder } = this.network;
    const { table } = decoder.inputs;
    const row = new Matrix(1, table.columns, table.row(this.said.rowOf(word)).slice());
    const x = tape.named(`decoder.x[${t}]`, tape.scaled(row, Math.sqrt(table.columns)));
    let context = null;
    const attend = (state) => {
      const weights = attentionWeights(tape, decoder.attention, keys, state);
      const product = tape.product(tape.named(`attention[${t}]`, weights), memory);
      return (context = tape.named(`context[${t}]`, product));
    };
    const { hidden, ends } = runStack(tape, decoder.layers, [x], before, {
      prefix: "decoder.",
      first: t,
      beside: decoder.attends_first ? ([state]) => [attend(state)] : null,
    });
    let [read] = hidden;
    if (memory !== null) read = tape.beside(context ?? attend(read), read);
    const feature = tape.named(`feature[${t}]`, tape.tanh(affine(tape, decoder.combine, read)));
    const logits = affine(tape, { weight: decoder.table, bias: decoder.bias }, feature);
    return { ends, logits: tape.named(`logits[${t}]`, logits) };
  }

  // The likeliest token's row, of those that are said: the end alone where there are enough.
  #likeliest(logits, mustEnd) {
    const end = this.said.rowOf(END);
    let best = end;
    if (!mustEnd)
      for (let row = end; row < logits.length; row++) if (logits[row] > logits[best]) best = row;
    return best;
  }

  #told(logits) {
    return softmaxOf(Array.from(logits))
      .map((value, row) => ({ name: this.said.tokens[row], value }))
      .sort((a, b) => b.value - a.value)
      .slice(0, FEW_SAID);
  }

  join(tokens) {
    return joinedTokens(this.target.tokenizer, tokens);
  }

  // Of the score of a token of the answer's step `step`, by default of the one that is said.
  gradient(run, name = null, step = 0) {
    const token = name ?? run.output[step] ?? this.said.tokens[this.said.rowOf(END)];
    return gradientLengths(run, run.logits[step], this.said.tokens.indexOf(token));
  }
}
