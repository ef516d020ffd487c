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
    fails: {
      task: "first",
      length: 50,
      initialization: "identity",
      activation: "relu",
      optimizer: "sgd",
      learningRate: 0.03,
    },
    steps: 100,
    mends: { clipping: 1 },
    holds: ["task", "length", "cell", "initialization", "activation", "optimizer", "learningRate"],
  },
  {
    name: "deep",
    fails: { task: "order", length: 5, layers: 8, optimizer: "sgd", learningRate: 0.03 },
    steps: 100,
    mends: { connections: "residual" },
    holds: ["task", "length", "cell", "layers", "optimizer", "learningRate"],
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
    holds: ["task", "length", "cell", "initialization", "activation"],
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

// Whether these are the settings that a lesson starts with, whatever the seed.
export function isFailing(lesson, settings) {
  const start = failingSettings(lesson);
  return Object.keys(start).every((name) => name === "seed" || start[name] === settings[name]);
}

// Switches that were turned though they must stay as they are.
export function turnedAway(lesson, settings) {
  const start = failingSettings(lesson);
  return lesson.holds.filter((name) => start[name] !== settings[name]);
}

// What a run with these settings shows, as a key of the page's words; "failed" and "mended" are
// what a step asks for, and so is "broken" of the settings that should fail.
export function verdictOn(lesson, settings, state) {
  if (state === "running") return "running";
  if (state === "paused" || state === "new") return "notYet";
  if (isFailing(lesson, settings))
    return { spent: "failed", broken: "broken", learnt: "notFailed" }[state];
  if (state !== "learnt") return "notMended";
  return turnedAway(lesson, settings).length ? "elsewhere" : "mended";
}
