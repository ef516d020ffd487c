// What all fitted models share: reading a row, and looking at what became of it.

import { CELLS } from "./cells.js";
import { vectorOf } from "./encoder.js";
import { jacobianNorms, lengthOf } from "./instruments.js";
import { SeriesReader } from "./series_reader.js";
import { Matrix, Tape } from "./tape.js";
import { TextReader } from "./text_reader.js";
import { WindowReader } from "./window_reader.js";
import { wordFeatures } from "./word_features.js";

const READERS = { text: TextReader, series: SeriesReader, window: WindowReader };

export class FittedModel {
  constructor(form) {
    Object.assign(this, form);
    this.reader = new READERS[this.reads](form);
    this.layers = (this.network.encoder.layers ?? []).map(({ kind, forward, backward }, k) => ({
      name: `layer${k + 1}`,
      kind,
      size: kind === "tcn" ? null : Object.values(forward)[0].rows,
      directions: backward ? ["forward", "backward"] : ["forward"],
      gates: kind === "tcn" ? [] : CELLS[kind].gates,
      equations: kind === "tcn" ? [] : CELLS[kind].equations(this.network.encoder),
    }));
  }

  // A text, tokens that are cut already, or numbers, as the network reads them.
  read(input) {
    return this.reader.read(input);
  }

  vectors(reading) {
    if (this.reads !== "text")
      return reading.vectors.map((x) => new Matrix(1, x.length, x.slice()));
    const { inputs, words } = this.network;
    const vectors = reading.ids.map((id) => vectorOf(inputs, this.reader.vocabulary, id));
    if (words === undefined) return vectors;
    const tape = new Tape({ recording: false });
    return vectors.map((x, t) => tape.beside(x, wordFeatures(words, reading.spelled[t])));
  }

  // Each layer and direction that reads by a cell.
  directions() {
    return this.layers.flatMap(({ directions }, k) =>
      directions.map((direction) => ({ layer: k + 1, direction })),
    );
  }

  // The mean of the steps' vectors, which knows no order.
  average(reading) {
    const vectors = this.vectors(reading);
    return Array.from({ length: this.vectorSize() }, (_, d) =>
      vectors.reduce((sum, x) => sum + x.data[d] / vectors.length, 0),
    );
  }

  vectorSize() {
    const { kind, table, width } = this.network.inputs;
    return kind === "embedding" ? table.columns : kind === "integer" ? 1 : width;
  }

  jacobians(run, layer, direction = "forward") {
    return jacobianNorms(run, layer, direction);
  }

  // The words whose vectors point most nearly the same way: cosines, largest first.
  nearest(id, n) {
    const { table } = this.network.inputs;
    const { tokens, specials, rows } = this.reader.vocabulary;
    const own = table.row(this.reader.vocabulary.rowOf(id));
    const found = [];
    for (let row = specials; row < tokens.length; row++) {
      const other = table.row(row);
      const size = lengthOf(own) * lengthOf(other);
      const cosine = size ? own.reduce((sum, v, d) => sum + v * other[d], 0) / size : 0;
      const itsId = rows === null ? row : this.reader.vocabulary.ids[row];
      if (itsId !== id) found.push({ id: itsId, text: tokens[row], cosine });
    }
    return found.sort((a, b) => b.cosine - a.cosine).slice(0, n);
  }

  // For each unit of the states that are pooled, the `n` places where it is largest among the
  // examples.
  units(n) {
    if (this.network.encoder.bag !== undefined) return [];
    const places = Array.from({ length: this.network.encoder.width }, () => []);
    this.examples.forEach(({ input }, example) => {
      const reading = this.read(input);
      const { trace } = this.run(reading, { recording: false });
      for (let t = 0; t < reading.steps; t++)
        trace
          .get(`states[${t}]`)
          .data.forEach((value, unit) =>
            places[unit].push({ example, step: t, value, text: reading.tokens?.[t]?.text ?? null }),
          );
    });
    return places.map((found, unit) => ({
      unit,
      places: found.sort((a, b) => b.value - a.value).slice(0, n),
    }));
  }
}
