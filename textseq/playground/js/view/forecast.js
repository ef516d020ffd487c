// A window and what is forecast behind it.

import { numberText, setWord, word } from "../words.js";
import { vectorChain } from "./answer.js";
import { NamedBars } from "./bars.js";
import { StepChart } from "./chart.js";
import { element, worded } from "./elements.js";
import { channelsOf } from "./play.js";
import { pageSection } from "./section.js";

export function forecastPart(play) {
  const charts = play.model.answer.names.map((name, target) => targetChart(play, name, target));
  const bars = new NamedBars({ onChoose: ({ name }) => play.ask(name) });
  const show = () => bars.show(play.comparedEntries());
  play.add({ onRun: show, onLook: show, onWords: show });
  return pageSection(
    "forecast",
    charts,
    element(
      "div",
      { class: "side-by-side" },
      vectorChain(play),
      element("div", {}, worded("h3", "forecast.head"), bars.element),
    ),
  );
}

// Known values, the forecast with its lowest and highest quantile, and what came, where that is
// known.
function targetChart(play, name, target) {
  const chart = new StepChart({ title: ["forecast.chart", { name }] });
  const said = element("p", { class: "note" });
  const show = () => {
    const past = channelsOf(play.reading)[target].map((value) => value ?? NaN);
    const { forecast } = play.run;
    const quantile = (place, run = play.run) => run.forecast.map((step) => step[target].at(place));
    const middle = forecast[0][target].length >> 1;
    // The forecast's line begins where the known values end.
    const behind = (values) => [
      ...past.map((value, t) => (t === past.length - 1 ? value : NaN)),
      ...values,
    ];
    const came = play.model.examples.find(({ input }) => input === play.input)?.target?.[target];
    const lines = [
      { name: word("forecast.known"), values: [...past, ...new Array(forecast.length).fill(NaN)] },
      {
        name: word("forecast.said"),
        values: behind(quantile(middle)),
        before: play.isEdited ? behind(quantile(middle, play.base)) : undefined,
      },
      came
        ? { name: word("forecast.came"), values: behind(came.map((value) => value ?? NaN)) }
        : null,
      forecast[0][target].length > 1
        ? { name: word("forecast.high"), values: behind(quantile(-1)), quiet: true }
        : null,
      forecast[0][target].length > 1
        ? { name: word("forecast.low"), values: behind(quantile(0)), quiet: true }
        : null,
    ];
    chart.show(lines.filter((line) => line !== null));
    const values = quantile(middle)
      .map((value) => numberText(value, 2))
      .join(" · ");
    setWord(said, "forecast.values", { values });
  };
  play.add({ onRun: show, onWords: show });
  return element("div", {}, chart.element, said);
}
