"""How much of a text's words a set of word vectors knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import polars as pl


@dataclass(frozen=True, eq=False)
class Coverage:
    """The share of words that have a vector, and the commonest that have none.

    Parameters
    ----------
    n_types, n_types_found : int
        Distinct words, and those of them that have a vector.
    n_tokens, n_tokens_found : int
        Words counted as often as they occur.
    table : DataFrame
        The words without a vector, commonest first: ``word``, ``count``.

    Examples
    --------
    >>> words = pl.Series(["the", "film", "zzz"])
    >>> Coverage.of(words, np.array([70, 25, 5]), np.array([True, True, False]))
    Coverage: 66.7 % of 3 distinct words, 95.0 % of 100 words
    commonest without a vector: zzz (5)
    """

    n_types: int
    n_types_found: int
    n_tokens: int
    n_tokens_found: int
    table: pd.DataFrame

    @classmethod
    def of(cls, words: pl.Series, counts: np.ndarray, found: np.ndarray) -> Coverage:
        """Count what was found.

        Parameters
        ----------
        words : Series of dtype String, length n
            Distinct words.
        counts : ndarray of shape (n,)
        found : ndarray of shape (n,), bool
        """
        missing = pl.DataFrame({"word": words.filter(pl.Series(~found)), "count": counts[~found]})
        missing = missing.sort(["count", "word"], descending=[True, False], multithreaded=False)
        return cls(
            n_types=len(words),
            n_types_found=int(found.sum()),
            n_tokens=int(counts.sum()),
            n_tokens_found=int(counts[found].sum()),
            table=pd.DataFrame(missing.to_dict(as_series=False), columns=["word", "count"]),
        )

    @property
    def share_of_types(self) -> float:
        """Share of the distinct words that have a vector; 0 if there are no words."""
        return self.n_types_found / max(self.n_types, 1)

    @property
    def share_of_tokens(self) -> float:
        """Share of all words, repeats counted, that have a vector; 0 if there are no words."""
        return self.n_tokens_found / max(self.n_tokens, 1)

    def __repr__(self) -> str:
        lines = [
            f"Coverage: {self.share_of_types:.1%} of {self.n_types:,} distinct words, "
            f"{self.share_of_tokens:.1%} of {self.n_tokens:,} words".replace("%", " %")
        ]
        if len(self.table):
            top = self.table.head(10).itertuples(index=False)
            lines.append(
                "commonest without a vector: "
                + ", ".join(f"{word} ({count:,})" for word, count in top)
            )
        return "\n".join(lines)
