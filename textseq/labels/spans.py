"""Spans that tags mark by a letter before their type: which they are, and which tags may follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from textseq.checks import check_choice
from textseq.ragged import Ragged, offsets_of

SCHEMES = ("IOB1", "IOB2", "IOE2", "IOBES", "BILOU")
OUTSIDE = "O"
# What a type is called where tags are letters alone.
NO_TYPE = "_"

_MARKED = re.compile(r"[BIESLU](-.*)?", re.DOTALL)
# BILOU's letters for those of IOBES: L(ast) for E(nd), U(nit) for S(ingle).
_AS_IOBES = {"L": "E", "U": "S"}


@dataclass(frozen=True)
class _Moves:
    """What a scheme asks of neighbours: letters that need one of others of their type beside them.

    Parameters
    ----------
    letters : str
        All that it has.
    needs_before, before : str
        Letters behind one of ``before`` alone.
    needs_behind, behind : str
        Letters before one of ``behind`` alone.
    """

    letters: str
    needs_before: str = ""
    before: str = ""
    needs_behind: str = ""
    behind: str = ""


# In the order in which they are looked for: what IOB1 allows, IOB2 nearly always allows too.
_MOVES = {
    "IOB2": _Moves("BI", "I", "BI"),
    "IOE2": _Moves("IE", needs_behind="I", behind="IE"),
    "IOBES": _Moves("BIES", "IE", "BI", "BI", "IE"),
    "BILOU": _Moves("BILU", "IL", "BI", "BI", "IL"),
    "IOB1": _Moves("BI", "B", "BI"),
}


class Span(NamedTuple):
    """A span of a row: ``row[start:end]``.

    Parameters
    ----------
    type : str
        Of its tags, without their letters.
    start, end : int
        Its first step, and the one behind its last.
    """

    type: str
    start: int
    end: int


class ProbableSpan(Span):
    """A span that a model found, equal to the ``Span`` of the same type and ends.

    Parameters
    ----------
    probability : float
        That the row has this span: with this type, and both ends.

    Examples
    --------
    >>> ProbableSpan("person", 0, 2, 0.75)
    ProbableSpan(type='person', start=0, end=2, probability=0.75)
    """

    probability: float

    def __new__(cls, type: str, start: int, end: int, probability: float) -> Self:
        """Make one."""
        span = super().__new__(cls, type, start, end)
        span.probability = probability
        return span

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Return what a copy is made of."""
        return (*self, self.probability)

    def __repr__(self) -> str:
        """Return all four."""
        return f"{super().__repr__()[:-1]}, probability={self.probability!r})"


@dataclass(frozen=True, eq=False)
class FoundSpans:
    """The spans of several rows, in their order.

    Parameters
    ----------
    rows, types, starts, ends : ndarray of shape (n_spans,), int64
        Row and number of the type; first step, and the one behind the last, among all steps.
    """

    rows: np.ndarray
    types: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def among(self, others: FoundSpans, n_steps: int) -> np.ndarray:
        """Return which spans (n_spans,) others have too, with both ends and the type."""
        ends, types = np.full((2, n_steps), -1)
        ends[others.starts], types[others.starts] = others.ends, others.types
        same: np.ndarray = (ends[self.starts] == self.ends) & (types[self.starts] == self.types)
        return same


@dataclass(frozen=True, eq=False)
class SpanRules:
    """Which spans tags mark, told by each pair of neighbours; the last "tag" is a row's outside.

    Parameters
    ----------
    names : list of n_types str
    types : ndarray of shape (K,), int64
        The number of each tag's type.
    begins, goes_on, closes : ndarray of shape (K + 1, K + 1), bool
        Whether a span may begin with the second of two tags; whether the second goes on with the
        span of the first; whether it may stand behind the end of a span.
    """

    names: list[str]
    types: np.ndarray
    begins: np.ndarray
    goes_on: np.ndarray
    closes: np.ndarray

    @classmethod
    def of(cls, tags: Sequence[str], scheme: str = "auto") -> SpanRules:
        """Return the rules of some tags.

        Parameters
        ----------
        tags : sequence of K str
        scheme : {"auto", "IOB1", "IOB2", "IOE2", "IOBES", "BILOU"}
            "auto" reads as conlleval does: a span goes on while its type does, until a letter
            begins another or has ended it. A name has spans only where all is as it should be.

        Raises
        ------
        ValueError
            If a tag is none of the scheme.

        References
        ----------
        conlleval: Tjong Kim Sang & De Meulder (2003), "Introduction to the CoNLL-2003 Shared
        Task"; the schemes' own patterns are seqeval's (Nakayama, 2018).
        """
        check_choice("scheme", scheme, ("auto", *SCHEMES))
        rules = _conlleval if scheme == "auto" else _strict
        types, *tables = rules([*tags, OUTSIDE], scheme)
        names, numbers = np.unique(types[:-1], return_inverse=True)
        return cls(names.tolist(), numbers.astype(np.int64), *tables)

    def find(self, tags: Ragged) -> FoundSpans:
        """Find the spans of rows of tags' numbers, 0 to K - 1."""
        outside = len(self.types)
        before = np.insert(tags.values[:-1], 0, outside)[: tags.n_values]
        behind = np.append(tags.values[1:], outside)[: tags.n_values]
        filled = np.flatnonzero(tags.lengths)
        before[tags.offsets[filled]] = outside
        behind[tags.offsets[filled + 1] - 1] = outside
        # Runs of tags of which each goes on with the one before; none reaches into another row.
        heads = np.flatnonzero(~self.goes_on[before, tags.values])
        tails = np.append(heads[1:], tags.n_values)[: len(heads)]
        possible = np.flatnonzero(self.begins[before, tags.values])
        runs, first = np.unique(
            np.searchsorted(heads, possible, side="right") - 1, return_index=True
        )
        starts, ends = possible[first], tails[runs]
        whole = self.closes[tags.values[ends - 1], behind[ends - 1]]
        starts, ends = starts[whole], ends[whole]
        rows = np.searchsorted(tags.offsets, starts, side="right") - 1
        return FoundSpans(rows, self.types[tags.values[starts]], starts, ends)


def spans_of(tags: Sequence[Sequence[str]], scheme: str = "auto") -> list[list[Span]]:
    """Return the spans that rows of tags mark, such as names of several words.

    Parameters
    ----------
    tags : list of n lists of str
        Such as "B-person", "I-person" and "O".
    scheme : {"auto", "IOB1", "IOB2", "IOE2", "IOBES", "BILOU"}
        "auto" reads any of these as conlleval does, wrong letters too: a span that begins with
        "I-" is one. A name finds only spans that are marked as that scheme has them.

    Returns
    -------
    list of n lists of Span
        ``type``, ``start`` and ``end`` of each: ``row[start:end]`` is what it spans.

    Raises
    ------
    ValueError
        If a tag is none of the scheme.

    Examples
    --------
    >>> spans_of([["B-person", "I-person", "O", "B-place"]])[0][0]
    Span(type='person', start=0, end=2)
    """
    (numbers,), distinct = numbered(tags)
    rules = SpanRules.of(distinct, scheme)
    return as_lists(rules.find(numbers), rules, numbers.offsets)


def as_lists(
    found: FoundSpans,
    rules: SpanRules,
    offsets: np.ndarray,
    probabilities: np.ndarray | None = None,
) -> list[list[Any]]:
    """Return the spans of each row, placed within it, with probabilities (n_spans,) if given."""
    rows: list[list[Any]] = [[] for _ in range(len(offsets) - 1)]
    begin = offsets[found.rows]
    names = [rules.names[number] for number in found.types.tolist()]
    columns = [names, (found.starts - begin).tolist(), (found.ends - begin).tolist()]
    if probabilities is not None:
        columns.append(probabilities.tolist())
    kind = Span if probabilities is None else ProbableSpan
    for row, *values in zip(found.rows.tolist(), *columns, strict=True):
        rows[row].append(kind(*values))
    return rows


def numbered(*sides: Sequence[Sequence[str]]) -> tuple[list[Ragged], list[str]]:
    """Return rows of tags as numbers, for each of several sides, and what the numbers stand for."""
    flat = [[tag for row in rows for tag in row] for rows in sides]
    places: dict[str, int] = {}
    numbers = [[places.setdefault(tag, len(places)) for tag in tags] for tags in flat]
    return [
        Ragged(
            np.array(own, dtype=np.int64),
            offsets_of(np.fromiter(map(len, rows), np.int64, len(rows))),
        )
        for own, rows in zip(numbers, sides, strict=True)
    ], list(places)


def allowed_moves(tags: Sequence[str], scheme: str) -> np.ndarray:
    """Return which tag may follow which by a scheme.

    Parameters
    ----------
    tags : sequence of K str
    scheme : {"IOB1", "IOB2", "IOE2", "IOBES", "BILOU"}

    Returns
    -------
    ndarray of shape (K + 1, K + 1), bool
        From the row's tag to the column's; the last row and column are a sequence's outside,
        before its beginning and behind its end.

    Raises
    ------
    ValueError
        If a tag is none of the scheme.

    Examples
    --------
    >>> allowed_moves(["B-x", "I-x", "O"], "IOB2")[2].tolist()  # behind O
    [True, False, True, True]
    """
    moves = _MOVES[scheme]
    odd = [tag for tag in tags if not _is_of(tag, moves.letters)]
    if odd:
        raise ValueError(
            f"tag_scheme={scheme!r} has no tag {odd[0]!r}: its tags are {OUTSIDE!r}, and "
            f"{', '.join(moves.letters)} with a type behind '-'; leave tag_scheme out, or None"
        )
    every = [*tags, OUTSIDE]
    letters, types = np.array([tag[0] for tag in every]), np.array([tag[1:] for tag in every])
    same = types[:, None] == types
    after = np.isin(letters, list(moves.before))[:, None] & same
    until = np.isin(letters, list(moves.behind)) & same
    allowed: np.ndarray = (~np.isin(letters, list(moves.needs_before)) | after) & (
        ~np.isin(letters, list(moves.needs_behind))[:, None] | until
    )
    return allowed


def find_scheme(tags: Sequence[str], rows: Ragged) -> str | None:
    """Return the scheme that all rows of tags follow; None if there is none, or nothing marked.

    Parameters
    ----------
    tags : sequence of K values
    rows : Ragged of int64
        Numbers of the tags.
    """
    filled = np.flatnonzero(rows.lengths)
    outside = len(tags)
    moved = np.zeros((outside + 1, outside + 1), dtype=bool)
    inner = np.ones(rows.n_values, dtype=bool)
    inner[rows.offsets[filled]] = False
    behind = np.flatnonzero(inner)
    moved[rows.values[behind - 1], rows.values[behind]] = True
    moved[outside, rows.values[rows.offsets[filled]]] = True
    moved[rows.values[rows.offsets[filled + 1] - 1], outside] = True
    for scheme, moves in _MOVES.items():
        known = all(_is_of(tag, moves.letters) for tag in tags)
        if known and not (moved & ~allowed_moves(tags, scheme)).any():
            return scheme
    return None


def _is_of(tag: object, letters: str) -> bool:
    marked = isinstance(tag, str) and _MARKED.fullmatch(tag) is not None and tag[0] in letters
    return marked or tag == OUTSIDE


def _conlleval(tags: list[str], _: str) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    if odd := sorted(tag for tag in tags if tag != OUTSIDE and not _MARKED.fullmatch(tag)):
        raise ValueError(f"{odd[0]!r} has no such letter")
    letters = np.array([_AS_IOBES.get(tag[0], tag[0]) for tag in tags])
    types = [tag[2:] or NO_TYPE for tag in tags]
    named = np.array(types)
    marked = letters != OUTSIDE
    apart = (named[:, None] != named) | np.isin(letters, ["B", "S"])
    apart |= np.isin(letters, ["E", "S"])[:, None]
    goes_on = marked[:, None] & marked & ~apart
    return types, marked & ~goes_on, goes_on, np.ones_like(goes_on)


def _strict(tags: list[str], scheme: str) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    from seqeval import scheme as schemes

    tokens = [getattr(schemes, scheme)(tag) for tag in tags]
    for token in tokens:
        token.is_valid()
    tables = (
        np.array([[getattr(token, question)(before) for token in tokens] for before in tokens])
        for question in ("is_start", "is_inside", "is_end")
    )
    begins, goes_on, closes = tables
    return [token.tag for token in tokens], begins, goes_on, closes
