"""From the caller's sources and targets to what an encoder-decoder reads, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from textseq.batches import SequenceData
from textseq.estimators.encoding.fitted_rows import cut_as_fitted, read_as_fitted
from textseq.estimators.encoding.images import ImageEncoding
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.encoding.text import TextEncoding
from textseq.estimators.encoding.text_rows import TextRows
from textseq.nn.token_decoder import BEGIN, END
from textseq.ragged import Ragged
from textseq.row_arrays import parts_of, row_array
from textseq.series.inputs import series_rows
from textseq.stored_ragged import StoredRagged
from textseq.text.inputs import text_fields
from textseq.text.joining import glued_words
from textseq.text.row_forms import TEXTS, TOKENS, Field, is_list, listed_rows, read_rows
from textseq.text.spacing import Spacing
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import SPECIALS, UNKNOWN_ID, Vocabulary

SOURCES = ("text", "series", "vector")
MARKS = ("<bos>", "<eos>")
# Between the two texts of a source.
SEPARATOR = "<sep>"

Source = TextRows | Ragged
SourceEncoding = TextEncoding | SeriesEncoding | ImageEncoding


# Texts that tell how a language is written.
SPACING_TEXTS = 10_000
# An answer may be so many times as long as those to sources of its length are on the mean.
LENGTH_FACTOR = 2.0


class Cuts(NamedTuple):
    """Rows, and how many of their sources and targets are longer than ``max_length``."""

    rows: int
    sources: int
    targets: int


@dataclass(frozen=True, eq=False)
class ReadPairs:
    """Sources, and targets where there are any, as the network reads them.

    Parameters
    ----------
    data : SequenceData
    tokens : Tokens, optional
        Of sources that are texts, whole.
    cuts : Cuts
    """

    data: SequenceData
    tokens: Tokens | None
    cuts: Cuts


@dataclass(frozen=True, eq=False)
class Seq2SeqEncoding:
    """What turns sources and targets into ids or scaled numbers.

    Parameters
    ----------
    source : TextEncoding, SeriesEncoding or ImageEncoding
        A vector is a series of one step.
    target : TextEncoding
        Its vocabulary has the marks ``<bos>`` and ``<eos>``.
    symbols : bool
        Whether targets are lists of symbols, not strings.
    longest : int
        Tokens of the longest training target.
    source_form : {"texts", "tokens", "pairs", "series", "vector"}, optional
        What a training source was; files of earlier versions do not tell.
    tokens_per_step : float, optional
        Target tokens a source step, on the mean of all training pairs.
    spacing : Spacing, optional
        How the target's language is written.
    unknown_targets : {"none", "rare", "own"}
        What ``<unk>`` was among the training targets: nothing, tokens that are not in the
        vocabulary, or a token that says so itself.
    """

    source: SourceEncoding
    target: TextEncoding
    symbols: bool
    longest: int
    source_form: str | None = None
    tokens_per_step: float | None = None
    spacing: Spacing | None = None
    unknown_targets: str = "none"

    @property
    def target_form(self) -> str | None:
        """What a training target was; None where a file tells nothing of how it was read."""
        if self.source_form is None:
            return None
        return TOKENS if self.symbols else TEXTS

    def read_source(self, kind: str, src: Any, name: str = "src") -> Source:
        """Return sources, of a ``kind`` in ``SOURCES``, that can be read as the training ones."""
        if isinstance(self.source, ImageEncoding):
            return self.source.read(src, name)
        if isinstance(self.source, SeriesEncoding):
            return read_numbers(kind, src, name)
        encoding = self.source
        how = self.source_form, encoding.tokenizer, encoding.vocabulary, encoding.columns
        return TextRows(read_as_fitted(src, name, *how))

    def read_target(self, tgt: Any, name: str = "tgt") -> Field:
        """Return targets that can be read as the training ones."""
        how = self.target_form, self.target.tokenizer, self.target.vocabulary
        return one_target(read_as_fitted(tgt, name, *how), name)

    def references(self, tgt: Any, predictions: list[Any]) -> list[Any]:
        """Return what predictions are compared with: strings, or lists of several or of symbols.

        Accents are composed, as they are in what is said.
        """
        if self.symbols:
            how = TOKENS, self.target.tokenizer, self.target.vocabulary
            [tokens] = read_as_fitted(tgt, "tgt", *how)
            assert isinstance(tokens, Tokens)
            return (tokens if self.source_form is None else tokens.composed()).to_lists()
        rows = listed_rows(tgt, "tgt")
        if not isinstance(rows, list):
            fields = text_fields(rows, "tgt")
            rows = [list(row) for row in zip(*fields, strict=True)]
        if not any(map(is_list, rows)):
            return text_fields(rows, "tgt")[0].str.normalize("NFC").to_list()
        [tokens] = read_rows(rows, "tgt", TOKENS)
        assert isinstance(tokens, Tokens)
        refuse_cut_references(tokens, predictions)
        return tokens.composed().to_lists()

    def data(self, source: Source, target: Field | None = None) -> SequenceData:
        """Return the network's rows, each weighted by its number of target tokens."""
        return self.read(source, target).data

    def read(
        self, source: Source, target: Field | None = None, *, whole_targets: bool = False
    ) -> ReadPairs:
        """Return the network's rows, and what is left out of them.

        Parameters
        ----------
        source : TextRows or Ragged
        target : Field, optional
        whole_targets : bool, default False
            Whether ``max_length`` is for sources only.
        """
        read = source if isinstance(source, Ragged) else self.source_tokens(source)
        if target is None:
            return self.read_cut(read)
        encoding = self.target
        own = cut_as_fitted(target, self.target_form, encoding.tokenizer, encoding.vocabulary)
        return self.read_cut(read, own, whole_targets=whole_targets)

    def read_cut(
        self,
        source: Tokens | Ragged,
        target: Tokens | None = None,
        *,
        whole_targets: bool = False,
    ) -> ReadPairs:
        """Return what ``read`` does, of texts that are cut into tokens."""
        tokens, n_cut = None, 0
        if not isinstance(self.source, TextEncoding):
            assert isinstance(source, Ragged)
            read = self.source.encode(source)
        else:
            assert isinstance(source, Tokens)
            tokens, read = source, self.source.token_ids(source)
            n_cut = _n_longer(source, self.source.max_length)
        if target is None:
            return ReadPairs(SequenceData((read,)), tokens, Cuts(len(read), n_cut, 0))
        if whole_targets:
            ids, n_cut_targets = with_end(self.target.vocabulary.encode(target)), 0
        else:
            ids = with_end(self.target.token_ids(target))
            n_cut_targets = _n_longer(target, self.target.max_length)
        weights, nothing = (row_array(len(ids), np.float32) for _ in range(2))
        mean = ids.lengths.mean()
        for part in parts_of(len(ids)):
            weights[part], nothing[part] = ids.lengths[part] / mean, 0.0
        # The network reads its targets; the loop hands these on unread.
        data = SequenceData((read, ids), nothing, weights)
        return ReadPairs(data, tokens, Cuts(len(read), n_cut, n_cut_targets))

    def source_tokens(self, source: TextRows) -> Tokens:
        """Return the tokens of sources that are texts; of two texts, a mark between them."""
        assert isinstance(self.source, TextEncoding)
        how = self.source_form, self.source.tokenizer, self.source.vocabulary
        return beside_each_other([cut_as_fitted(field, *how) for field in source.fields])

    def with_facts_of(self, targets: Tokens, read: ReadPairs) -> Seq2SeqEncoding:
        """Return the encoding with what is to be known of its training pairs.

        Parameters
        ----------
        targets : Tokens
        read : ReadPairs
            What this encoding makes of the pairs.
        """
        source, ids = read.data.fields
        n_tokens, n_steps = ids.n_values - len(ids), max(source.n_values, 1)
        is_unknown = self.target.vocabulary.ids_of(targets.distinct) == UNKNOWN_ID
        if isinstance(targets.codes, StoredRagged):  # which knows tokens that others have
            is_unknown &= targets.tally()[0] > 0
        unknown = targets.distinct.filter(pl.Series(is_unknown))
        kind = "own" if SPECIALS[UNKNOWN_ID] in unknown.to_list() else "rare"
        return replace(
            self,
            tokens_per_step=n_tokens / n_steps,
            unknown_targets=kind if len(unknown) else "none",
        )

    def longest_of(self, lengths: np.ndarray) -> np.ndarray:
        """Return the most tokens (n,) of answers to sources of so many steps (n,)."""
        longest = np.full(len(lengths), self.longest, dtype=np.int64)
        if self.tokens_per_step is None:
            return longest
        grown = np.ceil(LENGTH_FACTOR * self.tokens_per_step * lengths).astype(np.int64)
        return np.maximum(longest, grown)

    def write(self, ids: np.ndarray, others: Mapping[int, str]) -> Any:
        """Return the target that ids (n,) stand for, with other tokens at the steps named."""
        tokens = self.target.vocabulary.decode(ids)
        for step, token in others.items():
            tokens[step] = token
        if self.symbols:
            return tokens
        tokenizer = self.target.tokenizer
        if self.spacing is None:
            return tokenizer.join(tokens)
        if tokenizer.kind == "word" or callable(tokenizer.kind):
            return self.spacing.join(tokens, None if callable(tokenizer.kind) else glued_words)
        return self.spacing.spell(tokenizer.join(tokens))

    def step_names(self, source: Source) -> list[str]:
        """Return a name for each step of the first source: its token, or its number from 1 up."""
        if isinstance(source, Ragged):
            return [str(number) for number in range(1, len(source[0]) + 1)]
        assert isinstance(self.source, TextEncoding)
        return self.source_tokens(source).to_lists()[0][: self.source.max_length]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON-able form."""
        return {
            "source": self.source.to_dict(),
            "target": self.target.to_dict(),
            "symbols": self.symbols,
            "longest": self.longest,
            "source_form": self.source_form,
            "tokens_per_step": self.tokens_per_step,
            "spacing": None if self.spacing is None else self.spacing.to_dict(),
            "unknown_targets": self.unknown_targets,
        }

    @classmethod
    def from_dict(
        cls, stored: dict[str, Any], tokenizer: Any = None, target_tokenizer: Any = None
    ) -> Seq2SeqEncoding:
        """Rebuild from ``to_dict``; callable tokenizers must be handed back."""
        source: SourceEncoding
        if "vocabulary" in stored["source"]:
            source = TextEncoding.from_dict(stored["source"], tokenizer)
        elif "kind" in stored["source"]:
            source = ImageEncoding.from_dict(stored["source"])
        else:
            source = SeriesEncoding.from_dict(stored["source"])
        target = TextEncoding.from_dict(stored["target"], target_tokenizer or tokenizer)
        if target.vocabulary.specials[BEGIN:] != MARKS:
            raise ValueError(f"the target vocabulary lacks the marks {', '.join(MARKS)}")
        spacing = stored.get("spacing")
        return cls(
            source,
            target,
            bool(stored["symbols"]),
            int(stored["longest"]),
            stored.get("source_form"),
            stored.get("tokens_per_step"),
            None if spacing is None else Spacing(**spacing),
            stored.get("unknown_targets", "none"),
        )


def learn_target(
    tokens: Tokens, tokenizer: Any, max_length: int | None, **options: Any
) -> TextEncoding:
    """Learn the vocabulary of training targets; ``options`` are those of ``Vocabulary``."""
    vocabulary = Vocabulary.from_tokens(tokens, marks=MARKS, pieces=tokenizer.pieces, **options)
    return TextEncoding(tokenizer, vocabulary, max_length, 1)


def spacing_rows(n_rows: int) -> np.ndarray:
    """Return the rows, ascending, of the targets that tell how a language is written."""
    return np.linspace(0, n_rows - 1, min(n_rows, SPACING_TEXTS)).astype(np.int64)


def learn_spacing(texts: pl.Series, tokens: Tokens, tokenizer: Tokenizer) -> Spacing:
    """Learn from texts of ``spacing_rows``, and their tokens, how a language is written."""
    spaced = tokenizer.kind == "word" or callable(tokenizer.kind)
    own = tokens.to_lists() if spaced else [[] for _ in texts]
    return Spacing.learn(texts.to_list(), own, lowercase=tokenizer.lowercase)


def _n_longer(tokens: Tokens, max_length: int | None) -> int:
    if max_length is None:
        return 0
    parts = (tokens.lengths[part] for part in parts_of(len(tokens)))
    return sum(int(np.count_nonzero(part > max_length)) for part in parts)


def with_end(ids: Ragged) -> Ragged:
    """Put the end behind every row.

    Examples
    --------
    >>> with_end(Ragged.from_rows([[7, 8], []])).to_lists()
    [[7, 8, 3], [3]]
    """
    return ids.between([], [END])


def beside_each_other(parts: list[Tokens]) -> Tokens:
    """Return the tokens of one text a row, or of two with a mark between them.

    Examples
    --------
    >>> first, second = Tokens.from_lists([["so", "it"], []]), Tokens.from_lists([["goes"], ["so"]])
    >>> beside_each_other([first, second]).to_lists()
    [['so', 'it', '<sep>', 'goes'], ['<sep>', 'so']]
    """
    if len(parts) == 1:
        return parts[0]
    first, second = parts
    n_rows = len(first)
    together = Tokens.concat([first, Tokens.from_lists([[SEPARATOR]]), second])
    rows = np.arange(n_rows)
    places = np.stack([rows, np.full(n_rows, n_rows), n_rows + 1 + rows], axis=1).ravel()
    codes = together.codes.take(places)
    return Tokens(Ragged(codes.values, codes.offsets[::3]), together.distinct)


def cut_texts(tokenizer: Tokenizer, field: Field) -> Tokens:
    """Return the tokens of a column to learn from; lists of them keep their case."""
    return field.composed() if isinstance(field, Tokens) else tokenizer.tokenize(field)


def read_source(kind: str, src: Any, name: str = "src") -> Source:
    """Return sources to learn from as texts, tokens, or rows of numbers.

    Parameters
    ----------
    kind : {"text", "series", "vector"}
    src : as ``Seq2Seq.fit`` takes them
    name : str, default "src"
        What error messages call them.
    """
    if kind == "text":
        return TextRows(read_rows(src, name))
    return read_numbers(kind, src, name)


def read_numbers(kind: str, src: Any, name: str) -> Ragged:
    """Return series, or vectors as series of one step."""
    if kind != "vector":
        return series_rows(src, name)
    vectors = np.asarray(src)
    if vectors.ndim != 2:
        raise ValueError(
            f"{name} has shape {vectors.shape}; source='vector' takes an array of shape "
            "(n, features); for sequences of numbers use source='series'"
        )
    return series_rows(vectors[:, :, None], name)


def one_target(fields: tuple[Field, ...], name: str = "tgt") -> Field:
    """Return the one column of targets; two texts a row are refused."""
    if len(fields) == 1:
        return fields[0]
    first, second = (field.to_list()[0] for field in fields if not isinstance(field, Tokens))
    raise ValueError(
        f"{name} has two texts a row, such as {first!r} and {second!r}, and a target is one; pass "
        f"one column; if they are tokens, textseq.Tokens.from_lists({name})"
    )


def refuse_cut_references(references: Tokens, predictions: list[str]) -> None:
    """Raise ValueError if lists hold the words of one reference each, not several references."""
    of_words = sum(len(text.split()) > 1 for text in predictions)
    cut = not any(len(text.split()) > 1 for text in references.distinct.to_list())
    if cut and of_words > len(predictions) / 2 and (references.lengths > 1).any():
        raise ValueError(
            "tgt holds lists of single words, where a list has several references of one source, "
            "each a whole text; pass texts: [' '.join(row) for row in tgt]"
        )


def lone_source(src: Any, form: str | None) -> list[Any]:
    """Return one source as the only row; a list of one list is that list."""
    row = src
    if form not in (TEXTS, "series", "vector") and is_list(src) and len(src) == 1:
        (inner,) = src
        row = inner if is_list(inner) else src
    return [row]


def groups_of(source: Source) -> np.ndarray:
    """Return a number (n,) for each source, the same for the same text."""
    if isinstance(source, Ragged):
        return np.arange(len(source))
    parts = [
        field.joined("\x1f") if isinstance(field, Tokens) else field for field in source.fields
    ]
    texts = parts[0] if len(parts) == 1 else parts[0] + "\x1e" + parts[1]
    return np.unique(np.array(texts.to_list(), dtype=object), return_inverse=True)[1]
