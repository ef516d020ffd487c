// Eigenvalues of a real matrix: to Hessenberg form, then the shifted QR algorithm.
//
// Golub & Van Loan (2013), "Matrix Computations", 4th edition: algorithms 7.4.2 (Householder) and
// 7.5.1 (Francis' step). Here the QR steps run in complex numbers with one shift, which is shorter.

// `matrix` (H, H), a Matrix; answers H numbers {re, im}, the largest first.
export function eigenvalues(matrix) {
  const size = matrix.rows;
  const re = hessenberg(matrix);
  const im = re.map((row) => new Float64Array(row.length));
  const found = [];
  let end = size - 1; // the last row that is still to be split off
  let turns = 0;
  while (end > 0) {
    let start = end; // where the block begins: below-diagonal numbers before it have vanished
    while (start > 0 && !vanishes(re, im, start)) start--;
    if (start === end) {
      end--;
      turns = 0;
    } else if (++turns > 30 * size) {
      break; // has not been seen to happen; what the diagonal has is answered
    } else {
      qrStep(re, im, start, end, turns % 11 === 10);
    }
  }
  for (let k = 0; k < size; k++) found.push({ re: re[k][k], im: im[k][k] });
  return found.sort((a, b) => Math.hypot(b.re, b.im) - Math.hypot(a.re, a.im) || b.im - a.im);
}

// Zeros below the first subdiagonal, with the same eigenvalues: a reflection a column.
function hessenberg(matrix) {
  const size = matrix.rows;
  const a = Array.from({ length: size }, (_, r) => Float64Array.from(matrix.row(r)));
  for (let k = 0; k + 2 < size; k++) {
    const length = Math.hypot(...a.slice(k + 1).map((row) => row[k]));
    if (length === 0) continue;
    const v = new Float64Array(size); // the mirror's normal
    for (let r = k + 1; r < size; r++) v[r] = a[r][k];
    v[k + 1] += v[k + 1] < 0 ? -length : length;
    const square = v.reduce((sum, value) => sum + value * value, 0);
    for (let c = 0; c < size; c++) {
      let along = 0;
      for (let r = k + 1; r < size; r++) along += v[r] * a[r][c];
      for (let r = k + 1; r < size; r++) a[r][c] -= (2 * along * v[r]) / square;
    }
    for (let r = 0; r < size; r++) {
      let along = 0;
      for (let c = k + 1; c < size; c++) along += a[r][c] * v[c];
      for (let c = k + 1; c < size; c++) a[r][c] -= (2 * along * v[c]) / square;
    }
  }
  return a;
}

function vanishes(re, im, k) {
  const around =
    Math.abs(re[k][k]) +
    Math.abs(im[k][k]) +
    Math.abs(re[k - 1][k - 1]) +
    Math.abs(im[k - 1][k - 1]);
  return Math.abs(re[k][k - 1]) + Math.abs(im[k][k - 1]) <= 2.2e-16 * around + Number.MIN_VALUE;
}

// A - s I = Q R, then R Q + s I, within rows and columns start ... end.
function qrStep(re, im, start, end, stuck) {
  const [shiftRe, shiftIm] = stuck
    ? [re[end][end] + Math.abs(re[end][end - 1]), im[end][end]]
    : wilkinsonShift(re, im, end);
  for (let k = start; k <= end; k++)
    [re[k][k], im[k][k]] = [re[k][k] - shiftRe, im[k][k] - shiftIm];
  const turned = [];
  for (let k = start; k < end; k++) {
    const length = Math.hypot(re[k][k], im[k][k], re[k + 1][k], im[k + 1][k]);
    // [c, s; -conj(s), conj(c)] turns the column (x, y) to (length, 0); nothing to turn in zeros.
    const [cRe, cIm, sRe, sIm] =
      length === 0
        ? [1, 0, 0, 0]
        : [re[k][k] / length, -im[k][k] / length, re[k + 1][k] / length, -im[k + 1][k] / length];
    turned.push([cRe, cIm, sRe, sIm]);
    for (let c = k; c <= end; c++) {
      const [xRe, xIm, yRe, yIm] = [re[k][c], im[k][c], re[k + 1][c], im[k + 1][c]];
      re[k][c] = cRe * xRe - cIm * xIm + sRe * yRe - sIm * yIm;
      im[k][c] = cRe * xIm + cIm * xRe + sRe * yIm + sIm * yRe;
      re[k + 1][c] = -sRe * xRe - sIm * xIm + cRe * yRe + cIm * yIm;
      im[k + 1][c] = -sRe * xIm + sIm * xRe + cRe * yIm - cIm * yRe;
    }
  }
  turned.forEach(([cRe, cIm, sRe, sIm], place) => {
    const k = start + place;
    for (let r = start; r <= Math.min(k + 1, end); r++) {
      const [xRe, xIm, yRe, yIm] = [re[r][k], im[r][k], re[r][k + 1], im[r][k + 1]];
      // times the turn's conjugate transpose
      re[r][k] = xRe * cRe + xIm * cIm + yRe * sRe + yIm * sIm;
      im[r][k] = xIm * cRe - xRe * cIm + yIm * sRe - yRe * sIm;
      re[r][k + 1] = -xRe * sRe + xIm * sIm + yRe * cRe - yIm * cIm;
      im[r][k + 1] = -xRe * sIm - xIm * sRe + yRe * cIm + yIm * cRe;
    }
  });
  for (let k = start; k <= end; k++)
    [re[k][k], im[k][k]] = [re[k][k] + shiftRe, im[k][k] + shiftIm];
}

// Of the last 2 by 2 numbers' eigenvalues the one nearer to the last number.
function wilkinsonShift(re, im, end) {
  const [aRe, aIm, dRe, dIm] = [
    re[end - 1][end - 1],
    im[end - 1][end - 1],
    re[end][end],
    im[end][end],
  ];
  const [bRe, bIm, cRe, cIm] = [
    re[end - 1][end],
    im[end - 1][end],
    re[end][end - 1],
    im[end][end - 1],
  ];
  const [halfRe, halfIm] = [(aRe - dRe) / 2, (aIm - dIm) / 2];
  // root = sqrt(half^2 + b c)
  const squareRe = halfRe * halfRe - halfIm * halfIm + bRe * cRe - bIm * cIm;
  const squareIm = 2 * halfRe * halfIm + bRe * cIm + bIm * cRe;
  const length = Math.hypot(squareRe, squareIm);
  const rootRe = Math.sqrt(Math.max(length + squareRe, 0) / 2);
  const rootIm = Math.sign(squareIm || 1) * Math.sqrt(Math.max(length - squareRe, 0) / 2);
  const sign = halfRe * rootRe + halfIm * rootIm > 0 ? -1 : 1;
  return [dRe + halfRe + sign * rootRe, dIm + halfIm + sign * rootIm];
}
