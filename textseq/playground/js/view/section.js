// A part of the page: a heading that says what happens here, one sentence, and what shows it.

import { setWord } from "../words.js";
import { beforePaper, element, freshId, worded } from "./elements.js";
import { NEAR } from "./play.js";

// The words of a part stand under "<name>.title" and "<name>.lead".
export function pageSection(name, ...children) {
  const heading = element("h2", { id: `${name}-title` }, setWord(element("span"), `${name}.title`));
  return element(
    "section",
    { id: name, class: "stage", "aria-labelledby": heading.id },
    heading,
    worded("p", `${name}.lead`, {}, { class: "lead-in" }),
    ...children,
  );
}

// Work for a part only once it comes near the reader's eyes (or paper's): `work` is done then, and
// whenever `ask` is called while it is near.
export class WhenSeen {
  constructor(place, work) {
    Object.assign(this, { place, work, near: false, wanted: false });
    new IntersectionObserver(
      (entries) => {
        this.near = entries.at(-1).isIntersecting;
        if (this.near && this.wanted) this.#do();
      },
      { rootMargin: NEAR },
    ).observe(place);
    beforePaper("compute", () => this.wanted && this.#do());
  }

  ask() {
    this.wanted = true;
    if (this.near) this.#do();
  }

  #do() {
    this.wanted = false;
    this.work();
  }
}

// A choice among few, with its name: [[value, text or [key, slots]], ...].
export class Choice {
  constructor({ title, onChoose }) {
    this.input = element("select", {
      id: freshId("choice"),
      onchange: () => onChoose(this.input.value),
    });
    this.element = element("label", {}, worded("span", ...title), this.input);
  }

  offer(entries, chosen) {
    const texts = JSON.stringify(entries);
    if (this.offered !== texts) {
      this.offered = texts;
      this.input.replaceChildren(
        ...entries.map(([value, text]) => {
          const option = element("option", { value });
          if (Array.isArray(text)) setWord(option, ...text);
          else option.textContent = text;
          return option;
        }),
      );
    }
    this.input.value = String(chosen);
    this.element.hidden = entries.length < 2;
  }
}
