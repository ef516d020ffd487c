"""Texts that differ, each to be asked for once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from textseq.embedding.token_counter import TokenCounter
from textseq.embedding.vector_store import VectorStore
from textseq.message_language import number_of
from textseq.text.inputs import text_fields


@dataclass(frozen=True)
class DistinctTexts:
    """The texts of rows, each once, as they are sent to a service.

    Parameters
    ----------
    n_rows : int
    texts : dict of bytes to str
        By the keys under which their vectors are kept.
    rows : dict of bytes to list of int
        Where each text stands. Rows of empty texts are not among them.
    n_cut : int
        Rows whose text is longer than what is sent.
    """

    n_rows: int
    texts: dict[bytes, str]
    rows: dict[bytes, list[int]]
    n_cut: int

    @classmethod
    def read(cls, X: Any, counter: TokenCounter, max_tokens: int, truncate: bool) -> Self:
        """Check texts in any form, and cut or refuse those that are too long.

        Parameters
        ----------
        X : list of str, Series or array, n texts
        counter : TokenCounter
        max_tokens : int
            Most tokens of a text.
        truncate : bool
            Whether longer ones are cut.

        Raises
        ------
        ValueError
            If X is not texts, or one is too long and not to be cut.

        Examples
        --------
        >>> found = DistinctTexts.read(["so good", "", "bad", "so good"], TokenCounter(), 9, False)
        >>> list(found.texts.values()), list(found.rows.values())
        (['so good', 'bad'], [[0, 3], [2]])
        """
        first, *others = text_fields(X)
        if others:
            raise ValueError(
                "X has two texts a row, and each text has a vector of its own; pass one column, "
                "and the other to another embedder"
            )
        by_text: dict[str, list[int]] = {}
        for row, text in enumerate(first):
            by_text.setdefault(text, []).append(row)
        cut = _cut(by_text, counter, max_tokens, truncate)
        texts: dict[bytes, str] = {}
        rows: dict[bytes, list[int]] = {}
        # One by one, as nothing hashes columns: a microsecond a text, beside what asking takes.
        for text, own in by_text.items():
            sent = cut.get(text, text)
            if sent:
                key = VectorStore.key(sent)
                texts[key] = sent
                rows.setdefault(key, []).extend(own)
        return cls(len(first), texts, rows, sum(len(by_text[text]) for text in cut))


def _cut(
    by_text: dict[str, list[int]], counter: TokenCounter, max_tokens: int, truncate: bool
) -> dict[str, str]:
    """Return the starts of texts that are too long, by the whole texts."""
    # No token is shorter than a byte, and no character longer than four.
    long = [text for text in by_text if 4 * len(text) > max_tokens]
    counts = dict(zip(long, counter.count(long).tolist(), strict=True))
    too_long = [text for text in long if counts[text] > max_tokens]
    if too_long and not truncate:
        longest = max(too_long, key=counts.__getitem__)
        n_rows = sum(len(by_text[text]) for text in too_long)
        about = "about " if counter.encoding is None else ""
        raise ValueError(
            f"X has {n_rows:,} texts of more than max_tokens={max_tokens} tokens; that at row "
            f"{number_of(by_text[longest][0])} has {about}{counts[longest]:,}; cut them "
            "with truncate=True, or raise max_tokens if the model reads more"
        )
    return {text: counter.cut(text, max_tokens) for text in too_long}
