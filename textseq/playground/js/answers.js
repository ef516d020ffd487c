// Outputs to answers, as `predict_proba` and `predict` give them.

export function softmaxOf(numbers) {
  const largest = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = numbers.map((v) => Math.exp(v - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / sum);
}

// Log odds to calibrated ones: straight between knots, at a slope of 1 beyond them.
function calibratedLogOdds({ log_odds: knots, calibrated }, value) {
  const end = Math.min(Math.max(value, knots[0]), knots.at(-1));
  let k = knots.findIndex((knot) => knot >= end);
  if (k <= 0) return calibrated[0] + value - end;
  const share = (end - knots[k - 1]) / (knots[k] - knots[k - 1]);
  return calibrated[k - 1] + share * (calibrated[k] - calibrated[k - 1]) + value - end;
}

// Probabilities, or the number, of outputs.
export function answerNumbers(answer, outputs) {
  if (answer.kind === "number") return outputs.map((v) => v * answer.scale + answer.mean);
  if (answer.kind === "labels") return outputs.map((v) => 1 / (1 + Math.exp(-v)));
  if (answer.isotonic === undefined) return softmaxOf(outputs);
  const logOdds = outputs[1] - outputs[0];
  const half = (calibratedLogOdds(answer.isotonic, logOdds) - logOdds) / 2;
  return softmaxOf([outputs[0] - half, outputs[1] + half]);
}

function largestPlace(numbers) {
  return numbers.reduce((best, v, k) => (v > numbers[best] ? k : best), 0);
}

// The places of what is answered: one of classes, any of labels.
export function decided(answer, probabilities) {
  const { thresholds, costs } = answer.decision ?? {};
  if (answer.kind === "labels") {
    const over = thresholds ? (p, k) => p >= thresholds[k] : (p) => p > 0.5;
    return probabilities.map(over).flatMap((yes, k) => (yes ? [k] : []));
  }
  if (costs) {
    const expected = costs[0].map(
      (_, k) => -probabilities.reduce((sum, p, j) => sum + p * costs[j][k], 0),
    );
    return [largestPlace(expected)];
  }
  if (thresholds) return [probabilities[1] >= thresholds[0] ? 1 : 0];
  return [largestPlace(probabilities)];
}
