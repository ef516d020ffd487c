// The answer of an encoder-decoder, token by token: what it looks at, and what it could have said.

import { setWord, word } from "../words.js";
import { NamedBars } from "./bars.js";
import { reach } from "./colour.js";
import { tellEdit } from "./controls.js";
import { element, worded } from "./elements.js";
import { MatrixView } from "./matrix.js";
import { shownToken } from "./play.js";
import { pageSection } from "./section.js";
import { showSteps } from "./states.js";

export function saidPart(play) {
  const line = element("ol", { class: "tokens tokens-cut" });
  const bars = new NamedBars({ asPercent: true, onChoose: ({ asked }) => play.ask(asked) });
  const heading = element("h3");
  const truth = element("p", { class: "note" });
  const show = () => {
    const tokens = saidTokens(play);
    const before = saidTokens(play, play.base);
    line.replaceChildren(
      ...tokens.map((token, step) => {
        const button = element(
          "button",
          {
            type: "button",
            class: "token",
            "aria-current": step === play.saidStep ? "step" : null,
            onclick: () => play.moveToSaid(step),
          },
          shownToken(token),
        );
        button.classList.toggle("lit", before[step] !== token);
        return element("li", {}, button);
      }),
    );
    const target = play.model.examples.find(({ input }) => input === play.input)?.target ?? null;
    truth.hidden = target === null;
    if (target !== null) setWord(truth, "answer.truth", { target });
    setWord(heading, "said.head", { step: play.saidStep + 1 });
    bars.show(
      play
        .comparedEntries()
        .map((entry) => ({ ...entry, name: shownToken(entry.name), asked: entry.name })),
      1,
    );
  };
  play.add({ onRun: show, onLook: show, onWords: show });
  return pageSection(
    "said",
    line,
    truth,
    element(
      "div",
      { class: "side-by-side" },
      attentionMap(play),
      element("div", {}, heading, bars.element, decoderStates(play)),
    ),
  );
}

// What is said at each step, the end included.
function saidTokens(play, run = play.run) {
  return [...run.output, ...(run.by_step.length > run.output.length ? ["<eos>"] : [])];
}

// A row a token of the answer, a column a step of the source.
function attentionMap(play) {
  const view = new MatrixView({
    title: ["attention.map"],
    tabled: true,
    onEdit(row, step, number) {
      play.edit(`attention[${row}]`, step, number);
      tellEdit(play);
    },
    onSelect(row, step) {
      if (row !== play.saidStep) play.moveToSaid(row);
      play.moveTo(step);
    },
  });
  const place = element(
    "div",
    {},
    view.element,
    worded("p", "attention.note", {}, { class: "note" }),
  );
  const show = () => {
    const tokens = saidTokens(play);
    const rows = tokens.map((_, t) => play.numbers(`attention[${t}]`));
    place.hidden = rows.length === 0 || rows[0] === undefined;
    if (place.hidden) return;
    view.show({
      rows: rows.length,
      columns: play.steps,
      limit: 1,
      column: play.step,
      value: (r, t) => rows[r][t],
      label: (r, t) =>
        word("attention.pair", { said: shownToken(tokens[r]), read: play.stepName(t) }),
      names: { rows: tokens.map(shownToken), columns: (t) => play.columnName(t) },
      lit: play.isEdited ? (r, t) => play.isLit(`attention[${r}]`, t) : null,
      edited: rows.flatMap((_, r) => play.editedPlaces(`attention[${r}]`).map((t) => [r, t])),
    });
  };
  play.add(
    { onRun: show, onStep: () => !place.hidden && view.markColumn(play.step), onWords: show },
    view.element,
  );
  return place;
}

// The decoder's states, a column a token of the answer.
function decoderStates(play) {
  const name = (t) => `decoder.layer1.h[${t}]`;
  const view = new MatrixView({
    title: ["decoder.states"],
    onEdit(unit, step, number) {
      play.edit(name(step), unit, number);
      tellEdit(play);
    },
    onSelect: (unit, step) => step !== play.saidStep && play.moveToSaid(step),
  });
  const show = () => {
    const tokens = saidTokens(play);
    const rows = play.numbers(name(0))?.length ?? 0;
    view.element.hidden = rows === 0;
    if (!rows) return;
    const limit = reach(
      tokens.flatMap((_, t) => [...(play.numbers(name(t)) ?? [])]),
      0.05,
    );
    showSteps(view, play, {
      rows,
      limit,
      name,
      steps: tokens.length,
      step: play.saidStep,
      stepName: (t) => shownToken(tokens[t]),
      label: (unit, t) =>
        word("states.cell", { symbol: "hₜ", unit, step: t + 1, token: shownToken(tokens[t]) }),
    });
  };
  play.add({ onRun: show, onLook: show, onWords: show });
  return view.element;
}
