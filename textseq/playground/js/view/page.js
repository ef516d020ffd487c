// The page: its parts in the order in which a text becomes an answer.

import { onLanguage, setWord } from "../words.js";
import { answerPart } from "./answer.js";
import { cellPart } from "./cell.js";
import { controls } from "./controls.js";
import { element, worded } from "./elements.js";
import { gradientPart } from "./gradient.js";
import { Play } from "./play.js";
import { statesPart } from "./states.js";
import { idsPart, tokensPart } from "./tokens.js";
import { unitsPart } from "./units.js";
import { vectorsPart } from "./vectors.js";

// Draw the page of a model into a place.
export function drawPage(model, place) {
  const play = new Play(model);
  const parts = [
    tokensPart, idsPart, model.network.inputs.kind === "embedding" ? vectorsPart : null, statesPart, play.look ? cellPart : null,
    answerPart, gradientPart, play.look && model.examples.length ? unitsPart : null,
  ];
  const sections = parts.filter((part) => part !== null).map((part) => part(play));
  sections.forEach((section, k) => section.querySelector("h2").prepend(element("span", { class: "ordinal" }, `${k + 1}`), " "));
  place.replaceChildren(...heading(model), controls(play), ...sections, aboutPart(model));
  onLanguage(() => play.rewrite());
  play.read(model.examples[0]?.input ?? "");
  return play;
}

function heading(model) {
  const { title } = model;
  // Numbers as exact as the model's own are nothing to tell.
  const told = model.limits.filter(({ key, bits }) => key !== "precision" || bits < 32);
  return [
    worded("a", "skip", {}, { href: "#tokens", class: "skip" }),
    element(
      "header", {}, worded("p", "eyebrow", {}, { class: "eyebrow" }), element("h1", {}, element("bdi", {}, title)),
      worded("p", "lead", {}, { class: "lead" }),
      told.length ? element("ul", { class: "limits" }, told.map(({ key, ...slots }) => worded("li", `limit.${key}`, slots))) : null,
    ),
  ];
}

// Where the model comes from.
function aboutPart(model) {
  const facts = model.receipt;
  const lines = facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value))));
  const title = setWord(element("h2", { id: "about-title" }), "about.title");
  return element("section", { id: "about", "aria-labelledby": "about-title" }, title, element("dl", { class: "receipt" }, lines));
}
