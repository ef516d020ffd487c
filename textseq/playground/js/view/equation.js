// Equations, from LaTeX to MathML, which browsers draw with their own letters.

import { temml } from "../vendor/temml.js";
import { numberText, plainDigits } from "../words.js";
import { element } from "./elements.js";

export function equation(latex, { display = false } = {}) {
  const node = element("span", { class: display ? "equation wide-equation" : "equation" });
  writeEquation(node, latex);
  return node;
}

// Write another equation into the node of one.
export function writeEquation(node, latex) {
  if (node.dataset.latex === latex) return;
  node.dataset.latex = latex;
  temml.render(latex, node, { throwOnError: true });
}

// A number within LaTeX: the comma of a decimal is no list, and a minus is a sign.
export function latexNumber(value, digits = 3) {
  const text = numberText(value, digits).replace(",", "{,}").replace("−", "-");
  return text.replace(/·10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)/, (whole, power) => `\\cdot 10^{${plainDigits(power)}}`);
}

// A number behind an operator: one below zero stands in brackets.
export function latexTerm(value, digits = 3) {
  return value < 0 ? `(${latexNumber(value, digits)})` : latexNumber(value, digits);
}
