// A network for a task: words to vectors, layers of cells, and an answer from their states.

import { runStack } from "../stack.js";
import { Matrix, Tape } from "../tape.js";
import { recurrentMatrix, uniformMatrix } from "./initialization.js";

export const UNITS = 32;
const WORD_SIZE = 16; // numbers of a word's vector

// The gates of each cell, and which of them keeps the state from step to step: its bias is the
// switch "forget bias". The gru's z is called update gate, and keeps the state just as well.
const GATES = { rnn: [""], lstm: ["i", "f", "c", "o"], gru: ["r", "z", "n"], janet: ["f", "c"] };
export const KEEPING_GATE = { lstm: "f", gru: "z", janet: "f" };

function cellWeights(settings, inputs, random) {
  const { cell, initialization, forgetBias } = settings;
  const bound = 1 / Math.sqrt(UNITS);
  const W = {};
  for (const gate of GATES[cell]) {
    W[`W_x${gate || "h"}`] = uniformMatrix(UNITS, inputs, bound, random);
    W[`W_h${gate || "h"}`] = recurrentMatrix(initialization, UNITS, random);
    W[gate ? `b_${cell === "gru" && gate === "n" ? "xn" : gate}` : "b"] = new Matrix(1, UNITS);
  }
  if (cell === "gru") W.b_hn = new Matrix(1, UNITS);
  if (KEEPING_GATE[cell]) W[`b_${KEEPING_GATE[cell]}`].data.fill(forgetBias);
  return W;
}

// `settings`: cell, layers, activation, initialization, forgetBias, connections, normalization,
// truncation (steps that the gradient may go back; 0 for all).
export function makeNetwork(settings, task, random) {
  const inputs = task.reads === "words" ? WORD_SIZE : 1;
  const table = task.reads === "words" ? wordVectors(task.words.length, random) : null;
  const isAverage = settings.cell === "mean";
  // Where connections are dense, a layer reads all that is below it.
  const read = (number) =>
    number && settings.connections !== "dense" ? UNITS : inputs + number * UNITS;
  const layers = Array.from({ length: isAverage ? 0 : settings.layers }, (_, number) => ({
    kind: settings.cell,
    forward: cellWeights(settings, read(number), random),
  }));
  const stack = {
    layers,
    activation: settings.activation,
    connections: settings.connections,
    norms: settings.normalization === "layer" ? layers.map(layerNorm) : null,
  };
  const head = {
    weight: uniformMatrix(task.answers, isAverage ? inputs : UNITS, 1 / Math.sqrt(UNITS), random),
    bias: new Matrix(1, task.answers),
  };
  const parameters = [
    ...(table ? [table] : []),
    ...layers.flatMap((layer) => Object.values(layer.forward)),
    ...(stack.norms ?? []).flatMap(({ weight, bias }) => [weight, bias]),
    ...Object.values(head),
  ];

  // The states of all steps, and the answers (steps times B, answers) of those that are asked for.
  function run(tape, batch, answered) {
    const vectorsOf = (part) => (values) =>
      table ? part.take(table, values) : new Matrix(values.length, 1, Float64Array.from(values));
    const T = batch.steps.length;
    const start = settings.truncation ? Math.max(0, T - settings.truncation) : 0;
    let [hidden, ends] = [[], undefined];
    // What comes before is computed without notes: no gradient goes back to it.
    for (const [part, steps] of [
      [new Tape({ recording: false }), batch.steps.slice(0, start)],
      [tape, batch.steps.slice(start)],
    ]) {
      if (!steps.length) continue;
      const vectors = steps.map(vectorsOf(part));
      const states = isAverage
        ? runningMean(part, vectors, hidden)
        : runStack(part, stack, vectors, ends);
      hidden = [...hidden, ...states.hidden];
      ends = states.ends;
    }
    const asked = answered.map((t) => hidden[t]);
    return tape.add(tape.linear(tape.above(...asked), head.weight), head.bias);
  }
  return { parameters, layers, run };
}

function wordVectors(words, random) {
  return new Matrix(
    words,
    WORD_SIZE,
    Float64Array.from({ length: words * WORD_SIZE }, random.normal),
  );
}

function layerNorm() {
  return {
    kind: "layer",
    weight: new Matrix(1, UNITS, new Float64Array(UNITS).fill(1)),
    bias: new Matrix(1, UNITS),
  };
}

// h_t = h_{t-1} + (x_t - h_{t-1}) / t, the mean of what was read so far.
function runningMean(tape, vectors, before) {
  let h = before.at(-1) ?? null;
  const hidden = vectors.map((x, k) => {
    const t = before.length + k + 1;
    h = h === null ? tape.scaled(x, 1) : tape.add(tape.scaled(h, 1 - 1 / t), tape.scaled(x, 1 / t));
    return tape.named(`layer1.h[${k}]`, h);
  });
  return { hidden, ends: undefined };
}
