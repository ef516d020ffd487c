"""From rows of words to the pieces of them that a pretrained transformer reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer
from textseq.estimators.tagging.rows import StepRows
from textseq.message_language import number_of
from textseq.ragged import Ragged
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import UNKNOWN_ID, Vocabulary


@dataclass(frozen=True)
class PieceEncoding:
    """A transformer's tokenizer and vocabulary: what turns words into ids of their pieces.

    Parameters
    ----------
    tokenizer : Tokenizer
        Of kind "subword".
    vocabulary : Vocabulary
    ends : tuple of (list of int, list of int)
        Ids that begin and end every row.
    longest : int
        Pieces of a row that the transformer has positions for, those of its ends included.
    """

    tokenizer: Tokenizer
    vocabulary: Vocabulary
    ends: tuple[list[int], list[int]]
    longest: int

    @classmethod
    def learn(cls, tokens: Tokens, pretrained: PretrainedTransformer) -> PieceEncoding:
        """Take a transformer's pieces, and count them in the training rows."""
        tokenizer = pretrained.tokenizer
        pieces = _cut(tokenizer, tokens)
        vocabulary = Vocabulary.of_words(pretrained.words, pieces)
        return cls(tokenizer, vocabulary, pretrained.ends, pretrained.n_positions)

    def encode(self, tokens: Tokens) -> StepRows:
        """Turn words into ids of their pieces, and say where each word begins.

        Raises
        ------
        ValueError
            If a row has more pieces than the transformer has positions.
        """
        begin, end = self.ends
        own = self.vocabulary.encode(_cut(self.tokenizer, tokens))
        # A word that the tokenizer makes nothing of is unknown.
        of_words = Ragged.from_rows(
            [row if len(row) else [UNKNOWN_ID] for row in own.to_lists()]
        ).take(tokens.codes.values)
        words = tokens.codes.offsets
        rows = Ragged(of_words.values, of_words.offsets[words]).between(begin, end)
        longest = int(rows.lengths.max(initial=0))
        if longest > self.longest:
            row = number_of(int(rows.lengths.argmax()))
            raise ValueError(
                f"row {row} of X has {longest} pieces, and the transformer reads {self.longest}; "
                "cut it into shorter rows"
            )
        in_row = of_words.offsets[:-1] - np.repeat(of_words.offsets[words[:-1]], np.diff(words))
        return StepRows(rows, Ragged(in_row + len(begin), words))

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-able."""
        return {
            "tokenizer": self.tokenizer.to_dict(),
            "vocabulary": self.vocabulary.to_dict(),
            "ends": list(self.ends),
            "longest": self.longest,
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> PieceEncoding:
        """Rebuild what ``to_dict`` returned."""
        begin, end = stored["ends"]
        vocabulary = Vocabulary.from_dict(stored["vocabulary"])
        tokenizer = Tokenizer.from_dict(stored["tokenizer"])
        return cls(tokenizer, vocabulary, (begin, end), int(stored["longest"]))


def _cut(tokenizer: Tokenizer, tokens: Tokens) -> Tokens:
    """Cut each distinct word, as it is cut within a text."""
    # Tokenizers of bytes mark a word's beginning by the space before it.
    return tokenizer.tokenize(" " + tokens.distinct)
