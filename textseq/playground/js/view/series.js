// 1, where a series is read: its values over time, and what of them is read.

import { setWord } from "../words.js";
import { StepChart } from "./chart.js";
import { element } from "./elements.js";
import { channelsOf } from "./play.js";
import { pageSection } from "./section.js";

export function seriesPart(play) {
  const chart = new StepChart({ title: ["series.chart"], onStep: (step) => play.moveTo(step) });
  const said = element("p", { class: "note" });
  const say = () => setWord(said, "series.now", { step: play.step + 1, value: play.stepName(play.step) });
  play.add(
    {
      onReading() {
        const channels = channelsOf(play.reading);
        const lines = channels.map((values, c) => ({
          name: channels.length > 1 ? `${c + 1}` : "", values: values.map((value) => value ?? NaN),
        }));
        chart.show(lines, { step: play.step });
        say();
      },
      onStep() {
        chart.mark(play.step);
        say();
      },
      onWords() {
        chart.show(chart.shown.lines, { step: play.step });
        say();
      },
    },
    chart.element,
  );
  return pageSection("series", chart.element, said);
}
