// A language model goes on with a text, token by token, and shows what each was drawn among.

import { numberText, setWord } from "../words.js";
import { NamedBars } from "./bars.js";
import { announce, element, worded } from "./elements.js";
import { shownToken } from "./play.js";
import { pageSection } from "./section.js";
import { Slider } from "./slider.js";

const MOST = 200; // tokens drawn

export function generatePart(play) {
  const settings = { temperature: 1, topK: 0, topP: 1 };
  const slider = (title, key, least, most, by, text) =>
    new Slider({
      title: [title],
      least,
      most,
      by,
      start: settings[key],
      value: text,
      onMove(value) {
        settings[key] = value;
        restart();
      },
    });
  const sliders = [
    slider("generate.temperature", "temperature", 0.1, 2, 0.1, (value) => numberText(value, 1)),
    slider("generate.topK", "topK", 0, 50, 1, (value) => (value ? numberText(value, 0) : "–")),
    slider("generate.topP", "topP", 0.05, 1, 0.05, (value) => numberText(value, 2)),
  ];
  const text = element("p", { class: "generated", dir: "auto" });
  const bars = new NamedBars({ asPercent: true, lights: false });
  const heading = element("h3");
  const next = worded("button", "generate.next", {}, { type: "button", onclick: () => draw() });
  const many = worded("button", "generate.many", {}, { type: "button", onclick: () => drawMany() });
  const again = worded(
    "button",
    "generate.again",
    {},
    { type: "button", onclick: () => restart() },
  );
  const take = worded(
    "button",
    "generate.take",
    {},
    {
      type: "button",
      onclick: () =>
        play.read(
          play.model.join([
            ...given(),
            ...drawnTokens()
              .filter(({ ends }) => !ends)
              .map((one) => one.text),
          ]),
        ),
    },
  );
  let [source, drawn, shown, timer] = [null, [], null, null];
  const drawnTokens = () => drawn;
  // What was given, behind the mark that begins every text.
  const given = () => play.reading.tokens.slice(1).map((token) => token.text);
  const isEnded = () => drawn.length >= MOST || drawn.at(-1)?.ends === true;
  const write = () => {
    const tokens = drawn.map((one, k) =>
      element(
        "button",
        {
          type: "button",
          class: "drawn",
          "aria-pressed": String(k === shown),
          onclick: () => look(k),
        },
        shownToken(one.text),
      ),
    );
    text.replaceChildren(element("span", {}, inputStart(play)), ...tokens);
    next.disabled = many.disabled = isEnded();
    again.disabled = take.disabled = drawn.length === 0;
    many.textContent = "";
    setWord(many, timer === null ? "generate.many" : "generate.stop");
    bars.element.hidden = shown === null;
    setWord(heading, shown === null ? "generate.none" : "generate.among", {
      token: shownToken(drawn[shown]?.text ?? ""),
    });
    if (shown === null) return;
    bars.show(
      drawn[shown].candidates.map(({ name, value, before }) => ({
        name: shownToken(name),
        value,
        before,
        chosen: name === drawn[shown].text,
      })),
      1,
    );
  };
  const look = (place) => {
    shown = place;
    write();
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
  };
  const restart = () => {
    stop();
    [source, drawn, shown] = [null, [], null];
    write();
  };
  const draw = () => {
    source ??= play.model.generate(play.input, {
      temperature: settings.temperature,
      topK: settings.topK || null,
      topP: settings.topP < 1 ? settings.topP : null,
      most: MOST,
    });
    const { value, done } = source.next();
    if (done) return stop();
    drawn.push(value);
    if (isEnded()) stop();
    look(drawn.length - 1);
    if (timer === null) announce("generate.told", { token: shownToken(value.text) });
  };
  const drawMany = () => {
    if (timer === null) timer = setInterval(draw, 120);
    else stop();
    write();
  };
  play.add({
    onReading: restart,
    onWords: () => {
      sliders.forEach((one) => one.set(one.at()));
      write();
    },
  });
  return pageSection(
    "generate",
    element(
      "div",
      { class: "choices sliders" },
      sliders.map((one) => one.element),
    ),
    element("div", { class: "choices" }, next, many, again, take),
    text,
    heading,
    bars.element,
    worded("p", "generate.note", {}, { class: "note" }),
  );
}

function inputStart(play) {
  return play.input === "" ? "" : `${play.input} `;
}
