// The page's words in several languages: one flat table a language, keys to sentences with {slots}.
//
// `openWords` takes the tables; `word` answers a sentence. What stands on the page is written by
// `setWord` or `worded`, which remember key and slots, so that `switchLanguage` writes it anew
// without loading the page again, and without taking the reader's place or focus from them.

const spoken = { tables: {}, language: "en", listeners: new Set() };
const written = new WeakMap(); // a node to a Map of attribute (or "text") to [key, slots]
const formats = new Map();
const [DIGITS, RAISED_DIGITS] = ["0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"];

// `tables`: {en: {key: sentence}, pt: {...}}; several calls add to one another.
export function openWords(tables, language = null) {
  for (const [name, table] of Object.entries(tables))
    spoken.tables[name] = { ...spoken.tables[name], ...table };
  switchLanguage(language ?? firstLanguage());
}

// The reader's own language where the page has it, else English.
export function firstLanguage() {
  const wanted = (navigator.languages ?? [navigator.language]).map((name) => name.slice(0, 2));
  return wanted.find((name) => name in spoken.tables) ?? "en";
}

export function language() {
  return spoken.language;
}

export function languages() {
  return Object.keys(spoken.tables);
}

// A sentence. Where a table has "key.one" and "key.other", `slots.n` decides between them.
// Slots that are numbers are written as the language writes them; functions are called first.
export function word(key, slots = {}) {
  const table = spoken.tables[spoken.language] ?? {};
  const of = (value) => (typeof value === "function" ? value() : value);
  const chosen = `${key}.other` in table ? `${key}.${of(slots.n) === 1 ? "one" : "other"}` : key;
  if (!(chosen in table)) throw new Error(`no word "${chosen}" in ${spoken.language}`);
  return table[chosen].replace(/\{(\w+)\}/g, (whole, name) => {
    if (!(name in slots)) throw new Error(`"${chosen}" needs the slot "${name}"`);
    const value = of(slots[name]);
    return typeof value === "number" ? numberText(value, Number.isInteger(value) ? 0 : 3) : value;
  });
}

// A number as the language writes it: 0.482, or 0,482; −, not a hyphen.
export function numberText(value, digits = 3) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const small = size > 0 && size < 0.5 * 10 ** -digits;
  return small || size >= 1e6 ? powerText(value) : fixedText(value, digits);
}

// As many digits behind the point whatever the number's size: 0.00 for a very small one.
export function fixedText(value, digits) {
  const key = `${spoken.language} ${digits}`;
  if (!formats.has(key))
    formats.set(
      key,
      new Intl.NumberFormat(locale(), {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
    );
  return formats
    .get(key)
    .format(value + 0)
    .replace(/^-(?=[0.,]*$)/, "")
    .replace("-", "−");
}

// 3.1·10⁻⁷
function powerText(value) {
  const [digits, power] = value.toExponential(1).split("e");
  return `${numberText(Number(digits), 1)}·10${superscript(Number(power))}`;
}

export function superscript(power) {
  return [...String(power)].map((sign) => RAISED_DIGITS[DIGITS.indexOf(sign)]).join("");
}

// And back again.
export function plainDigits(raised) {
  return [...raised].map((sign) => DIGITS[RAISED_DIGITS.indexOf(sign)]).join("");
}

export function percentText(value, digits = 1) {
  return `${numberText(100 * value, digits)}${spoken.language === "pt" ? "%" : " %"}`;
}

// What a reader typed as a number, with a point or a comma; NaN where it is none.
export function numberRead(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return plain === "" ? NaN : Number(plain);
}

function locale() {
  return spoken.language === "pt" ? "pt-BR" : spoken.language;
}

// Write a sentence into a node, or into one of its attributes, and keep it in the language.
export function setWord(node, key, slots = {}, attribute = "text") {
  if (!written.has(node)) written.set(node, new Map());
  written.get(node).set(attribute, [key, slots]);
  node.setAttribute("data-word", "");
  write(node);
  return node;
}

// Take the sentence away again.
export function unsetWord(node, attribute = "text") {
  written.get(node)?.delete(attribute);
  if (attribute === "text") node.textContent = "";
  else node.removeAttribute(attribute);
}

function write(node) {
  for (const [attribute, [key, slots]] of written.get(node) ?? []) {
    const sentence = word(key, slots);
    if (attribute !== "text") node.setAttribute(attribute, sentence);
    else if (node.textContent !== sentence) node.textContent = sentence;
  }
}

// Parts that draw letters themselves are told when the language changes.
export function onLanguage(listener) {
  spoken.listeners.add(listener);
}

export function switchLanguage(name) {
  spoken.language = name;
  document.documentElement.lang = locale();
  for (const node of document.querySelectorAll("[data-word]")) write(node);
  for (const listener of spoken.listeners) listener(name);
}
