"""How much of what was said is heard wrongly."""

from __future__ import annotations

from collections.abc import Sequence

from textseq.labels.edit_distance import edit_distance

UNITS = ("symbol", "char", "word")
# What the rates of texts, and of listed symbols, are called, and what they count.
RATES = {"character_error_rate": "char", "word_error_rate": "word"}
LISTED_RATES = {"symbol_error_rate": "symbol"}


def error_rate(found: Sequence[Sequence[str]], truth: Sequence[Sequence[str]]) -> float:
    """Return the symbols that are wrong, missing or too many, a symbol of the truth.

    Of all rows together: it may be above 1. Of words it is called word error rate, of phones phone
    error rate, of characters character error rate.

    Raises
    ------
    ValueError
        If the truth holds no symbol.

    Examples
    --------
    >>> error_rate([["so", "it"], ["goes"]], [["so", "it", "is"], ["goes"]])
    0.25
    """
    n_symbols = sum(map(len, truth))
    if not n_symbols:
        raise ValueError("y holds no symbol, so that no share of them is wrong; pass other rows")
    pairs = zip(found, truth, strict=True)
    return sum(edit_distance(one, other) for one, other in pairs) / n_symbols


def of_unit(texts: Sequence[Sequence[str]], kind: str, unit: str) -> list[list[str]]:
    """Return rows of symbols, of texts or listed ones, as rows of a unit.

    Parameters
    ----------
    texts : sequence of sequence of str
        Symbols.
    kind : {"char", "word", "listed"}
        What they are.
    unit : {"symbol", "char", "word"}

    Raises
    ------
    ValueError
        If the symbols are listed ones, which are neither characters nor words.

    Examples
    --------
    >>> of_unit([["s", "o", " ", "i", "t"]], "char", "word")
    [['so', 'it']]
    """
    if unit in ("symbol", kind):
        return [list(row) for row in texts]
    if kind not in UNITS:
        raise ValueError(
            f"unit={unit!r} is of texts, and this model says listed symbols; use unit='symbol'"
        )
    if unit == "word":
        return ["".join(row).split() for row in texts]
    return [list(" ".join(row)) for row in texts]
