"""What goes together of the parameters that several estimators have."""

import numpy as np
import pytest

from textseq import (
    Forecaster,
    LanguageModel,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    TextClassifier,
    load_model,
    load_sample,
)

TEXTS = ["a good film", "a bad film", "good", "so bad it is"] * 10
LABELS = ["p", "n", "p", "n"] * 10
WORDS = [text.split() for text in TEXTS]
SERIES = np.random.default_rng(0).normal(size=(40, 2, 12))
MONTHS = load_sample("airpassengers")[:60]
WIDTHS = {"hidden_size": (8, 6, 4), "max_epochs": 1, "n_threads": 1, "random_state": 0}
FITS = {
    "classifier": lambda **own: TextClassifier(**own).fit(TEXTS, LABELS),
    "series": lambda **own: SeriesClassifier(**own).fit(SERIES, LABELS),
    "forecaster": lambda **own: Forecaster(h=4, strategy="seq2seq", **own).fit(MONTHS),
    "language model": lambda **own: LanguageModel("word", **own).fit(TEXTS),
    "tagger": lambda **own: SequenceTagger(**own).fit(WORDS, WORDS),
    "translator": lambda **own: Seq2Seq(**own).fit(TEXTS, TEXTS),
}


@pytest.mark.parametrize("encoder", ["gru", "tcn"])
@pytest.mark.parametrize("kind", FITS)
def test_every_estimator_stacks_layers_of_several_widths(kind, encoder, tmp_path):
    model = FITS[kind](encoder=encoder, **WIDTHS)
    assert model.fitted_parameters_["num_layers"] == len(model.network_.encoder.layers) == 3
    assert [layer.out_dim for layer in model.network_.encoder.layers] == [8, 6, 4]
    loaded = load_model(model.save(tmp_path / "model"))
    assert loaded.hidden_size == loaded.fitted_parameters_["hidden_size"] == (8, 6, 4)
    for name, weight in model.network_.state_dict().items():
        assert (loaded.network_.state_dict()[name] == weight).all()


def test_a_decoder_that_reads_its_own_answers_has_the_units_of_the_last_layer():
    model = FITS["forecaster"](encoder="gru", **WIDTHS)
    assert model.network_.decoder.state_size == 4


def test_their_number_is_that_of_the_layers():
    model = TextClassifier(encoder="gru", num_layers=3, **WIDTHS).fit(TEXTS, LABELS)
    assert model.fitted_parameters_["num_layers"] == 3


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"num_layers": 2}, "is of 3 layers, but num_layers=2; leave num_layers out"),
        ({"connections": "residual"}, "must be as wide, but hidden_size=.8, 6, 4.; use layers of"),
        ({"encoder": "mean"}, "encoder='mean' does not stack; give one number, or choose from: rn"),
        ({"encoder": "lstm_fcn"}, "encoder='lstm_fcn' does not stack"),
        ({"hidden_size": ()}, "hidden_size=.. is of no layer; name the units of each"),
        ({"hidden_size": (8, 0)}, "a size in hidden_size must be a whole number of at least 1, go"),
        ({"hidden_size": 0}, "hidden_size must be a whole number of at least 1, got 0"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_before_data_are_looked_at(parameters, words):
    model = TextClassifier(**WIDTHS | parameters)
    with pytest.raises(ValueError, match=words):
        model.check_parameters()
    with pytest.raises(ValueError, match=words):
        model.fit(TEXTS, LABELS)


def test_levels_of_a_tcn_have_a_residual_connection_of_their_own():
    model = TextClassifier(encoder="tcn", connections="residual", **WIDTHS).fit(TEXTS, LABELS)
    assert model.predict_proba(TEXTS).shape == (40, 2)


def test_a_vector_has_no_layers():
    with pytest.raises(ValueError, match="encoder='mean' does not stack"):
        Seq2Seq("vector", **WIDTHS).fit(np.ones((20, 3)), TEXTS[:20])
