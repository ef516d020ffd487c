// The cells' equations for one unit at one step, with the numbers put in.

import { latexNumber, latexTerm } from "./equation.js";

// Of each: {x, h, c} that the cell reads (h and c of the step before); `now`, its values by symbol,
// all of one unit k but for x and h. Answers symbol -> LaTeX in parts, between which a line may
// break, up to the last equals sign.
export const CELL_NUMBERS = {
  rnn: (W, { x, h }, now, k, { activation }) => ({
    h: squashed(
      activation === "relu" ? "\\operatorname{relu}" : "\\tanh",
      sums(W.W_xh, W.W_hh, W.b, x, h, k),
    ),
  }),
  lstm: (W, { x, h, c }, now, k) => ({
    i: squashed("\\sigma", sums(W.W_xi, W.W_hi, W.b_i, x, h, k)),
    f: squashed("\\sigma", sums(W.W_xf, W.W_hf, W.b_f, x, h, k)),
    g: squashed("\\tanh", sums(W.W_xc, W.W_hc, W.b_c, x, h, k)),
    o: squashed("\\sigma", sums(W.W_xo, W.W_ho, W.b_o, x, h, k)),
    c: [
      `${latexNumber(now.f)} \\cdot ${latexTerm(c[k])}`,
      `{} + ${latexTerm(now.i)} \\cdot ${latexTerm(now.g)}`,
    ],
    h: [`${latexNumber(now.o)} \\cdot \\tanh(${latexNumber(now.c)})`],
  }),
  gru: (W, { x, h }, now, k) => ({
    r: squashed("\\sigma", sums(W.W_xr, W.W_hr, W.b_r, x, h, k)),
    z: squashed("\\sigma", sums(W.W_xz, W.W_hz, W.b_z, x, h, k)),
    n: [
      `\\tanh(${latexNumber(along(W.W_xn, x, k))} + ${latexTerm(W.b_xn.data[k])}`,
      `{} + ${latexTerm(now.r)} \\cdot ${latexTerm(along(W.W_hn, h, k) + W.b_hn.data[k])})`,
    ],
    h: [
      `(1 - ${latexTerm(now.z)}) \\cdot ${latexTerm(now.n)}`,
      `{} + ${latexTerm(now.z)} \\cdot ${latexTerm(h[k])}`,
    ],
  }),
  janet: (W, { x, h }, now, k) => {
    const s = sums(W.W_xf, W.W_hf, W.b_f, x, h, k);
    const total = s.reduce((a, b) => a + b);
    return {
      f: squashed("\\sigma", s),
      g: squashed("\\tanh", sums(W.W_xc, W.W_hc, W.b_c, x, h, k)),
      h: [
        `${latexNumber(now.f)} \\cdot ${latexTerm(h[k])}`,
        `{} + (1 - \\sigma(${latexNumber(total)} - 1)) \\cdot ${latexTerm(now.g)}`,
      ],
    };
  },
};

// What input, state before and bias each add.
function sums(ofInput, ofState, bias, x, h, k) {
  return [along(ofInput, x, k), along(ofState, h, k), bias.data[k]];
}

// Row k of a matrix times a vector.
function along(weight, vector, k) {
  let sum = 0;
  weight.row(k).forEach((value, d) => (sum += value * vector[d]));
  return sum;
}

function squashed(by, [input, state, bias]) {
  const parts = `${latexNumber(input)} + ${latexTerm(state)} + ${latexTerm(bias)}`;
  return [`${by}(${parts})`, `= ${by}(${latexNumber(input + state + bias)})`];
}
