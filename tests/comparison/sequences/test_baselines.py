"""The cheap rows, by hand."""

import numpy as np
import pytest

from textseq import LanguageModel
from textseq.comparison.sequences.baselines import (
    CommonestTag,
    CommonestTarget,
    CopySource,
    NearestSource,
    SharedNgrams,
)
from textseq.comparison.sequences.feature_chain import FeatureChain, features
from textseq.ragged import Ragged


def test_a_word_has_its_commonest_tag():
    rows = [["run", "run", "a", "run"], ["a", "Lisbon", "walking"], ["a", "a", "a"]]
    tags = [["N", "V", "D", "V"], ["D", "P", "V"], ["D", "D", "N"]]
    model = CommonestTag().fit(rows, tags)
    assert model.predict([["run", "a"], []]) == [["V", "D"], []]
    # Unknown words: by their last letters, then by their capital, then by what is commonest.
    assert model.predict([["talking", "Braga", "xyz", "7"]]) == [["V", "P", "D", "D"]]


def test_frequent_words_tell_nothing_of_unknown_ones():
    rows = [["thing"] * 11 + ["bring"]]
    model = CommonestTag().fit(rows, [["N"] * 11 + ["V"]])
    assert model.predict([["sing", "thing"]]) == [["V", "N"]]


def test_frames_have_the_commonest_tag():
    frames = [np.zeros((2, 3)), np.ones((2, 1))]
    model = CommonestTag().fit(frames, [[1, 2, 2], [2]])
    assert model.predict([np.zeros((2, 2))]) == [[2, 2]]


def test_copies():
    assert CopySource().fit(["a"], ["b"]).predict(["x y", ""]) == ["x y", ""]
    assert CommonestTarget().fit([0, 0, 0], ["a", "b", "b"]).predict([1, 2]) == ["b", "b"]
    assert CommonestTarget().fit([0], [["a", "b"]]).predict([1]) == [["a", "b"]]


@pytest.mark.parametrize("cut", [str, str.split])
def test_the_nearest_source_answers(cut, monkeypatch):
    monkeypatch.setattr("textseq.comparison.sequences.baselines._TOGETHER", 2)
    sources = ["a red house", "the green tree", "two blue birds"]
    model = NearestSource().fit(list(map(cut, sources)), ["1", "2", "3"])
    asked = ["the tree", "some birds", "a red bird", "zzz"]
    assert model.predict(list(map(cut, asked)))[:3] == ["2", "3", "1"]


def test_n_grams_read_what_the_network_reads():
    texts = ["the cat sat on the mat", "the dog sat on a log"] * 30
    template = LanguageModel("word", max_features=6, hidden_size=4, max_epochs=1, n_threads=1)
    network = LanguageModel(**template.get_params() | {"random_state": 3}).fit(texts)
    model = SharedNgrams(template).fit(texts)
    assert model.vocabulary_.tokens == network.vocabulary_.tokens
    # All that may follow has probability one together.
    ids = [i for i in range(len(model.vocabulary_)) if i]
    likely = [model.counts_.log_probabilities(Ragged.from_rows([[3, i]]))[-1] for i in ids]
    assert np.exp(likely).sum() == pytest.approx(1)


def test_a_chain_reads_words_and_their_neighbours():
    rows = [["Ana", "left", "Lisbon"], ["left", "Ana"], ["Rui", "left", "Braga"]] * 10
    tags = [[1, 0, 2], [0, 1], [1, 0, 2]] * 10
    model = FeatureChain().fit(rows, tags)
    # By its shape, and by what stands beside it.
    assert model.predict([["Eva", "left", "Porto"], []]) == [[1, 0, 2], []]


def test_features_of_a_word_are_its_own_and_those_of_two_on_either_side():
    assert features(["Ana", "has", "10-12"])[2] == [
        *("word=10-12", "shape=0-0", "begins=10", "ends=12", "begins=10-", "ends=-12"),
        *("-2 ana", "-2 shape=Xx", "-1 has", "-1 shape=x", "1 outside", "2 outside"),
    ]
