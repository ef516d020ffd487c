// Training, a step at a time: a batch, its loss, the gradient back through time, new weights.

import { eigenvalues } from "../eigenvalues.js";
import { traceName } from "../stack.js";
import { Tape } from "../tape.js";
import { crossEntropy, squaredError } from "./loss.js";
import { KEEPING_GATE, makeNetwork } from "./network.js";
import { clipGradients, OPTIMIZERS } from "./optimizers.js";
import { seededRandom } from "./random.js";

export const ROWS = 32; // of a batch

export class Trainer {
  constructor(task, settings) {
    this.task = task;
    this.settings = settings;
    this.random = seededRandom(settings.seed);
    this.network = makeNetwork(settings, task, this.random);
    this.update = OPTIMIZERS[settings.optimizer](this.network.parameters);
    this.steps = 0;
  }

  // What can be changed while it learns: learning rate, clipping, truncation.
  change(settings) {
    Object.assign(this.settings, settings);
  }

  // One batch; answers its loss, the share of right answers, the length of the gradient before
  // clipping, and that of the loss by each state: `flow[layer][t]` = |dL / dh_t|.
  step() {
    const { task, network, settings } = this;
    const batch = task.draw(this.random, ROWS, settings.length);
    const tape = new Tape();
    const { answers, loss, right, grad } = this.#answer(tape, batch);
    for (const parameter of network.parameters) parameter.gradient().fill(0);
    tape.backward(answers, grad);
    const norm = clipGradients(network.parameters, settings.clipping);
    this.tape = tape;
    this.length = batch.steps.length;
    this.steps++;
    const failed = !Number.isFinite(loss) || !Number.isFinite(norm);
    if (!failed) this.update(settings.learningRate);
    return { step: this.steps, loss, right, norm, failed };
  }

  // |dL / dh_t| of the last batch, a list of T numbers a layer; null where no gradient came.
  gradientFlow() {
    const { layers } = this.network;
    const start = this.settings.truncation
      ? Math.max(0, this.length - this.settings.truncation)
      : 0;
    return Array.from({ length: Math.max(1, layers.length) }, (_, number) =>
      Array.from({ length: this.length }, (_, t) => {
        if (t < start) return null;
        const state = this.tape.trace.get(traceName(number + 1, "forward", "h", t - start));
        return state?.grad ? Math.hypot(...state.grad) : 0;
      }),
    );
  }

  // What a state of the first layer is multiplied by from step to step, as points of the complex
  // plane: the recurrent matrix's eigenvalues, or how far open each unit's keeping gate is.
  spectrum() {
    const [layer] = this.network.layers;
    if (!layer) return [];
    const gate = KEEPING_GATE[layer.kind];
    if (!gate) return eigenvalues(layer.forward.W_hh);
    const open = new Float64Array(layer.forward.W_xf?.rows ?? layer.forward.W_xz.rows);
    let count = 0;
    for (let t = 0; t < this.length; t++) {
      const value = this.tape.trace.get(traceName(1, "forward", gate, t));
      if (!value) break;
      value.data.forEach((share, k) => (open[k % open.length] += share));
      count += value.rows;
    }
    return Array.from(open, (sum) => ({ re: sum / count, im: 0 }));
  }

  // The share of right answers on what was never trained on, where a task has such rows.
  validate() {
    const batches = this.task.validation;
    if (!batches) return null;
    const counted = batches.map((batch) => {
      const rows = batch.targets[0].length;
      return [this.#answer(new Tape({ recording: false }), batch).right * rows, rows];
    });
    const sum = (column) => counted.reduce((total, pair) => total + pair[column], 0);
    return sum(0) / sum(1);
  }

  #answer(tape, batch) {
    const answers = this.network.run(tape, batch, this.task.answered(batch.steps.length));
    const cost = this.task.answers > 1 ? crossEntropy : squaredError;
    return { answers, ...cost(answers, batch.targets.flat()) };
  }
}
