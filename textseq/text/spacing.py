"""How the tokens of a language are written beside each other, learned from its texts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from textseq.text.joining import NO_SPACES
from textseq.text.patterns import PLAIN

# Before the first token of a text and behind the last.
_BEGIN, _END = "\x02^", "\x02$"
_ANY = "\x02*"
_BETWEEN = "\x1f"
# Behind a quotation mark, which is one sign for both ends.
_OPENS, _CLOSES = "\x02o", "\x02c"
_QUOTE, _OPENING_QUOTES = '"', ("„", "‚", "«")
_DOTS = re.compile(r"\.{2,}|…")
_OF_NO_SPACES = re.compile(f"[{NO_SPACES}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")

Counts = defaultdict[str, Counter[str]]


@dataclass(frozen=True)
class Spacing:
    """White space between tokens, and the signs that the cut made alike.

    Parameters
    ----------
    gaps : dict of str to str
        What stands between two tokens; between a token and those of a kind (words, numbers);
        between two kinds.
    forms : dict of str to str
        How a token, or a sign within tokens, is written, where that differs: ``’`` for ``'``. A
        space before it makes another key, as a quotation mark that opens has.
    letters : dict of str to str
        How letters with their combining marks are written, where that is not Unicode's composed
        form.

    Examples
    --------
    >>> texts = ["J’ai froid !", "L’eau, ici ?"]
    >>> tokens = [["j", "'", "ai", "froid", "!"], ["l", "'", "eau", ",", "ici", "?"]]
    >>> Spacing.learn(texts, tokens, lowercase=True).join(["l", "'", "ami", "?"], None)
    'l’ami ?'
    """

    gaps: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def learn(
        cls, texts: Sequence[str], tokens: Sequence[Sequence[str]], *, lowercase: bool
    ) -> Spacing:
        """Learn from texts and the tokens they were cut into.

        Parameters
        ----------
        texts : sequence of str
        tokens : sequence of sequences of str
            One a text. Where they are not found in the text in their order, or there are none
            (as of pieces, which hold their spaces), nothing but ``letters`` is learned of it.
        lowercase : bool
            Whether texts were turned to lower case before the cut.
        """
        gaps: Counts = defaultdict(Counter)
        forms: Counts = defaultdict(Counter)
        letters: Counts = defaultdict(Counter)
        for text, own in zip(texts, tokens, strict=True):
            written = text.lower() if lowercase else text
            composed = unicodedata.normalize("NFC", written)
            if composed != written:
                for cluster in clusters(written):
                    letters[unicodedata.normalize("NFC", cluster)][cluster] += 1
            _count(composed.strip(), own, gaps, forms)
        commonest = {letter: _commonest(counts) for letter, counts in letters.items()}
        return cls(
            _gaps_worth_keeping({key: _commonest(counts) for key, counts in gaps.items()}),
            _forms_worth_keeping({key: _commonest(counts) for key, counts in forms.items()}),
            {letter: form for letter, form in commonest.items() if form != letter},
        )

    def join(
        self, tokens: Sequence[str], glued: Callable[[Sequence[str]], list[bool]] | None
    ) -> str:
        """Write tokens as the texts were written.

        Parameters
        ----------
        tokens : sequence of str
        glued : callable, optional
            Tells of each token whether no space stands before it, where the texts told nothing;
            a space stands between all of them by default.
        """
        by_rule = (
            glued(tokens) if glued is not None else [not place for place in range(len(tokens))]
        )
        parts, before = [], _BEGIN
        for token, key, alike in zip(tokens, _keys(tokens), by_rule, strict=True):
            gap = _gap_between(self.gaps, before, key)
            gap = ("" if alike else " ") if gap is None else gap
            spaced = before == _BEGIN or any(map(str.isspace, gap))
            parts += [gap, _form(self.forms, token, key, spaced)]
            before = key
        parts.append(_gap_between(self.gaps, before, _END) or "")
        return self.spell("".join(parts))

    def spell(self, text: str) -> str:
        """Write a text's letters as the texts had them."""
        if not self.letters:
            return text
        return "".join(self.letters.get(cluster, cluster) for cluster in clusters(text))

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-able."""
        return asdict(self)


def _count(text: str, tokens: Sequence[str], gaps: Counts, forms: Counts) -> None:
    """Add what a text has between and for its tokens."""
    found = aligned(text, tokens)
    if found is None:
        return
    before = _BEGIN
    for token, key, (gap, written) in zip(tokens, _keys(tokens), found, strict=False):
        for name in _levels(before, key):
            gaps[name][gap] += 1
        spaced = before == _BEGIN or any(map(str.isspace, gap))
        forms[_form_key(key, spaced)][written] += 1
        if len(token) > 1 and len(written) == len(token):
            for place, sign in enumerate(token):
                if sign in PLAIN.values():
                    forms[_form_key(sign, spaced and not place)][written[place]] += 1
        before = key
    for name in _levels(before, _END):
        gaps[name][found[-1][0]] += 1


def aligned(text: str, tokens: Sequence[str]) -> list[tuple[str, str]] | None:
    """Return what stands before each token and how it is written, and what stands at the end."""
    found, place = [], 0
    for token in tokens:
        start = place
        while place < len(text) and _is_nothing(text[place]) and not text.startswith(token, place):
            place += 1
        end = _end_of(text, place, token)
        if end is None:
            return None
        found.append((text[start:place], text[place:end]))
        place = end
    if not all(map(_is_nothing, text[place:])):
        return None
    return [*found, (text[place:], "")]


def _end_of(text: str, place: int, token: str) -> int | None:
    """Return where a token that starts at a place of a text ends; None if it does not."""
    if text.startswith(token, place) and token != "...":
        return place + len(token)
    if token == "...":
        dots = _DOTS.match(text, place)
        return dots.end() if dots else None
    end = place + len(token)
    written = "".join(PLAIN.get(sign, sign) for sign in text[place:end])
    return end if written == token else None


def _is_nothing(character: str) -> bool:
    """Whether the cut leaves a character out: white space, and what is not seen."""
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf")


def _keys(tokens: Sequence[str]) -> Iterator[str]:
    """Yield the tokens, quotation marks with whether they open or close."""
    is_open = False
    for token in tokens:
        if token in _OPENING_QUOTES:
            is_open = True
        if token == _QUOTE:
            yield token + (_CLOSES if is_open else _OPENS)
            is_open = not is_open
        else:
            yield token


def _kind_of(key: str) -> str:
    """Return what a token is among others: a word, a number; of a sign there is but one."""
    if not key or _is_kind(key):
        return key
    if _OF_NO_SPACES.match(key):
        return "\x02character"
    category = unicodedata.category(key[0])[0]
    return {"L": "\x02word", "M": "\x02word", "N": "\x02number"}.get(category, key)


def _is_kind(name: str) -> bool:
    return name.startswith("\x02")


def _opens(key: str) -> bool:
    """Whether a sign belongs to what is behind it."""
    return key.endswith(_OPENS) or unicodedata.category(key[:1] or " ") in ("Ps", "Pi")


def _levels(before: str, key: str) -> dict[str, None]:
    """Return the names of what may stand between two tokens, from the two to either alone."""
    of_before, of_key = _kind_of(before), _kind_of(key)
    pairs = [(before, key), (of_before, key), (before, of_key), (of_before, of_key)]
    if not (_is_kind(of_before) or _is_kind(of_key)):
        # Two signs, which may not have met before.
        alone = [(_ANY, of_key), (of_before, _ANY)]
        pairs += reversed(alone) if _opens(before) else alone
    return dict.fromkeys(_BETWEEN.join(pair) for pair in pairs)


def _gap_between(gaps: Mapping[str, str], before: str, key: str) -> str | None:
    for name in _levels(before, key):
        if name in gaps:
            return gaps[name]
    return None


def _gaps_worth_keeping(gaps: dict[str, str]) -> dict[str, str]:
    """Leave out what kinds tell alike: most pairs of words have a space between them."""
    of_kinds, of_one, of_two = {}, {}, {}
    for name, gap in gaps.items():
        before, key = name.split(_BETWEEN)
        kinds = _BETWEEN.join((_kind_of(before), _kind_of(key)))
        if name == kinds:  # those of any token among them
            of_kinds[name] = gap
        elif not (_is_kind(before) or _is_kind(key)):
            of_two[before, key] = gap
        elif gap != gaps[kinds]:
            of_one[name] = gap
    kept = of_kinds | of_one
    return kept | {
        _BETWEEN.join(pair): gap for pair, gap in of_two.items() if gap != _gap_between(kept, *pair)
    }


def _form_key(key: str, spaced: bool) -> str:
    return f"{key}{_BETWEEN}{int(spaced)}"


def _form(forms: Mapping[str, str], token: str, key: str, spaced: bool) -> str:
    """Return how a token is written; sign by sign where it is not known as a whole."""
    whole = forms.get(_form_key(key, spaced))
    if whole is not None or not any(sign in token for sign in "'\""):
        return token if whole is None else whole
    return "".join(
        forms.get(_form_key(sign, spaced and not place), sign) for place, sign in enumerate(token)
    )


def _forms_worth_keeping(forms: dict[str, str]) -> dict[str, str]:
    """Leave out the tokens that are written as they are, or as their signs are."""
    signs = {
        name: form
        for name, form in forms.items()
        if len(_token_of(name)) == 1 and form != _token_of(name)
    }
    return signs | {
        name: form
        for name, form in forms.items()
        if name not in signs
        and len(_token_of(name)) > 1
        and form != _form(signs, _token_of(name), name.split(_BETWEEN)[0], name.endswith("1"))
    }


def _token_of(name: str) -> str:
    return name.split(_BETWEEN)[0].removesuffix(_OPENS).removesuffix(_CLOSES)


def clusters(text: str) -> Iterator[str]:
    """Yield each letter with the combining marks behind it."""
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or unicodedata.category(text[place])[0] != "M":
            yield text[start:place]
            start = place


def _commonest(counts: Counter[str]) -> str:
    return counts.most_common(1)[0][0]
