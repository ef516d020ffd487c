"""Answers as the caller gives them, found in their passages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from textseq.message_language import number_of
from textseq.text.odd_rows import shown
from textseq.text.row_forms import is_list
from textseq.text.token_places import token_places
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens

# A string that stands in the passage, or where one starts and ends there.
Answer = str | tuple[int, int]


def read_answers(y: Any, n_rows: int, name: str = "y") -> list[Answer]:
    """Return one answer a row.

    Parameters
    ----------
    y : list, column or array of n answers, or array of shape (n, 2)
        Strings, or the places where answers start and end in their passages.
    n_rows : int
        As many as there are to be.
    name : str
        What error messages call it.

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> read_answers(["Ana", (3, 6)], 2)
    ['Ana', (3, 6)]
    """
    if isinstance(y, str) or not hasattr(y, "__iter__"):
        raise ValueError(f"{name} is {shown(y)}; pass a list of answers, one for each row")
    given = y.tolist() if isinstance(y, pd.Series | np.ndarray) else list(y)
    if len(given) != n_rows:
        raise ValueError(f"X has {n_rows} rows, {name} has {len(given)}; pass one answer a row")
    return [_answer(one, row, name) for row, one in enumerate(given)]


def _answer(value: Any, row: int, name: str) -> Answer:
    if isinstance(value, str) and value.strip():
        return value
    if is_list(value) and len(value) == 2:
        start, end = value
        whole = all(isinstance(one, int | float | np.number) and one == int(one) for one in value)
        if whole and 0 <= start < end:
            return int(start), int(end)
    raise ValueError(
        f"{name}[{number_of(row)}] is {shown(value)}; an answer is a string that stands in the "
        "passage, or where it starts and ends there, as (0, 4)"
    )


class PassageTexts:
    """Passages and their tokens, in which answers are found.

    Parameters
    ----------
    texts : Series of n strings
    tokens : Tokens of n rows
        What the tokenizer made of them.
    tokenizer : Tokenizer
    """

    def __init__(self, texts: pl.Series, tokens: Tokens, tokenizer: Tokenizer) -> None:
        self.texts, self.tokens, self.tokenizer = texts, tokens, tokenizer
        self._words = tokens.distinct.to_list()

    def places(self, row: int) -> np.ndarray:
        """Return where the tokens (n, 2) of a passage start and end in it.

        Raises
        ------
        ValueError
            If its tokens are not found in it.
        """
        words = [self._words[code] for code in self.tokens.codes[row].tolist()]
        found = token_places(self.texts[row], words, lowercase=self.tokenizer.lowercase)
        if found is None:
            raise ValueError(
                f"the tokens of passage {number_of(row)} are not found in it as they stand, and "
                "answers are parts of a passage; use a tokenizer that leaves characters as they "
                "are"
            )
        return found

    def find(self, answers: Sequence[Answer], name: str = "y") -> list[np.ndarray]:
        """Return the first and the last token (n_i, 2) of the spans that each answer is.

        Of a string all of its occurrences.

        Raises
        ------
        ValueError
            If an answer does not stand in its passage.
        """
        strings = [one for one in answers if isinstance(one, str)]
        cut = self.tokenizer.tokenize(pl.Series(strings, dtype=pl.String))
        codes = {word: code for code, word in enumerate(self._words)}
        wanted = iter(cut.to_lists())
        found = []
        for row, answer in enumerate(answers):
            if isinstance(answer, str):
                own = [codes.get(word, -1) for word in next(wanted)]
                spans = _occurrences(self.tokens.codes[row], np.array(own))
                places = spans if len(spans) else self._within(row, answer)
            else:
                places = self._covering(row, [answer])
            if not len(places):
                raise ValueError(
                    f"{name}[{number_of(row)}] is {shown(answer)}, which does not stand in its "
                    f"passage, {shown(self.texts[row])}; an answer must be one word or several of "
                    "the passage, as they stand there"
                )
            found.append(places)
        return found

    def _within(self, row: int, answer: str) -> np.ndarray:
        """Return the spans of a string whose tokens, by itself, are not those of the passage."""
        text, answer = self.texts[row], answer.strip()
        if self.tokenizer.lowercase and len(text.lower()) == len(text):
            text, answer = text.lower(), answer.lower()
        spans, start = [], text.find(answer)
        while start >= 0:
            end = start + len(answer)
            around = text[max(start - 1, 0) : start], text[end : end + 1]
            # Neither its first nor its last word goes on.
            if not any(map(str.isalnum, around)):
                spans.append((start, end))
            start = text.find(answer, start + 1)
        return self._covering(row, spans)

    def _covering(self, row: int, spans: Sequence[tuple[int, int]]) -> np.ndarray:
        """Return the tokens that spans of characters cover, in part at least."""
        if not spans:
            return np.zeros((0, 2), dtype=np.int64)
        places = self.places(row)
        covered = [
            np.flatnonzero((places[:, 0] < end) & (places[:, 1] > start)) for start, end in spans
        ]
        ends = [(own[0], own[-1]) for own in covered if len(own)]
        return np.array(ends, dtype=np.int64).reshape(-1, 2)


def _occurrences(codes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return where a run of codes stands among others: first and last place (n, 2)."""
    n_wanted = len(wanted)
    if not 0 < n_wanted <= len(codes):
        return np.zeros((0, 2), dtype=np.int64)
    runs = np.lib.stride_tricks.sliding_window_view(codes, n_wanted)
    firsts = np.flatnonzero((runs == wanted).all(1))
    return np.stack([firsts, firsts + n_wanted - 1], 1)
