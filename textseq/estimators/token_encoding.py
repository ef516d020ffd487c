"""From rows of tokens to ids, with some words of the training rows left unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from textseq.estimators.embedding_table import with_known_words
from textseq.ragged import Ragged
from textseq.text.tokens import Tokens
from textseq.text.vectors import WordVectors
from textseq.text.vocabulary import SPECIALS, UNKNOWN_ID, Vocabulary

# Share of the words met once that are read as unknown, so that training meets some.
UNKNOWN_SHARE = 0.5


@dataclass(frozen=True)
class TokenEncoding:
    """Vocabulary and case: what turns tokens into ids.

    Parameters
    ----------
    vocabulary : Vocabulary
    lowercase : bool
    """

    vocabulary: Vocabulary
    lowercase: bool

    @classmethod
    def learn(
        cls,
        tokens: Tokens,
        vectors: WordVectors | None,
        rng: np.random.Generator,
        *,
        lowercase: bool,
        min_df: int | float,
        max_features: int | None,
    ) -> TokenEncoding:
        """Learn the vocabulary of the training rows, and what ``vectors`` know beyond it.

        Half of the words that occur once and that ``vectors`` lack are left out: a vector
        seen once says little, and the unknown token learns from them what new words are like.

        References
        ----------
        Lample et al. (2016), "Neural Architectures for Named Entity Recognition", section 4.3.
        """
        tokens = _cased(tokens, lowercase)
        words = tokens.distinct
        out = (tokens.tally()[0] == 1) & (rng.random(len(words)) < UNKNOWN_SHARE)
        if vectors is not None:
            out &= vectors.lookup(words) < 0
        unknown = pl.Series(out).replace_strict(True, SPECIALS[UNKNOWN_ID], default=None)
        kept = Tokens(tokens.codes, unknown.fill_null(words).alias("token"))
        vocabulary = Vocabulary.from_tokens(kept, min_df=min_df, max_features=max_features)
        if vectors is not None:
            vocabulary = with_known_words(vocabulary, vectors)
        return cls(vocabulary, lowercase)

    def encode(self, tokens: Tokens) -> Ragged:
        """Turn tokens into ids."""
        return self.vocabulary.encode(_cased(tokens, self.lowercase))

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-able."""
        return {"vocabulary": self.vocabulary.to_dict(), "lowercase": self.lowercase}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> TokenEncoding:
        """Rebuild what ``to_dict`` returned."""
        return cls(Vocabulary.from_dict(stored["vocabulary"]), bool(stored["lowercase"]))


def _cased(tokens: Tokens, lowercase: bool) -> Tokens:
    if not lowercase:
        return tokens
    return Tokens.from_flat(tokens.flat.str.to_lowercase(), tokens.lengths)
