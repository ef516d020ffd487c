// A fitted model as the page computes with it. `openModel` is all that the page's parts need.

import { ForecastModel } from "./forecast_model.js";
import { LanguageModel } from "./language_model.js";
import { withMatrices } from "./numbers.js";
import { RowModel } from "./row_model.js";
import { TagModel } from "./tag_model.js";
import { TranslationModel } from "./translation_model.js";

const MODELS = {
  classes: RowModel,
  labels: RowModel,
  number: RowModel,
  tags: TagModel,
  language: LanguageModel,
  translation: TranslationModel,
  forecast: ForecastModel,
};

// `payload`: what the page's JSON says; `block`: its numbers, as one ArrayBuffer.
export function openModel(payload, block) {
  const { arrays, ...form } = payload;
  return new MODELS[form.task](withMatrices(form, arrays, block));
}
