// The window of a series to what a forecaster reads: `textseq/series/windows.py`, `nn/folding.py`.

const LEAST_SCALE = 1e-2; // under it a window counts as constant
const SMALLEST = 1e-6; // size of a window of zeros

const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / Math.max(numbers.length, 1);

// Location and scale of one target's values in a window, null where nothing is known.
export function windowScale(values, { scaling, season }) {
  if (scaling === null) return [0, 1];
  if (scaling === "last") return [values.at(-1) ?? 0, 1];
  const known = values.filter((v) => v !== null);
  const location = mean(known);
  const std = Math.sqrt(mean(known.map((v) => (v - location) ** 2)));
  let scale = std;
  if (scaling === "seasonal") {
    const changes = values
      .map((v, t) =>
        t < season || v === null || values[t - season] === null
          ? null
          : Math.abs(v - values[t - season]),
      )
      .filter((v) => v !== null);
    const change = mean(changes);
    scale = change > LEAST_SCALE * std ? change : std;
  }
  return [location, scale > LEAST_SCALE ? scale : 1];
}

export class WindowReader {
  constructor({ window, network }) {
    this.window = window;
    this.network = network;
  }

  // `input`: values of each target in their own units, and what else is known of the window's steps
  // and of those behind it, as an example of the page has it.
  read(input) {
    const { location, scale, values } = input;
    const scaled = values.map((own, k) =>
      own.map((v) => (v === null ? null : (v - location[k]) / scale[k])),
    );
    const rows = scaled[0].map((_, t) => ({
      targets: scaled.map((own) => own[t]),
      others: input.others[t],
    }));
    return { input, rows, steps: this.steps(rows).vectors.length };
  }

  // What the encoder reads of rows, and the targets that the paths read, in the window's scale.
  steps(rows) {
    const { targets: K, fold, steps: n, season } = this.network;
    const length = rows.length;
    const scales = Array.from({ length: K }, (_, k) =>
      windowScale(
        rows.map(({ targets }) => targets[k]),
        this.window,
      ),
    );
    const past = rows.map(({ targets, others }) => [
      ...targets.map((v, k) => (v === null ? 0 : Math.fround((v - scales[k][0]) / scales[k][1]))),
      ...others,
    ]);
    // All windows end at the same step; before its first value a window is filled with it.
    const reach = n * fold;
    const aligned = Array.from({ length: reach }, (_, r) => past[Math.max(r - reach + length, 0)]);
    const sizes = scales.map((_, k) =>
      Math.sqrt(mean(aligned.map((row) => row[k] ** 2)) + SMALLEST ** 2),
    );
    const values = aligned.map((row, r) => [
      ...sizes.map((size, k) => row[k] / size),
      ...sizes.map((_, k) => (r < season ? 0 : Math.asinh(row[k] - aligned[r - season][k]))),
      ...row.slice(K),
    ]);
    const folded = Array.from({ length: n }, (_, s) => [
      ...values.slice(s * fold, (s + 1) * fold).flat(),
      ...sizes.map((size) => Math.log(size) / 3),
    ]);
    const vectors = folded
      .slice(n - Math.ceil(length / fold))
      .map((step) => Float64Array.from(step));
    return { scales, vectors, targets: scales.map((_, k) => aligned.map((row) => row[k])), length };
  }
}
