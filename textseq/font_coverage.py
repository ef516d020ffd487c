"""Which fonts have the signs that a figure writes, and what becomes of signs that none has."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

BOX = "□"
JOINERS = "\u200c\u200d"
"""Not seen, yet they shape the signs beside them: emoji of several, letters of Hindi or Persian."""
# Comes with matplotlib: a frame for every sign, which tells its script.
_NO_FONT = "Last Resort"
# Scripts by the first word of their signs' Unicode names, and a font that has them.
_FONTS = {
    "CJK": "Noto Sans CJK",
    "HIRAGANA": "Noto Sans CJK",
    "KATAKANA": "Noto Sans CJK",
    "HANGUL": "Noto Sans CJK",
}
_FIRST_EMOJI = "\U0001f000"


def give_fonts(figure: Figure) -> None:
    """Let a figure's texts be drawn by the user's fonts, or else by others that are installed.

    Signs that no font has become boxes, with a warning that names their script.
    """
    texts = _texts_of(figure)
    lacking = {text: _lacking(text.get_text(), text.get_fontfamily()) for text in texts}
    others = {sign: _other_font(sign) for signs in lacking.values() for sign in signs}
    nowhere = frozenset(sign for sign, font in others.items() if font is None)
    for text, signs in lacking.items():
        found = dict.fromkeys(font for sign in signs if (font := others[sign]) is not None)
        if found:
            text.set_fontfamily([*text.get_fontfamily(), *found])
    if nowhere:
        _box_ticks(figure, nowhere)
        for text in texts:
            text.set_text(_boxed(text.get_text(), nowhere))
        _warn(nowhere)


def _texts_of(figure: Figure) -> list[Text]:
    from matplotlib.text import Text

    for axes in figure.axes:
        # Labels of ticks are written when they are asked for.
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_ticklabels()
    return [text for text in figure.findobj(Text) if isinstance(text, Text)]


def _box_ticks(figure: Figure, nowhere: frozenset[str]) -> None:
    """Write boxes where tick labels come from, too: they are written anew when drawn."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            labels = [label.get_text() for label in axis.get_ticklabels()]
            if not nowhere.isdisjoint("".join(labels)):
                axis.set_ticklabels([_boxed(label, nowhere) for label in labels])


def _boxed(text: str, nowhere: frozenset[str]) -> str:
    """Put a box for each run of such signs: one emoji may be of seven."""
    drawn: list[str] = []
    for sign in text:
        if sign in JOINERS and drawn[-1:] == [BOX]:
            continue
        if sign not in nowhere:
            drawn.append(sign)
        elif drawn[-1:] != [BOX]:
            drawn.append(BOX)
    return "".join(drawn)


def _lacking(text: str, families: Iterable[str]) -> frozenset[str]:
    """Return the signs of a text that none of its fonts has."""
    if text.isascii():
        return frozenset()
    fonts = _fonts(tuple(families))
    return frozenset(
        sign
        for sign in text
        if not sign.isspace() and not any(font.get_char_index(ord(sign)) for font in fonts)
    )


@lru_cache
def _fonts(families: tuple[str, ...]) -> list[Any]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return [get_font(findfont(FontProperties(family=[family]))) for family in families]


def _other_font(sign: str) -> str | None:
    """Return the name of an installed font that has a sign."""
    from matplotlib.font_manager import fontManager

    upright = [
        (entry.fname, entry.name)
        for entry in fontManager.ttflist
        if entry.style == "normal" and entry.weight == 400 and not entry.name.startswith(_NO_FONT)
    ]
    for path, name in sorted(upright, key=lambda font: font[1]):
        signs = _signs_of(path)
        place = np.searchsorted(signs, ord(sign))
        if place < len(signs) and signs[place] == ord(sign):
            return name
    return None


@cache
def _signs_of(path: str) -> np.ndarray:
    """Return the signs of a font, sorted; none of one of pictures, which matplotlib can't draw."""
    from matplotlib.ft2font import FT2Font

    # Not kept open: there may be more fonts than files that a process may open.
    try:
        font = FT2Font(path)
    except (RuntimeError, OSError):
        return np.empty(0, np.uint32)
    signs = font.get_charmap() if getattr(font, "scalable", True) else {}
    return np.sort(np.fromiter(signs, np.uint32, len(signs)))


def _warn(nowhere: frozenset[str]) -> None:
    from matplotlib import get_cachedir

    named: dict[str, str] = {}
    fonts: dict[str, None] = {}
    for sign in sorted(nowhere):
        name = unicodedata.name(sign, "unknown")
        script = name.split()[0]
        if unicodedata.category(sign)[0] in "LM":
            named.setdefault(script, f"{script} signs such as {sign!r}")
            fonts[_FONTS.get(script, f"Noto Sans {script.title()}")] = None
        else:
            named.setdefault("", f"the sign {sign!r} ({name})")
            fonts["Noto Emoji" if sign >= _FIRST_EMOJI else "Noto Sans Symbols"] = None
    warnings.warn(
        f"no font that matplotlib knows has {' nor '.join(named.values())}, so the figure shows "
        f"{BOX}; install one that has, such as {' and '.join(fonts)}, and delete matplotlib's list "
        f"of fonts in {get_cachedir()}; or write a page, where the browser draws the text",
        stacklevel=2,
    )
