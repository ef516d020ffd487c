// A slider with its name and value, and a button that moves it on by itself.

import { setWord } from "../words.js";
import { element, freshId } from "./elements.js";

// `value` answers what is written beside it, for a number: a text. `onMove(number)`.
export class Slider {
  constructor({ title, least = 0, most = 1, by = 1, start = 0, value = String, onMove }) {
    Object.assign(this, { value, onMove });
    this.input = element("input", {
      type: "range",
      id: freshId("slider"),
      min: least,
      max: most,
      step: by,
      value: start,
      oninput: () => {
        this.#tell();
        this.onMove(this.at());
      },
    });
    this.label = element("label", { for: this.input.id });
    setWord(this.label, ...title);
    this.output = element("output", { for: this.input.id });
    this.element = element("div", { class: "slider" }, this.label, this.input, this.output);
    this.#tell();
  }

  at() {
    return Number(this.input.value);
  }

  most() {
    return Number(this.input.max);
  }

  // Where it stands, or how far it reaches; nobody is told.
  set(number, most = null) {
    if (most !== null) this.input.max = most;
    this.input.value = number;
    this.#tell();
  }

  #tell() {
    const text = this.value(this.at());
    this.output.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
  }
}

// Move a slider from where it stands to its end, from the start again if it is there.
export function playButton(slider, { milliseconds = 700 } = {}) {
  let timer = null;
  const button = element("button", {
    type: "button",
    class: "play",
    onclick: () => (timer === null ? start() : stop()),
  });
  const write = () => {
    button.textContent = timer === null ? "▶" : "❚❚";
    setWord(button, timer === null ? "play" : "pause", {}, "aria-label");
    setWord(button, timer === null ? "play" : "pause", {}, "title");
  };
  const move = (number) => {
    slider.set(number);
    slider.onMove(number);
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    write();
  };
  const start = () => {
    if (slider.at() >= slider.most()) move(0);
    timer = setInterval(() => {
      if (slider.at() >= slider.most()) stop();
      else move(slider.at() + 1);
    }, milliseconds);
    write();
  };
  // A reader who takes the slider in hand has it.
  slider.input.addEventListener("input", () => timer !== null && stop());
  write();
  return button;
}
