"""A second fit that goes on from the first."""

import numpy as np
import pytest
from rounding import rounding

from textseq import SeriesRegressor, TextClassifier, load_model

RNG = np.random.default_rng(2)
TEXTS = [" ".join(RNG.choice(["good", "bad", "film", "plot", "the"], 5)) for _ in range(60)]
LABELS = np.array(["pos" if text.count("good") > 1 else "neg" for text in TEXTS])


def small(**parameters):
    defaults = dict(
        encoder="gru", hidden_size=4, max_epochs=2, random_state=0, n_threads=1, wide=None
    )
    return TextClassifier(**defaults | {"warm_start": True} | parameters)


def test_a_second_fit_starts_from_the_weights_of_the_first(tmp_path):
    model = small().fit(TEXTS, LABELS)
    before = model.predict_proba(TEXTS)
    opened = load_model(model.save(tmp_path / "m"))
    for again in (model, opened):
        again.set_params(learning_rate=1e-9, max_epochs=1).fit(TEXTS[:30], LABELS[:30])
        np.testing.assert_allclose(again.predict_proba(TEXTS), before, rtol=0, atol=rounding(1))
        assert len(again.history_) == 1


def test_without_warm_start_a_second_fit_starts_anew():
    model = small(warm_start=False).fit(TEXTS, LABELS)
    first = model.receipt_["weights_sha256"]
    assert model.fit(TEXTS, LABELS).receipt_["weights_sha256"] == first
    model.set_params(warm_start=True)
    assert model.fit(TEXTS, LABELS).receipt_["weights_sha256"] != first


def test_vocabulary_and_units_stay_those_of_the_first_fit():
    model = small().fit(TEXTS, LABELS)
    words = model.vocabulary_
    model.fit(["a new word", "good"] * 20, ["pos", "neg"] * 20)
    assert model.vocabulary_ is words and model.classes_.tolist() == ["neg", "pos"]
    waves = RNG.normal(size=(30, 1, 8))
    number = SeriesRegressor(max_epochs=1, random_state=0, n_threads=1, warm_start=True)
    mean = number.fit(waves, np.arange(30.0)).mean_
    assert number.fit(waves, np.arange(30.0) + 100).mean_ == mean


def test_new_classes_are_learned():
    model = small().fit(TEXTS, LABELS)
    model.fit(TEXTS, np.where(LABELS == "pos", "odd", LABELS))
    assert model.classes_.tolist() == ["neg", "odd", "pos"]
    assert model.predict_proba(TEXTS).shape == (60, 3)


def test_another_network_is_refused_with_what_to_do():
    model = small().fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="hidden_size=4, which can not become 5"):
        model.set_params(hidden_size=5).fit(TEXTS, LABELS)
