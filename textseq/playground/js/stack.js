// Layers on top of each other, recurrent or convolutional, as `textseq/nn/encoders.py` stacks them.
//
// Sequences are lists of steps: `steps[t]` is a Matrix (B, D), all B rows of one length T.

import { CELLS } from "./cells.js";
import { Matrix } from "./tape.js";

export const EPSILON = 1e-5; // of normalisation

// The name under which a step's numbers are kept: layer1.f[3], layer2.backward.h[0].
export function traceName(layer, direction, symbol, step) {
  return `layer${layer}.${direction === "backward" ? "backward." : ""}${symbol}[${step}]`;
}

// Read steps (T of (B, D)) in one direction; answer the hidden states (T of (B, H)) in the text's order.
// `state` may be the one to go on from.
// Names begin with `prefix`, and count from step `first` on.
export function runCell(tape, kind, W, steps, options) {
  const { layer, direction, activation, prefix = "", first = 0 } = options;
  let { state = null } = options;
  const cell = CELLS[kind];
  const size = Object.values(W)[0].rows;
  state ??= Object.fromEntries(cell.states.map((name) => [name, new Matrix(steps[0].rows, size)]));
  const hidden = new Array(steps.length);
  const order = steps.map((_, t) => (direction === "backward" ? steps.length - 1 - t : t));
  for (const t of order) {
    const say = (symbol, value) => tape.named(prefix + traceName(layer, direction, symbol, first + t), value);
    state = cell.step(tape, W, steps[t], state, say, { activation });
    hidden[t] = state.h;
  }
  return { hidden, state };
}

// y_t = b + sum_k W_k x_{t - k dilation}, zeros before the first step; `W` (H, 3 D), the present step first.
// Bai, Kolter & Koltun (2018), section 3.1.
function causalConvolution(tape, { weight, bias, dilation }, steps) {
  const zero = new Matrix(steps[0].rows, steps[0].columns);
  return steps.map((x, t) => {
    const seen = [0, 1, 2].map((k) => (t - k * dilation < 0 ? zero : steps[t - k * dilation]));
    return tape.add(tape.linear(tape.beside(...seen), weight), bias);
  });
}

// relu(F(x) + x), F two convolutions with relu: figure 1b of the same.
function temporalBlock(tape, { first, second, around }, steps) {
  const inner = causalConvolution(tape, first, steps).map((y) => tape.relu(y));
  const outer = causalConvolution(tape, second, inner).map((y) => tape.relu(y));
  return steps.map((x, t) => {
    const same = around ? tape.add(tape.linear(x, around.weight), around.bias) : x;
    return tape.relu(tape.add(outer[t], same));
  });
}

// Normalise each step's units: by the training batches' statistics, by their own, or to length 1.
export function normalize(tape, norm, x) {
  if (norm.kind === "batch") {
    const scale = new Matrix(1, x.columns, norm.weight.data.map((w, k) => w / Math.sqrt(norm.variance.data[k] + EPSILON)));
    return tape.add(tape.multiply(tape.add(x, tape.scaled(norm.mean, -1)), scale), norm.bias);
  }
  return norm.kind === "layer"
    ? tape.add(tape.multiply(tape.standardized(x, EPSILON), norm.weight), norm.bias)
    : tape.unitLength(x);
}

// The states (T of (B, H)) of all layers, the last one's last. What `beside` makes of the first layer's
// states (T of (B, S)) is read by all above it.
export function runStack(tape, stack, steps, states = [], { prefix = "", first = 0, beside = null } = {}) {
  const nameOf = (layer, symbol, t) => prefix + traceName(layer, "forward", symbol, first + t);
  const below = [steps];
  const ends = [];
  let found = null;
  stack.layers.forEach((layer, number) => {
    let read =
      number && stack.connections === "dense"
        ? steps.map((_, t) => tape.beside(...below.map((part) => part[t])))
        : below.at(-1);
    if (found !== null) read = read.map((x, t) => tape.beside(x, found[t]));
    // The first layer's are x[t], which who calls has named.
    if (number) read = read.map((x, t) => tape.named(nameOf(number + 1, "x", t), x));
    let hidden;
    if (layer.kind === "tcn") {
      hidden = temporalBlock(tape, layer, read).map((y, t) => tape.named(nameOf(number + 1, "h", t), y));
    } else {
      const options = { layer: number + 1, activation: stack.activation, prefix, first };
      const ahead = runCell(tape, layer.kind, layer.forward, read, {
        ...options, direction: "forward", state: states[number] ?? null,
      });
      ends.push(ahead.state);
      hidden = ahead.hidden;
      if (layer.backward) {
        const behind = runCell(tape, layer.kind, layer.backward, read, { ...options, direction: "backward" });
        hidden = hidden.map((h, t) => tape.beside(h, behind.hidden[t]));
      }
    }
    if (stack.norms) hidden = hidden.map((h) => normalize(tape, stack.norms[number], h));
    if (number && stack.connections === "residual" && layer.kind !== "tcn")
      hidden = hidden.map((h, t) => tape.add(h, below.at(-1)[t]));
    below.push(hidden);
    if (beside !== null && number === 0) found = beside(hidden);
  });
  return { hidden: below.at(-1), layers: below.slice(1), ends };
}
