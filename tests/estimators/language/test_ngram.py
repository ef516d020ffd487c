"""N-gram models of texts: the tokens, ids and denominators of a LanguageModel."""

import math

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from textseq import LanguageModel, Ragged, load_sample
from textseq.estimators.language.ngram import NgramLanguageModel
from textseq.text.kneser_ney import KneserNey

TEXTS = load_sample("dom_casmurro")[:60_000].split("\n")
TRAIN, TEST = TEXTS[::2], TEXTS[1::2]


@pytest.mark.parametrize("options", [{}, {"min_count": 3, "max_features": 500}], ids=str)
@pytest.mark.parametrize("level", ["word", "char", "bpe", str.split])
def test_it_is_scored_on_a_language_models_tokens(level, options):
    sizes = dict(hidden_size=4, embedding_dim=4, num_layers=1, max_epochs=1, n_threads=1)
    network = LanguageModel(level, validation_fraction=0, **sizes, **options).fit(TRAIN)
    counts = NgramLanguageModel(level, **options).fit(TRAIN)
    assert counts.vocabulary_ == network.vocabulary_
    rows = network.rows(TEST)
    found, ids = counts.score_samples(TEST), network.vocabulary_.encode(
        network.tokenizer_.tokenize(TEST)
    )  # fmt: skip
    assert rows.n_steps == ids.n_values + len(TEST)
    assert counts.perplexity(TEST) == pytest.approx(math.exp(-found.sum() / rows.n_steps))
    n_characters = sum(map(len, TEST))
    bits = -found.sum() / math.log(2) / n_characters
    assert counts.bits_per_character(TEST) == pytest.approx(bits)


def test_texts_have_the_probability_of_their_ids():
    model = NgramLanguageModel(order=3).fit(TRAIN)
    vocabulary = model.vocabulary_

    def ids(texts):
        rows = vocabulary.encode(model.tokenizer_.tokenize(texts)).to_lists()
        return Ragged.from_rows([[*row, 2] for row in rows])

    counts = KneserNey(3).fit(ids(TRAIN), len(vocabulary), len(vocabulary) - 1)
    texts = ["", "capitu", TEST[0]]
    expected = [counts.log_probabilities(ids([text])).sum() for text in texts]
    assert np.allclose(model.score_samples(texts), expected, rtol=1e-12)
    # The ends of rows, <unk> and all words that may come first.
    words = [" "] + [word for word in vocabulary.tokens[3:] if " " not in word]
    first = [model.counts_.log_probabilities(Ragged.from_rows([[n]]))[0]
             for n in range(1, len(vocabulary))]  # fmt: skip
    assert np.exp(first).sum() == pytest.approx(1, abs=1e-9) and len(words) > 100


def test_longer_n_grams_know_more():
    bits = [NgramLanguageModel("char", order=n).fit(TRAIN).bits_per_character(TEST) for n in (1, 5)]
    assert bits[1] < bits[0] - 1


def test_it_is_scikit_learns():
    model = NgramLanguageModel("char", order=4)
    assert clone(model).get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        model.score_samples(["a"])
    with pytest.raises(ValueError, match="order must be a whole number of at least 1, got 0"):
        NgramLanguageModel(order=0).fit(TRAIN)
