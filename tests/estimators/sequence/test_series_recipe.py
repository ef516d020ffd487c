import pytest

from textseq import SeriesClassifier
from textseq.estimators.auto import decide
from textseq.estimators.sequence.series_recipe import SeriesFacts, recipe


def decided(n_rows, encoder="lstm_fcn", long_series=100.0, number=False, **given):
    found = recipe(encoder, SeriesFacts(n_rows, long_series, number))
    return decide(SeriesClassifier(**given).get_params(), found)


@pytest.mark.parametrize(("n_rows", "batch_size"), [(36, 8), (270, 16), (1_500, 32), (9_000, 64)])
def test_small_sets_have_small_batches_and_enough_steps(n_rows, batch_size):
    found = decided(n_rows)
    assert found["batch_size"] == batch_size
    steps = found["max_epochs"] * n_rows / batch_size
    assert steps == pytest.approx(600, rel=0.05) or found["max_epochs"] == 10 and steps > 600


def test_what_is_given_stays():
    found = decided(50, dropout=0.7, patience=3, max_epochs=4)
    assert (found["dropout"], found["patience"], found["max_epochs"]) == (0.7, 3, 4)
    assert [name for name, value in found.items() if value == "auto"] == ["device"]


def test_numbers_are_trained_for_less():
    assert decided(200, number=True)["max_epochs"] < decided(200)["max_epochs"] / 3


def test_long_series_and_plain_encoders_are_learned_at_a_high_rate():
    assert decided(300)["learning_rate"] == decided(300, number=True)["learning_rate"] == 2e-3
    assert decided(300, long_series=251)["learning_rate"] == 1e-2
    assert decided(300, "gru")["learning_rate"] == 1e-2


@pytest.mark.parametrize(("length", "levels"), [(5, 1), (6, 2), (100, 5), (253, 6)])
def test_a_tcn_sees_a_long_series(length, levels):
    assert decided(50, "tcn", long_series=length)["num_layers"] == levels
    assert decided(50, "gru", long_series=length)["num_layers"] == 1
