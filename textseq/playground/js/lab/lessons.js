// The guided steps: how each is made to fail, what mends it, and how the page sees both.

import { DEFAULTS } from "./switches.js";

// `fails`: the switches that it starts with, and for how many steps; it has failed when by then the
// task is not learnt. `mends`: those that a learner should find. `holds`: what must stay as it is
// for the mending to count. Texts: lesson.NAME.title, .story, .fail, .question, .answer, .mend.
export const LESSONS = [
  {
    name: "reach",
    fails: { task: "first", length: 50 },
    steps: 150,
    mends: { length: 10 },
    holds: ["task", "cell", "initialization", "activation"],
  },
  {
    name: "switches",
    fails: { task: "first", length: 50, learningRate: 0.001 },
    steps: 150,
    mends: { initialization: "identity", activation: "relu" },
    holds: ["task", "length", "cell"],
  },
  {
    name: "forget",
    fails: { task: "first", length: 50, cell: "lstm", forgetBias: 0 },
    steps: 100,
    mends: { forgetBias: 5 },
    holds: ["task", "length", "cell"],
  },
  {
    name: "exploding",
    fails: { task: "first", length: 50, initialization: "identity", activation: "relu", optimizer: "sgd", learningRate: 0.03 },
    steps: 100,
    mends: { clipping: 1 },
    holds: ["task", "length", "cell", "initialization", "activation", "optimizer", "learningRate"],
  },
  {
    name: "deep",
    fails: { task: "order", length: 5, layers: 8, optimizer: "sgd", learningRate: 0.03 },
    steps: 100,
    mends: { connections: "residual" },
    holds: ["task", "length", "cell", "layers", "optimizer"],
  },
  {
    name: "order",
    fails: { task: "order", length: 10, cell: "mean" },
    steps: 300,
    mends: { cell: "rnn" },
    holds: ["task", "length"],
  },
  {
    name: "truncation",
    fails: { task: "first", length: 10, truncation: 5 },
    steps: 200,
    mends: { truncation: 0 },
    holds: ["task", "length"],
  },
  {
    name: "rate",
    fails: { task: "sine", length: 20, learningRate: 0.3 },
    steps: 150,
    mends: { learningRate: 0.003 },
    holds: ["task", "length", "optimizer"],
  },
];

export function failingSettings(lesson) {
  return { ...DEFAULTS, ...lesson.fails };
}

// Whether these are the settings that a lesson starts with.
export function isFailing(lesson, settings) {
  const start = failingSettings(lesson);
  return Object.keys(start).every((name) => start[name] === settings[name]);
}

// "failed" or "mended", where a report shows it for the settings it was made with; else null.
export function seenIn(lesson, settings, report) {
  if (isFailing(lesson, settings)) return ["spent", "broken"].includes(report.state) ? "failed" : null;
  const start = failingSettings(lesson);
  const holds = lesson.holds.every((name) => start[name] === settings[name]);
  return holds && report.state === "learnt" ? "mended" : null;
}
