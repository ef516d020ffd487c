"""Words as they are spelled: the numbers of their characters, and the shape of the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from textseq.ragged import Ragged, offsets_of

# Of a longer word the beginning and the end are read, half of this each: a link may be long.
MOST_CHARACTERS = 20
UNKNOWN_ID = 1
SHAPES = (
    "lower case",
    "upper case",
    "begins with a capital, not all capitals",
    "holds a digit",
    "digits alone",
    "holds what is neither letter nor digit",
    "holds a capital behind its first character",
    "one character",
)
# Beyond the last code point.
_NO_CHARACTER = 0x110000


@dataclass(frozen=True, eq=False)
class WordCharacters:
    """What is read of the spelling of words.

    Parameters
    ----------
    characters : Ragged of int64, n_words rows
        Character ids of each word, ``MOST_CHARACTERS`` at most.
    shapes : ndarray of shape (n_words, 8), float32
        1 for each of ``SHAPES`` that a word has, else 0.
    """

    characters: Ragged
    shapes: np.ndarray

    def take(self, words: np.ndarray) -> WordCharacters:
        """Copy the named words."""
        return WordCharacters(self.characters.take(words), self.shapes[words])


@dataclass(frozen=True)
class CharacterVocabulary:
    """The characters that a model knows: 0 is none, 1 any other, then come these.

    Parameters
    ----------
    characters : str
        Each once, in code-point order.

    Examples
    --------
    >>> vocabulary = CharacterVocabulary.learn(pl.Series(["Ana", "Ada", "and"]))
    >>> vocabulary.characters
    'Aadn'
    >>> read = vocabulary.encode(pl.Series(["and", "Zad"]))
    >>> read.characters.to_lists()
    [[3, 5, 4], [1, 3, 4]]
    >>> read.shapes[:, :3].tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """

    characters: str

    @classmethod
    def learn(cls, words: pl.Series) -> CharacterVocabulary:
        """Know the characters of two distinct words at least.

        What one word alone has is read as unknown, which so learns what unknown ones are like.
        """
        spelled = _code_points(words)
        holders = np.repeat(np.arange(len(spelled)), spelled.lengths)
        pairs = np.unique(np.stack([spelled.values.astype(np.int64), holders]), axis=1)
        found, counts = np.unique(pairs[0], return_counts=True)
        return cls("".join(map(chr, found[counts > 1].tolist())))

    def __len__(self) -> int:
        return len(self.characters) + 2

    def encode(self, words: pl.Series) -> WordCharacters:
        """Return the character ids and the shapes of words."""
        spelled = _code_points(words)
        known = np.array([*map(ord, self.characters), _NO_CHARACTER], dtype=np.uint32)
        places = np.searchsorted(known, spelled.values)
        ids = np.where(known[places] == spelled.values, places + 2, UNKNOWN_ID)
        within, half = spelled.places(), MOST_CHARACTERS // 2
        from_end = np.repeat(spelled.lengths, spelled.lengths) - within
        read = (within < half) | (from_end <= half)
        lengths = np.minimum(spelled.lengths, MOST_CHARACTERS)
        return WordCharacters(Ragged(ids[read], offsets_of(lengths)), _shapes(spelled))


def _code_points(words: pl.Series) -> Ragged:
    """Return the code points of each word's characters."""
    listed = words.to_list()
    lengths = np.fromiter(map(len, listed), dtype=np.int64, count=len(listed))
    values = np.frombuffer("".join(listed).encode("utf-32-le"), dtype="<u4")
    return Ragged(values, offsets_of(lengths))


def _shapes(spelled: Ragged) -> np.ndarray:
    """Return which of ``SHAPES`` words have (n_words, 8), of their code points."""
    distinct, inverse = np.unique(spelled.values, return_inverse=True)
    letters = [*map(chr, distinct.tolist())]
    kinds = np.array(
        [[one.islower(), one.isupper(), one.isdigit(), one.isalnum()] for one in letters], dtype=int
    ).reshape(-1, 4)
    sums = np.zeros((len(inverse) + 1, 4), dtype=int)
    np.cumsum(kinds[inverse], axis=0, out=sums[1:])
    lower, upper, digits, plain = np.diff(sums[spelled.offsets], axis=0).T
    n = spelled.lengths
    first = np.zeros(len(n), dtype=int)
    first[n > 0] = kinds[inverse[spelled.offsets[:-1][n > 0]], 1]
    capitals = (upper > 0) & (lower == 0)
    found = [
        (lower > 0) & (upper == 0),
        capitals,
        (first > 0) & ~capitals,
        digits > 0,
        (digits == n) & (n > 0),
        plain < n,
        upper > first,
        n == 1,
    ]
    return np.stack(found, axis=1).astype(np.float32)
