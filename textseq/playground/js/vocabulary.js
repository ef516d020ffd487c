// Tokens to ids, and ids to rows of the table of vectors.

export const UNKNOWN = 1;

export class TokenIds {
  // `tokens`, of which the first `specials` are marks that no text says; `size` of the model's own
  // vocabulary, and `ids` of the tokens where the page has only some of it.
  constructor({ tokens, specials, size, ids }) {
    this.tokens = tokens;
    this.specials = specials;
    this.size = size;
    this.ids = ids ?? null;
    this.places = new Map(); // of each word among `tokens`
    for (let k = specials; k < tokens.length; k++) this.places.set(tokens[k], k);
    this.rows = this.ids === null ? null : new Map(this.ids.map((id, row) => [id, row]));
  }

  idOf(token) {
    const place = this.places.get(token);
    if (place === undefined) return UNKNOWN;
    return this.ids === null ? place : this.ids[place];
  }

  // The row of an id in the table; ids of hashed n-grams follow those of tokens.
  rowOf(id) {
    if (id >= this.size) return this.tokens.length + (id - this.size);
    return this.rows === null ? id : this.rows.get(id);
  }

  tokenOf(id) {
    return this.tokens[this.rowOf(id)];
  }
}
