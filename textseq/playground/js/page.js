// What starts the page: the model out of the page's own JSON and numbers.

import { openModel } from "./model.js";
import { bytesOf } from "./numbers.js";

const textOf = (id) => document.getElementById(id).textContent;
const model = openModel(JSON.parse(textOf("model")), bytesOf(textOf("weights")));
const page = document.getElementById("page");
const [field, answer] = [document.createElement("textarea"), document.createElement("output")];
field.setAttribute("aria-label", "Text");
field.value = model.examples[0].input;
const show = () => {
  const found = model.run(model.read(field.value)).answer;
  answer.textContent = found.map(({ name, value }) => `${name} ${value.toFixed(3)}`).join(" · ");
};
field.addEventListener("input", show);
page.replaceChildren(field, answer);
show();
