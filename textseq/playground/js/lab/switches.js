// The switches of the lab: what each can be set to, and where it has any say.

import { element, freshId, worded } from "../view/elements.js";
import { numberText, onLanguage, setWord, word } from "../words.js";
import { INITIALIZATIONS } from "./initialization.js";

const isGated = ({ cell }) => ["lstm", "gru", "janet"].includes(cell);
const isRecurrent = ({ cell }) => cell !== "mean";
const isDeep = (settings) => isRecurrent(settings) && settings.layers > 1;

// `live`: a change is heard at once; all others begin anew with first weights. `matters`: where
// it has a say; elsewhere the switch rests.
export const SWITCHES = {
  task: { group: "task", choices: ["first", "echo", "parity", "order", "sentiment", "sine"] },
  length: {
    group: "task",
    choices: [5, 10, 20, 50, 100],
    matters: ({ task }) => task !== "sentiment",
  },
  cell: { group: "network", choices: ["mean", "rnn", "lstm", "gru", "janet"] },
  initialization: { group: "network", choices: INITIALIZATIONS, matters: isRecurrent },
  activation: {
    group: "network",
    choices: ["tanh", "relu"],
    matters: ({ cell }) => cell === "rnn",
  },
  forgetBias: { group: "network", choices: [0, 1, 3, 5], matters: isGated },
  layers: { group: "network", choices: [1, 2, 4, 6, 8], matters: isRecurrent },
  connections: { group: "network", choices: ["none", "residual", "dense"], matters: isDeep },
  normalization: { group: "network", choices: ["none", "layer"], matters: isRecurrent },
  optimizer: { group: "training", choices: ["adam", "sgd"] },
  learningRate: {
    group: "training",
    choices: [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
    live: true,
  },
  clipping: { group: "training", choices: [0, 0.1, 1, 10], live: true },
  truncation: { group: "training", choices: [0, 5, 10, 20], live: true, matters: isRecurrent },
  seed: { group: "training", choices: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
};
const GROUPS = ["task", "network", "training"];

export const DEFAULTS = {
  task: "first",
  length: 10,
  seed: 1,
  cell: "rnn",
  initialization: "uniform",
  activation: "tanh",
  forgetBias: 0,
  layers: 1,
  connections: "none",
  normalization: "none",
  optimizer: "adam",
  learningRate: 0.003,
  clipping: 0,
  truncation: 0,
};

// What a choice is called: numbers as the language writes them, 0 by a word where it means "none".
export function choiceText(name, choice) {
  if (typeof choice === "number" && !(choice === 0 && ["clipping", "truncation"].includes(name)))
    return numberText(choice, `${choice}`.split(".")[1]?.length ?? 0);
  return word(`choice.${name}.${choice}`);
}

export class SwitchBoard {
  // `onChange(settings, name)` hears of every switch that the learner turns.
  constructor({ onChange }) {
    this.onChange = onChange;
    this.settings = { ...DEFAULTS };
    this.fields = {};
    const groups = GROUPS.map((group) => {
      const names = Object.keys(SWITCHES).filter((name) => SWITCHES[name].group === group);
      const fields = names.map((name) => this.#makeField(name));
      return element(
        "fieldset",
        { class: "switches" },
        worded("legend", `switches.${group}`, {}, { class: "unseen" }),
        ...fields,
      );
    });
    this.element = element("div", { class: "switch-groups" }, ...groups);
    onLanguage(() => this.#writeChoices());
    this.#writeChoices();
    this.#rest();
  }

  // Set switches from elsewhere; nobody is told.
  set(settings) {
    Object.assign(this.settings, settings);
    for (const [name, { select }] of Object.entries(this.fields))
      select.value = String(this.settings[name]);
    this.#rest();
  }

  #makeField(name) {
    const choices = SWITCHES[name].choices;
    const id = freshId("switch");
    const select = element("select", {
      id,
      name,
      onchange: () => this.#turn(name, choices[select.selectedIndex]),
    });
    select.append(...choices.map((choice) => element("option", { value: String(choice) })));
    select.value = String(this.settings[name]);
    const field = element(
      "div",
      { class: `switch switch-${name}` },
      worded("label", `switch.${name}`, {}, { for: id }),
      select,
    );
    this.fields[name] = { field, select };
    return field;
  }

  #turn(name, choice) {
    this.settings[name] = choice;
    this.#rest();
    this.onChange(this.settings, name);
  }

  #writeChoices() {
    for (const [name, { select }] of Object.entries(this.fields))
      SWITCHES[name].choices.forEach(
        (choice, k) => (select.options[k].textContent = choiceText(name, choice)),
      );
  }

  #rest() {
    for (const [name, { field, select }] of Object.entries(this.fields)) {
      const matters = SWITCHES[name].matters?.(this.settings) ?? true;
      select.disabled = !matters;
      if (matters) field.removeAttribute("title");
      else setWord(field, "switch.rests", {}, "title");
    }
  }
}
