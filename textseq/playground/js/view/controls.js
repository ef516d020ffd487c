// The row that stays in view: text, examples, step, undo, language, and the answer in short.

import { numberRead, numberText, percentText, setWord, unsetWord } from "../words.js";
import { announce, element, worded } from "./elements.js";
import { languageChoice } from "./language_choice.js";
import { channelsOf, shownToken } from "./play.js";
import { playButton, Slider } from "./slider.js";

const LONGEST_OPTION = 60;
const LONGEST_ANSWER = 24;

export function controls(play) {
  const text = textField(play);
  const examples = exampleChoice(play);
  const slider = new Slider({
    title: ["step"],
    value: (step) => stepText(play, step),
    onMove: (step) => play.moveTo(step),
  });
  const undo = worded("button", "undo", {}, { type: "button", onclick: () => goBack(play) });
  const clear = worded(
    "button",
    "edits.clear",
    {},
    { type: "button", onclick: () => clearAll(play) },
  );
  const chip = element("output", { class: "answer-chip" });
  setWord(chip, "answer.label", {}, "aria-label");
  const place = element(
    "div",
    { class: "controls", role: "group" },
    text.element,
    examples,
    languageChoice(),
    element("span", { class: "row-end" }),
    playButton(slider),
    slider.element,
    clear,
    undo,
    chip,
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
    chip.textContent = shortAnswer(play);
    chip.classList.toggle("lit", play.isEdited);
  };
  play.add({
    element: place,
    onReading() {
      text.show(inputText(play.input));
      slider.set(play.step, Math.max(0, play.steps - 1));
    },
    onRun: showRun,
    onStep() {
      if (slider.at() !== play.step) slider.set(play.step);
      if (play.isByStep) showRun();
    },
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
  announce("edits.told", { n: count, answer: shortAnswer(play) });
}

// The answer in a few letters.
export function shortAnswer(play) {
  const { model, run, best } = play;
  if (model.task === "translation") return model.join(run.output);
  if (best === undefined) return "";
  if (model.task === "number") return numberText(best.value);
  if (model.task === "forecast") return `${best.name}: ${numberText(best.value, 2)}`;
  const answer = `${shownToken(best.name)} ${percentText(best.value)}`;
  return model.task === "language" ? `→ ${answer}` : answer;
}

// An input as it stands in the field; the channels of a series one a line.
export function inputText(input) {
  if (typeof input === "string") return input;
  if (!Array.isArray(input)) return inputText(input.values); // a forecaster's window
  if (!Array.isArray(input[0])) return input.join(" ");
  const written = (value) => (value === null ? "?" : String(Number(value.toPrecision(6))));
  return input.map((channel) => channel.map(written).join(" ")).join("\n");
}

// The series that was written; null where it is none that the model could read.
function seriesWritten(play, text) {
  const channels = seriesOf(text);
  const before = channelsOf(play.reading);
  if (channels?.length !== before.length) return null;
  if (play.model.reads !== "window") return channels;
  // What else is known of a window's steps belongs to so many of them.
  return channels[0].length === before[0].length ? { ...play.input, values: channels } : null;
}

// Channels, one a line; null where one has something else than numbers, or another length.
function seriesOf(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const channels = lines.map((line) =>
    line
      .trim()
      .split(/[\s;]+/)
      .map((one) => (one === "?" ? null : numberRead(one))),
  );
  const isWhole =
    channels.length > 0 && channels.every((channel) => channel.length === channels[0].length);
  return isWhole && channels.flat().every((value) => value === null || Number.isFinite(value))
    ? channels
    : null;
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
    id: "text",
    rows: 1,
    wrap: play.isSeries ? "off" : null,
    spellcheck: "false",
    autocomplete: "off",
    dir: "auto",
    oninput: () => {
      const input = play.isSeries ? seriesWritten(play, field.value) : field.value;
      field.toggleAttribute("aria-invalid", input === null);
      if (input === null) setWord(fault, "series.fault", { n: channelsOf(play.reading).length });
      else unsetWord(fault);
      if (input !== null) play.read(input, { typing: true });
    },
  });
  const fault = element("span", { class: "fault", role: "alert" });
  // Where texts can't be cut into tokens here, only examples can be chosen.
  field.readOnly = !play.isSeries && play.model.reader.tokenize === null;
  setWord(field, play.isSeries ? "series.hint" : "text.hint", {}, "placeholder");
  const label = worded(
    "label",
    play.isSeries ? "series.label" : "text.label",
    {},
    { for: "text", class: "unseen" },
  );
  return {
    element: element("div", { class: "field" }, label, field, fault),
    show: (text) =>
      field.value !== text && document.activeElement !== field && (field.value = text),
  };
}

// The rows that came with the model: those that it got wrong first.
function exampleChoice(play) {
  const { examples } = play.model;
  const group = (key, wrong) => {
    const own = examples
      .map((example, k) => [example, k])
      .filter(([example]) => Boolean(example.wrong) === wrong);
    if (!own.length) return null;
    const options = own.map(([{ input, target, prediction }, k]) => {
      const option = element("option", { value: k });
      const text = input.name ?? inputText(input);
      const start = text.length > LONGEST_OPTION ? `${text.slice(0, LONGEST_OPTION)}…` : text;
      if (target === null || play.model.task === "forecast") option.textContent = start;
      else
        setWord(option, wrong ? "example.wrong" : "example.right", {
          text: start,
          target: inShort(target),
          prediction: inShort(prediction),
        });
      return option;
    });
    return setWord(element("optgroup", {}, options), key, {}, "label");
  };
  const select = element(
    "select",
    {
      class: "examples-choice",
      id: "examples",
      onchange: () => {
        const example = examples[Number(select.value)];
        select.value = "";
        if (example) play.read(example.input);
      },
    },
    worded("option", "examples", {}, { value: "" }),
    group("examples.wrong", true),
    group("examples.right", false),
  );
  setWord(select, "examples.label", {}, "aria-label");
  return examples.length ? select : null;
}

export function answerText(value) {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "number" ? numberText(value, 2) : String(value);
}

function inShort(value) {
  const text = answerText(value);
  return text.length > LONGEST_ANSWER ? `${text.slice(0, LONGEST_ANSWER)}…` : text;
}
