// The letters of the cells' equations, as they stand beside numbers.

import { traceName } from "../stack.js";
import { word } from "../words.js";

const LETTERS = { g: "c̃" };
const GRU_LETTERS = { g: "n" };

// "fₜ", "hₜ₋₁"
export function symbolText(kind, symbol, before = false) {
  const letter = (kind === "gru" ? GRU_LETTERS : LETTERS)[symbol] ?? symbol;
  return `${letter}${before ? "ₜ₋₁" : "ₜ"}`;
}

// "forget gate f"
export function symbolName(kind, symbol) {
  return word(`symbol.${kind}.${symbol}`);
}

// The step that a direction came from: the one behind it in the text's order, or before it.
export function stepBefore(direction, step) {
  return direction === "backward" ? step + 1 : step - 1;
}

export function nameAt({ layer, direction }, symbol, step) {
  return traceName(layer, direction, symbol, step);
}
