// 1 and 2: the text becomes tokens, tokens become ids.

import { setWord } from "../words.js";
import { element, worded } from "./elements.js";
import { shownToken } from "./play.js";
import { pageSection } from "./section.js";

const MOST_NGRAMS = 60;

// The tokens in a line, each a button that goes to its step. `write(button, token, step)` fills it.
export class TokenLine {
  constructor(play, write) {
    Object.assign(this, { play, write });
    this.element = element("ol", { class: "tokens tokens-cut" });
  }

  show() {
    const { play } = this;
    this.buttons = play.reading.tokens.map((token, step) => {
      const button = element("button", {
        type: "button",
        class: "token",
        onclick: () => play.moveTo(step),
      });
      button.classList.toggle("unknown", !token.known);
      this.write(button, token, step);
      return button;
    });
    this.element.replaceChildren(...this.buttons.map((button) => element("li", {}, button)));
    this.marked = null;
    this.mark();
  }

  mark() {
    this.buttons[this.marked]?.removeAttribute("aria-current");
    this.marked = this.play.step;
    const button = this.buttons[this.marked];
    if (button === undefined) return;
    button.setAttribute("aria-current", "step");
    // Into the line's own window, without moving the page.
    const { element: line } = this;
    if (line.scrollHeight > line.clientHeight)
      line.scrollTop = button.offsetTop - line.offsetTop - line.clientHeight / 2;
  }
}

export function tokensPart(play) {
  const line = new TokenLine(play, (button, token) => {
    button.append(shownToken(token.text));
    if (!token.known) button.append(worded("span", "unknown", {}, { class: "unseen" }));
  });
  const count = element("p", { class: "note", role: "status" });
  play.add(
    {
      onReading() {
        line.show();
        const { tokens } = play.reading;
        const unknown = tokens.filter((token) => !token.known).length;
        setWord(count, unknown ? "tokens.count.unknown" : "tokens.count", {
          n: tokens.length,
          unknown,
        });
      },
      onStep: () => line.mark(),
    },
    line.element,
  );
  return pageSection("tokens", line.element, count);
}

export function idsPart(play) {
  const line = new TokenLine(play, (button, token) => {
    button.append(
      element("span", {}, String(token.id)),
      element("small", {}, shownToken(token.text)),
    );
  });
  const size = element("p", { class: "note" });
  const ngrams = element("ul", { class: "tokens tokens-cut" });
  const lead = element("p", { class: "note" });
  play.add(
    {
      onReading() {
        line.show();
        setWord(size, "ids.size", { n: play.model.reader.vocabulary.size });
        const own = play.reading.ngrams;
        lead.hidden = ngrams.hidden = own.length === 0;
        setWord(lead, "ngrams.lead", { n: own.length });
        ngrams.replaceChildren(
          ...own
            .slice(0, MOST_NGRAMS)
            .map(({ text }) =>
              element("li", {}, element("span", { class: "token" }, shownToken(text))),
            ),
        );
      },
      onStep: () => line.mark(),
    },
    line.element,
  );
  return pageSection("ids", line.element, size, lead, ngrams);
}
