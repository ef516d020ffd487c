// States of all steps to one vector (1, H): `textseq/nn/heads.py`.

import { Matrix } from "./tape.js";

// Each direction's state after its last step.
function lastState(tape, { bidirectional }, hidden) {
  const last = hidden.at(-1);
  if (!bidirectional) return last;
  const half = last.columns / 2;
  return tape.beside(tape.columns(last, 0, half), tape.columns(hidden[0], half, last.columns));
}

// Yang et al. (2016), "Hierarchical Attention Networks", equations 5-7.
function attended(tape, { project, score }, states) {
  const scored = tape.tanh(tape.add(tape.linear(states, project.weight), project.bias));
  const weights = tape.named("pooling.weights", tape.softmax(tape.linear(score.weight, scored)));
  return tape.product(weights, states);
}

export function pooledStates(tape, pooling, hidden) {
  if (!hidden.length) return new Matrix(1, pooling.width);
  if (pooling.kind === "last") return lastState(tape, pooling, hidden);
  if (pooling.kind === "first") return hidden[0];
  const states = tape.above(...hidden); // (T, H)
  if (pooling.kind === "max") return tape.max(states);
  if (pooling.kind === "mean") return tape.mean(states);
  if (pooling.kind === "attention") return attended(tape, pooling, states);
  return tape.beside(lastState(tape, pooling, hidden), tape.max(states), tape.mean(states));
}
