// The answers of models that say something at each step: tags, or what comes next.

import { setWord, word } from "../words.js";
import { NamedBars } from "./bars.js";
import { reach } from "./colour.js";
import { answerText, tellEdit } from "./controls.js";
import { element, worded } from "./elements.js";
import { MatrixView } from "./matrix.js";
import { shownToken } from "./play.js";
import { pageSection } from "./section.js";
import { TokenLine } from "./tokens.js";

// A tag for each step.
export function tagsPart(play) {
  const line = play.isSeries ? null : tagLine(play);
  const transitions = play.model.tags.kind === "crf" ? transitionFigure(play) : null;
  return pageSection(
    "tags",
    line,
    element(
      "div",
      { class: "side-by-side" },
      element("div", {}, readVector(play, "logits"), transitions),
      barsOfStep(play, "tags.head"),
    ),
  );
}

// What comes next, behind the step looked at.
export function nextPart(play) {
  return pageSection(
    "next",
    element(
      "div",
      { class: "side-by-side" },
      element("div", {}, readVector(play, "read")),
      barsOfStep(play, "next.head"),
    ),
  );
}

// The tokens with their tags; where an example's own tag is another, that too.
function tagLine(play) {
  const line = new TokenLine(play, (button, token, step) => {
    const tag = play.run.decision[step];
    const target =
      play.model.examples.find(({ input }) => input === play.input)?.target?.[step] ?? tag;
    const small = element("small", {});
    if (target === tag) small.textContent = answerText(tag);
    else setWord(small, "tags.wrong", { tag: answerText(tag), target: answerText(target) });
    small.classList.toggle("lit", play.base.decision[step] !== tag);
    button.append(element("span", {}, shownToken(token.text)), small);
  });
  play.add({ onRun: () => line.show(), onStep: () => line.mark() }, line.element);
  return line.element;
}

function barsOfStep(play, title) {
  const bars = new NamedBars({ asPercent: true, onChoose: ({ asked }) => play.ask(asked) });
  const heading = element("h3");
  const show = () => {
    setWord(heading, title, { step: play.step + 1, token: play.stepName(play.step) });
    bars.show(
      play
        .comparedEntries()
        .map((entry) => ({ ...entry, name: shownToken(entry.name), asked: entry.name })),
      1,
    );
  };
  const place = element("div", {}, heading, bars.element);
  play.add({ onRun: show, onStep: show, onLook: show, onWords: show }, place);
  return place;
}

// The numbers of a step that the answer is made of.
function readVector(play, name) {
  const at = () => `${name}[${play.step}]`;
  const strip = new MatrixView({
    height: 26,
    onEdit(row, place, number) {
      play.edit(at(), place, number);
      tellEdit(play);
    },
  });
  const show = () => {
    const numbers = play.numbers(at()) ?? [];
    const isNamed = name === "logits";
    strip.entitle(isNamed ? "tags.logits" : "next.read", {
      n: numbers.length,
      step: play.step + 1,
    });
    strip.show({
      rows: 1,
      columns: numbers.length,
      limit: Math.max(1, reach(numbers)),
      value: (r, place) => numbers[place],
      label: (r, place) =>
        isNamed ? answerText(play.model.names[place]) : word("vector.cell", { column: place }),
      names: isNamed ? { columns: (place) => answerText(play.model.names[place]) } : undefined,
      lit: play.isEdited ? (r, place) => play.isLit(at(), place) : null,
      edited: play.editedPlaces(at()).map((place) => [0, place]),
    });
  };
  play.add({ onRun: show, onStep: show, onWords: show }, strip.element);
  return strip.element;
}

// What a crf adds for a tag behind another.
function transitionFigure(play) {
  const { tags, names } = play.model;
  const { data } = tags.transitions;
  const view = new MatrixView({ title: ["tags.transitions"], height: 24 });
  const count = names.length;
  const show = () =>
    view.show({
      rows: count,
      columns: count,
      limit: reach(data, 0.1),
      value: (from, to) => data[from * count + to],
      label: (from, to) =>
        word("tags.transition", { from: answerText(names[from]), to: answerText(names[to]) }),
      names: { rows: names.map(answerText), columns: (to) => answerText(names[to]) },
    });
  show();
  play.add({ onWords: show });
  return element("div", {}, view.element, worded("p", "tags.crf", {}, { class: "note" }));
}
