"""R's own serialization, as far as the wire needs it: a nested list as bytes, exactly.

``serialize(x, NULL, version = 2)`` and ``readRDS`` of R are the other end. Lists, strings,
lone numbers and raw bytes are all that ``wire.R`` makes.

References
----------
R Core Team, "R Internals", section 1.8: Serialization Formats.
"""

from __future__ import annotations

import struct
from typing import Any

from textseq.r.wire import Wire

# "X", the format's version 2, written by R 4.2.0, readable since R 2.3.0.
HEADER = struct.pack(">2siii", b"X\n", 2, 0x40200, 0x20300)
# Types of values, in the lowest byte of their flags.
SYMBOL, PAIRLIST, CHARS, LOGICAL, INTEGER, DOUBLE = 1, 2, 9, 10, 13, 14
STRING, LIST, RAW, NULL, REFERENCE = 16, 19, 24, 254, 255
HAS_ATTRIBUTES, HAS_TAG = 0x200, 0x400
LATIN1, UTF8 = 1 << 14, 1 << 15
NA_STRING = struct.pack(">Ii", CHARS, -1)
NUMBERS = {LOGICAL: ("i", 4), INTEGER: ("i", 4), DOUBLE: ("d", 8)}


def unpack(content: bytes) -> Any:
    """Read what R serialized.

    Parameters
    ----------
    content : bytes
        In format 2, XDR.

    Returns
    -------
    nested dicts, lists, bytes, strings and numbers, or None
        Vectors of one value are that value. A list with names is a dict.

    Raises
    ------
    ValueError
        If it is no such serialization, or holds what the wire does not.

    Examples
    --------
    >>> unpack(pack({"type": "raw", "buf": [b"ab"]}))
    {'type': 'raw', 'buf': [b'ab']}
    """
    if content[:6] != HEADER[:6]:
        raise ValueError(f"not R's serialization format 2: it starts with {content[:6]!r}")
    return _Reader(content).item()


class _Reader:
    """Walks over a serialization; ``at`` is where it stands."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = len(HEADER)
        self.symbols: list[str | None] = []

    def integer(self) -> int:
        self.at += 4
        return int.from_bytes(self.content[self.at - 4 : self.at], "big", signed=True)

    def take(self, size: int) -> bytes:
        self.at += size
        return self.content[self.at - size : self.at]

    def length(self) -> int:
        length = self.integer()
        return length if length != -1 else (self.integer() << 32) + (self.integer() & 0xFFFFFFFF)

    def item(self) -> Any:
        flags = self.integer()
        kind = flags & 0xFF
        if kind == NULL:
            return None
        if kind == CHARS:
            return self.chars(flags)
        if kind == SYMBOL:
            self.symbols.append(self.item())
            return self.symbols[-1]
        if kind == REFERENCE:
            return self.symbols[(flags >> 8) - 1]
        if kind == PAIRLIST:
            return self.pairs(flags)
        value = self.vector(kind)
        attributes = self.item() if flags & HAS_ATTRIBUTES else {}
        if kind == LIST:
            names = attributes.get("names")
            if names is None:
                return value
            return dict(zip(names if isinstance(names, list) else [names], value, strict=True))
        return value[0] if kind != RAW and len(value) == 1 else value

    def chars(self, flags: int) -> str | None:
        length = self.integer()
        if length == -1:
            return None
        return self.take(length).decode("latin-1" if flags & LATIN1 else "utf-8")

    def pairs(self, flags: int) -> dict[Any, Any]:
        if flags & HAS_ATTRIBUTES:
            self.item()
        found = {self.item() if flags & HAS_TAG else None: self.item()}
        return found | (self.item() or {})

    def vector(self, kind: int) -> Any:
        length = self.length()
        if kind in (LIST, STRING):
            return [self.item() for _ in range(length)]
        if kind == RAW:
            return self.take(length)
        if kind not in NUMBERS:
            raise ValueError(f"a value of R's type {kind} is none that the wire is made of")
        letter, size = NUMBERS[kind]
        return list(struct.unpack(f">{length}{letter}", self.take(length * size)))


def pack(wire: Wire) -> bytes:
    """Write what ``unserialize`` and ``readRDS`` of R read.

    Parameters
    ----------
    wire : dict or None
        As ``wire.encode`` returns it.

    Returns
    -------
    bytes
    """
    parts = [HEADER]
    _write(wire, parts)
    return b"".join(parts)


def _write(value: Any, parts: list[bytes]) -> None:
    if value is None:
        parts.append(_integer(NULL))
    elif isinstance(value, str):
        parts += [_start(STRING, 1), _chars(value)]
    elif isinstance(value, int | float):
        parts.append(_number(value))
    elif isinstance(value, bytes | bytearray):
        parts += [_start(RAW, len(value)), bytes(value)]
    elif isinstance(value, dict):
        parts.append(_start(LIST | HAS_ATTRIBUTES, len(value)))
        for item in value.values():
            _write(item, parts)
        parts += [_integer(PAIRLIST | HAS_TAG), _integer(SYMBOL), _chars("names")]
        parts += [_start(STRING, len(value)), *map(_chars, value), _integer(NULL)]
    elif any(isinstance(item, str) for item in value):
        # As reticulate does: a list of strings is a vector of them.
        parts += [_start(STRING, len(value)), *map(_chars, value)]
    else:
        parts.append(_start(LIST, len(value)))
        for item in value:
            _write(item, parts)


def _number(value: bool | int | float) -> bytes:
    if isinstance(value, int) and abs(value) < 2**31:
        kind = LOGICAL if isinstance(value, bool) else INTEGER
        return _start(kind, 1) + _integer(value)
    return _start(DOUBLE, 1) + struct.pack(">d", value)


def _integer(value: int) -> bytes:
    return struct.pack(">i", value)


def _start(flags: int, length: int) -> bytes:
    if length < 2**31:
        return struct.pack(">ii", flags, length)
    return struct.pack(">iiII", flags, -1, length >> 32, length & 0xFFFFFFFF)


def _chars(text: str | None) -> bytes:
    if text is None:
        return NA_STRING
    content = text.encode()
    return struct.pack(">Ii", CHARS | UTF8, len(content)) + content
