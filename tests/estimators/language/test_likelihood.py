"""The score of models of language: what scikit-learn chooses by, whatever tokens they have."""

import math

import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score

from textseq import LanguageModel, load_sample
from textseq.estimators.language.ngram import NgramLanguageModel

LINES = [line for line in load_sample("tinyshakespeare")[:60_000].split("\n") if line]


def small(level="char", **parameters):
    sizes = dict(embedding_dim=8, hidden_size=10, num_layers=1, max_epochs=1, n_threads=1)
    return LanguageModel(level, random_state=0, **sizes | parameters)


@pytest.mark.parametrize("level", ["char", "bpe"])
def test_where_all_is_known_it_is_bits_per_character(level):
    model = small(level).fit(LINES)
    held_out = LINES[:50]
    assert model.score(held_out) == -model.bits_per_character(held_out)
    assert model.score(held_out, ["a label"] * 50) == model.score(held_out)
    total = model.score_samples(held_out).sum() / math.log(2)
    assert model.score(held_out) == pytest.approx(total / sum(map(len, held_out)))


def test_unknown_words_are_spelt():
    model = NgramLanguageModel().fit(["abc abd"] * 3)
    known, unknown = "abc", "abx éyzzy"
    assert model.score([known]) == -model.bits_per_character([known])
    # 3 + 1 and 6 + 1 bytes.
    more = 11 * 8 / len(unknown)
    assert model.score([unknown]) == pytest.approx(-model.bits_per_character([unknown]) - more)


def test_a_corpus_own_unk_is_one_of_its_words():
    model = NgramLanguageModel(str.split).fit(["a <unk> b"] * 3)
    assert model.score(["a <unk>"]) == -model.bits_per_character(["a <unk>"])


def test_knowing_fewer_words_is_no_better():
    """By bits a character, in which all unknown words are alike, the fewest words win."""
    search = GridSearchCV(NgramLanguageModel(), {"min_count": [1, 2, 200]}, cv=2).fit(LINES)
    assert search.best_params_["min_count"] < 200
    train, test = LINES[::2], LINES[1::2]
    few, many = (NgramLanguageModel(min_count=n).fit(train) for n in (200, 2))
    assert few.bits_per_character(test) < many.bits_per_character(test)
    assert few.score(test) < many.score(test)


def test_scikit_learn_chooses_by_it():
    grid = {"hidden_size": [2, 24], "level": ["char"], "learning_rate": [0.02]}
    search = GridSearchCV(small(), grid, cv=2).fit(LINES, ["label"] * len(LINES))
    assert search.best_params_["hidden_size"] == 24
    assert search.best_score_ == max(search.cv_results_["mean_test_score"]) < 0
    scores = cross_val_score(small(), LINES[:200], cv=2)
    first = small().fit(LINES[100:200]).score(LINES[:100])
    assert scores[0] == first


def test_nothing_to_score():
    with pytest.raises(ValueError, match="hold no characters"):
        NgramLanguageModel().fit(LINES).score([""])
