// The page's numbers: arrays in one block of bytes, as `textseq/playground/arrays.py` laid them.

import { Matrix } from "./tape.js";

export function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k); // millions of them
  return bytes.buffer;
}

// IEEE 754 half precision: a sign, 5 bits of exponent, 10 of fraction.
export function halfPrecision(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * 2 ** (exponent - 25) * (1024 + fraction);
}

export function readMatrix(block, { shape, start, dtype }) {
  const [rows, columns] = shape;
  const size = rows * columns;
  let data;
  if (dtype === "float64") data = new Float64Array(block, start, size);
  else if (dtype === "float32") data = new Float64Array(new Float32Array(block, start, size));
  else data = Float64Array.from(new Uint16Array(block, start, size), halfPrecision);
  const matrix = new Matrix(rows, columns, data);
  matrix.fixed = true; // a fitted model's weights stay as they are
  return matrix;
}

// A form with a Matrix wherever it says {array: name}.
export function withMatrices(form, arrays, block) {
  if (form === null || typeof form !== "object") return form;
  if (typeof form.array === "string") return readMatrix(block, arrays[form.array]);
  if (Array.isArray(form)) return form.map((part) => withMatrices(part, arrays, block));
  return Object.fromEntries(
    Object.entries(form).map(([name, part]) => [name, withMatrices(part, arrays, block)]),
  );
}
