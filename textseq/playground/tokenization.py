"""Tokenizers and vocabularies as a page's script reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from textseq.expressions import evaluate
from textseq.text.patterns import GRAPHEME
from textseq.text.tokenizer import Tokenizer
from textseq.text.vocabulary import Vocabulary

# What no text's character is: half of a pair.
_SURROGATES = range(0xD800, 0xE000)
_CLASS = re.compile(r"\\p\{(gcb=\w+)\}")


def is_own(tokenizer: Tokenizer) -> bool:
    """Whether it is a function of the caller's, or a table's subwords, which no script repeats.

    The page then shows texts that are cut already.
    """
    return tokenizer.kind not in ("word", "char", "bpe")


def tokenizer_form(tokenizer: Tokenizer) -> dict[str, Any]:
    """Describe a tokenizer; ``kind`` is "own" of one that ``is_own``."""
    kind = tokenizer.kind
    if is_own(tokenizer):
        return {"kind": "own"}
    form: dict[str, Any] = {"kind": kind}
    form |= {"lowercase": tokenizer.lowercase, "ngrams": list(tokenizer.ngram_range)}
    if kind == "char":
        form["pattern"] = grapheme_pattern()
    if kind == "bpe":
        form["merges"] = merges_of(tokenizer)
    return form


def merges_of(tokenizer: Tokenizer) -> list[list[str]]:
    """Return the pairs that byte-pair pieces are merged from, the first learned first."""
    merges = tokenizer.to_dict()["bpe"]["model"]["merges"]
    # Older versions of the package write a pair as one string.
    return [pair.split(" ") if isinstance(pair, str) else list(pair) for pair in merges]


def grapheme_pattern() -> str:
    """Return the pattern of one character as JavaScript reads it, with the ``u`` flag.

    JavaScript has no properties of grapheme clusters: the characters are listed.
    """
    pattern = _CLASS.sub(lambda found: f"[{_ranges(found[1])}]", GRAPHEME)
    # A class within a class is written out in it.
    pattern = re.sub(r"\[\[([^\]]*)\](.*?)\[([^\]]*)\]\]", r"[\1\2\3]", pattern)
    pattern = re.sub(r"\[\^\[([^\]]*)\](\S*?)\]", r"[^\1\2]", pattern)
    return pattern.replace(r"\x{", r"\u{").replace("(?s:.)", r"[^]")


@cache
def _characters() -> tuple[np.ndarray, pl.Series]:
    """Return the number of every character, and the characters."""
    numbers = np.array([n for n in range(0x110000) if n not in _SURROGATES])
    return numbers, pl.Series(list(map(chr, numbers.tolist())))


@cache
def _ranges(name: str) -> str:
    """Return the characters with a property as the inside of a class."""
    numbers, characters = _characters()
    with_property = evaluate(characters, pl.first().str.contains(rf"\p{{{name}}}"))
    found = numbers[with_property.to_numpy()]
    first = np.flatnonzero(np.diff(found, prepend=-2) > 1)
    last = np.append(first[1:], len(found)) - 1
    pairs = zip(found[first].tolist(), found[last].tolist(), strict=True)
    return "".join(f"\\u{{{a:x}}}" + ("" if a == b else f"-\\u{{{b:x}}}") for a, b in pairs)


def kept_ids(
    vocabulary: Vocabulary, max_words: int | None, shown: Sequence[np.ndarray]
) -> np.ndarray | None:
    """Return the ids that a page knows of a vocabulary, ascending; None of all.

    Parameters
    ----------
    vocabulary : Vocabulary
    max_words : int, optional
        Keep so many of the commonest.
    shown : sequence of ndarray
        Ids of texts that the page brings along, which stay.
    """
    n_special = len(vocabulary.specials)
    if max_words is None or len(vocabulary) - n_special <= max_words:
        return None
    order = np.argsort(-vocabulary.counts[n_special:], kind="stable")[:max_words] + n_special
    own = [ids[ids < len(vocabulary)] for ids in shown]
    found: np.ndarray = np.unique(np.concatenate([np.arange(n_special), order, *own]))
    return found


def vocabulary_form(vocabulary: Vocabulary, ids: np.ndarray | None) -> dict[str, Any]:
    """Describe a vocabulary: its tokens, and their ids where some were left out."""
    tokens = vocabulary.tokens
    form = {"specials": len(vocabulary.specials), "size": len(vocabulary)}
    if ids is None:
        return form | {"tokens": list(tokens)}
    return form | {"tokens": [tokens[n] for n in ids.tolist()], "ids": ids.tolist()}


def vocabulary_limits(vocabulary: Vocabulary, ids: np.ndarray | None) -> list[dict[str, Any]]:
    """Return what is to be said of a vocabulary of which only some ids are known."""
    if ids is None:
        return []
    n_special = len(vocabulary.specials)
    return [{"key": "vocabulary", "kept": len(ids) - n_special, "of": len(vocabulary) - n_special}]


def as_json(value: Any) -> str:
    """Write JSON that may stand within a script element of a page."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Escaped, it can neither end the element nor open a comment in it.
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    # Half of a pair has no bytes.
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)
