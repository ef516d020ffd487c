// 8: which unit does what: the places in the examples where a unit is highest.

import { numberText, setWord } from "../words.js";
import { element, worded } from "./elements.js";
import { stepNameOf } from "./play.js";
import { pageSection, WhenSeen } from "./section.js";

const PLACES = 8;
const AROUND = 6; // tokens shown on either side

export function unitsPart(play) {
  let [found, unit] = [null, 0];
  const field = element("input", {
    type: "number",
    min: 0,
    value: 0,
    id: "unit-looked-at",
    oninput: () => {
      const typed = Math.round(Number(field.value));
      if (field.value === "" || !found?.[typed]) return;
      unit = typed;
      draw();
    },
  });
  const list = element("ol", { class: "places" });
  const title = element("h3");
  const place = element(
    "div",
    {},
    element("div", { class: "choices" }, element("label", {}, worded("span", "cell.unit"), field)),
    title,
    list,
  );
  const draw = () => {
    setWord(title, "units.found", { unit });
    list.replaceChildren(...found[unit].places.map((one) => placeLine(play, one)));
  };
  const seen = new WhenSeen(place, () => {
    found = play.model.units(PLACES);
    field.max = found.length - 1;
    draw();
  });
  seen.ask(); // the examples stay as they are, whatever text is looked at
  play.add({ onWords: () => found !== null && draw() });
  return pageSection("units", place);
}

function placeLine(play, { example, step, value }) {
  const { input } = play.model.examples[example];
  const reading = play.model.read(input);
  const texts = Array.from({ length: reading.steps }, (_, t) => stepNameOf(reading, t));
  const [from, to] = [Math.max(0, step - AROUND), Math.min(texts.length, step + AROUND + 1)];
  const text = (start, end) => texts.slice(start, end).join(" ");
  const go = () => {
    play.read(input);
    play.moveTo(step);
  };
  return element(
    "li",
    {},
    element("span", { class: "place-number" }, numberText(value)),
    element(
      "button",
      { type: "button", class: "place-text", onclick: go },
      `${from ? "… " : ""}${text(from, step)} `,
      element("mark", {}, texts[step]),
      ` ${text(step + 1, to)}${to < texts.length ? " …" : ""}`,
    ),
  );
}
