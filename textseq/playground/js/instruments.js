// What is measured of a run: gradients through time, and the Jacobians of a layer's steps.

import { CELLS } from "./cells.js";
import { traceName } from "./stack.js";
import { addProduct, Matrix, multiplyRow } from "./tape.js";

export function lengthOf(numbers) {
  return Math.sqrt(numbers.reduce((sum, v) => sum + v * v, 0));
}

// The lengths of the gradients of one number of `target` with respect to what stands at each step:
// of the steps' vectors, and of each layer's states, by layer and direction.
export function gradientLengths(run, target, place) {
  const { tape } = run;
  tape.clear();
  const seed = new Float64Array(target.data.length);
  seed[place] = 1;
  tape.backward(target, seed);
  const lengths = (nameOf) => {
    const found = [];
    for (let t = 0; run.trace.has(nameOf(t)); t++) {
      const { grad } = run.trace.get(nameOf(t));
      found.push(grad === null ? 0 : lengthOf(grad));
    }
    return found;
  };
  const states = {};
  for (const { layer, direction } of run.model.directions()) {
    const name = direction === "backward" ? `layer${layer}.backward` : `layer${layer}`;
    states[name] = lengths((t) => traceName(layer, direction, "h", t));
  }
  return { value: target.data[place], x: lengths((t) => `x[${t}]`), states };
}

function eachRow(scale, matrix) {
  const out = new Matrix(matrix.rows, matrix.columns, matrix.data.slice());
  for (let i = 0; i < out.rows; i++)
    for (let j = 0; j < out.columns; j++) out.data[i * out.columns + j] *= scale[i];
  return out;
}

function sum(...parts) {
  const out = new Matrix(parts[0].rows, parts[0].columns);
  for (const part of parts) part.data.forEach((v, k) => (out.data[k] += v));
  return out;
}

function diagonal(numbers) {
  const out = new Matrix(numbers.length, numbers.length);
  numbers.forEach((v, k) => (out.data[k * numbers.length + k] = v));
  return out;
}

export function multiplied(a, b) {
  const out = new Matrix(a.rows, b.columns);
  addProduct(out.data, a.data, b.data, a.rows, a.columns, b.columns);
  return out;
}

// The derivatives of a state by the state before, from the gates that a run kept. `at(name)` has
// the step's numbers, `h` and `c` the state before. The lstm's state is (h, c), side by side.
const JACOBIANS = {
  rnn(W, at, h, c, activation) {
    const slope = activation === "relu" ? (v) => (v > 0 ? 1 : 0) : (v) => 1 - v * v;
    return eachRow(at("h").map(slope), W.W_hh);
  },

  lstm(W, at, h, c) {
    const [i, f, g, o, after] = ["i", "f", "g", "o", "c"].map(at);
    const ofI = eachRow(
      i.map((v, k) => g[k] * v * (1 - v)),
      W.W_hi,
    );
    const ofF = eachRow(
      f.map((v, k) => c[k] * v * (1 - v)),
      W.W_hf,
    );
    const ofG = eachRow(
      g.map((v, k) => i[k] * (1 - v * v)),
      W.W_hc,
    );
    const ofO = eachRow(
      o.map((v, k) => Math.tanh(after[k]) * v * (1 - v)),
      W.W_ho,
    );
    const cByH = sum(ofI, ofF, ofG);
    const slope = o.map((v, k) => v * (1 - Math.tanh(after[k]) ** 2));
    const hByH = sum(eachRow(slope, cByH), ofO);
    const hByC = diagonal(slope.map((v, k) => v * f[k]));
    const H = o.length;
    const out = new Matrix(2 * H, 2 * H);
    [
      [hByH, 0, 0],
      [hByC, 0, H],
      [cByH, H, 0],
      [diagonal(f), H, H],
    ].forEach(([part, row, column]) => {
      for (let k = 0; k < H; k++) out.row(row + k).set(part.row(k), column);
    });
    return out;
  },

  gru(W, at, h) {
    const [r, z, n] = ["r", "z", "n"].map(at);
    const recurrent = multiplied(W.W_hn, new Matrix(h.length, 1, h)).data;
    const ofR = eachRow(
      r.map((v, k) => (recurrent[k] + W.b_hn.data[k]) * v * (1 - v)),
      W.W_hr,
    );
    const ofN = eachRow(
      n.map((v, k) => (1 - z[k]) * (1 - v * v)),
      sum(eachRow(r, W.W_hn), ofR),
    );
    const ofZ = eachRow(
      z.map((v, k) => (h[k] - n[k]) * v * (1 - v)),
      W.W_hz,
    );
    return sum(diagonal(z), ofN, ofZ);
  },

  janet(W, at, h) {
    const [f, g] = ["f", "g"].map(at);
    // sigma(s - 1), of sigma(s) = f.
    const less = f.map((v) => v / (v + Math.E * (1 - v)));
    const ofF = eachRow(
      f.map((v, k) => h[k] * v * (1 - v)),
      W.W_hf,
    );
    const ofLess = eachRow(
      less.map((v, k) => -g[k] * v * (1 - v)),
      W.W_hf,
    );
    const ofG = eachRow(
      g.map((v, k) => (1 - less[k]) * (1 - v * v)),
      W.W_hc,
    );
    return sum(diagonal(f), ofF, ofLess, ofG);
  },
};

// ds_t/ds_{t-1} (S, S) of each step of a layer and direction, in the order of reading.
export function stepJacobians(run, layer, direction) {
  const { kind, [direction]: W } = run.model.network.encoder.layers[layer - 1];
  const { activation } = run.model.network.encoder;
  const T = run.reading.steps;
  const numbers = (symbol, t) => run.trace.get(traceName(layer, direction, symbol, t)).data;
  const order = Array.from({ length: T }, (_, t) => (direction === "backward" ? T - 1 - t : t));
  const before = (symbol, k) =>
    k ? numbers(symbol, order[k - 1]) : new Float64Array(numbers(symbol, order[0]).length);
  return order.map((t, k) => {
    const c = CELLS[kind].states.includes("c") ? before("c", k) : null;
    return JACOBIANS[kind](W, (symbol) => numbers(symbol, t), before("h", k), c, activation);
  });
}

const MOST_STEPS = 200; // of power iteration

// The largest singular value, by power iteration on the transpose times the matrix; `start` is what
// a matrix much like it ended in, which saves most steps.
export function spectralNorm(matrix, start = null) {
  const { rows, columns, data } = matrix;
  let v = start ?? Float64Array.from({ length: columns }, (_, k) => 1 + ((k * 7919) % 97) / 97);
  let size = 0;
  for (let step = 0; step < MOST_STEPS; step++) {
    const u = new Float64Array(rows);
    multiplyRow(u, v, data);
    const next = new Float64Array(columns);
    addProduct(next, u, data, 1, rows, columns);
    const [found, length] = [lengthOf(u) / lengthOf(v), lengthOf(next)];
    if (length === 0) return { size: 0, vector: null };
    v = next.map((value) => value / length);
    if (Math.abs(found - size) <= 1e-7 * found) return { size: found, vector: v };
    size = found;
  }
  return { size, vector: v };
}

// From the last step back: the norm of ds_{t+1}/ds_t, and of their product, ds_T/ds_t.
export function jacobianNorms(run, layer, direction) {
  const matrices = stepJacobians(run, layer, direction);
  const S = matrices.length ? matrices[0].rows : 0;
  let product = diagonal(new Float64Array(S).fill(1));
  let [own, whole] = [{ vector: null }, { vector: null }];
  const norms = [];
  for (let k = matrices.length - 1; k > 0; k--) {
    product = multiplied(product, matrices[k]);
    own = spectralNorm(matrices[k], own.vector);
    whole = spectralNorm(product, whole.vector);
    norms.push({ step: k - 1, norm: own.size, product: whole.size });
  }
  return { norms, matrices };
}
