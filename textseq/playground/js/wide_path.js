// The wide path: a text's n-grams straight to the outputs (`textseq/text/ngram_features.py`).

import { hashedRuns } from "./hashing.js";
import { Matrix } from "./tape.js";

const MOST_BUCKETS = 2 ** 32;

// The place of a number among ascending ones; -1 if it is not there.
function placeAmong(sorted, number) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < number) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === number ? low : -1;
}

// Weights (1 + log tf) sqrt(idf) of the features that a text has, scaled to length 1.
export function ngramWeights(wide, ids) {
  const runs = [
    ...ids.map((id, start) => ({ id, start, size: 1 })),
    ...hashedRuns(ids, wide.longest, MOST_BUCKETS, wide.tokens),
  ];
  const found = new Map();
  for (const run of runs) {
    const place = placeAmong(wide.ids.data, run.id);
    if (place < 0) continue;
    if (!found.has(place)) found.set(place, { place, runs: [] });
    found.get(place).runs.push(run);
  }
  const features = [...found.values()];
  for (const feature of features)
    feature.weight = (1 + Math.log(feature.runs.length)) * Math.sqrt(wide.idf.data[feature.place]);
  const length = Math.sqrt(features.reduce((sum, { weight }) => sum + weight ** 2, 0));
  for (const feature of features) feature.weight /= Math.max(length, 1e-12);
  return features;
}

// What the path adds to the outputs (1, n).
export function wideOutputs(wide, ids) {
  const out = new Matrix(1, wide.bias.columns, wide.bias.data.slice());
  for (const { place, weight } of ngramWeights(wide, ids))
    wide.weights.row(place).forEach((w, k) => (out.data[k] += weight * w));
  return out;
}
