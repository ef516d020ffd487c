// What stands on the lab's page, and who tells whom.

import { CELLS } from "../cells.js";
import { announce, element, worded } from "../view/elements.js";
import { equation } from "../view/equation.js";
import { languageChoice } from "../view/language_choice.js";
import {
  numberText,
  onLanguage,
  openWords,
  percentText,
  setWord,
  unsetWord,
  word,
} from "../words.js";
import { ExampleRow } from "./example_row.js";
import { Figures } from "./figures.js";
import { Guide } from "./guide.js";
import { failingSettings } from "./lessons.js";
import { teacherNotes } from "./notes.js";
import { SwitchBoard, SWITCHES } from "./switches.js";
import { sentimentTask, TASKS } from "./tasks.js";
import { Training } from "./training.js";

const MOST_STEPS = 1500; // of a run by hand; each press of the button adds as many

const AVERAGE = [["h", "h_t = \\frac{1}{t}\\sum_{s \\le t} x_s"]];

export function openLab() {
  const data = (id) => JSON.parse(document.getElementById(id).textContent);
  openWords(data("words"));
  openWords(data("lab-words"));
  const sentences = data("sentences");
  const lab = new Lab({ sentences, script: document.getElementById("script").textContent });
  document.getElementById("page").replaceChildren(lab.element);
  announce("said.ready");
  const entitle = () => (document.title = `${word("lab.title")} · textseq`);
  onLanguage(entitle);
  entitle();
}

class Lab {
  constructor({ sentences, script }) {
    this.tasks = { ...TASKS, sentiment: sentimentTask(sentences) };
    this.state = "new";
    this.training = new Training({
      script,
      sentences,
      onReport: (report) => this.#hear(report),
      onFault: () => this.#stop(),
    });
    this.board = new SwitchBoard({ onChange: (settings, name) => this.#turned(name) });
    this.figures = new Figures();
    this.example = new ExampleRow();
    this.equations = element("div", { class: "lab-equations" });
    this.controls = this.#makeControls();
    this.guide = new Guide({
      onSetUp: (lesson) => this.#begin(failingSettings(lesson), lesson.steps),
      onMend: (lesson) => this.#begin({ ...failingSettings(lesson), ...lesson.mends }),
      onOpen: (lesson) => this.#opened(lesson),
    });
    this.element = element("div", {}, this.#makeHeader(), this.#makeMain());
  }

  #makeHeader() {
    return element(
      "header",
      { class: "lab-header" },
      element("div", { class: "lab-language" }, languageChoice()),
      worded("h1", "lab.title"),
      worded("p", "lab.lead", {}, { class: "lead" }),
    );
  }

  #makeMain() {
    return element(
      "main",
      { class: "lab" },
      this.guide.element,
      element(
        "section",
        { class: "bench", id: "bench", "aria-labelledby": "bench-title" },
        worded("h2", "bench.title", {}, { id: "bench-title", class: "unseen" }),
        this.controls,
        this.example.element,
        this.board.element,
        this.equations,
        this.figures.element,
      ),
      teacherNotes(),
    );
  }

  #makeControls() {
    const button = (key, onclick) => worded("button", key, {}, { type: "button", onclick });
    this.train = button("train", () => this.#trainOrPause());
    this.anew = button("anew", () => this.#reset());
    this.readings = Object.fromEntries(
      ["step", "loss", "right", "unseen"].map((name) => [
        name,
        element("span", { class: `reading reading-${name}` }),
      ]),
    );
    this.verdict = element("span", { class: "reading lab-verdict" });
    const controls = element(
      "div",
      { class: "controls lab-controls", role: "group" },
      this.train,
      this.anew,
      ...Object.values(this.readings),
      this.verdict,
    );
    return setWord(controls, "bench.controls", {}, "aria-label");
  }

  get settings() {
    return this.board.settings;
  }

  get task() {
    return this.tasks[this.settings.task];
  }

  // Another lesson: its switches, nothing trained yet.
  #opened(lesson) {
    this.board.set(failingSettings(lesson));
    this.#reset(lesson.steps);
  }

  #begin(settings, most = MOST_STEPS) {
    this.board.set(settings);
    this.#reset(most);
    this.#start();
  }

  // First weights again, at rest.
  #reset(most = MOST_STEPS) {
    this.training.look(this.settings);
    Object.assign(this, { state: "new", most });
    this.figures.clear(this.task, this.settings);
    this.example.show(this.task, this.settings);
    this.#writeEquations();
    this.#writeReadings(null);
  }

  #start() {
    this.training.start(this.settings, this.most);
    this.state = "running";
    announce("said.training");
    this.#writeState();
  }

  #trainOrPause() {
    if (this.state === "running") this.training.pause();
    else if (this.state === "new" || this.state === "broken") {
      if (this.state === "broken") this.#reset();
      this.#start();
    } else {
      this.training.goOn(MOST_STEPS);
      this.state = "running";
      this.#writeState();
    }
  }

  // A switch was turned: heard at once while it learns, or a new network.
  #turned(name) {
    const goes = this.state === "running";
    if (goes && SWITCHES[name].live) {
      this.training.change({ [name]: this.settings[name] });
      this.figures.settings = this.settings;
      return;
    }
    this.#reset();
    if (goes) this.#start();
    else announce("said.anew");
  }

  #hear(report) {
    this.state = report.state;
    this.figures.take(report);
    this.#writeReadings(report);
    const isTold = this.guide.take(this.settings, report);
    if (!isTold && report.state !== "running" && report.state !== "new")
      announce(`said.${report.state}`, { n: report.step, loss: () => numberText(report.loss, 2) });
  }

  #writeReadings(report) {
    const { step, loss, right, unseen } = this.readings;
    const write = (node, key, value, text) =>
      value === null || value === undefined
        ? unsetWord(node)
        : setWord(node, key, { value: () => text(value) });
    write(step, "reading.step", report?.step ?? 0, (value) => numberText(value, 0));
    write(loss, "reading.loss", report?.loss ?? null, (value) => numberText(value, 3));
    write(right, "reading.right", report?.right, percentText);
    write(unseen, "reading.unseen", report?.unseen, percentText);
    this.#writeState();
  }

  // There is no worker, or it has come to its end.
  #stop() {
    this.state = "stopped";
    this.#writeState();
    announce("state.stopped");
  }

  #writeState() {
    setWord(this.verdict, `state.${this.state}`);
    this.verdict.dataset.state = this.state;
    const goes = this.state === "running";
    setWord(
      this.train,
      goes ? "pause" : this.state === "new" || this.state === "broken" ? "train" : "trainOn",
    );
  }

  #writeEquations() {
    const { cell, activation } = this.settings;
    const lines = cell === "mean" ? AVERAGE : CELLS[cell].equations({ activation });
    this.equations.replaceChildren(...lines.map(([, latex]) => equation(latex)));
  }
}
