// The teacher's page of notes: closed on the screen until asked for, open on paper.

import { element, worded } from "../view/elements.js";
import { LESSONS } from "./lessons.js";
import { UNITS } from "./network.js";
import { ROWS } from "./trainer.js";

const ASPECTS = ["aim", "time", "before", "manner", "seeds", "limits"];

export function teacherNotes() {
  const aspect = (name) => [
    worded("dt", `notes.${name}.title`),
    worded("dd", `notes.${name}`, { units: UNITS, rows: ROWS }),
  ];
  const lessons = LESSONS.map(({ name, steps }) =>
    element(
      "li",
      {},
      worded("h4", `lesson.${name}.title`),
      worded("p", `notes.lesson.${name}`, { steps }),
      worded("p", `notes.ask.${name}`, {}, { class: "note" }),
    ),
  );
  return element(
    "section",
    { class: "notes", id: "notes", "aria-labelledby": "notes-title" },
    worded("h2", "notes.title", {}, { id: "notes-title" }),
    element(
      "details",
      {},
      worded("summary", "notes.open"),
      element(
        "dl",
        { class: "notes-aspects" },
        ...ASPECTS.map((name) => element("div", {}, ...aspect(name))),
      ),
      element("ol", { class: "notes-lessons" }, ...lessons),
      worded("h4", "notes.sources"),
      worded("p", "notes.sources.list"),
    ),
  );
}
