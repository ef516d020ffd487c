import random
import unicodedata

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linear_time import assert_linear

from textseq.kernels.library import kernels
from textseq.ragged import Ragged
from textseq.text import tokenizer, word_codes
from textseq.text.patterns import NOT_SIMPLE
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.text.vocabulary import Vocabulary
from textseq.text.word_codes import count_codes, cut_words, pair_codes

# What the patterns treat apart, and what may stand before and behind it.
_PRINTED = """
http:// https:// HTTP:// www. Www. n't N'T 's 're 've 'll 'd 'm 'em '80s '80S ' '' `` ` o' O' a. B.
u.s. ph.d. Ph.D. mr. Mrs. etc. st. capt. prof. cannot Cannot can not n t . .. ... - -- -lrb- -RSB-
-l rb- @ @a _ __ a_b + ++ * ** = == ~ ~~ 1 1,0 1.5 10:30 , : ; ! ? < > ( ) [ ] { } " # $ & / a z A
word x@y.co x.y@z-w.org s d em 0s
"""
PIECES = [*_PRINTED.split(), " ", "  ", "\t", "\n", "\r", "\x0b", "\x00", "\x1c", "\x7f"]
SIMPLE = pl.Series(list(map(chr, [*range(0xD800), *range(0xE000, 0x110000)])))
SIMPLE = SIMPLE.filter(~SIMPLE.str.contains(NOT_SIMPLE))
ascii_texts = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(st.characters(codec="ascii"), max_size=20)),
    max_size=20,
).map("".join)
simple_texts = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(st.sampled_from(SIMPLE.to_list()), max_size=5)),
    max_size=20,
).map("".join)


def by_pattern(texts, lowercase=True):
    return Tokenizer(lowercase=lowercase)._words_by_pattern(pl.Series(texts)).to_list()


@pytest.fixture
def no_kernel(monkeypatch):
    """Leave the machine without compiled kernels, from the moment it is called."""

    def remove():
        monkeypatch.setattr(word_codes, "kernels", lambda: None)
        monkeypatch.setattr(tokenizer, "kernels", lambda: None)

    return remove


@settings(max_examples=1000, deadline=None)
@given(st.one_of(ascii_texts, simple_texts), st.booleans())
@example("He can't @you 'em 3.5 u.s. mr. a_b@c.org www.x.org, -LRB- __ o'clock 'd' 'sup", True)
@example("www.\x00 www.\x00\x00 www.\x00", True)
def test_the_kernel_cuts_as_the_patterns_do(text, lowercase):
    found = Tokenizer(lowercase=lowercase).tokenize([text]).to_lists()
    assert found == by_pattern([text], lowercase)


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("n_pieces", [3, 60])
def test_the_kernel_cuts_many_texts_as_the_patterns_do(lowercase, n_pieces):
    rng = random.Random(n_pieces)
    pieces = PIECES + SIMPLE.to_list()
    texts = ["".join(rng.choices(pieces, k=rng.randrange(n_pieces))) for _ in range(20_000)]
    found = Tokenizer(lowercase=lowercase).tokenize(texts)
    assert found.to_lists() == by_pattern(texts, lowercase)
    assert found.distinct.n_unique() == len(found.distinct)


def test_every_simple_character_is_cut_as_by_the_patterns():
    frames = ["{}", "a{}b", "{}.{}.", "@{}x", "o'{}{}", "http://a{}b", "a{}@b{}.c", "{}cannot{}"]
    texts = [frame.replace("{}", c) for frame in frames for c in SIMPLE]
    assert Tokenizer().tokenize(texts).to_lists() == by_pattern(texts)


def test_simple_characters_stay_as_they_are_under_normal_form_c():
    characters = SIMPLE.to_list()
    assert len(characters) == 256 + 8
    for first in characters:
        joined = "".join(first + second for second in characters)
        assert unicodedata.normalize("NFC", joined) == joined
        assert first.lower() in characters


@pytest.mark.parametrize("repeats", [1, 300])
def test_the_pattern_takes_over_where_the_kernel_cannot_read(repeats):
    texts = ["it's 中文 ok", "it isn't", "", "👩‍👩‍👧 café", "İt"] * repeats
    given_texts = pl.Series(texts)
    assert Tokenizer().tokenize(given_texts).to_lists() == by_pattern(texts)
    assert given_texts.to_list() == texts


@pytest.mark.parametrize("piece_bytes", [1, 7, 100])
def test_texts_cut_in_pieces_give_the_same_words(monkeypatch, piece_bytes):
    texts = ["", "a b c", "cannot", "", "don't " * 9, "x"] * 5
    monkeypatch.setattr(word_codes, "_PIECE_BYTES", piece_bytes)
    assert Tokenizer().tokenize(texts).to_lists() == by_pattern(texts)


@pytest.mark.parametrize("length", range(1, 40))
def test_words_that_differ_in_one_letter_get_numbers_of_their_own(length):
    words = ["a" * length] + ["a" * i + "b" + "a" * (length - i - 1) for i in range(length)]
    words += ["a" * shorter for shorter in range(1, length)]
    text = " ".join(words + words[::-1])
    tokens = Tokenizer().tokenize([text])
    assert tokens.distinct.to_list() == words
    assert tokens.flat.to_list() == text.split()


def test_the_table_grows_with_its_words():
    words = [f"word{number}" for number in range(200_000)]
    codes, distinct = cut_words(
        kernels(), pl.Series([" ".join(words), "word7 new"]), np.zeros(2, dtype=bool), True
    )
    assert distinct.to_list() == [*words, "new"]
    assert codes.values.tolist() == [*range(200_000), 7, 200_000]


@pytest.mark.parametrize(
    "piece",
    [
        "a_",
        "a_a@",
        "a.a@",
        "a@b",
        "_@",
        "www.",
        "http://a",
        "www.!",
        "n't ",
        "cannot ",
        "..",
        "o'a",
    ],
)
def test_ten_times_the_text_takes_ten_times_as_long_in_the_kernel(piece):
    # Only a text that holds an @ is searched for e-mail addresses.
    assert_linear(Tokenizer(), piece, 300_000, ending=" @")


def test_all_is_the_same_without_kernels(no_kernel):
    texts = ["it's not", "café: it isn't 中", "", "not it"] * 200

    def everything():
        tokens = Tokenizer(ngram_range=(1, 3)).tokenize(texts)
        vocabulary = Vocabulary.from_tokens(tokens, min_df=2)
        return tokens.to_lists(), vocabulary.to_dict(), vocabulary.encode(tokens).to_lists()

    compiled = everything()
    no_kernel()
    assert everything() == compiled


rows_of_codes = st.lists(st.lists(st.integers(0, 9), max_size=8), max_size=8)


@settings(deadline=None)
@given(rows_of_codes)
def test_codes_are_counted_with_and_without_kernels(rows):
    codes = Ragged.from_rows(rows, np.int32)
    expected = [sum(row.count(code) for row in rows) for code in range(10)]
    in_rows = [sum(code in row for row in rows) for code in range(10)]
    with pytest.MonkeyPatch.context() as patch:
        for _ in range(2):
            counts, row_counts = count_codes(codes, 10)
            assert (counts.tolist(), row_counts.tolist()) == (expected, in_rows)
            patch.setattr(word_codes, "kernels", lambda: None)


@pytest.mark.parametrize("n", [0, 1, 50, 5000])
def test_pairs_are_numbered_with_and_without_kernels(n, no_kernel):
    rng = np.random.default_rng(n)
    first, second = rng.integers(0, 1000, (2, n)).astype(np.int32)
    first[: n // 2] //= 100  # so that some pairs come again
    second[: n // 2] //= 100
    numbers = {}
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    expected = [numbers.setdefault(pair, len(numbers)) for pair in pairs]
    places = [pairs.index(pair) for pair in numbers]
    for _ in range(2):
        codes, found = pair_codes(first, second)
        assert (codes.tolist(), found.tolist()) == (expected, places)
        assert codes.dtype == np.int32
        no_kernel()


def test_tokens_of_several_parts_share_their_codes():
    parts = [Tokenizer().tokenize([text, ""]) for text in ("a b", "b c a", "")]
    together = Tokens.concat(parts)
    assert together.to_lists() == [["a", "b"], [], ["b", "c", "a"], [], [], []]
    assert together.distinct.to_list() == ["a", "b", "c"]
