"""Texts split, cut and numbered for language models."""

import numpy as np
import polars as pl
import pytest

from textseq import load_sample
from textseq.estimators.language.texts import (
    fit_tokenizer,
    learn_encoding,
    split_texts,
    text_rows,
    validation_rows,
)


def learned(texts, level, lowercase, min_count, max_features):
    tokenizer = fit_tokenizer(texts, level, lowercase, max_features)
    return learn_encoding((tokenizer.tokenize(texts),), tokenizer, min_count, max_features)


def test_a_long_text_is_cut_at_white_space():
    text = load_sample("dom_casmurro")
    training, validation = split_texts(pl.Series([text]), 0.1)
    assert training[0] + validation[0] == text
    assert training[0][-1].isspace()
    assert abs(len(validation[0]) / len(text) - 0.1) < 1e-3


def test_short_texts_stay_whole():
    texts = pl.Series([f"text number {number}" for number in range(400)])
    training, validation = split_texts(texts, 0.25)
    assert [*training, *validation] == texts.to_list()
    assert abs(len(validation) - 100) <= 2


@pytest.mark.parametrize("fraction", [0.2, 0.5, 0.77])
def test_nothing_is_lost_or_said_twice_of_texts_of_any_length(fraction):
    rng = np.random.default_rng(0)
    texts = pl.Series(["wort " * n for n in rng.integers(0, 100, size=30)])
    training, validation = split_texts(texts, fraction)
    assert "".join([*training, *validation]) == "".join(texts)
    size = validation.str.len_chars().sum()
    aside = fraction * texts.str.len_chars().sum()
    assert abs(size - aside) <= 0.1 * aside


def test_of_little_text_nothing_is_set_aside():
    texts = pl.Series(["hello"])
    assert split_texts(texts, 0.1) == (texts, None)
    text = pl.Series(["a " * 2000])
    assert split_texts(text, 0.0) == (text, None)


def test_a_text_without_white_space_is_cut_anyway():
    training, validation = split_texts(pl.Series(["abc" * 1000]), 0.1)
    assert len(training[0]) == 2700 and len(validation[0]) == 300


def test_pieces_know_every_text():
    portuguese = load_sample("dom_casmurro")
    encoding = learned(pl.Series([portuguese[:20_000]]), "bpe", "auto", "auto", 30_000)
    other = pl.Series([portuguese[50_000:60_000], "Übermut, naïve 東京 \U0001f600\n"])
    rows = text_rows(encoding, encoding.tokenizer.tokenize(other))
    assert (rows.ids != 1).all() and (rows.ids != 0).all()
    for text, start, length in zip(other, rows.starts, rows.lengths, strict=True):
        ids = rows.ids[start + 1 : start + length]
        assert encoding.tokenizer.join(encoding.vocabulary.decode(ids)) == text


@pytest.mark.parametrize(("level", "lowered"), [("word", True), ("char", False), ("bpe", False)])
def test_words_are_lowered_characters_and_pieces_not(level, lowered):
    encoding = learned(pl.Series(["A Text, Again."]), level, "auto", "auto", None)
    assert encoding.tokenizer.lowercase is lowered
    assert learned(pl.Series(["A"]), level, not lowered, 1, None).tokenizer.lowercase is (
        not lowered
    )


def test_validation_streams_say_every_token_once():
    text = pl.Series(["ab" * 3000, "c"])
    encoding = learned(text, "char", "auto", "auto", None)
    rows = validation_rows(text_rows(encoding, encoding.tokenizer.tokenize(text)).ids)
    assert len(rows) == 12 and rows.n_steps == 6003


def test_words_met_once_are_unknown_in_long_texts_only():
    novel = load_sample("dom_casmurro")
    long = learned(pl.Series([novel]), "word", "auto", "auto", None).vocabulary
    assert long.counts[3:].min() == 2
    short = learned(pl.Series([novel[:5000]]), "word", "auto", "auto", None).vocabulary
    assert short.counts[3:].min() == 1
    assert learned(pl.Series([novel]), "word", "auto", 9, 50).vocabulary.counts[-1] >= 9
    with pytest.raises(ValueError, match="min_count=9 leaves no token"):
        learned(pl.Series(["a b"]), "word", "auto", 9, None)
