// 1, where a series is read: its values over time, and what of them is read.

import { setWord } from "../words.js";
import { StepChart } from "./chart.js";
import { element } from "./elements.js";
import { channelsOf } from "./play.js";
import { pageSection } from "./section.js";

export function seriesPart(play) {
  // Of a season's values folded into one step, no single one is marked.
  const isFolded = () => channelsOf(play.reading)[0].length !== play.steps;
  const chart = new StepChart({
    title: ["series.chart"],
    onStep: (step) => !isFolded() && play.moveTo(step),
  });
  const said = element("p", { class: "note" });
  const say = () => {
    if (isFolded())
      setWord(said, "series.folded", { n: play.steps, values: channelsOf(play.reading)[0].length });
    else setWord(said, "series.now", { step: play.step + 1, value: play.stepName(play.step) });
  };
  const marked = () => (isFolded() ? null : play.step);
  play.add(
    {
      onReading() {
        const channels = channelsOf(play.reading);
        const lines = channels.map((values, c) => ({
          name: channels.length > 1 ? `${c + 1}` : "",
          values: values.map((value) => value ?? NaN),
        }));
        chart.show(lines, { step: marked() });
        say();
      },
      onStep() {
        chart.mark(marked());
        say();
      },
      onWords() {
        chart.show(chart.shown.lines, { step: marked() });
        say();
      },
    },
    chart.element,
  );
  return pageSection("series", chart.element, said);
}
