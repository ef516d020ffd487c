// A field with one number in it: Enter takes what was typed, Escape leaves the number as it was.

import { numberRead, numberText, setWord, unsetWord } from "../words.js";
import { element, freshId } from "./elements.js";

export class NumberField {
  // `onNumber(number)`: another one was typed. `onLeave()`: Enter or Escape was pressed.
  constructor({ onNumber, onLeave = () => {} }) {
    Object.assign(this, { onNumber, onLeave, number: NaN });
    this.input = element("input", {
      type: "text",
      inputmode: "decimal",
      size: 8,
      autocomplete: "off",
      onkeydown: (event) => this.#key(event),
      onchange: () => this.#take(),
      onfocus: () => this.input.select(),
      onblur: () => this.show(this.number),
    });
    this.fault = element("span", { class: "fault", id: freshId("fault"), role: "alert" });
  }

  // Show a number, unless the reader is typing one.
  show(number) {
    this.number = number;
    if (document.activeElement !== this.input) this.input.value = numberText(number);
  }

  // Go into the field; what was typed elsewhere begins the new number.
  begin(text = null) {
    this.input.focus();
    if (text !== null) this.input.value = text;
  }

  #take() {
    const typed = this.input.value;
    if (typed === numberText(this.number)) return true;
    const number = numberRead(typed);
    if (!Number.isFinite(number)) {
      this.input.setAttribute("aria-invalid", "true");
      this.input.setAttribute("aria-describedby", this.fault.id);
      setWord(this.fault, "field.fault", { text: typed });
      return false;
    }
    this.#forgive();
    // Enter takes a number, and leaving the field would take the same one again.
    if (number !== this.number) {
      this.number = number;
      this.onNumber(number);
    }
    return true;
  }

  #forgive() {
    this.input.removeAttribute("aria-invalid");
    this.input.removeAttribute("aria-describedby");
    unsetWord(this.fault);
  }

  #key(event) {
    if (event.key === "Escape") {
      this.#forgive();
      this.input.value = numberText(this.number);
    }
    if (event.key === "Escape" || (event.key === "Enter" && this.#take())) {
      event.preventDefault();
      this.onLeave();
    }
  }
}
