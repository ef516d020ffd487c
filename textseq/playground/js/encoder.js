// What is read of each step, and the encoder's states: `textseq/nn/network.py`, `bags.py`.

import { pooledStates } from "./pooling.js";
import { normalize, runStack } from "./stack.js";
import { Matrix } from "./tape.js";

// The vector (1, D) of an id: a row of the table, 1 at its place, or the number itself.
export function vectorOf(inputs, vocabulary, id) {
  const row = vocabulary.rowOf(id);
  if (inputs.kind === "embedding")
    return new Matrix(1, inputs.table.columns, inputs.table.row(row).slice());
  if (inputs.kind === "integer") return Matrix.of([[id / inputs.tokens]]);
  const x = new Matrix(1, inputs.width);
  x.data[id] = 1;
  return x;
}

// Steps (T of (1, D)) as the trace has them: x[0], x[1], ...
export function namedSteps(tape, vectors) {
  return vectors.map((x, t) => tape.named(`x[${t}]`, x));
}

// y_t = sum_k W_k x_{t + k - before}, zeros beyond both ends.
function centredConvolution(tape, { weight, kernel }, steps) {
  const zero = new Matrix(steps[0].rows, steps[0].columns);
  const before = Math.floor((kernel - 1) / 2);
  return steps.map((_, t) => {
    const seen = Array.from({ length: kernel }, (_, k) => steps[t + k - before] ?? zero);
    return tape.linear(tape.beside(...seen), weight);
  });
}

// Convolutions beside a small lstm: Karim et al. (2018), figure 1.
function lstmFcnStates(tape, encoder, steps) {
  const { hidden } = runStack(tape, encoder, steps);
  let maps = steps;
  encoder.convolutions.forEach((convolution, number) => {
    maps = centredConvolution(tape, convolution, maps).map((y, t) =>
      tape.named(`maps${number + 1}[${t}]`, tape.relu(normalize(tape, convolution.norm, y))),
    );
  });
  return maps.map((map, t) => tape.beside(map, hidden[t]));
}

// The states that pooling reads, T of (1, H).
export function encoderStates(tape, encoder, steps) {
  if (!steps.length) return [];
  if (encoder.convolutions !== undefined)
    return lstmFcnStates(tape, encoder, steps).map((h, t) => tape.named(`states[${t}]`, h));
  return runStack(tape, encoder, steps).hidden.map((h, t) => tape.named(`states[${t}]`, h));
}

// The mean or the largest of the steps' vectors; zeros of none.
function baggedVector(tape, encoder, steps) {
  if (!steps.length) return new Matrix(1, encoder.width);
  const together = tape.above(...steps);
  return encoder.bag === "mean" ? tape.mean(together) : tape.max(together);
}

// A row's vector (1, H).
export function rowVector(tape, { encoder, pooling }, steps) {
  if (encoder.bag === undefined)
    return tape.named("pooled", pooledStates(tape, pooling, encoderStates(tape, encoder, steps)));
  const bag = baggedVector(tape, encoder, steps);
  return tape.named("pooled", encoder.norm === null ? bag : normalize(tape, encoder.norm, bag));
}
