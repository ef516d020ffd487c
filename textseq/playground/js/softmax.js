// Every token's probability, of a state: `textseq/nn/softmax.py`.

import { affine } from "./head.js";

function logSoftmax(numbers) {
  const largest = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = numbers.reduce((total, v) => total + Math.exp(v - largest), 0);
  return numbers.map((v) => v - largest - Math.log(sum));
}

// What the softmax reads of a state (1, H): the state, or its projection to a vector's width.
export function scoredVector(tape, { projection }, state) {
  return projection === undefined ? state : affine(tape, projection, state);
}

// log p of each token's row, the first of which, padding, is never said. A first softmax chooses
// among the frequent tokens and the groups, a second one within the group.
export function tokenLogProbabilities(output, vector) {
  const { table, bias, starts, groups } = output;
  const scores = (from, to) => {
    const found = [];
    for (let row = from; row < to; row++) {
      const weights = table.row(row);
      let sum = bias.data[row];
      for (let d = 0; d < weights.length; d++) sum += weights[d] * vector[d];
      found.push(sum);
    }
    return found;
  };
  const bounds = [...starts, table.rows];
  const first = scores(1, bounds[0]);
  if (groups !== undefined)
    for (let k = 0; k < groups.weight.rows; k++)
      first.push(
        groups.weight.row(k).reduce((sum, w, d) => sum + w * vector[d], groups.bias.data[k]),
      );
  const [n, chances] = [bounds[0] - 1, logSoftmax(first)];
  const found = [-Infinity, ...chances.slice(0, n)];
  starts.forEach((start, k) => {
    for (const within of logSoftmax(scores(start, bounds[k + 1])))
      found.push(within + chances[n + k]);
  });
  return found;
}

// The tokens that may be drawn, the likeliest first, with their shares: of those that temperature,
// `topK` and `topP` leave.
export function drawnAmong(logProbabilities, { temperature = 1, topK = null, topP = null } = {}) {
  const order = logProbabilities
    .map((_, row) => row)
    .filter((row) => logProbabilities[row] > -Infinity);
  order.sort((a, b) => logProbabilities[b] - logProbabilities[a] || a - b);
  if (temperature === 0) return [{ row: order[0], share: 1 }];
  const largest = logProbabilities[order[0]];
  const kept = order.slice(0, topK ?? order.length).map((row) => ({
    row,
    share: Math.exp((logProbabilities[row] - largest) / temperature),
  }));
  const whole = kept.reduce((sum, { share }) => sum + share, 0);
  let [end, sum] = [kept.length, 0];
  if (topP !== null) {
    for (end = 0; end < kept.length && sum < topP * whole; end++) sum += kept[end].share;
    end = Math.max(end, 1);
  }
  const left = kept.slice(0, end);
  const total = left.reduce((a, { share }) => a + share, 0);
  return left.map(({ row, share }) => ({ row, share: share / total }));
}

// One of them, by a number from 0 to 1.
export function drawn(candidates, number) {
  let sum = 0;
  for (const candidate of candidates) {
    sum += candidate.share;
    if (number < sum) return candidate;
  }
  return candidates.at(-1);
}
