// The side of the lab that computes, in a worker: it trains, reports a few times a second, and
// hears between reports what is to be changed.

import { sentimentTask, TASKS } from "./tasks.js";
import { Trainer } from "./trainer.js";

const REPORT_EVERY = 100; // milliseconds
const VALIDATE_EVERY = 50; // steps
const SMOOTHING = 0.1; // a step's share in the mean loss that is told

// Messages in: {order: "start", run, settings, most}, {order: "look", run, settings} (the first
// weights alone), {order: "change", settings}, {order: "pause"}, {order: "go", most}.
// Messages out: {run, step, losses, norms, loss, right, flow, spectrum, unseen, state}, `state`
// being "new" (not trained), "running", "paused", "learnt" (the mean loss is below the task's
// goal), "spent" (`most` steps are done), or "broken" (a number grew beyond all bounds).
export function serveTraining(scope, sentences) {
  const tasks = { ...TASKS, sentiment: sentimentTask(sentences) };
  let [trainer, told, most, stopsAtGoal, state] = [null, null, 0, true, "paused"];
  let timer = null; // of the next stretch of steps: there is one at most

  function begin({ run, settings, most: steps }) {
    const task = tasks[settings.task];
    trainer = new Trainer(task, settings);
    told = { run, losses: [], norms: [], loss: task.guessing, right: null, unseen: null };
    [most, stopsAtGoal] = [steps, true];
    go();
  }

  // One batch through the first weights, which stay as they are.
  function look({ run, settings }) {
    stop();
    const seen = new Trainer(tasks[settings.task], { ...settings, learningRate: 0 });
    seen.step();
    const told = {
      run,
      step: 0,
      losses: [],
      norms: [],
      loss: null,
      right: null,
      unseen: null,
      state: "new",
    };
    scope.postMessage({ ...told, flow: seen.gradientFlow(), spectrum: seen.spectrum() });
  }

  function stop() {
    state = "paused";
    clearTimeout(timer);
  }

  function go() {
    state = "running";
    clearTimeout(timer);
    timer = setTimeout(work, 0);
  }

  function work() {
    const end = performance.now() + REPORT_EVERY;
    do takeStep();
    while (state === "running" && performance.now() < end);
    report();
    if (state === "running") timer = setTimeout(work, 0);
  }

  function takeStep() {
    const { loss, right, norm, failed } = trainer.step();
    told.losses.push(loss);
    told.norms.push(norm);
    told.loss += SMOOTHING * (loss - told.loss);
    told.right =
      right === null ? null : (told.right ?? right) + SMOOTHING * (right - (told.right ?? right));
    if (trainer.steps % VALIDATE_EVERY === 0) told.unseen = trainer.validate();
    if (failed) state = "broken";
    else if (stopsAtGoal && told.loss < trainer.task.goal) state = "learnt";
    else if (trainer.steps >= most) state = "spent";
  }

  function report() {
    scope.postMessage({
      ...told,
      step: trainer.steps,
      state,
      flow: trainer.gradientFlow(),
      spectrum: trainer.spectrum(),
    });
    [told.losses, told.norms] = [[], []];
  }

  scope.onmessage = ({ data }) => {
    if (data.order === "start") {
      begin(data);
    } else if (data.order === "look") {
      look(data);
    } else if (data.order === "change") {
      trainer?.change(data.settings);
    } else if (data.order === "pause" && state === "running") {
      stop();
      report();
    } else if (data.order === "go") {
      // Beyond what it stopped at.
      most = trainer.steps + data.most;
      stopsAtGoal = told.loss >= trainer.task.goal;
      go();
    }
  };
}
