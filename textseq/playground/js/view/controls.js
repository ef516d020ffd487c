// The row that stays in view: text, examples, step, undo, language, and the answer in short.

import { numberText, percentText, setWord } from "../words.js";
import { announce, element, worded } from "./elements.js";
import { languageChoice } from "./language_choice.js";
import { playButton, Slider } from "./slider.js";

const LONGEST_OPTION = 60;

export function controls(play) {
  const text = textField(play);
  const examples = exampleChoice(play);
  const slider = new Slider({ title: ["step"], value: (step) => stepText(play, step), onMove: (step) => play.moveTo(step) });
  const undo = worded("button", "undo", {}, { type: "button", onclick: () => goBack(play) });
  const clear = worded("button", "edits.clear", {}, { type: "button", onclick: () => clearAll(play) });
  const chip = element("output", { class: "answer-chip" });
  setWord(chip, "answer.label", {}, "aria-label");
  const place = element(
    "div", { class: "controls", role: "group" },
    text.element, examples, languageChoice(), element("span", { class: "row-end" }), playButton(slider), slider.element, clear, undo, chip,
  );
  setWord(place, "controls", {}, "aria-label");
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, input[type=text]");
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z" && !typing) {
      event.preventDefault();
      goBack(play);
    }
  });
  const showRun = () => {
    undo.disabled = play.past.length === 0;
    clear.hidden = !play.isEdited;
    const best = play.best;
    const value = play.model.task === "number" ? numberText(best.value) : percentText(best.value);
    chip.textContent = play.model.task === "number" ? value : `${best.name} ${value}`;
    chip.classList.toggle("lit", play.isEdited);
  };
  play.add({
    element: place,
    onReading() {
      text.show(play.text);
      slider.set(play.step, Math.max(0, play.steps - 1));
    },
    onRun: showRun,
    onStep: () => slider.at() !== play.step && slider.set(play.step),
    onWords() {
      slider.set(play.step);
      showRun();
    },
  });
  return place;
}

export function stepText(play, step) {
  return play.reading?.steps ? `${step + 1}/${play.steps} “${play.stepName(step)}”` : "";
}

export function tellEdit(play) {
  const count = play.countLit();
  announce("edits.told", { n: count, answer: `${play.best.name} ${percentText(play.best.value)}` });
}

function goBack(play) {
  if (play.undo()) announce("undo.done");
}

function clearAll(play) {
  play.clearEdits();
  announce("edits.cleared");
}

function textField(play) {
  const field = element("textarea", {
    id: "text", rows: 1, spellcheck: "false", autocomplete: "off", dir: "auto",
    oninput: () => play.read(field.value, { typing: true }),
  });
  setWord(field, "text.hint", {}, "placeholder");
  const label = worded("label", "text.label", {}, { for: "text", class: "unseen" });
  return {
    element: element("div", { class: "field" }, label, field),
    show: (text) => field.value !== text && (field.value = text),
  };
}

// The rows that came with the model: those that it got wrong first.
function exampleChoice(play) {
  const { examples } = play.model;
  const group = (key, wrong) => {
    const own = examples.map((example, k) => [example, k]).filter(([example]) => Boolean(example.wrong) === wrong);
    if (!own.length) return null;
    const options = own.map(([{ input, target, prediction }, k]) => {
      const option = element("option", { value: k });
      const start = input.length > LONGEST_OPTION ? `${input.slice(0, LONGEST_OPTION)}…` : input;
      return setWord(option, wrong ? "example.wrong" : "example.right", { text: start, target: answerText(target), prediction: answerText(prediction) });
    });
    return setWord(element("optgroup", {}, options), key, {}, "label");
  };
  const select = element(
    "select", {
      class: "examples-choice", id: "examples",
      onchange: () => {
        const example = examples[Number(select.value)];
        select.value = "";
        if (example) play.read(example.input);
      },
    },
    worded("option", "examples", {}, { value: "" }), group("examples.wrong", true), group("examples.right", false),
  );
  setWord(select, "examples.label", {}, "aria-label");
  return examples.length ? select : null;
}

export function answerText(value) {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "number" ? numberText(value, 2) : String(value);
}
