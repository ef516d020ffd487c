// From a window straight to its forecast, beside the encoder: `textseq/nn/skip_paths.py`.

import { affine } from "./head.js";
import { Matrix } from "./tape.js";

// A season ahead of one target as a mean of the seasons past: `logits` (1, J + 1) weigh these, and
// the window's level, which is 0. Seasons that the window does not wholly hold have no weight.
function seasonAhead(tape, { season, seasons }, window, length, logits) {
  const whole = Math.min(Math.max(Math.floor(length / season), 1), seasons);
  const weights = tape.softmax(tape.columns(logits, seasons - whole, seasons + 1));
  const recent = new Matrix(whole, season, window.data.slice(window.columns - whole * season));
  return tape.product(tape.columns(weights, 0, whole), recent);
}

// The paths' forecast (1, H) of target `k`, of its window (1, R).
export function pathForecast(tape, network, window, k, length, logits) {
  const { horizon, linear, seasonal, targets } = network;
  const parts = [new Matrix(1, horizon)];
  if (linear !== null) parts.push(affine(tape, linear, window));
  if (seasonal !== null) {
    const size = seasonal.seasons + 1;
    const ahead = Array.from({ length: seasonal.ahead }, (_, a) => {
      const start = (a * targets + k) * size;
      const own = tape.named(`season${a + 1}.${k}`, tape.columns(logits, start, start + size));
      return seasonAhead(tape, seasonal, window, length, own);
    });
    parts.push(tape.columns(tape.beside(...ahead), 0, horizon));
  }
  return tape.add(...parts);
}
