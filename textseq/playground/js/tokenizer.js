// Texts to tokens, cut as `textseq/text/tokenizer.py` and `patterns.py` cut them.

// Written without spaces, by characters that are words or morphemes of their own.
const CJK = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u{30FC}\\u{FF70}]";
const WORD_CHARACTER = `[[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]--_--${CJK}]`;
const LETTER = `[\\p{L}--${CJK}]`;
const NAME = `(?:${WORD_CHARACTER}|_)`;
const SPACE = "\\p{White_Space}";
const PICTOGRAPH = "\\p{Extended_Pictographic}[\\p{M}\\u{1F3FB}-\\u{1F3FF}\\u{E0020}-\\u{E007F}]*";
const SHORTENED = [
  "ph.d",
  "mr",
  "mrs",
  "ms",
  "dr",
  "prof",
  "st",
  "jr",
  "sr",
  "gen",
  "gov",
  "sen",
  "rep",
  "lt",
  "col",
  "capt",
  "sgt",
  "inc",
  "corp",
  "ltd",
  "vs",
  "etc",
];

// A word in capitals or not: "s" is also the long s, and "k" the kelvin sign.
function anyCase(word) {
  const others = { s: "\\u{17F}", k: "\\u{212A}" };
  return [...word]
    .map((c) => (/[a-z]/.test(c) ? `[${c}${c.toUpperCase()}${others[c] ?? ""}]` : c))
    .join("")
    .replaceAll(".", "\\.");
}

const ENDINGS = ["s", "re", "ve", "ll", "d", "m", "em"].map(anyCase).join("|");

// One token; of several kinds that fit, the first.
const WORD_PATTERN = new RegExp(
  [
    "[0-9#*]\\u{FE0F}?\\u{20E3}", // keycaps
    "[\\u{1F1E6}-\\u{1F1FF}]{2}", // flags
    `${PICTOGRAPH}(?:\\u{200D}${PICTOGRAPH})*`, // emoji, with all their modifiers
    `${CJK}\\p{M}*`,
    `(?:${anyCase("http")}${anyCase("s")}?:\\/\\/|${anyCase("www.")})` +
      `[^${SPACE}<>]*[^${SPACE}<>.,;:!?'"\\)\\]\\}]`,
    `${WORD_CHARACTER}${NAME}*(?:[.+\\-]${NAME}+){0,2}@` +
      `${WORD_CHARACTER}+(?:[.\\-]${WORD_CHARACTER}+)+`,
    `@(?:${LETTER}|_)${NAME}*`,
    `-[lLrR][rRcCsS\\u{17F}][bB]-`,
    `(?:${anyCase("n't")}|'(?:${ENDINGS}))\\b`,
    "'[0-9]0s\\b",
    `[oO]'${LETTER}{2,}`,
    `(?:${LETTER}\\.){2,}`,
    `(?:${SHORTENED.map(anyCase).join("|")})\\.`,
    "[0-9]+(?:[.,:][0-9]+)+",
    `${WORD_CHARACTER}+`,
    "\\.{2,}|-{2,}|\\*{2,}|={2,}|~{2,}|\\+{2,}|_{2,}|''|``",
    `[^${SPACE}\\p{Cc}\\p{Cf}]`,
  ].join("|"),
  "gv",
);
const PLAIN = {
  "\u00b4": "'",
  "\u2018": "'",
  "\u2019": "'",
  "\u201c": '"',
  "\u201d": '"',
  "\u2026": "...",
};

function wordsOf(text) {
  return (
    text
      .replace(/[\u00b4\u2018\u2019\u201c\u201d\u2026]/gu, (c) => PLAIN[c])
      // The pieces of a contraction stand apart.
      .replace(/n't/gi, " $&")
      .replace(/\b(can)(not)\b/gi, "$1 $2")
      .replace(/\.{2,}/g, " ...")
      .match(WORD_PATTERN) ?? []
  );
}

// Runs of letters, digits or signs with the space before them, which no merge crosses.
const BYTE_PIECE =
  / ?[\p{L}\p{M}]{1,20}| ?\p{N}{1,20}| ?[^\p{White_Space}\p{L}\p{M}\p{N}]{1,20}|\p{White_Space}/gu;

// The character that stands for a byte: printable ones stand for themselves (Radford et al. 2019).
const BYTE_CHARACTERS = (() => {
  let next = 256;
  const printable = (b) => (b > 32 && b < 127) || (b > 160 && b < 173) || b > 173;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : next++));
})();

// Byte-pair pieces: of neighbours, the pair that was learned first is merged first, until none is
// left (Sennrich, Haddow & Birch 2016).
function mergedPieces(piece, ranks) {
  let symbols = Array.from(new TextEncoder().encode(piece), (b) => BYTE_CHARACTERS[b]);
  for (;;) {
    let [best, place] = [Infinity, -1];
    for (let k = 0; k + 1 < symbols.length; k++) {
      const rank = ranks.get(`${symbols[k]} ${symbols[k + 1]}`) ?? Infinity;
      if (rank < best) [best, place] = [rank, k];
    }
    if (place < 0) return symbols;
    symbols.splice(place, 2, symbols[place] + symbols[place + 1]);
  }
}

// Runs of `low` to `high` neighbouring tokens, the shorter ones first.
export function tokenRuns(tokens, low, high) {
  const runs = [];
  for (let size = low; size <= high; size++)
    for (let k = 0; k + size <= tokens.length; k++) runs.push(tokens.slice(k, k + size).join(" "));
  return runs;
}

const BYTE_OF = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

// Tokens as a text: words stand apart, characters and the bytes of pieces side by side.
export function joinedTokens({ kind }, tokens) {
  if (kind === "char") return tokens.join("");
  if (kind !== "bpe") return tokens.join(" ");
  const bytes = [...tokens.join("")].map((character) => BYTE_OF.get(character));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

// How a token is looked up that is cut already.
export function tokenForm({ kind, lowercase, composed }) {
  if (kind !== "tokens") return (token) => token;
  return (token) => {
    const cased = lowercase ? token.toLowerCase() : token;
    return composed ? cased.normalize("NFC") : cased;
  };
}

// A function from a text to its tokens; null where nothing but Python can cut texts so.
export function tokenizerOf(form) {
  if (form.kind === "own") return null;
  if (form.kind === "tokens") return (text) => text.match(/[^\p{White_Space}]+/gu) ?? [];
  let cut = wordsOf;
  if (form.kind === "char") {
    const grapheme = new RegExp(form.pattern, "gu");
    cut = (text) => text.match(grapheme) ?? [];
  } else if (form.kind === "bpe") {
    const ranks = new Map(form.merges.map((pair, rank) => [pair.join(" "), rank]));
    cut = (text) => (text.match(BYTE_PIECE) ?? []).flatMap((piece) => mergedPieces(piece, ranks));
  }
  return (text) => {
    const composed = (form.lowercase ? text.toLowerCase() : text).normalize("NFC");
    return tokenRuns(cut(composed), ...form.ngrams);
  };
}
