// The page: its parts in the order in which a text becomes an answer.

import { onLanguage, setWord } from "../words.js";
import { CELLS } from "../cells.js";
import { answerPart } from "./answer.js";
import { cellPart } from "./cell.js";
import { controls } from "./controls.js";
import { element, worded } from "./elements.js";
import { forecastPart } from "./forecast.js";
import { generatePart } from "./generate.js";
import { gradientPart } from "./gradient.js";
import { Play } from "./play.js";
import { seriesPart } from "./series.js";
import { statesPart } from "./states.js";
import { nextPart, tagsPart } from "./step_answer.js";
import { idsPart, tokensPart } from "./tokens.js";
import { saidPart } from "./translation.js";
import { unitsPart } from "./units.js";
import { vectorsPart } from "./vectors.js";

// Draw the page of a model into a place.
export function drawPage(model, place) {
  const play = new Play(model);
  const sections = partsOf(play)
    .filter((part) => part !== null)
    .map((part) => part(play));
  sections.forEach((section, k) =>
    section.querySelector("h2").prepend(element("span", { class: "ordinal" }, `${k + 1}`), " "),
  );
  place.replaceChildren(...heading(model), controls(play), ...sections, aboutPart(model));
  onLanguage(() => play.rewrite());
  play.read(model.examples[0]?.input ?? "");
  return play;
}

// What becomes of a row, in this order.
function partsOf(play) {
  const { model } = play;
  const reading = play.isSeries ? [seriesPart] : [tokensPart, idsPart];
  const isEmbedded = model.network.inputs.kind === "embedding";
  const hasCells = play.look !== null && play.layerOf().kind in CELLS;
  const hasUnits = play.look !== null && model.examples.length > 0;
  const answers = {
    tags: [tagsPart],
    language: [nextPart, generatePart],
    translation: [saidPart],
    forecast: [forecastPart],
  };
  return [
    ...reading,
    isEmbedded ? vectorsPart : null,
    statesPart,
    hasCells ? cellPart : null,
    ...(answers[model.task] ?? [answerPart]),
    gradientPart,
    hasUnits ? unitsPart : null,
  ];
}

function heading(model) {
  const { title } = model;
  // Numbers as exact as the model's own are nothing to tell.
  const told = model.limits.filter(({ key, bits }) => key !== "precision" || bits < 32);
  return [
    worded("a", "skip", {}, { href: "#states", class: "skip" }),
    element(
      "header",
      {},
      worded("p", "eyebrow", {}, { class: "eyebrow" }),
      element("h1", {}, element("bdi", {}, title)),
      worded("p", model.reads === "text" ? "lead" : "lead.series", {}, { class: "lead" }),
      told.length
        ? element(
            "ul",
            { class: "limits" },
            told.map(({ key, ...slots }) => worded("li", `limit.${key}`, slots)),
          )
        : null,
    ),
  ];
}

// Where the model comes from.
function aboutPart(model) {
  const facts = model.receipt;
  const lines = facts.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, String(value))),
  );
  const title = setWord(element("h2", { id: "about-title" }), "about.title");
  return element(
    "section",
    { id: "about", "aria-labelledby": "about-title" },
    title,
    element("dl", { class: "receipt" }, lines),
  );
}
