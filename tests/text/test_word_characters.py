"""Characters and shapes of words, beside what Python's own strings say."""

import numpy as np
import polars as pl
import pytest

from textseq.text.word_characters import MOST_CHARACTERS, SHAPES, UNKNOWN_ID, CharacterVocabulary

WORDS = [
    "Ana",
    "iPhone",
    "USA",
    "2024",
    "B2B",
    "don't",
    "x",
    "X",
    "",
    "é",
    "Ação",
    "@",
    "\U0001f600",
]
WORDS += ["日本", "http://example.org/a/long/path", "...", "i", "A1", "1a", "CO₂"]


def shape_of(word):
    return [
        word.islower(),
        word.isupper(),
        word[:1].isupper() and not word.isupper(),
        any(one.isdigit() for one in word),
        word.isdigit(),
        any(not one.isalnum() for one in word),
        any(one.isupper() for one in word[1:]),
        len(word) == 1,
    ]


def test_shapes_are_what_strings_say_of_themselves():
    shapes = CharacterVocabulary("").encode(pl.Series(WORDS)).shapes
    assert shapes.shape == (len(WORDS), len(SHAPES))
    for word, own in zip(WORDS, shapes.tolist(), strict=True):
        assert own == shape_of(word), word


def test_what_one_word_alone_has_is_unknown():
    vocabulary = CharacterVocabulary.learn(pl.Series(["abba", "bcc", "\U0001f600b"]))
    assert vocabulary == CharacterVocabulary("b") and len(vocabulary) == 3
    assert vocabulary.encode(pl.Series(["abz", ""])).characters.to_lists() == [[1, 2, 1], []]
    assert CharacterVocabulary.learn(pl.Series([], dtype=pl.String)).characters == ""


def test_characters_are_numbered_as_they_stand_in_the_vocabulary():
    vocabulary = CharacterVocabulary.learn(pl.Series(WORDS + [word + "." for word in WORDS]))
    known = sorted({one for word in WORDS for one in word} | {"."})
    assert vocabulary.characters == "".join(known)
    read = vocabulary.encode(pl.Series(WORDS)).characters.to_lists()
    for word, own in zip(WORDS, read, strict=True):
        if len(word) <= MOST_CHARACTERS:
            assert [known[number - 2] for number in own] == list(word)
    assert UNKNOWN_ID not in sum(read, [])


@pytest.mark.parametrize("length", [MOST_CHARACTERS - 1, MOST_CHARACTERS, MOST_CHARACTERS + 1, 99])
def test_long_words_are_read_at_both_ends(length):
    word = "".join(chr(ord("a") + place) for place in range(length))
    vocabulary = CharacterVocabulary(word)
    [own] = vocabulary.encode(pl.Series([word])).characters.to_lists()
    half = MOST_CHARACTERS // 2
    expected = word if length <= MOST_CHARACTERS else word[:half] + word[-half:]
    assert "".join(word[number - 2] for number in own) == expected
    read = vocabulary.encode(pl.Series(["c", word, "b"]))
    assert read.take(np.array([1])).characters.to_lists() == [own]
    assert read.take(np.array([2, 0])).characters.to_lists() == [[3], [4]]
