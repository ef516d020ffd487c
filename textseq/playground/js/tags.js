// Tags read off what each step says of them: `textseq/nn/tagging.py`, `crf.py`.

import { softmaxOf } from "./answers.js";

const FORBIDDEN = -1e12; // what a move that is not allowed takes off a row's score

function logSumExp(numbers) {
  const largest = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  return largest + Math.log(numbers.reduce((sum, v) => sum + Math.exp(v - largest), 0));
}

// Scores of a row's first and last tag, and of each tag behind each; of separate tags all 0.
function chainScores({ kind, transitions, starts, ends }, K) {
  if (kind !== "crf") {
    const zeros = new Array(K).fill(0);
    return { starts: zeros, ends: zeros, transitions: zeros.map(() => zeros) };
  }
  const rows = Array.from({ length: K }, (_, k) => Array.from(transitions.row(k)));
  return { starts: Array.from(starts.data), ends: Array.from(ends.data), transitions: rows };
}

// The probability of each tag at each step, of emissions (T of K numbers): of a chain, given the
// whole row (Rabiner 1989, section III.A, in logarithms).
export function tagProbabilities(tags, emissions) {
  if (tags.kind !== "crf") return emissions.map(softmaxOf);
  if (!emissions.length) return [];
  const { starts, ends, transitions } = chainScores(tags, emissions[0].length);
  const before = [emissions[0].map((e, k) => e + starts[k])];
  for (const step of emissions.slice(1)) {
    const last = before.at(-1);
    before.push(step.map((e, k) => e + logSumExp(last.map((v, j) => v + transitions[j][k]))));
  }
  let behind = ends;
  const sums = [];
  for (let t = emissions.length - 1; t >= 0; t--) {
    sums.unshift(before[t].map((v, k) => v + behind[k]));
    const next = emissions[t].map((e, k) => e + behind[k]);
    behind = transitions.map((row) => logSumExp(row.map((v, k) => v + next[k])));
  }
  return sums.map(softmaxOf);
}

// The places of the tags that sum to most, of those allowed (Viterbi 1967).
export function bestTags(tags, emissions) {
  if (!emissions.length) return [];
  const K = emissions[0].length;
  const { starts, ends, transitions } = chainScores(tags, K);
  const penalty = (from, to) => (tags.allowed === null || tags.allowed[from][to] ? 0 : FORBIDDEN);
  const origins = [];
  let scores = emissions[0].map((e, k) => e + starts[k] + penalty(K, k));
  for (const step of emissions.slice(1)) {
    const origin = step.map((_, k) => {
      const ways = scores.map((v, j) => v + transitions[j][k] + penalty(j, k));
      return ways.reduce((best, v, j) => (v > ways[best] ? j : best), 0);
    });
    scores = step.map(
      (e, k) => e + scores[origin[k]] + transitions[origin[k]][k] + penalty(origin[k], k),
    );
    origins.push(origin);
  }
  const last = scores.map((v, k) => v + ends[k] + penalty(k, K));
  const path = [last.reduce((best, v, k) => (v > last[best] ? k : best), 0)];
  for (const origin of origins.reverse()) path.unshift(origin[path[0]]);
  return path;
}
