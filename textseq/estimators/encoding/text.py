"""From the caller's texts to the network's ids, the same way at fit and at prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from textseq.batches import SequenceData
from textseq.estimators.encoding.column_encoding import ColumnEncoding
from textseq.estimators.encoding.embedding_table import with_known_words
from textseq.estimators.encoding.pretrained import Pretrained
from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer
from textseq.estimators.encoding.text_rows import TextRows
from textseq.ragged import Ragged
from textseq.row_arrays import quantile_of
from textseq.text.hashed_ngrams import HashedNgrams
from textseq.text.row_forms import Field
from textseq.text.tokenizer import Tokenizer, most_pieces
from textseq.text.tokens import Tokens
from textseq.text.vectors.subword_table import SubwordTable
from textseq.text.vectors.word_vectors import WordVectors
from textseq.text.vocabulary import Vocabulary

# Share of the texts that may be cut at a length that nobody chose.
FEW_CUT = 0.05
# Parameters that a table of subwords decides.
_OF_TABLES = ("tokenizer", "lowercase", "min_df", "max_features")
# A one-hot row of more numbers takes more memory and time than any lesson is worth.
WIDEST_ONE_HOT = 5_000


@dataclass(frozen=True)
class TextEncoding:
    """Tokenizer, vocabulary and longest length: what turns texts into ids.

    Parameters
    ----------
    tokenizer : Tokenizer
        Fitted.
    vocabulary : Vocabulary
    max_length : int or None
        Tokens kept of each text, from its start.
    n_fields : {1, 2}
    hashed : HashedNgrams, optional
        Ids for n-grams, after the vocabulary's.
    columns : tuple of str, optional
        Names of the columns of texts, if they are told apart by names.
    ends : tuple of (list of int, list of int), optional
        Ids that begin and end every text, also one that is cut.
    beside : ColumnEncoding, optional
        Of columns that stand beside the texts.
    """

    tokenizer: Tokenizer
    vocabulary: Vocabulary
    max_length: int | None
    n_fields: int
    hashed: HashedNgrams | None = None
    columns: tuple[str, ...] | None = None
    ends: tuple[list[int], list[int]] = ([], [])
    beside: ColumnEncoding | None = None

    @classmethod
    def learn(
        cls,
        tokens: tuple[Tokens, ...],
        tokenizer: Tokenizer,
        vectors: WordVectors | SubwordTable | None,
        pretrained: Pretrained | PretrainedTransformer | None = None,
        *,
        min_df: int | float,
        max_features: int | None,
        hashed: HashedNgrams | None = None,
    ) -> TextEncoding:
        """Learn the vocabulary of the training tokens, and what is known beyond it."""
        if isinstance(vectors, SubwordTable):
            vocabulary = Vocabulary.of_words(vectors.words, tokens)
            return cls(tokenizer, vocabulary, None, len(tokens), hashed)
        if isinstance(pretrained, PretrainedTransformer):
            vocabulary = Vocabulary.of_words(pretrained.words, tokens)
            return cls(tokenizer, vocabulary, None, len(tokens), ends=pretrained.ends)
        vocabulary = Vocabulary.from_tokens(
            tokens, min_df=min_df, max_features=max_features, pieces=tokenizer.pieces
        )
        if vectors is not None:
            vocabulary = with_known_words(vocabulary, vectors)
        if pretrained is not None:
            vocabulary = pretrained.extended_by(vocabulary)
        return cls(tokenizer, vocabulary, None, len(tokens), hashed)

    @property
    def n_ids(self) -> int:
        """Ids that a network must know: the vocabulary's and those of hashed n-grams."""
        return len(self.vocabulary) + (0 if self.hashed is None else self.hashed.n_buckets)

    @property
    def n_columns(self) -> int:
        """Numbers that a network reads of the columns beside a row's texts."""
        return 0 if self.beside is None else len(self.beside.means)

    @property
    def ngram_range(self) -> tuple[int, int]:
        """Fewest and most neighbouring tokens that have an id."""
        return self.tokenizer.ngram_range if self.hashed is None else (1, self.hashed.longest)

    @property
    def n_read(self) -> int | None:
        """Tokens of a text's own that the network reads at most, but for marks at its ends."""
        return None if self.max_length is None else self.max_length - sum(map(len, self.ends))

    def tokens(self, fields: tuple[Field, ...]) -> tuple[Tokens, ...]:
        """Cut texts into tokens; Tokens pass as they are."""
        if len(fields) != self.n_fields:
            raise ValueError(
                f"the model was fitted on {self.n_fields} text column(s), X has {len(fields)}"
            )
        return tuple(cut(self.tokenizer, field) for field in fields)

    def rows(self, X: Any, name: str = "X") -> TextRows:
        """Read texts, and the columns beside them; columns with names go by these."""
        kinds = None if self.beside is None else self.beside.kinds
        return TextRows.like(X, name, self.columns, kinds)

    def ids(self, X: Any, name: str = "X") -> SequenceData:
        """Turn texts into ids, and the columns beside them into numbers."""
        rows = self.rows(X, name)
        ids = tuple(map(self.token_ids, self.tokens(rows.fields)))
        return SequenceData(ids, columns=self.numbers(rows))

    def numbers(self, rows: TextRows) -> np.ndarray | None:
        """Return what the head reads of the columns beside texts (n, F); None without any."""
        if self.beside is None:
            return None
        assert rows.columns is not None
        return self.beside.deviations(rows.columns)

    def token_ids(self, tokens: Tokens) -> Ragged:
        """Turn tokens into ids, truncated to ``max_length``; hashed n-grams follow a text's own."""
        return self.shortened(self.vocabulary.encode(tokens))

    def shortened(self, ids: Ragged) -> Ragged:
        """Turn the ids of whole texts into those that the network reads."""
        begin, end = self.ends
        if self.n_read is not None:
            ids = ids.truncate(self.n_read)
        if begin or end:
            ids = ids.between(begin, end)
        return ids if self.hashed is None else self.hashed.append(ids, len(self.vocabulary))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON-able form."""
        return {
            "tokenizer": self.tokenizer.to_dict(),
            "vocabulary": self.vocabulary.to_dict(),
            "max_length": self.max_length,
            "n_fields": self.n_fields,
            "hashed": None if self.hashed is None else asdict(self.hashed),
            "columns": None if self.columns is None else list(self.columns),
            **({"ends": list(self.ends)} if any(self.ends) else {}),
            **({} if self.beside is None else {"beside": self.beside.to_dict()}),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any], tokenizer: Any = None) -> TextEncoding:
        """Rebuild from ``to_dict``; a callable tokenizer must be handed back."""
        return cls(
            Tokenizer.from_dict(stored["tokenizer"], function=tokenizer),
            Vocabulary.from_dict(stored["vocabulary"]),
            stored["max_length"],
            stored["n_fields"],
            HashedNgrams(**stored["hashed"]) if stored.get("hashed") else None,
            tuple(stored["columns"]) if stored.get("columns") else None,
            tuple(stored.get("ends", ([], []))),
            ColumnEncoding.from_dict(stored["beside"]) if stored.get("beside") else None,
        )


def fit_tokenizer(
    tokenizer: Any,
    fields: tuple[Field, ...],
    lowercase: bool,
    ngram_range: tuple[int, int],
    hash_buckets: int | None,
    max_features: int | None,
    table: SubwordTable | None = None,
) -> Tokenizer:
    """Return a tokenizer fitted to the training texts; one that is fitted stays as it is.

    Where n-grams are hashed, they are made of the tokens' ids and not by the tokenizer. A table
    of subwords has its own.
    """
    if table is not None:
        return table.tokenizer
    if not isinstance(tokenizer, Tokenizer):
        own_range = (1, 1) if hash_buckets is not None else ngram_range
        tokenizer = Tokenizer(
            tokenizer,
            lowercase=lowercase,
            ngram_range=own_range,
            vocab_size=most_pieces(max_features),
        )
    texts = [field for field in fields if isinstance(field, pl.Series)]
    return tokenizer.fit(pl.concat(texts)) if texts else tokenizer


def cut(tokenizer: Tokenizer, field: Field) -> Tokens:
    """Cut one column of texts into tokens, unless it is cut already."""
    return field if isinstance(field, Tokens) else tokenizer.tokenize(field)


def settle_table(
    table: SubwordTable, given: Mapping[str, Any], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a model's parameters with a table's own of cutting texts in place of defaults.

    Raises
    ------
    ValueError
        If one was given that the table decides. Its tokens have n-grams only where these are
        hashed.
    """
    decided = {name: given[name] for name in _OF_TABLES}
    if given["hash_buckets"] is None:
        decided["ngram_range"] = given["ngram_range"]
    table.check_parameters(decided, defaults)
    return {**given, "tokenizer": table.tokenizer.kind, "lowercase": table.tokenizer.lowercase}


def check_width(representation: str, n_tokens: int) -> None:
    """Refuse one-hot rows of very many numbers."""
    if representation == "onehot" and n_tokens > WIDEST_ONE_HOT:
        raise ValueError(
            f"representation='onehot' would make each token {n_tokens:,} numbers (at most "
            f"{WIDEST_ONE_HOT:,}); set max_features={WIDEST_ONE_HOT - 2} or less, or use "
            "'embedding', which is a one-hot row times a learned matrix"
        )


def length_lines(lengths: np.ndarray, max_length: int | None, chosen: bool) -> list[str]:
    """Return what to say of texts without tokens, or cut at a length that nobody chose.

    Parameters
    ----------
    lengths : ndarray of shape (n,)
        Tokens of each training text.
    max_length : int or None
    chosen : bool
        Whether the caller chose it.
    """
    if not lengths.any():
        return [
            "no training text has a token, as if all were empty: nothing can be learned from "
            "them; check that they are the texts you mean"
        ]
    if max_length is None or chosen or not np.mean(lengths > max_length) > FEW_CUT:
        return []
    enough = int(quantile_of(lengths, 0.99, "higher"))
    return [
        f"{np.mean(lengths > max_length):.0%} of the training texts are read up to their first "
        f"{max_length} tokens only; max_length={enough} would read 99 % of them whole, in more "
        f"time, and max_length={max_length} says that this is meant"
    ]
