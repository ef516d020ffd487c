// What starts the page: the model and the words, out of the page's own JSON and numbers.

import { openModel } from "./model.js";
import { bytesOf } from "./numbers.js";
import { drawPage } from "./view/page.js";
import { openWords } from "./words.js";

const textOf = (id) => document.getElementById(id).textContent;

openWords(JSON.parse(textOf("words")));
drawPage(
  openModel(JSON.parse(textOf("model")), bytesOf(textOf("weights"))),
  document.getElementById("page"),
);
