"""From rows of tokens or frames to what a tagger reads of each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from textseq.estimators.encoding.embedding_table import with_known_words
from textseq.estimators.encoding.pretrained import Pretrained
from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.tagging.pieces import PieceEncoding
from textseq.estimators.tagging.rows import StepRows, Steps
from textseq.ragged import Ragged
from textseq.text.tokens import Tokens
from textseq.text.vectors.word_vectors import WordVectors
from textseq.text.vocabulary import UNKNOWN_ID, Vocabulary
from textseq.text.word_characters import CharacterVocabulary


@dataclass(frozen=True)
class TokenEncoding:
    """Vocabulary and case: what turns tokens into ids.

    Parameters
    ----------
    vocabulary : Vocabulary
    lowercase : bool
    composed : bool, default True
        Whether accents are composed with their letters (NFC) before a token is looked up.
    characters : CharacterVocabulary, optional
        Of words whose characters are read, those of the token as it stands.
    """

    vocabulary: Vocabulary
    lowercase: bool
    composed: bool = True
    characters: CharacterVocabulary | None = None

    @classmethod
    def learn(
        cls,
        tokens: Tokens,
        vectors: WordVectors | None,
        *,
        lowercase: bool,
        min_df: int | float,
        max_features: int | None,
        reads_characters: bool = False,
        pretrained: Pretrained | None = None,
    ) -> TokenEncoding:
        """Learn the vocabulary of the training rows, and what else is known beyond it.

        Parameters
        ----------
        tokens : Tokens
        vectors : WordVectors, optional
        lowercase, min_df, max_features
            As the estimator has them.
        reads_characters : bool, default False
        pretrained : Pretrained, optional
            A fitted model whose vocabulary stays as it is, with new words behind it.
        """
        characters = None
        if reads_characters:
            characters = CharacterVocabulary.learn(tokens.composed().distinct)
        tokens = _cased(tokens, lowercase).composed()
        if pretrained is not None:
            _check_units(pretrained, tokens.distinct)
        vocabulary = Vocabulary.from_tokens(tokens, min_df=min_df, max_features=max_features)
        if vectors is not None:
            vocabulary = with_known_words(vocabulary, vectors)
        if pretrained is not None:
            vocabulary = pretrained.extended_by(vocabulary)
        return cls(vocabulary, lowercase, characters=characters)

    @property
    def n_characters(self) -> int:
        """Characters that ids may name; 0 where none are read."""
        return 0 if self.characters is None else len(self.characters)

    def unknown_shares(
        self, vectors: WordVectors | None, pretrained: Pretrained | None
    ) -> np.ndarray:
        """Return how often training should read each id (V,) as unknown.

        1 / (1 + n) of words that it met n times and nothing else knows: half of the time of those
        met once, seldom of common ones.

        References
        ----------
        Kiperwasser & Goldberg (2016), "Simple and Accurate Dependency Parsing Using Bidirectional
        LSTM Feature Representations", section 4: word dropout, here with alpha = 1.
        """
        words = pl.Series("token", self.vocabulary.tokens, dtype=pl.String)
        shares = 1 / (1 + self.vocabulary.counts)
        known = self.vocabulary.counts == 0
        if vectors is not None:
            known |= vectors.lookup(words) >= 0
        if pretrained is not None:
            known |= pretrained.vocabulary.ids_of(words) != UNKNOWN_ID
        shares[known] = 0
        return shares

    def rows(self, tokens: Tokens) -> StepRows:
        """Return what the network reads of tokens."""
        ids = self.encode(tokens)
        if self.characters is None:
            return StepRows(ids)
        forms = tokens.composed()
        spelled = self.characters.encode(forms.distinct)
        return StepRows(ids, forms=forms.codes, spelled=spelled)

    def encode(self, tokens: Tokens) -> Ragged:
        """Turn tokens into ids."""
        tokens = _cased(tokens, self.lowercase)
        return self.vocabulary.encode(tokens.composed() if self.composed else tokens)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-able."""
        return {
            "vocabulary": self.vocabulary.to_dict(),
            "lowercase": self.lowercase,
            "composed": self.composed,
        } | ({} if self.characters is None else {"characters": self.characters.characters})

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> TokenEncoding:
        """Rebuild what ``to_dict`` returned."""
        vocabulary = Vocabulary.from_dict(stored["vocabulary"])
        # What earlier versions learned may hold decomposed tokens.
        lowercase, composed = bool(stored["lowercase"]), bool(stored.get("composed", False))
        characters = stored.get("characters")
        if characters is not None:
            characters = CharacterVocabulary(str(characters))
        return cls(vocabulary, lowercase, composed, characters)


StepEncoding = TokenEncoding | PieceEncoding | SeriesEncoding
KINDS: dict[str, type[StepEncoding]] = {
    "tokens": TokenEncoding,
    "pieces": PieceEncoding,
    "frames": SeriesEncoding,
}


def learn_encoding(
    steps: Steps,
    vectors: WordVectors | None,
    pretrained: Pretrained | PretrainedTransformer | None,
    **options: Any,
) -> StepEncoding:
    """Learn from training rows; the options are a ``TokenEncoding``'s."""
    if isinstance(steps, Tokens):
        if isinstance(pretrained, PretrainedTransformer):
            return PieceEncoding.learn(steps, pretrained)
        return TokenEncoding.learn(steps, vectors, pretrained=pretrained, **options)
    for name, given in (("vectors", vectors), ("pretrained", pretrained)):
        if given is not None:
            raise ValueError(f"{name} are of tokens, but X holds frames; leave {name}=None")
    if options["reads_characters"]:
        raise ValueError("characters are of words, but X holds frames; leave characters out")
    return SeriesEncoding.learn(steps)


def encode_steps(encoding: StepEncoding, steps: Steps) -> StepRows:
    """Return what the network reads of steps, which must be of the kind that ``fit`` met."""
    if isinstance(encoding, PieceEncoding) and isinstance(steps, Tokens):
        return encoding.encode(steps)
    if isinstance(encoding, TokenEncoding) and isinstance(steps, Tokens):
        return encoding.rows(steps)
    if isinstance(encoding, SeriesEncoding) and isinstance(steps, Ragged):
        return StepRows(encoding.encode(steps))
    fitted, given = "tokens", "arrays of frames"
    if isinstance(steps, Tokens):
        fitted, given = given, fitted
    raise ValueError(f"the model was fitted to {fitted}, but X holds {given}; pass {fitted}")


def encoding_to_dict(encoding: StepEncoding) -> dict[str, Any]:
    """Return all of an encoding and which it is, JSON-able."""
    kind = next(name for name, one in KINDS.items() if isinstance(encoding, one))
    return {"kind": kind} | encoding.to_dict()


def encoding_from_dict(stored: dict[str, Any]) -> StepEncoding:
    """Rebuild what ``encoding_to_dict`` returned."""
    return KINDS[stored["kind"]].from_dict(stored)


def _check_units(pretrained: Pretrained, words: pl.Series) -> None:
    """Refuse a model that reads others than the tokens of the rows."""
    kind = pretrained.tokenizer.kind
    longest = words.filter(words.str.len_chars() > 1).head(1).to_list()
    if kind == "char" and longest:
        raise ValueError(
            f"the pretrained model reads characters, and a token of X is {longest[0]!r}; pass rows "
            "of characters, list(text), or a model of words"
        )
    if kind in ("bpe", "subword"):
        raise ValueError(
            "the pretrained model reads pieces of words, and a token of X has one tag; start from "
            "a model of words"
        )


def _cased(tokens: Tokens, lowercase: bool) -> Tokens:
    if not lowercase:
        return tokens
    return Tokens.from_flat(tokens.flat.str.to_lowercase(), tokens.lengths)
