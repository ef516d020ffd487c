// A button for each language that the page can be read in.

import { language, languages, setWord, switchLanguage } from "../words.js";
import { announce, element } from "./elements.js";

export function languageChoice() {
  const button = (name) =>
    element(
      "button",
      {
        type: "button",
        class: "language",
        lang: name,
        "aria-pressed": String(name === language()),
        onclick: () => {
          switchLanguage(name);
          for (const other of group.children)
            other.setAttribute("aria-pressed", String(other.lang === name));
          announce("language.now");
        },
      },
      { en: "EN", pt: "PT" }[name],
    );
  const group = element("div", { class: "languages", role: "group" }, languages().map(button));
  for (const one of group.children)
    one.setAttribute("aria-label", { en: "English", pt: "Português" }[one.lang]);
  setWord(group, "language", {}, "aria-label");
  return group;
}
