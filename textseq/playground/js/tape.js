// Matrices that remember how they came about, so that gradients can be sent back through them.
//
// A `Matrix` has `rows` times `columns` numbers, row after row. A `Tape` computes with them and
// notes each step; `backward` walks the notes from the last to the first (reverse-mode automatic
// differentiation: Griewank & Walther 2008, "Evaluating Derivatives", section 3.2).

export class Matrix {
  constructor(rows, columns, data = new Float64Array(rows * columns)) {
    this.rows = rows;
    this.columns = columns;
    this.data = data;
    this.grad = null; // made when a gradient first arrives
    this.fixed = false; // whether no gradient is wanted: of weights that don't learn
  }

  static of(rows) {
    return new Matrix(rows.length, rows[0].length, Float64Array.from(rows.flat()));
  }

  row(number) {
    return this.data.subarray(number * this.columns, (number + 1) * this.columns);
  }

  // The gradient's place, to add to.
  gradient() {
    if (this.grad === null) this.grad = new Float64Array(this.data.length);
    return this.grad;
  }
}

// out += a b: (N, M) by (M, K), plain numbers row after row. Of `a` the next row is `down` numbers
// away and the next column `across`, so that it may be read as its transpose.
// Nearly all time goes here: four terms at a time spare three of four readings of `out`.
export function addProduct(out, a, b, N, M, K, down = M, across = 1) {
  for (let n = 0; n < N; n++) {
    const to = n * K;
    let m = 0;
    for (; m + 3 < M; m += 4) {
      const [from, row] = [n * down + m * across, m * K];
      const [a0, a1, a2, a3] = [a[from], a[from + across], a[from + 2 * across], a[from + 3 * across]];
      const [row1, row2, row3] = [row + K, row + 2 * K, row + 3 * K];
      for (let k = 0; k < K; k++)
        out[to + k] += a0 * b[row + k] + a1 * b[row1 + k] + a2 * b[row2 + k] + a3 * b[row3 + k];
    }
    for (; m < M; m++) {
      const weight = a[n * down + m * across];
      for (let k = 0, row = m * K; k < K; k++) out[to + k] += weight * b[row + k];
    }
  }
}

// out = W x of one row x: (H, D) by (D). Four sums side by side keep the processor busy.
export function multiplyRow(out, x, weight) {
  const D = x.length;
  for (let h = 0; h < out.length; h++) {
    const row = h * D;
    let [a, b, c, e] = [0, 0, 0, 0];
    let d = 0;
    for (; d + 3 < D; d += 4) {
      a += x[d] * weight[row + d];
      b += x[d + 1] * weight[row + d + 1];
      c += x[d + 2] * weight[row + d + 2];
      e += x[d + 3] * weight[row + d + 3];
    }
    for (; d < D; d++) a += x[d] * weight[row + d];
    out[h] = a + b + (c + e);
  }
}

// The numbers of Mᵀ, row after row.
function transposed({ rows, columns, data }) {
  const out = new Float64Array(data.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c];
  return out;
}

export class Tape {
  // `edits`: a name to a Map of place to number; what is computed under the name has the number
  // there, whatever came before. `recording` false: nothing is noted, so no gradients.
  constructor({ edits = new Map(), recording = true } = {}) {
    this.edits = edits;
    this.recording = recording;
    this.notes = [];
    this.trace = new Map(); // a name to the Matrix that was computed under it
  }

  // Send the gradient of `target` (all ones, or `seed`) back to all that it was computed from.
  backward(target, seed = null) {
    const grad = target.gradient();
    for (let k = 0; k < grad.length; k++) grad[k] += seed === null ? 1 : seed[k];
    for (let n = this.notes.length - 1; n >= 0; n--) {
      const [value, back] = this.notes[n];
      if (value.grad !== null) back(value.grad);
    }
  }

  // Forget all gradients, so that those of another target can be sent back.
  clear() {
    for (const [value] of this.notes) value.grad = null;
    for (const value of this.trace.values()) value.grad = null;
  }

  // Keep a value under a name, with the numbers that were put into it by hand.
  named(name, value) {
    const edited = this.edits.get(name);
    if (edited !== undefined && edited.size) {
      const before = value;
      value = this.#note(new Matrix(before.rows, before.columns, before.data.slice()), (grad) => {
        const into = before.gradient();
        // A number put in by hand depends on nothing.
        for (let k = 0; k < grad.length; k++) if (!edited.has(k)) into[k] += grad[k];
      });
      for (const [place, number] of edited) value.data[place] = number;
    }
    this.trace.set(name, value);
    return value;
  }

  // x Wᵀ: (B, D) by (H, D) to (B, H).
  linear(x, weight) {
    const [B, D, H] = [x.rows, x.columns, weight.rows];
    const out = new Matrix(B, H);
    if (B === 1) multiplyRow(out.data, x.data, weight.data);
    else addProduct(out.data, x.data, transposed(weight), B, D, H);
    return this.#note(out, (grad) => {
      if (!x.fixed) addProduct(x.gradient(), grad, weight.data, B, H, D);
      if (!weight.fixed) addProduct(weight.gradient(), grad, x.data, H, B, D, 1, H); // gradᵀ x
    });
  }

  // a b: (N, M) by (M, K) to (N, K).
  product(a, b) {
    const [N, M, K] = [a.rows, a.columns, b.columns];
    const out = new Matrix(N, K);
    addProduct(out.data, a.data, b.data, N, M, K);
    return this.#note(out, (grad) => {
      addProduct(a.gradient(), grad, transposed(b), N, K, M);
      addProduct(b.gradient(), a.data, grad, M, N, K, 1, M); // aᵀ grad
    });
  }

  // The sum of matrices of one shape; one of a single row is added to every row.
  add(...parts) {
    const rows = Math.max(...parts.map((part) => part.rows));
    const out = new Matrix(rows, parts[0].columns);
    for (const { data } of parts)
      for (let start = 0; start < out.data.length; start += data.length)
        for (let k = 0; k < data.length; k++) out.data[start + k] += data[k];
    return this.#note(out, (grad) => {
      for (const part of parts) {
        if (part.fixed) continue;
        const into = part.gradient();
        for (let start = 0; start < grad.length; start += into.length)
          for (let k = 0; k < into.length; k++) into[k] += grad[start + k];
      }
    });
  }

  // a * b, number by number; of a single row, with every row.
  multiply(a, b) {
    if (a.rows < b.rows) return this.multiply(b, a);
    const n = b.data.length;
    const out = new Matrix(a.rows, a.columns);
    for (let start = 0; start < out.data.length; start += n)
      for (let k = 0; k < n; k++) out.data[start + k] = a.data[start + k] * b.data[k];
    return this.#note(out, (grad) => {
      const [ofA, ofB] = [a.gradient(), b.gradient()];
      for (let start = 0; start < grad.length; start += n)
        for (let k = 0; k < n; k++) {
          ofA[start + k] += grad[start + k] * b.data[k];
          ofB[k] += grad[start + k] * a.data[start + k];
        }
    });
  }

  // scale * x + shift, by plain numbers.
  scaled(x, scale, shift = 0) {
    return this.#elementwise(x, (value) => scale * value + shift, () => scale);
  }

  sigmoid(x) {
    return this.#elementwise(x, (value) => 1 / (1 + Math.exp(-value)), (value, y) => y * (1 - y));
  }

  tanh(x) {
    return this.#elementwise(x, Math.tanh, (value, y) => 1 - y * y);
  }

  relu(x) {
    return this.#elementwise(x, (value) => Math.max(value, 0), (value) => (value > 0 ? 1 : 0));
  }

  absolute(x) {
    return this.#elementwise(x, Math.abs, Math.sign);
  }

  // Matrices side by side: (B, D1), (B, D2), ... to (B, D1 + D2 + ...).
  beside(...parts) {
    if (parts.length === 1) return parts[0];
    const columns = parts.reduce((sum, part) => sum + part.columns, 0);
    const out = new Matrix(parts[0].rows, columns);
    const eachPart = (visit) => {
      let start = 0;
      for (const part of parts) {
        for (let b = 0; b < part.rows; b++)
          for (let d = 0; d < part.columns; d++)
            visit(part, b * part.columns + d, b * columns + start + d);
        start += part.columns;
      }
    };
    eachPart((part, from, to) => (out.data[to] = part.data[from]));
    return this.#note(out, (grad) => {
      eachPart((part, from, to) => (part.gradient()[from] += grad[to]));
    });
  }

  // Matrices of one width one above the other.
  above(...parts) {
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const out = new Matrix(rows, parts[0].columns);
    let start = 0;
    for (const part of parts) {
      out.data.set(part.data, start);
      start += part.data.length;
    }
    return this.#note(out, (grad) => {
      let from = 0;
      for (const part of parts) {
        const into = part.gradient();
        for (let k = 0; k < into.length; k++) into[k] += grad[from + k];
        from += into.length;
      }
    });
  }

  // Rows by their numbers, as often as they are named: an embedding table's rows of ids.
  take(x, numbers) {
    const out = new Matrix(numbers.length, x.columns);
    numbers.forEach((number, k) => out.data.set(x.row(number), k * x.columns));
    return this.#note(out, (grad) => {
      const into = x.gradient();
      numbers.forEach((number, k) => {
        for (let d = 0; d < x.columns; d++) into[number * x.columns + d] += grad[k * x.columns + d];
      });
    });
  }

  // Columns `start` to `end`, that one left out.
  columns(x, start, end) {
    const width = end - start;
    const out = new Matrix(x.rows, width);
    for (let b = 0; b < x.rows; b++) out.data.set(x.row(b).subarray(start, end), b * width);
    return this.#note(out, (grad) => {
      const into = x.gradient();
      for (let b = 0; b < x.rows; b++)
        for (let d = 0; d < width; d++) into[b * x.columns + start + d] += grad[b * width + d];
    });
  }

  // The mean over rows: (T, H) to (1, H).
  mean(x) {
    return this.product(new Matrix(1, x.rows, new Float64Array(x.rows).fill(1 / x.rows)), x);
  }

  // The largest over rows, column by column: (T, H) to (1, H). A tie is the first one's.
  max(x) {
    const best = new Array(x.columns).fill(0);
    for (let t = 1; t < x.rows; t++)
      for (let h = 0; h < x.columns; h++)
        if (x.data[t * x.columns + h] > x.data[best[h] * x.columns + h]) best[h] = t;
    const out = new Matrix(1, x.columns, Float64Array.from(best, (t, h) => x.data[t * x.columns + h]));
    return this.#note(out, (grad) => {
      const into = x.gradient();
      best.forEach((t, h) => (into[t * x.columns + h] += grad[h]));
    });
  }

  // exp(x) over its sum, within each row.
  softmax(x) {
    const out = new Matrix(x.rows, x.columns);
    for (let b = 0; b < x.rows; b++) {
      const largest = x.row(b).reduce((a, v) => Math.max(a, v), -Infinity);
      let sum = 0;
      for (let k = b * x.columns; k < (b + 1) * x.columns; k++) sum += out.data[k] = Math.exp(x.data[k] - largest);
      for (let k = b * x.columns; k < (b + 1) * x.columns; k++) out.data[k] /= sum;
    }
    return this.#note(out, (grad) => {
      const into = x.gradient();
      for (let b = 0; b < x.rows; b++) {
        let along = 0;
        for (let k = b * x.columns; k < (b + 1) * x.columns; k++) along += grad[k] * out.data[k];
        for (let k = b * x.columns; k < (b + 1) * x.columns; k++) into[k] += out.data[k] * (grad[k] - along);
      }
    });
  }

  // Each row less its mean, over its standard deviation: Ba, Kiros & Hinton (2016), equation 3.
  standardized(x, epsilon) {
    const [out, scales] = [new Matrix(x.rows, x.columns), new Float64Array(x.rows)];
    for (let b = 0; b < x.rows; b++) {
      const row = x.row(b);
      const mean = row.reduce((sum, v) => sum + v, 0) / x.columns;
      const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.columns;
      scales[b] = 1 / Math.sqrt(variance + epsilon);
      row.forEach((v, k) => (out.data[b * x.columns + k] = (v - mean) * scales[b]));
    }
    return this.#note(out, (grad) => {
      const into = x.gradient();
      for (let b = 0; b < x.rows; b++) {
        const start = b * x.columns;
        let [mean, along] = [0, 0]; // of the gradient, and of it along the output
        for (let k = start; k < start + x.columns; k++) {
          mean += grad[k] / x.columns;
          along += (grad[k] * out.data[k]) / x.columns;
        }
        for (let k = start; k < start + x.columns; k++)
          into[k] += scales[b] * (grad[k] - mean - out.data[k] * along);
      }
    });
  }

  // Each row over its euclidean length; zeros stay zeros.
  unitLength(x) {
    const [out, lengths] = [new Matrix(x.rows, x.columns), new Float64Array(x.rows)];
    for (let b = 0; b < x.rows; b++) {
      lengths[b] = Math.max(Math.hypot(...x.row(b)), 1e-12);
      x.row(b).forEach((v, k) => (out.data[b * x.columns + k] = v / lengths[b]));
    }
    return this.#note(out, (grad) => {
      const into = x.gradient();
      for (let b = 0; b < x.rows; b++) {
        const start = b * x.columns;
        let along = 0;
        for (let k = start; k < start + x.columns; k++) along += grad[k] * out.data[k];
        for (let k = start; k < start + x.columns; k++) into[k] += (grad[k] - out.data[k] * along) / lengths[b];
      }
    });
  }

  // Any function of one number at a time, with its slope at (x, y).
  #elementwise(x, of, slope) {
    const out = new Matrix(x.rows, x.columns);
    for (let k = 0; k < out.data.length; k++) out.data[k] = of(x.data[k]);
    return this.#note(out, (grad) => {
      const into = x.gradient();
      for (let k = 0; k < grad.length; k++) into[k] += grad[k] * slope(x.data[k], out.data[k]);
    });
  }

  #note(value, back) {
    if (this.recording) this.notes.push([value, back]);
    return value;
  }
}
