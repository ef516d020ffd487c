// First values of weights, by the names that the switch "initialisation" has.

import { Matrix } from "../tape.js";

function filledMatrix(rows, columns, draw) {
  return new Matrix(rows, columns, Float64Array.from({ length: rows * columns }, draw));
}

// In [-bound, bound), evenly.
export function uniformMatrix(rows, columns, bound, random) {
  return filledMatrix(rows, columns, () => random.between(-bound, bound));
}

// Rows at right angles and of length 1, by Gram and Schmidt: Saxe, McClelland & Ganguli (2014),
// "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks".
export function orthogonalMatrix(size, random) {
  const matrix = filledMatrix(size, size, () => random.normal());
  for (let r = 0; r < size; r++) {
    const row = matrix.row(r);
    for (let above = 0; above < r; above++) {
      const other = matrix.row(above);
      const along = row.reduce((sum, value, k) => sum + value * other[k], 0);
      for (let k = 0; k < size; k++) row[k] -= along * other[k];
    }
    const length = Math.hypot(...row);
    for (let k = 0; k < size; k++) row[k] /= length;
  }
  return matrix;
}

// What a state is multiplied by from step to step.
const RECURRENT = {
  // torch's own: in [-1 / sqrt(H), 1 / sqrt(H)), whose eigenvalues lie within 0.6 or so.
  uniform: (size, random) => uniformMatrix(size, size, 1 / Math.sqrt(size), random),
  orthogonal: orthogonalMatrix,
  // Le, Jaitly & Hinton (2015), "A Simple Way to Initialize Recurrent Networks of Rectified Linear
  // Units".
  identity: (size) => filledMatrix(size, size, (_, k) => (k % (size + 1) === 0 ? 1 : 0)),
  // Far too large, on purpose: eigenvalues of up to 3, so that gradients explode.
  large: (size, random) => filledMatrix(size, size, () => (3 * random.normal()) / Math.sqrt(size)),
};
export const INITIALIZATIONS = Object.keys(RECURRENT);

export function recurrentMatrix(name, size, random) {
  return RECURRENT[name](size, random);
}
