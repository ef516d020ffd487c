// What is read of a word beside its vector, its characters and its shape: as
// `textseq/text/word_characters.py` and `textseq/nn/word_features.py` have it.

import { pooledStates } from "./pooling.js";
import { runStack } from "./stack.js";
import { Matrix, Tape } from "./tape.js";

// Ids: before and behind a word, a character that is none of the known, the first of these.
const [NO_CHARACTER, OTHER_CHARACTER, FIRST_CHARACTER] = [0, 1, 2];
// Python's digits: decimal ones, and those raised, lowered, encircled or counted otherwise.
const DIGIT = new RegExp(
  "[\\p{Nd}\\u{B2}\\u{B3}\\u{B9}\\u{1369}-\\u{1371}\\u{19DA}\\u{2070}\\u{2074}-\\u{2079}" +
    "\\u{2080}-\\u{2089}\\u{2460}-\\u{2468}\\u{2474}-\\u{247C}\\u{2488}-\\u{2490}\\u{24EA}" +
    "\\u{24F5}-\\u{24FD}\\u{24FF}\\u{2776}-\\u{277E}\\u{2780}-\\u{2788}\\u{278A}-\\u{2792}" +
    "\\u{10A40}-\\u{10A43}\\u{10E60}-\\u{10E68}\\u{11052}-\\u{1105A}\\u{1F100}-\\u{1F10A}]",
  "u",
);

const CHARACTER_KINDS = {
  lower: /\p{Lowercase}/u,
  upper: /\p{Uppercase}/u,
  digit: DIGIT,
  plain: /[\p{L}\p{N}]/u, // a letter or a digit
};

// Which kinds a character is of.
export function characterKinds(character) {
  return Object.fromEntries(
    Object.entries(CHARACTER_KINDS).map(([name, pattern]) => [name, pattern.test(character)]),
  );
}

// 1 for each trait of a word's shape that it has, else 0.
export function shapeOf(characters) {
  const kinds = characters.map(characterKinds);
  const [lower, upper, digits, plain] = ["lower", "upper", "digit", "plain"].map(
    (name) => kinds.filter((kind) => kind[name]).length,
  );
  const n = characters.length;
  const first = n > 0 && kinds[0].upper;
  const capitals = upper > 0 && lower === 0;
  return [
    lower > 0 && upper === 0,
    capitals,
    first && !capitals,
    digits > 0,
    digits === n && n > 0,
    plain < n,
    upper > Number(first),
    n === 1,
  ].map(Number);
}

export const TRAITS = shapeOf([]).length;

export function isKnownCharacter(id) {
  return id !== OTHER_CHARACTER;
}

export class Spelling {
  constructor({ characters, longest }) {
    this.ids = new Map([...characters].map((character, k) => [character, k + FIRST_CHARACTER]));
    this.half = longest / 2;
  }

  // `word` as it stands, whatever case it is looked up in.
  read(word) {
    const every = [...word];
    const shown =
      every.length <= 2 * this.half
        ? every
        : [...every.slice(0, this.half), ...every.slice(-this.half)];
    const characters = shown.map((text) => ({ text, id: this.ids.get(text) ?? OTHER_CHARACTER }));
    return { characters, shape: shapeOf(every) };
  }
}

// The largest that each feature has at any character, from it and its neighbours: Ma & Hovy (2016),
// section 2.1.
function convolved(tape, { table, weight, bias }, ids) {
  const around = tape.beside(
    tape.take(table, [NO_CHARACTER, ...ids.slice(0, -1)]),
    tape.take(table, ids),
    tape.take(table, [...ids.slice(1), NO_CHARACTER]),
  ); // (n, 3 D)
  return tape.relu(tape.add(tape.max(tape.linear(around, weight)), bias));
}

// Both ends of an lstm that reads both ways: Lample et al. (2016), section 4.1.
function bothEnds(tape, { table, encoder, pooling }, ids) {
  const steps = ids.map((id) => tape.take(table, [id]));
  return pooledStates(tape, pooling, runStack(tape, encoder, steps).hidden);
}

// The features (1, D) of a word that was read by `Spelling`, those of its shape last.
export function wordFeatures(words, { characters, shape }) {
  const tape = new Tape({ recording: false });
  const ids = characters.map(({ id }) => id);
  const shapes = Matrix.of([shape]);
  if (!ids.length) return tape.beside(new Matrix(1, words.width - shape.length), shapes);
  const read = words.kind === "lstm" ? bothEnds(tape, words, ids) : convolved(tape, words, ids);
  return tape.beside(read, shapes);
}
