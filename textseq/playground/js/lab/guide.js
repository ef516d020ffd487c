// The guided steps as the learner sees them: make it fail, ask why, mend it.

import { announce, element, freshId, worded } from "../view/elements.js";
import { numberText, setWord, word } from "../words.js";
import { isFailing, LESSONS, turnedAway, verdictOn } from "./lessons.js";

export class Guide {
  // `onSetUp(lesson)` and `onMend(lesson)`: its buttons; `onOpen(lesson)`: another one is read.
  constructor({ onSetUp, onMend, onOpen }) {
    this.onOpen = onOpen;
    this.seen = new Map(LESSONS.map(({ name }) => [name, new Set()]));
    this.parts = LESSONS.map((lesson, place) =>
      this.#makeLesson(lesson, place, { onSetUp, onMend }),
    );
    this.links = LESSONS.map((lesson, place) => this.#makeLink(lesson, place));
    this.element = element(
      "section",
      { class: "guide", "aria-labelledby": "guide-title" },
      worded("h2", "guide.title", {}, { id: "guide-title" }),
      worded("p", "guide.lead", {}, { class: "guide-lead" }),
      element(
        "ol",
        { class: "lesson-links" },
        ...this.links.map((link) => element("li", {}, link.button)),
      ),
      ...this.parts.map((part) => part.article),
    );
    this.open(0, false);
  }

  get lesson() {
    return LESSONS[this.place];
  }

  open(place, moveFocus = true) {
    this.place = place;
    this.parts.forEach(({ article }, k) => article.classList.toggle("current", k === place));
    this.links.forEach(({ button }, k) => {
      if (k === place) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    if (moveFocus) this.parts[place].heading.focus();
    this.onOpen(this.lesson);
  }

  // What the worker reports on the network that has these settings; whether it was said aloud.
  take(settings, report) {
    const { lesson, place } = this;
    const [part, seen] = [
      isFailing(lesson, settings) ? "failed" : "mended",
      this.seen.get(lesson.name),
    ];
    if (seen.has(part)) return false;
    const verdict = verdictOn(lesson, settings, report.state);
    const slots = {
      step: report.step,
      loss: () => numberText(report.loss, 2),
      switches: () =>
        turnedAway(lesson, settings)
          .map((name) => word(`switch.${name}`))
          .join(", "),
    };
    const line = this.parts[place][part];
    setWord(line, `check.${verdict}`, slots);
    if (verdict === "running" || verdict === "notYet") return false;
    announce(`check.${verdict}`, slots);
    if (["failed", "broken", "mended"].includes(verdict)) {
      seen.add(part);
      line.classList.add("done");
    }
    if (verdict === "mended") this.#tick(place);
    return true;
  }

  #tick(place) {
    const { button, tick } = this.links[place];
    tick.hidden = false;
    button.classList.add("done");
  }

  #makeLink(lesson, place) {
    const tick = element(
      "span",
      { class: "tick", hidden: true },
      element("span", { "aria-hidden": "true" }, "✓"),
      worded("span", "guide.done", {}, { class: "unseen" }),
    );
    const button = element(
      "button",
      { type: "button", onclick: () => this.open(place) },
      element("span", { class: "ordinal" }, String(place + 1)),
      worded("span", `lesson.${lesson.name}.short`),
      tick,
    );
    return { button, tick };
  }

  #makeLesson(lesson, place, { onSetUp, onMend }) {
    const { name } = lesson;
    const heading = worded(
      "h3",
      `lesson.${name}.title`,
      {},
      { id: freshId("lesson"), tabindex: -1 },
    );
    const text = (part) => worded("p", `lesson.${name}.${part}`, { steps: lesson.steps });
    const failed = worded("p", "check.notYet", {}, { class: "check" });
    const mended = worded("p", "check.notYet", {}, { class: "check" });
    const step = (title, ...children) => element("li", {}, worded("h4", title), ...children);
    const button = (key, onclick) => worded("button", key, {}, { type: "button", onclick });
    const next =
      place + 1 < LESSONS.length ? button("guide.next", () => this.open(place + 1)) : null;
    const article = element(
      "article",
      { class: "lesson", "aria-labelledby": heading.id },
      heading,
      text("story"),
      worded("a", "guide.toBench", {}, { href: "#bench", class: "to-bench" }),
      element(
        "ol",
        { class: "lesson-steps" },
        step(
          "guide.fail",
          text("fail"),
          button("guide.setUp", () => onSetUp(lesson)),
          failed,
        ),
        step(
          "guide.why",
          text("question"),
          element(
            "details",
            { class: "answer" },
            worded("summary", "guide.answer"),
            text("answer"),
          ),
        ),
        step(
          "guide.mend",
          text("mend"),
          element(
            "details",
            { class: "answer" },
            worded("summary", "guide.help"),
            text("help"),
            button("guide.mendIt", () => onMend(lesson)),
          ),
          mended,
          next,
        ),
      ),
    );
    return { article, heading, failed, mended };
  }
}
