"""Times as text: dates and clock times that start with the year, read and written alike."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

# What text looks like once each digit is a 0.
_CLOCK = (
    r"(?:(?P<between>[T ])(?P<H>00|0(?=:))(?:(?P<colon>:?)(?P<M>00)(?:(?P=colon)(?P<S>00)"
    r"(?:(?P<point>[.,])(?P<f>0{1,9}))?)?)?(?P<offset> ?(?:Z|UTC|[+-]00(?::?00)?))?)?"
)
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<Y>0{4})(?:(?P<dash>[-/.])(?P<m>00?)(?:(?P=dash)(?P<d>00?))?)?" + _CLOCK,
        r"(?P<Y>0{4})(?P<dash>)(?P<m>00)(?P<d>00)" + _CLOCK,
        r"(?P<Y>0{4})(?P<m>00)(?:(?P<d>00)(?:(?P<H>00)(?:(?P<M>00)(?P<S>00)?)?)?)?",
        r"(?P<Y>0{4})(?P<dash>[- ]?)Q(?P<q>0)",
    )
)
_FIELDS = ("Y", "q", "m", "d", "H", "M", "S", "f")
_LEAST = {"q": 1, "m": 1, "d": 1}
_MOST = {"q": 4, "m": 12, "H": 23, "M": 59, "S": 59}
_TOKEN = re.compile(r"%(-?[YqmdHMS]|\df)")


class WrittenTimes(NamedTuple):
    """Times that were read from text.

    ``values`` (n,) are datetime64[us] as the clock shows; ``pattern`` writes them again:
    strftime's codes, of which ``%-m`` is a month without its zero, ``%q`` a quarter and ``%3f``
    three digits of a second. ``offset`` is what stands behind the clock time: ``"+05:30"``,
    ``"Z"`` or nothing.
    """

    values: np.ndarray
    pattern: str
    offset: str


def times_of_text(text: np.ndarray) -> WrittenTimes:
    """Read an array of strings (n,), which may be written in more than one way.

    Raises
    ------
    ValueError
        If one is no time, or they have different offsets from UTC.

    Examples
    --------
    >>> times_of_text(np.array(["2024-06-01T05+05:30", "2024-06-01T06+05:30"]))[1:]
    ('%Y-%m-%dT%H', '+05:30')
    """
    text = np.strings.strip(text)
    letters = np.ascontiguousarray(text).view(np.uint32).reshape(len(text), -1)
    shapes = np.where((letters >= ord("0")) & (letters <= ord("9")), ord("0"), letters)
    values = np.empty(len(text), dtype="M8[us]")
    patterns: list[str] = []
    offset: str | None = None
    left = np.arange(len(text))
    while len(left):
        alike = (shapes[left] == shapes[left[0]]).all(axis=1)
        rows, left = left[alike], left[~alike]
        first = str(text[rows[0]])
        match = _match(first)
        values[rows] = _moments(letters[rows], match, text[rows])
        patterns.append(_pattern(match))
        offset = _one_offset(text[rows], letters[rows], match, offset)
    return WrittenTimes(values, widest(patterns), offset or "")


def text_of_times(values: np.ndarray, pattern: str, offset: str = "") -> np.ndarray:
    """Write times (n,), datetime64[us], as ``WrittenTimes`` tells; an array of strings."""
    days = values.astype("M8[D]")
    months = days.astype("M8[M]").astype(np.int64) + 1970 * 12
    clock = (values.astype("M8[us]") - days).astype(np.int64)
    seconds = clock // 1_000_000
    numbers = {
        "Y": months // 12,
        "q": months % 12 // 3 + 1,
        "m": months % 12 + 1,
        "d": (days - days.astype("M8[M]")).astype(np.int64) + 1,
        "H": seconds // 3600,
        "M": seconds // 60 % 60,
        "S": seconds % 60,
    }
    written = np.full(len(values), "")
    for index, part in enumerate(_TOKEN.split(pattern + offset)):
        if not index % 2:
            text: Any = part
        elif part.endswith("f"):
            n_digits = int(part[0])
            fraction = clock % 1_000_000 * 1_000 // 10 ** (9 - n_digits)
            text = np.strings.zfill(fraction.astype(f"U{n_digits}"), n_digits)
        elif part == "Y":
            text = np.strings.zfill(numbers[part].astype("U4"), 4)
        else:
            width = 1 if part == "q" or part.startswith("-") else 2
            text = np.array([f"{number:0{width}}" for number in range(61)])[numbers[part[-1]]]
        written = np.strings.add(written, text)
    return written


def _match(text: str) -> re.Match[str]:
    shape = re.sub("[0-9]", "0", text)
    match = next((found for one in _SHAPES if (found := one.fullmatch(shape))), None)
    if match is None:
        known = re.match(r"0{4}(?!0*$)", shape)
        why = "is no time that is known" if known else "does not start with the year"
        if re.fullmatch(r"0{4}-?W0{1,2}", shape):
            why = "is a week, not a day: give its Monday"
        raise ValueError(f"one is {text!r}, which {why}")
    return match


def _moments(letters: np.ndarray, match: re.Match[str], text: np.ndarray) -> np.ndarray:
    """Return the times (n,) of texts of one shape, from their code points (n, width)."""
    named = {name: match.span(name) for name, part in match.groupdict().items() if part}
    found = {name: _number(letters, *named[name]) for name in _FIELDS if name in named}
    months = 3 * found["q"] - 2 if "q" in found else found.get("m", np.int64(1))
    month = (found["Y"] * 12 + months - 1 - 1970 * 12).astype("M8[M]")
    day = month.astype("M8[D]") + (found.get("d", np.int64(1)) - 1)
    bad = day.astype("M8[M]") != month
    for name, part in found.items():
        bad |= (part < _LEAST.get(name, 0)) | (part > _MOST.get(name, 10**9))
    if bad.any():
        raise ValueError(f"one is {str(text[bad.argmax()])!r}, a day or clock time there is not")
    seconds = sum(found.get(name, 0) * size for name, size in (("H", 3600), ("M", 60), ("S", 1)))
    parts = found.get("f", np.int64(0)) * 10 ** (9 - _width(match, "f"))
    if (parts % 1_000).any():
        finest = str(text[(parts % 1_000).argmax()])
        raise ValueError(f"one is {finest!r}, finer than a microsecond")
    moved: np.ndarray = day.astype("M8[us]") + np.asarray(seconds * 1_000_000 + parts // 1_000)
    return moved


def _number(letters: np.ndarray, start: int, end: int) -> np.ndarray:
    number = np.zeros(len(letters), dtype=np.int64)
    for column in range(start, end):
        number = number * 10 + letters[:, column] - ord("0")
    return number


def _width(match: re.Match[str], name: str) -> int:
    return len(match.groupdict().get(name) or "")


def _pattern(match: re.Match[str]) -> str:
    """Return the codes that write times of this shape, without their offset."""
    coded = list(match.string)
    for name in reversed(_FIELDS):
        width = _width(match, name)
        if width:
            code = f"%{width}f" if name == "f" else f"%-{name}" if width == 1 else f"%{name}"
            start, end = match.span(name)
            coded[start:end] = [code.replace("-q", "q")]
    written = "".join(coded)
    return written[: len(written) - _width(match, "offset")]


def _one_offset(
    text: np.ndarray, letters: np.ndarray, match: re.Match[str], before: str | None
) -> str:
    """Return the offset that these texts share with those before."""
    start = len(match.string) - _width(match, "offset")
    expected = str(text[0])[start:] if before is None else before
    letters = letters[:, start : len(match.string)]
    other = (letters != letters[0]).any(axis=1)
    other[0] = str(text[0])[start:] != expected
    if other.any():
        raise ValueError(
            f"mixed time zones: {str(text[other.argmax()])!r} is not "
            f"{expected.strip() or 'without'} from UTC as others are, as where clocks change"
        )
    return expected


def widest(patterns: list[str]) -> str:
    """Return the pattern with the most parts, without zeros where one is without."""
    pattern = max(patterns, key=lambda one: (one.count("%"), len(one)))
    for name in "mdH":
        if any(f"%-{name}" in one for one in patterns):
            pattern = pattern.replace(f"%{name}", f"%-{name}")
    return pattern
