"""From the caller's sources and targets to what an encoder-decoder reads, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from textseq.batches import SequenceData
from textseq.estimators.encoding.fitted_rows import cut_as_fitted, read_as_fitted
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.encoding.text import TextEncoding
from textseq.estimators.encoding.text_rows import TextRows
from textseq.nn.token_decoder import BEGIN, END
from textseq.ragged import Ragged, offsets_of
from textseq.series.inputs import series_rows
from textseq.text.inputs import text_fields
from textseq.text.row_forms import TEXTS, TOKENS, Field, is_list, listed_rows, read_rows
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import Vocabulary

SOURCES = ("text", "series", "vector")
MARKS = ("<bos>", "<eos>")
# Between the two texts of a source.
SEPARATOR = "<sep>"

Source = TextRows | Ragged


@dataclass(frozen=True, eq=False)
class Seq2SeqEncoding:
    """What turns sources and targets into ids or scaled numbers.

    Parameters
    ----------
    source : TextEncoding or SeriesEncoding
        A vector is a series of one step.
    target : TextEncoding
        Its vocabulary has the marks ``<bos>`` and ``<eos>``.
    symbols : bool
        Whether targets are lists of symbols, not strings.
    longest : int
        Tokens of the longest training target.
    source_form : {"texts", "tokens", "pairs", "series", "vector"}, optional
        What a training source was; files of earlier versions do not tell.
    """

    source: TextEncoding | SeriesEncoding
    target: TextEncoding
    symbols: bool
    longest: int
    source_form: str | None = None

    @property
    def target_form(self) -> str | None:
        """What a training target was; None where a file tells nothing of how it was read."""
        if self.source_form is None:
            return None
        return TOKENS if self.symbols else TEXTS

    def read_source(self, kind: str, src: Any, name: str = "src") -> Source:
        """Return sources, of a ``kind`` in ``SOURCES``, that can be read as the training ones."""
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
        read = source if isinstance(source, Ragged) else self.source_tokens(source)
        if target is None:
            return self.rows(read)
        encoding = self.target
        own = cut_as_fitted(target, self.target_form, encoding.tokenizer, encoding.vocabulary)
        return self.rows(read, own)

    def rows(self, source: Tokens | Ragged, target: Tokens | None = None) -> SequenceData:
        """Return what ``data`` does, of texts that are cut."""
        if isinstance(self.source, SeriesEncoding):
            assert isinstance(source, Ragged)
            read = self.source.encode(source)
        else:
            assert isinstance(source, Tokens)
            read = self.source.token_ids(source)
        if target is None:
            return SequenceData((read,))
        ids = with_end(self.target.token_ids(target))
        weights = (ids.lengths / ids.lengths.mean()).astype(np.float32)
        # The network reads its targets; the loop hands these on unread.
        return SequenceData((read, ids), np.zeros(len(ids), dtype=np.float32), weights)

    def source_tokens(self, source: TextRows) -> Tokens:
        """Return the tokens of sources that are texts; of two texts, a mark between them."""
        assert isinstance(self.source, TextEncoding)
        how = self.source_form, self.source.tokenizer, self.source.vocabulary
        return beside_each_other([cut_as_fitted(field, *how) for field in source.fields])

    def decode(self, ids: np.ndarray) -> list[Any]:
        """Return the targets (n,) that ids (n, longest), padded with the end's, stand for."""
        lengths = (ids != END).sum(1)
        rows = [
            self.target.vocabulary.decode(row[:length])
            for row, length in zip(ids, lengths, strict=True)
        ]
        return rows if self.symbols else [self.target.tokenizer.join(row) for row in rows]

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
        }

    @classmethod
    def from_dict(
        cls, stored: dict[str, Any], tokenizer: Any = None, target_tokenizer: Any = None
    ) -> Seq2SeqEncoding:
        """Rebuild from ``to_dict``; callable tokenizers must be handed back."""
        source: TextEncoding | SeriesEncoding
        if "vocabulary" in stored["source"]:
            source = TextEncoding.from_dict(stored["source"], tokenizer)
        else:
            source = SeriesEncoding.from_dict(stored["source"])
        target = TextEncoding.from_dict(stored["target"], target_tokenizer or tokenizer)
        if target.vocabulary.specials[BEGIN:] != MARKS:
            raise ValueError(f"the target vocabulary lacks the marks {', '.join(MARKS)}")
        form = stored.get("source_form")
        return cls(source, target, bool(stored["symbols"]), int(stored["longest"]), form)


def learn_target(
    tokens: Tokens, tokenizer: Any, max_length: int | None, **options: Any
) -> TextEncoding:
    """Learn the vocabulary of training targets; ``options`` are those of ``Vocabulary``."""
    vocabulary = Vocabulary.from_tokens(tokens, marks=MARKS, pieces=tokenizer.pieces, **options)
    return TextEncoding(tokenizer, vocabulary, max_length, 1)


def with_end(ids: Ragged) -> Ragged:
    """Put the end behind every row.

    Examples
    --------
    >>> with_end(Ragged.from_rows([[7, 8], []])).to_lists()
    [[7, 8, 3], [3]]
    """
    offsets = offsets_of(ids.lengths + 1)
    values = np.full(offsets[-1], END, dtype=np.int64)
    is_token = np.ones(len(values), dtype=bool)
    is_token[offsets[1:] - 1] = False
    values[is_token] = ids.values
    return Ragged(values, offsets)


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
