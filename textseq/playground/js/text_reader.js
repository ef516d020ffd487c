// A text to what the network reads: tokens, their ids, and the ids of their n-grams.

import { hashedRuns } from "./hashing.js";
import { joinedTokens, tokenForm, tokenizerOf } from "./tokenizer.js";
import { TokenIds, UNKNOWN } from "./vocabulary.js";
import { Spelling } from "./word_features.js";

export class TextReader {
  constructor({ tokenizer, vocabulary, hashed, longest, spelling }) {
    this.tokenize = tokenizerOf(tokenizer);
    this.join = (tokens) => joinedTokens(tokenizer, tokens);
    this.formOf = tokenForm(tokenizer);
    this.vocabulary = new TokenIds(vocabulary);
    this.hashed = hashed ?? null;
    this.longest = longest ?? null;
    this.spelling = spelling === undefined ? null : new Spelling(spelling);
  }

  // `text`: a string, or tokens that are cut already.
  read(text) {
    if (typeof text === "string" && this.tokenize === null)
      throw new TypeError("the model's tokenizer is its caller's own: choose a text of the page");
    return this.ofTokens(typeof text === "string" ? this.tokenize(text) : text);
  }

  ofTokens(tokens) {
    const every = tokens.map((token) => ({
      text: token,
      id: this.vocabulary.idOf(this.formOf(token)),
    }));
    const read = this.longest === null ? every : every.slice(0, this.longest);
    const ids = read.map(({ id }) => id);
    let ngrams = [];
    if (this.hashed !== null) {
      const { longest, n_buckets } = this.hashed;
      ngrams = hashedRuns(ids, longest, n_buckets, this.vocabulary.size).map((run) => ({
        ...run,
        text: read
          .slice(run.start, run.start + run.size)
          .map((t) => t.text)
          .join(" "),
      }));
    }
    return {
      tokens: read.map((token) => ({ ...token, known: token.id !== UNKNOWN })),
      ngrams,
      ids: [...ids, ...ngrams.map(({ id }) => id)],
      whole: every.map(({ id }) => id), // a wide path reads on behind the longest length
      left: every.length - read.length, // tokens behind it
      steps: ids.length + ngrams.length,
      spelled: this.spelling && read.map(({ text }) => this.spelling.read(text.normalize("NFC"))),
    };
  }

  // The reading of a text's first tokens.
  prefix(reading, length) {
    return this.ofTokens(reading.tokens.slice(0, length).map(({ text }) => text));
  }
}
