// A series to what the network reads: `textseq/estimators/encoding/series.py`.

const USUAL = 3; // spreads from the mean up to which values are read as they are

function drawnIn(value) {
  const size = Math.abs(value);
  return Math.sign(value) * (Math.min(size, USUAL) + Math.log1p(Math.max(size - USUAL, 0)));
}

const isMissing = (value) => value === null || Number.isNaN(value);

export class SeriesReader {
  constructor({ scaling }) {
    this.scaling = scaling;
  }

  // `series`: channels, each a list of numbers, or one such list; null is a missing value.
  read(series) {
    const channels = Array.isArray(series[0]) ? series : [series];
    const { mean, scale, missing } = this.scaling;
    const vectors = channels[0].map((_, t) => {
      const values = channels.map((channel) => channel[t]);
      const scaled = values.map((value, c) =>
        isMissing(value) || scale[c] === 0 ? 0 : drawnIn((value - mean[c]) / scale[c]),
      );
      const marks = values.filter((_, c) => missing[c]).map((value) => (isMissing(value) ? 1 : 0));
      return Float64Array.from([...scaled, ...marks], Math.fround); // Python reads float32
    });
    return { channels, vectors, steps: vectors.length };
  }

  prefix(reading, length) {
    return {
      channels: reading.channels.map((channel) => channel.slice(0, length)),
      vectors: reading.vectors.slice(0, length),
      steps: length,
    };
  }
}
