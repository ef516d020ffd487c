"""A fitted model as a page holds it: what its script reads, and its numbers in one block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from textseq.playground.arrays import MOST_BYTES, PRECISIONS, Arrays

# How the names of arrays begin that grow with the words a model knows.
WORDS = ("embedding", "target.embedding", "output.table")
NGRAMS = "wide."
Limit = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Exported:
    """What a page is made of.

    Parameters
    ----------
    title : str
    form : dict
        What the model is, JSON-able; {"array": name} stands for numbers.
    arrays : Arrays
    receipt : mapping
        Of the model's fit.
    limits : list of dict
        In what the page's answers may differ from the model's: each has a ``key``, and the numbers
        that its sentence names.
    n_words : int, default 0
        Words that the page knows.
    """

    title: str
    form: dict[str, Any]
    arrays: Arrays
    receipt: Mapping[str, Any]
    limits: list[Limit] = field(default_factory=list)
    n_words: int = 0

    def laid(self, precision: str) -> tuple[dict[str, Any], bytes]:
        """Return the form with the places of all arrays, and the block of these.

        Parameters
        ----------
        precision : {"auto", "float32", "float16"}
            "auto" halves the numbers where they would be too many otherwise.

        Raises
        ------
        ValueError
            If they are over 20 MB; it says what to leave out.
        """
        if precision not in PRECISIONS:
            names = ", ".join(map(repr, PRECISIONS))
            raise ValueError(f"precision={precision!r} must be one of {names}")
        tried = ("float32", "float16") if precision == "auto" else (precision,)
        fitting = [one for one in tried if sum(self.arrays.n_bytes(one).values()) <= MOST_BYTES]
        if not fitting:
            raise ValueError(self._too_large(tried[-1]))
        places, block = self.arrays.laid(fitting[0])
        limits = [*self.limits, {"key": "precision", "bits": int(fitting[0][-2:])}]
        return {**self.form, "limits": limits, "arrays": places}, block

    def _too_large(self, precision: str) -> str:
        sizes = self.arrays.n_bytes(precision)
        ngrams = sum(n for name, n in sizes.items() if name.startswith(NGRAMS))
        words = sum(n for name, n in sizes.items() if name.startswith(WORDS))
        rest = sum(sizes.values()) - words - ngrams
        parts = [("its word vectors", words), ("the n-grams of its wide path", ngrams)]
        told = [f"{what} {_megabytes(n)}" for what, n in [*parts, ("its layers", rest)] if n]
        half = "" if precision == "float16" else "; precision='float16' halves them"
        fact = (
            f"the model's numbers take {_megabytes(sum(sizes.values()))} in {precision}, and a "
            f"page holds at most {_megabytes(MOST_BYTES)}: {', '.join(told)}{half}"
        )
        room = (MOST_BYTES - rest) / max(words + ngrams, 1)
        most = round(self.n_words * room * 0.9, -2) if room > 0 else 0
        if most < 100:
            return f"{fact}; fit fewer units (hidden_size) or layers to show it in a page"
        return (
            f"{fact}; max_words={int(most)} leaves out all but so many of the commonest words and "
            "n-grams, and the page says so"
        )


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB"
