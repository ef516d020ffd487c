"""A lesson in Portuguese has the code of the English one: other words, the same calls."""

import inspect
import re
from pathlib import Path

import pytest

import textseq

LESSONS = Path(__file__).parents[1] / "vignettes"
ENGLISH = {int(re.findall(r"\d+", path.name)[0]): path for path in LESSONS.glob("lesson*.Rmd")}
PORTUGUESE = {int(re.findall(r"\d+", path.name)[0]): path for path in LESSONS.glob("licao*.Rmd")}
# Other data, and so other code. `make r-check` renders these three, and none of the others.
OF_THEIR_OWN = {1, 2, 3}
PAIRS = sorted(ENGLISH.keys() - OF_THEIR_OWN)

CHUNK = re.compile(r"^```(\{(?:r|python)\b[^\n]*\}|python)\n(.*?)^```", re.S | re.M)
TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<number>\d[\w.]*)|(?P<name>[^\W\d]\w*|`[^`]*`)|(?P<sign>[^\w\s])""",
    re.X,
)
OPENING = ("sign", "("), ("sign", ",")
PARAMETERS = {
    name
    for estimator in (getattr(textseq, export) for export in textseq.__all__)
    if inspect.isclass(estimator) and hasattr(estimator, "get_params")
    for name in inspect.signature(estimator).parameters
}


def tokens(code):
    """Kinds and texts of the code's tokens, of strings what is within, and no comments."""
    found = [(match.lastgroup, match.group()) for match in TOKEN.finditer(code)]
    return [
        (kind, text[1:-1] if kind == "string" else text)
        for kind, text in found
        if kind != "comment"
    ]


def chunks(path):
    """Language, options and code of each chunk, as tokens; chunks have names of their own."""
    for header, code in CHUNK.findall(path.read_text()):
        language, options = re.fullmatch(r"\{?(\w+)[^,}]*(.*?)\}?", header).groups()
        yield language, tokens(options), tokens(code)


def renamed(before, name, after, own, translated, said):
    """Refuse another name where the package's, or R's, must stand, or one that means two things."""
    if name == said:
        return
    given = before in OPENING and after == ("sign", "=") and name in PARAMETERS
    called = after == ("sign", "(") and name not in own
    assert not given and not called, f"{name} became {said}"
    known = translated.setdefault(said, name)
    assert known == name, f"{said} stands for {known} and for {name}"


def test_parameters_are_known():
    assert {"encoder", "init", "pretrained", "hidden_size", "h"} <= PARAMETERS


def compare(english, portuguese, own, translated):
    shape = [text if kind in ("number", "sign") else kind for kind, text in english]
    other = [text if kind in ("number", "sign") else kind for kind, text in portuguese]
    assert shape == other, "other code than: " + " ".join(text for _, text in english[:40])
    padded = [("sign", "")] * 2 + english + [("sign", "")]
    for place, (kind, said) in enumerate(portuguese, 2):
        text, before, after = padded[place][1], padded[place - 2 : place], padded[place + 1]
        if kind == "name":
            renamed(before[1], text, after, own, translated, said)
        if kind == "string" and before[1] == ("sign", "=") and before[0][1] in PARAMETERS:
            assert said == text, f"{before[0][1]} is {text!r}, and {said!r} in Portuguese"


def test_every_lesson_is_there_in_both_languages():
    assert ENGLISH.keys() == PORTUGUESE.keys() == set(range(1, len(ENGLISH) + 1))


@pytest.mark.parametrize("number", PAIRS)
def test_code_is_the_same_but_for_words(number):
    english, portuguese = list(chunks(ENGLISH[number])), list(chunks(PORTUGUESE[number]))
    assert len(english) == len(portuguese) > 5
    own = set(re.findall(r"(\w+) <- ", ENGLISH[number].read_text()))
    translated = {"r": {}, "python": {}}
    for (language, *ours), (other, *theirs) in zip(english, portuguese, strict=True):
        assert language == other
        for part, twin in zip(ours, theirs, strict=True):
            compare(part, twin, own, translated[language])
