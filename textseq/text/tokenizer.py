"""Texts to tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from textseq.checks import check_flag
from textseq.expressions import evaluate
from textseq.kernels.library import kernels
from textseq.ragged import Ragged
from textseq.text.inputs import one_or_more, refuse_one, text_fields
from textseq.text.joining import join_words
from textseq.text.patterns import (
    ASCII_WORD,
    BPE_PIECE,
    GRAPHEME,
    NOT_SIMPLE,
    PLAIN,
    SPLITS,
    WORD,
)
from textseq.text.running_join import ByteJoin, DecodedJoin, RunningJoin, SeparatedJoin, WordJoin
from textseq.text.subwords import Subwords, encode_ids, use_pool
from textseq.text.tokens import Tokens
from textseq.text.word_codes import cut_words

if TYPE_CHECKING:
    import tokenizers

_KINDS = ("word", "char", "bpe")
_BYTES, _PIECES = 256, 20_000
_ROWS_PER_THREAD = 500


class Tokenizer:
    """Cut texts into words, characters or learned pieces, always in bulk.

    Texts are put into Unicode normal form C first, so that a letter typed with a
    combining accent and the same letter as one code point give the same token.

    ``"word"`` cuts the way the corpus of the GloVe vectors was cut, whatever the script:

    - contractions fall apart (``don't`` is ``do n't``, ``it's`` is ``it 's``, ``cannot`` is
      ``can not``), with straight or curly apostrophes; text that is cut already stays so
    - ``1,000``, ``3.5``, ``10:30``, ``u.s.``, ``mr.``, ``o'clock``, web and e-mail addresses,
      ``@names`` and ``-lrb-`` are one token
    - ``-``, ``_`` and ``#`` are tokens of their own, so that the words of ``well-made`` and
      ``#happy`` keep their vectors
    - two or more dots are one ``...``; repeated ``!`` and ``?`` are a token each
    - Chinese characters and kana are a token each; an emoji is one token with all its
      modifiers; combining marks stay with their letter; control characters vanish

    ``"char"`` gives what a reader sees as one character (an extended grapheme cluster),
    white space included. ``"bpe"`` learns byte-pair pieces of UTF-8 bytes, so no text is
    unknown to it.

    ``"subword"`` is what a table of vectors brings along, ``load_vectors(folder).tokenizer``: it
    cuts texts as they are, by rules of its own.

    Parameters
    ----------
    kind : {"word", "char", "bpe"}, callable or Subwords, default "word"
        A callable takes one text and returns its list of tokens.
    lowercase : bool, default True
        Turn texts to lower case first, also those a callable is given; Subwords do so themselves,
        if they are meant to.
    ngram_range : tuple of (int, int), default (1, 1)
        Fewest and most neighbouring tokens that form a token, joined by a space.
    vocab_size : int, default 20_000
        Most pieces that ``"bpe"`` learns, its 256 bytes included; the other kinds learn
        nothing.

    References
    ----------
    Sennrich, Haddow and Birch (2016), "Neural Machine Translation of Rare Words with
    Subword Units", ACL.

    Examples
    --------
    >>> Tokenizer().tokenize(["It doesn't cost $1,000."]).to_lists()
    [['it', 'does', "n't", 'cost', '$', '1,000', '.']]
    >>> Tokenizer("char", lowercase=False).tokenize(["Ab c"]).to_lists()
    [['A', 'b', ' ', 'c']]
    """

    def __init__(
        self,
        kind: str | Callable[[str], list[str]] | Subwords = "word",
        *,
        lowercase: bool = True,
        ngram_range: tuple[int, int] = (1, 1),
        vocab_size: int = _PIECES,
    ) -> None:
        if not (callable(kind) or isinstance(kind, Subwords)) and kind not in _KINDS:
            raise ValueError(
                f"kind={kind!r} is no tokenizer; use 'word', 'char', 'bpe', a function from a text "
                "to its list of tokens, or what a table brings: load_vectors(folder).tokenizer"
            )
        low, high = ngram_range
        if not 1 <= low <= high:
            raise ValueError(
                f"ngram_range={ngram_range!r} is not a range of lengths; "
                "use 1 <= low <= high, for example (1, 2)"
            )
        if vocab_size < _BYTES:
            raise ValueError(f"vocab_size={vocab_size} is below the 256 bytes; use 256 or more")
        self._kind: str | Callable[[str], list[str]] = kind if callable(kind) else str(kind)
        self._lowercase = check_flag("lowercase", lowercase)
        self._ngram_range = (int(low), int(high))
        self._vocab_size = int(vocab_size)
        self._bpe: tokenizers.Tokenizer | None = None
        self._subwords: Subwords | None = None
        if isinstance(kind, Subwords):
            self._kind, self._subwords = "subword", kind
            self._lowercase, self._vocab_size = False, len(kind)

    @property
    def kind(self) -> str | Callable[[str], list[str]]:
        """``"word"``, ``"char"``, ``"bpe"``, ``"subword"`` or the function given."""
        return self._kind

    @property
    def lowercase(self) -> bool:
        """Whether texts are turned to lower case first."""
        return self._lowercase

    @property
    def ngram_range(self) -> tuple[int, int]:
        """Fewest and most neighbouring tokens that form a token."""
        return self._ngram_range

    @property
    def vocab_size(self) -> int:
        """Most pieces that ``"bpe"`` learns; as many as a ``"subword"`` knows."""
        return self._vocab_size

    @property
    def pieces(self) -> tuple[str, ...]:
        """What a fitted ``"bpe"`` or a ``"subword"`` cuts texts into, by id; nothing of others."""
        if self._subwords is not None:
            return tuple(self._subwords.names.to_list())
        return () if self._bpe is None else _in_order(self._bpe)

    @property
    def subwords(self) -> Subwords | None:
        """What a ``"subword"`` cuts texts by."""
        return self._subwords

    def __repr__(self) -> str:
        kind = _name_of(self._kind) if callable(self._kind) else repr(self._kind)
        return (
            f"Tokenizer({kind}, lowercase={self._lowercase}, ngram_range={self._ngram_range}, "
            f"vocab_size={self._vocab_size})"
        )

    def fit(self, texts: Any) -> Tokenizer:
        """Return a tokenizer that has learned what its kind learns.

        Parameters
        ----------
        texts : list of str, Series or array, n texts

        Returns
        -------
        Tokenizer
            Only an unfitted ``"bpe"`` learns, and the result is a new object: a tokenizer
            never changes, so one that several models share stays the same for all. Every
            other tokenizer, a fitted ``"bpe"`` too, is returned as it is.
        """
        refuse_one(texts, "texts")
        if self._kind != "bpe" or self._bpe is not None:
            return self
        fitted = Tokenizer(
            "bpe",
            lowercase=self._lowercase,
            ngram_range=self._ngram_range,
            vocab_size=self._vocab_size,
        )
        fitted._bpe = _learn_bpe(self._normalised(text_series(texts)), self._vocab_size)
        return fitted

    def tokenize(self, texts: Any) -> Tokens:
        """Cut texts into tokens.

        Parameters
        ----------
        texts : polars Series of dtype String, or list of str, Series or array, n texts
            A lone string is one text.

        Returns
        -------
        Tokens
            Of n texts.
        """
        series = text_series(one_or_more(texts))
        if callable(self._kind):
            tokens = self._call(self._lowered(series))
        elif self._subwords is not None:
            tokens = self._subwords.cut(series)
        elif self._kind == "bpe":
            tokens = self._apply_bpe(self._normalised(series))
        else:
            cut = self._words if self._kind == "word" else self._characters
            tokens = Tokens.concat(_in_threads(cut, series))
        return tokens.ngrams(*self._ngram_range)

    def _lowered(self, series: pl.Series) -> pl.Series:
        return series.str.to_lowercase() if self._lowercase else series

    def _normalised(self, series: pl.Series) -> pl.Series:
        return self._lowered(series).str.normalize("NFC")

    def _words(self, series: pl.Series) -> Tokens:
        """Cut texts into words, those that the compiled kernel cannot read by the patterns."""
        library = kernels()
        if library is None:
            return Tokens.from_series(self._words_by_pattern(series))
        is_cut = np.zeros(len(series), dtype=bool)
        hard = (series.str.len_bytes() != series.str.len_chars()).arg_true()
        if len(hard):
            hard = hard.filter(evaluate(series.gather(hard), pl.first().str.contains(NOT_SIMPLE)))
        if len(hard):
            words = self._words_by_pattern(series.gather(hard))
            words = evaluate(words, pl.first().list.join("\n"))
            series = series.clone().scatter(hard, words)
            is_cut[hard.to_numpy()] = True
        return Tokens(*cut_words(library, series, is_cut, self._lowercase))

    def _words_by_pattern(self, series: pl.Series) -> pl.Series:
        """Cut texts into words; ASCII texts, the cheap ones, apart from the others."""
        lowered = self._lowered(series)
        is_ascii = lowered.str.len_bytes() == lowered.str.len_chars()
        if is_ascii.all():
            return _extract_words(lowered, ASCII_WORD)
        others = lowered.filter(~is_ascii).str.normalize("NFC")
        others = evaluate(others, pl.first().str.replace_many(list(PLAIN), list(PLAIN.values())))
        parts = [
            _extract_words(lowered.filter(is_ascii), ASCII_WORD),
            _extract_words(others, WORD),
        ]
        order = np.argsort(np.argsort(~is_ascii.to_numpy(), kind="stable"), kind="stable")
        return pl.concat(parts).gather(pl.Series(order))

    def _characters(self, series: pl.Series) -> Tokens:
        texts = self._normalised(series)
        return Tokens.from_series(evaluate(texts, pl.first().str.extract_all(GRAPHEME)))

    def _call(self, series: pl.Series) -> Tokens:
        assert callable(self._kind)
        lists = []
        for text in series.to_list():
            found = self._kind(text)
            tokens = list(found) if isinstance(found, Iterable) else [found]
            if isinstance(found, str) or not all(isinstance(token, str) for token in tokens):
                shown = tokens[:3] if isinstance(found, list) else found
                raise ValueError(
                    f"tokenizer {_name_of(self._kind)} returned {repr(shown)[:60]} for "
                    f"{text[:40]!r}; it must return a list of strings"
                )
            lists.append(tokens)
        return Tokens.from_lists(lists)

    def _apply_bpe(self, series: pl.Series) -> Tokens:
        if self._bpe is None:
            raise ValueError(
                "this 'bpe' tokenizer has learned nothing yet; use what fit returns: "
                "tokenizer = tokenizer.fit(texts)"
            )
        found = Tokens.concat(_in_threads(_bpe_pieces, series))
        # Every distinct piece is taken apart once.
        ids = encode_ids(self._bpe, found.distinct).take(found.codes.values)
        used, codes = np.unique(ids.values, return_inverse=True)
        by_id = _in_order(self._bpe)
        pieces = pl.Series("token", [by_id[number] for number in used.tolist()], dtype=pl.String)
        return Tokens(Ragged(codes.astype(np.int32), ids.offsets[found.codes.offsets]), pieces)

    def join(self, tokens: Sequence[str]) -> str:
        """Return the text that is cut into these tokens, as near as can be.

        Parameters
        ----------
        tokens : sequence of str
            Of one text. ``"word"`` and functions lose white space, and lower case stays.

        Examples
        --------
        >>> Tokenizer().join(["it", "does", "n't", "cost", "$", "1,000", "."])
        "it doesn't cost $1,000."
        """
        if self._kind == "char":
            return "".join(tokens)
        if self._subwords is not None:
            return self._subwords.join(list(tokens))
        if self._kind == "bpe":
            from tokenizers import decoders

            text: str = decoders.ByteLevel().decode(list(tokens))
            return text
        return join_words(tokens) if self._kind == "word" else " ".join(tokens)

    def running_join(self, before: Sequence[str] = ()) -> RunningJoin:
        """Return what joins tokens that come one by one, as ``join`` joins all of them.

        Parameters
        ----------
        before : sequence of str
            Tokens that are written already.

        Examples
        --------
        >>> going_on = Tokenizer().running_join(["it", "is"])
        >>> [going_on.add(token) for token in ["n't", "so"]]
        ["n't", ' so']
        """
        if self._subwords is not None:
            return DecodedJoin(self._subwords.join, before)
        if self._kind == "bpe":
            return ByteJoin()
        if self._kind == "word":
            return WordJoin(before)
        return SeparatedJoin("" if self._kind == "char" else " ", goes_on=bool(before))

    def to_dict(self) -> dict[str, Any]:
        """Return everything that rebuilds the tokenizer, ready for JSON.

        A function is stored by its ``module:qualname`` only.
        """
        if self._subwords is not None:
            ngram_range = list(self._ngram_range)
            return {"kind": self._kind, "ngram_range": ngram_range} | self._subwords.to_dict()
        return {
            "kind": "callable" if callable(self._kind) else self._kind,
            "function": _name_of(self._kind) if callable(self._kind) else None,
            "lowercase": self._lowercase,
            "ngram_range": list(self._ngram_range),
            "vocab_size": self._vocab_size,
            "bpe": None if self._bpe is None else json.loads(self._bpe.to_str()),
        }

    @classmethod
    def from_dict(
        cls, state: dict[str, Any], function: Callable[[str], list[str]] | None = None
    ) -> Tokenizer:
        """Rebuild a tokenizer from ``to_dict``.

        Parameters
        ----------
        state : dict
        function : callable, optional
            The function of a tokenizer that was made from one: what is stored names it,
            but holds no code.

        Raises
        ------
        ValueError
            If the tokenizer was made from a function and none is given.
        """
        kind = state["kind"]
        if kind == "subword":
            return cls(Subwords.from_dict(state), ngram_range=tuple(state["ngram_range"]))
        if kind == "callable":
            if function is None:
                raise ValueError(
                    f"this tokenizer was made from the function {state['function']}, which is "
                    "not stored; pass it again: load_model(path, tokenizer=...), or function= here"
                )
            kind = function
        tokenizer = cls(
            kind,
            lowercase=state["lowercase"],
            ngram_range=tuple(state["ngram_range"]),
            vocab_size=state["vocab_size"],
        )
        if state["bpe"] is not None:
            import tokenizers

            try:
                tokenizer._bpe = tokenizers.Tokenizer.from_str(json.dumps(state["bpe"]))
            except Exception as error:  # the library raises nothing narrower
                raise ValueError(f"the stored 'bpe' tokenizer cannot be read: {error}") from error
        return tokenizer


def most_pieces(max_features: int | None) -> int:
    """Return the most pieces that ``"bpe"`` learns for a vocabulary of so many tokens.

    Its bytes are the fewest, since they all have an id.
    """
    return _PIECES if max_features is None else max(min(_PIECES, int(max_features)), _BYTES)


def text_series(texts: Any) -> pl.Series:
    """Return one field of texts as a polars Series of strings."""
    if isinstance(texts, pl.Series) and texts.dtype == pl.String and not texts.null_count():
        return texts
    fields = text_fields(texts, name="texts")
    if len(fields) != 1:
        raise ValueError("texts has two texts a row; tokenize one field at a time")
    return fields[0]


def _in_threads(cut: Callable[[pl.Series], Tokens], series: pl.Series) -> list[Tokens]:
    """Apply ``cut`` to slices of the texts side by side; polars and kernels release the GIL."""
    n_threads = min(pl.thread_pool_size(), len(series) // _ROWS_PER_THREAD)
    if n_threads < 2:
        return [cut(series)]
    bounds = np.linspace(0, len(series), n_threads + 1).astype(int)
    slices = [series[int(low) : int(high)] for low, high in zip(bounds, bounds[1:], strict=False)]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(cut, slices))


def _bpe_pieces(series: pl.Series) -> Tokens:
    return Tokens.from_series(evaluate(series, pl.first().str.extract_all(BPE_PIECE)))


def _extract_words(series: pl.Series, pattern: str) -> pl.Series:
    words = pl.first()
    for found, replacement in SPLITS:
        words = words.str.replace_all(found, replacement)
    return evaluate(series, words.str.extract_all(pattern))


def _in_order(bpe: tokenizers.Tokenizer) -> tuple[str, ...]:
    numbered = bpe.get_vocab()
    return tuple(sorted(numbered, key=numbered.__getitem__))


def _learn_bpe(texts: Iterable[str], vocab_size: int) -> tokenizers.Tokenizer:
    """Learn byte-pair merges from the texts."""
    import tokenizers
    from tokenizers import Regex, models, pre_tokenizers, trainers

    bpe = tokenizers.Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(BPE_PIECE), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    use_pool()
    bpe.train_from_iterator(texts, trainer)
    return bpe


def _name_of(function: Any) -> str:
    """Return a function's ``module:qualname``; of a callable object, its class's."""
    named = function if hasattr(function, "__qualname__") else type(function)
    # Methods of C, as str.split, have no module of their own.
    owner = getattr(named, "__objclass__", type(getattr(named, "__self__", named)))
    module = getattr(named, "__module__", None) or owner.__module__
    return f"{module}:{named.__qualname__}"
