// A window to the steps behind it: `textseq/nn/forecasting.py`.

import { CELLS } from "./cells.js";
import { namedSteps, rowVector } from "./encoder.js";
import { FittedModel } from "./fitted_model.js";
import { pathForecast } from "./forecast_paths.js";
import { affine, headOutputs } from "./head.js";
import { gradientLengths } from "./instruments.js";
import { Matrix, Tape } from "./tape.js";

export class ForecastModel extends FittedModel {
  // Forecast; where the network has fewer steps it reads its own forecasts, and the trace is of the
  // first time.
  run(reading, { edits = new Map(), recording = true } = {}) {
    const tape = new Tape({ edits, recording });
    const { steps, block, longest } = this.window;
    const { input } = reading;
    const asked = Math.max(...input.at) + 1;
    const [rows, forecasts] = [[...reading.rows], []];
    const run = { model: this, reading, tape, trace: tape.trace, decision: [], by_step: [] };
    while (forecasts.length < asked) {
      const done = forecasts.length;
      const own = done ? new Tape({ recording: false }) : tape;
      const size = this.network.decoder === null ? block : asked;
      const ahead = Array.from(
        { length: size },
        (_, h) => input.ahead[Math.min(done + h, input.ahead.length - 1)],
      );
      const read = this.reader.steps(rows.slice(-longest));
      const outputs = this.#block(own, read, ahead, input.static);
      if (!done) run.outputs = outputs;
      const found = this.#unscaled(outputs, read.scales, size);
      for (const step of found) {
        if (forecasts.length >= asked) break;
        const middle = step.map((quantiles) => quantiles[quantiles.length >> 1]);
        rows.push({
          targets: middle,
          others: input.others[reading.rows.length + forecasts.length],
        });
        forecasts.push(step);
      }
    }
    const { location, scale } = input;
    // (steps, targets, quantiles), in the units of the series.
    run.forecast = input.at
      .slice(0, steps)
      .map((at) =>
        forecasts[at].map((quantiles, k) => quantiles.map((v) => v * scale[k] + location[k])),
      );
    run.answer = run.forecast.flatMap((step, h) =>
      step.map((quantiles, k) => ({
        name: this.answer.names.length > 1 ? `${this.answer.names[k]} +${h + 1}` : `+${h + 1}`,
        value: quantiles[quantiles.length >> 1],
      })),
    );
    return run;
  }

  // The network's outputs (1, H K Q) of one window, the paths' forecast within.
  #block(tape, read, ahead, fixed) {
    const { network } = this;
    const { targets: K, quantiles: Q, seasonal, decoder, future } = network;
    const steps = namedSteps(
      tape,
      read.vectors.map((x) => new Matrix(1, x.length, x)),
    );
    const pooled = rowVector(tape, network, steps);
    const vector = fixed.length ? tape.beside(pooled, Matrix.of([fixed])) : pooled;
    const outputs = tape.named("outputs", headOutputs(tape, network.head, vector));
    const own =
      outputs.columns - (seasonal === null ? 0 : seasonal.ahead * K * (seasonal.seasons + 1));
    const logits = tape.columns(outputs, own, outputs.columns);
    const windows = read.targets.map((row, k) => tape.named(`window.${k}`, Matrix.of([row])));
    const paths = windows.map((window, k) =>
      tape.named(`paths.${k}`, pathForecast(tape, network, window, k, read.length, logits)),
    );
    // Of each step the paths' forecast of each target, for each quantile: (1, K Q).
    const baseOf = (h) =>
      tape.beside(...paths.flatMap((path) => new Array(Q).fill(tape.columns(path, h, h + 1))));
    if (decoder !== null)
      return this.#decoded(tape, tape.columns(outputs, 0, own), windows, paths, baseOf, ahead);
    const said = ahead.map((known, h) => {
      let step = tape.add(tape.columns(outputs, h * K * Q, (h + 1) * K * Q), baseOf(h));
      if (future !== null) {
        const seen = tape.add(
          affine(tape, future.of_future, Matrix.of([known])),
          affine(tape, future.of_pooled, vector),
        );
        step = tape.add(step, affine(tape, future.output, tape.relu(seen)));
      }
      return tape.named(`ahead[${h}]`, step);
    });
    return tape.beside(...said);
  }

  // A cell that reads each step's forecast to make the next.
  #decoded(tape, start, windows, paths, baseOf, ahead) {
    const { decoder, quantiles: Q } = this.network;
    const { states, step } = CELLS[decoder.kind];
    const all = tape.tanh(start);
    const size = all.columns / states.length;
    let state = Object.fromEntries(
      states.map((name, k) => [name, tape.columns(all, k * size, (k + 1) * size)]),
    );
    let last = tape.beside(
      ...windows.map((window) => tape.columns(window, window.columns - 1, window.columns)),
    );
    const said = ahead.map((known, h) => {
      const base = tape.beside(...paths.map((path) => tape.columns(path, h, h + 1)));
      const parts = [last, base, ...(known.length ? [Matrix.of([known])] : [])];
      const x = tape.named(`decoder.x[${h}]`, tape.beside(...parts));
      const say = (symbol, value) => tape.named(`decoder.layer1.${symbol}[${h}]`, value);
      state = step(tape, decoder.weights, x, state, say, { activation: decoder.activation });
      const found = tape.named(
        `ahead[${h}]`,
        tape.add(affine(tape, decoder.output, state.h), baseOf(h)),
      );
      last = tape.beside(
        ...windows.map((_, k) => tape.columns(found, k * Q + (Q >> 1), k * Q + (Q >> 1) + 1)),
      );
      return found;
    });
    return tape.beside(...said);
  }

  // Outputs in the scale of the series: (steps, targets, quantiles), which rise.
  #unscaled(outputs, scales, size) {
    const { targets: K, quantiles: Q } = this.network;
    return Array.from({ length: size }, (_, h) =>
      scales.map(([location, scale], k) =>
        Array.from(outputs.data.slice((h * K + k) * Q, (h * K + k + 1) * Q))
          .sort((a, b) => a - b)
          .map((v) => v * scale + location),
      ),
    );
  }

  vectors(reading) {
    return this.reader.steps(reading.rows).vectors.map((x) => new Matrix(1, x.length, x));
  }

  // Of a target's forecast (its middle quantile) `step` steps ahead, in the window's scale.
  gradient(run, target = 0, step = 0) {
    const { targets: K, quantiles: Q } = this.network;
    const found = gradientLengths(run, run.outputs, (step * K + target) * Q + (Q >> 1));
    return { ...found, window: Array.from(run.trace.get(`window.${target}`).grad ?? []) };
  }
}
