// One row of a task, as the network reads it, with the answer that is wanted.

import { element, svgElement } from "../view/elements.js";
import { onLanguage, setWord, word } from "../words.js";
import { seededRandom } from "./random.js";
import { ECHO_DELAY } from "./tasks.js";

const MOST_WORDS = 16;
const [CURVE_WIDTH, CURVE_HEIGHT] = [360, 48];

export class ExampleRow {
  constructor() {
    this.says = element("p", {});
    this.reads = element("p", { class: "example-reads" });
    this.element = element("div", { class: "example-row" }, this.says, this.reads);
    this.shown = null;
    onLanguage(() => this.#write());
  }

  show(task, settings) {
    this.shown = { task, settings };
    setWord(this.says, `task.${settings.task}`, { T: settings.length, delay: ECHO_DELAY });
    this.#write();
  }

  #write() {
    if (this.shown === null) return;
    const { task, settings } = this.shown;
    const batch = task.draw(seededRandom(settings.seed), 1, settings.length);
    const read = batch.steps.map(([value]) => value);
    const answers = batch.targets.map(([value]) => value);
    const shown = task.reads === "numbers" ? curve(read) : cut(namesOf(this.shown, read)).join(" ");
    this.reads.replaceChildren(
      element("span", {}, shown),
      element("span", {}, "→"),
      element("b", {}, wantedAnswer(this.shown, answers, read.length)),
    );
  }
}

function namesOf({ task, settings }, ids) {
  const names =
    settings.task === "sentiment" ? task.words : word(`words.${settings.task}`).split(" ");
  return ids.map((id) => names[id]);
}

// Of an answer a step, a dot where none is asked for yet; of a single one, its name.
function wantedAnswer({ task, settings }, answers, steps) {
  if (settings.task === "sine") return "…";
  if (settings.task === "first") return namesOf({ task, settings }, answers)[0];
  if (answers.length === 1) return word(`answer.${settings.task}.${answers[0]}`);
  const unasked = Array(steps - answers.length).fill("·");
  return cut([...unasked, ...namesOf({ task, settings }, answers)]).join(" ");
}

function cut(words) {
  return words.length <= MOST_WORDS
    ? words
    : [...words.slice(0, MOST_WORDS - 2), "…", words.at(-1)];
}

function curve(values) {
  const x = (t) => 4 + ((CURVE_WIDTH - 8) * t) / Math.max(1, values.length - 1);
  const y = (value) => CURVE_HEIGHT / 2 - value * (CURVE_HEIGHT / 2 - 5);
  return svgElement(
    "svg",
    {
      viewBox: `0 0 ${CURVE_WIDTH} ${CURVE_HEIGHT}`,
      class: "example-curve",
      "aria-hidden": "true",
    },
    svgElement("polyline", {
      points: values.map((value, t) => `${x(t)},${y(value)}`).join(" "),
      class: "chart-path",
    }),
    ...values.map((value, t) =>
      svgElement("circle", { cx: x(t), cy: y(value), r: 2, class: "eigenvalue" }),
    ),
  );
}
