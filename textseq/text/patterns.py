r"""The regular expressions that cut a text into words or characters.

They run inside polars, in the Rust ``regex`` crate: no look-around, the leftmost
alternative wins. Where a piece could scan ahead without matching (an e-mail address that
turns out to have no ``@``) the scan is bounded, so that ten times the text costs ten times
the time.
"""

from __future__ import annotations

# Written without spaces, by characters that are words or morphemes of their own. The two
# prolonged sound marks serve both kana scripts, so neither script's set holds them.
_CJK = r"[\p{Han}\p{Hiragana}\p{Katakana}\x{30FC}\x{FF70}]"

_PICTOGRAPH = r"\p{Extended_Pictographic}[\p{M}\x{1F3FB}-\x{1F3FF}\x{E0020}-\x{E007F}]*"
_EMOJI = (
    r"[0-9#*]\x{FE0F}?\x{20E3}",  # keycaps
    r"[\x{1F1E6}-\x{1F1FF}]{2}",  # flags
    # People, families and flags joined by a zero-width joiner count as one.
    rf"{_PICTOGRAPH}(?:\x{{200D}}{_PICTOGRAPH})*",
)

_SHORTENED = r"ph\.d|mr|mrs|ms|dr|prof|st|jr|sr|gen|gov|sen|rep|lt|col|capt|sgt|inc|corp|ltd|vs|etc"

# A word boundary of ASCII: the Unicode one would push every non-ASCII text off the fast
# automaton, and what follows a contraction is all but always ASCII.
_END = r"(?-u:\b)"


def _word_pattern(word: str, letter: str, *beyond_ascii: str) -> str:
    """Build the pattern of one token from what is a character of words, and a letter."""
    name = f"(?:{word}|_)"
    pieces = (
        *beyond_ascii,
        r"(?i:https?://|www\.)[^\s<>]*[^\s<>.,;:!?'\")\]}]",
        rf"{word}{name}*(?:[.+-]{name}+){{0,2}}@{word}+(?:[.-]{word}+)+",
        rf"@(?:{letter}|_){name}*",
        r"(?i:-[lr][rcs]b-)",
        rf"(?i:n't|'(?:s|re|ve|ll|d|m|em)){_END}",
        rf"'[0-9]0s{_END}",
        rf"(?i:o'){letter}{{2,}}",
        rf"(?:{letter}\.){{2,}}",
        rf"(?i:{_SHORTENED})\.",
        r"[0-9]+(?:[.,:][0-9]+)+",
        rf"{word}+",
        r"\.{2,}|-{2,}|\*{2,}|={2,}|~{2,}|\+{2,}|_{2,}|''|``",
        r"[^\s\p{Cc}\p{Cf}]",
    )
    return "|".join(pieces)


# One token of any text.
WORD = _word_pattern(rf"[\w--_--{_CJK}]", rf"[\p{{L}}--{_CJK}]", *_EMOJI, rf"{_CJK}\p{{M}}*")

# One token of a text that is ASCII throughout: the same cuts, found faster.
ASCII_WORD = _word_pattern("[A-Za-z0-9]", "[A-Za-z]")

# Rewritten before the cut, so that the pieces of a contraction stand apart.
SPLITS = (
    (r"(?i)(n't)", " ${1}"),
    (rf"(?i){_END}(can)(not){_END}", "${1} ${2}"),
    # The space keeps the last letters before it from being read as an abbreviation.
    (r"\.{2,}", " ..."),
)

# Typographic variants and what GloVe's corpus has in their place.
PLAIN = {"\u00b4": "'", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2026": "..."}

# What the compiled kernel (kernels/words.c) cannot read: anything but ASCII, Latin-1, dashes,
# quotation marks, the ellipsis and the euro sign. None of these changes under Unicode's normal
# form C, and lower case turns each into another of them.
NOT_SIMPLE = r"[^\x00-\x{FF}\x{2013}\x{2014}\x{2018}\x{2019}\x{201C}\x{201D}\x{2026}\x{20AC}]"

# One extended grapheme cluster (Unicode annex 29), but for the conjuncts of Indic scripts.
_EXTEND = r"\p{gcb=Extend}"
_HANGUL = (
    r"\p{gcb=L}*(?:\p{gcb=V}+|\p{gcb=LV}\p{gcb=V}*|\p{gcb=LVT})\p{gcb=T}*"
    r"|\p{gcb=L}+|\p{gcb=T}+"
)
_CORE = (
    rf"(?:\p{{gcb=RI}}{{2}}|{_HANGUL}"
    rf"|\p{{Extended_Pictographic}}(?:{_EXTEND}*\x{{200D}}\p{{Extended_Pictographic}})*"
    r"|[^\p{gcb=Control}\r\n])"
)
GRAPHEME = (
    rf"\r\n|\p{{gcb=Prepend}}*{_CORE}[\p{{gcb=Extend}}\x{{200D}}\p{{gcb=SpacingMark}}]*|(?s:.)"
)

# What byte-pair merges may not cross: a run of letters, digits or signs, with the space before
# it. The bound keeps a text without spaces from becoming one piece of any length; a higher one
# overflows the automaton. It is read by two engines, so it uses only what both know.
BPE_PIECE = r" ?[\p{L}\p{M}]{1,20}| ?\p{N}{1,20}| ?[^\s\p{L}\p{M}\p{N}]{1,20}|\s"
