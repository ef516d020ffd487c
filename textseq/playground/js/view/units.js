// 8: which unit does what: the places in the examples where a unit is highest.

import { numberText, setWord } from "../words.js";
import { element, worded } from "./elements.js";
import { pageSection, WhenSeen } from "./section.js";
import { lookChoices } from "./states.js";
import { shownToken } from "./tokens.js";

const PLACES = 8;
const AROUND = 6; // tokens shown on either side

export function unitsPart(play) {
  const field = element("input", { type: "number", min: 0, id: "unit-looked-at", oninput: () => {
    const unit = Math.round(Number(field.value));
    if (field.value !== "" && unit >= 0 && unit < play.layerOf().size) play.lookAt({ unit });
  } });
  const list = element("ol", { class: "places" });
  const title = element("h3", {});
  const place = element(
    "div", {},
    element("div", { class: "choices" }, lookChoices(play), element("label", {}, worded("span", "cell.unit"), field)),
    title, list,
  );
  const draw = () => {
    const { layer, direction, unit } = play.look;
    field.max = play.layerOf().size - 1;
    if (document.activeElement !== field) field.value = unit;
    const found = play.model.units({ layer, direction, unit, n: PLACES });
    setWord(title, "units.found", { unit });
    list.replaceChildren(...found.map((one) => placeLine(play, one)));
  };
  const seen = new WhenSeen(place, draw);
  play.add({ onReading: () => list.children.length === 0 && seen.ask(), onLook: () => seen.ask(), onWords: () => list.children.length && draw() });
  return pageSection("units", place);
}

function placeLine(play, { example, step, value, tokens }) {
  const [from, to] = [Math.max(0, step - AROUND), Math.min(tokens.length, step + AROUND + 1)];
  const text = (start, end) => tokens.slice(start, end).map(shownToken).join(" ");
  const go = () => {
    play.read(play.model.payload.examples[example].input);
    play.moveTo(step);
  };
  return element(
    "li", {},
    element("span", { class: "place-number" }, numberText(value)),
    element(
      "button", { type: "button", class: "place-text", onclick: go },
      `${from ? "… " : ""}${text(from, step)} `, element("mark", {}, shownToken(tokens[step])), ` ${text(step + 1, to)}${to < tokens.length ? " …" : ""}`,
    ),
  );
}
