"""The headline never claims beyond noise what was not shown."""

import dataclasses

import pytest
from forecast_comparisons import made

from textseq.comparison.wording import pair_of


def with_mase(comparison, **scores):
    """Give models other errors, one a seed."""
    models = tuple(
        dataclasses.replace(model, scores=model.scores.iloc[:1].assign(mase=scores[model.name]))
        if model.name in scores
        else model
        for model in comparison.models
    )
    return dataclasses.replace(comparison, models=models)


def with_pairs(comparison, p_value):
    """Set all differences to those of the scores, and all p-values to one."""
    mean = {model.name: float(model.mase.mean()) for model in comparison.models}
    pairs = comparison.pairs.copy()
    difference = [
        mean[first] - mean[second]
        for first, second in zip(pairs["first"], pairs["second"], strict=True)
    ]
    pairs["difference"] = difference
    pairs["low"], pairs["high"] = pairs["difference"] - 0.1, pairs["difference"] + 0.1
    return dataclasses.replace(comparison, pairs=pairs.assign(p_adjusted=p_value))


def told(p_value, n_seeds=1, **scores):
    base = made(n_seeds=1, encoders=("gru",)) if "lstm" not in scores else made(n_seeds=n_seeds)
    named = {"naive": 3.0, "drift": 3.5, "seasonal_naive": 1.0, "gru": 0.8} | scores
    return with_pairs(with_mase(base, **named), p_value).headline


def test_a_network_that_beats_all_beyond_noise():
    assert told(0.001) == (
        "gru is best: MASE 0.800, below every other model beyond noise.",
        "It beats the seasonal naive forecast (1.000) by 0.200 (95 % interval 0.100 to 0.300).",
    )


def test_a_lead_within_noise_is_called_so():
    first, second = told(0.2)
    assert first == "No model stands out: gru has the lowest error (MASE 0.800), but within noise."
    assert second == (
        "It is not shown to differ from the seasonal naive forecast (1.000): it lies 0.200 "
        "lower, which may be noise."
    )


def test_a_network_that_loses():
    first, second = told(0.001, gru=1.4)
    assert first.startswith("seasonal naive is best: MASE 1.000")
    assert second == (
        "gru, the best network, does worse than the seasonal naive forecast (1.000), which takes "
        "no training, by 0.400 (95 % interval 0.300 to 0.500)."
    )
    assert "it lies 0.400 higher, which may be noise" in told(0.2, gru=1.4)[1]


def test_a_lead_over_some_only():
    comparison = with_mase(
        made(n_seeds=1, encoders=("gru",)), naive=3.0, drift=3.5, seasonal_naive=1.0, gru=0.8
    )
    comparison = with_pairs(comparison, 0.001)
    pairs = comparison.pairs.copy()
    close = (pairs["first"] == "seasonal_naive") & (pairs["second"] == "gru")
    pairs.loc[close, "p_adjusted"] = 0.3
    first = dataclasses.replace(comparison, pairs=pairs).headline[0]
    assert first == (
        "gru has the lowest error (MASE 0.800), but its lead over seasonal naive is within noise."
    )


def test_one_seed_of_several_networks_is_called_luck():
    assert "With one seed" in told(0.001, lstm=0.9)[-1]
    assert "With one seed" not in told(0.001, n_seeds=2, lstm=0.9)[-1]
    assert "With one seed" not in told(0.001)[-1]


@pytest.mark.parametrize(("n_items", "few"), [(5, True), (7, True), (8, False), (30, False)])
def test_too_few_forecasts_are_said_to_be(n_items, few):
    # Of 8 items the least p-value is 2 / 2^8; times the six pairs, of Holm's correction, 0.047.
    comparison = dataclasses.replace(made(n_seeds=1, encoders=("gru",)), n_items=n_items)
    assert len(comparison.pairs) == 6
    line = f"{n_items} forecasts of each model cannot show any difference beyond noise, and 8 might"
    assert few == any(line in sentence for sentence in comparison.headline)


def test_five_windows_of_one_series_can_show_nothing():
    comparison = made(n_series=1, n_windows=5, n_seeds=1, encoders=("gru",))
    assert comparison.n_items == 5
    assert (comparison.pairs["p_adjusted"] > 0.05).all()
    assert "5 forecasts of each model cannot show any difference" in comparison.headline[2]


def test_one_model_alone():
    comparison = made(n_series=1, n_windows=1, n_seeds=1, encoders=())
    alone = dataclasses.replace(
        comparison, models=comparison.models[:1], pairs=comparison.pairs.iloc[:0]
    )
    (sentence,) = alone.headline
    assert sentence.startswith("naive reaches MASE")


def test_the_test_of_a_pair_can_be_turned():
    comparison = made()
    one, other = comparison.models[0], comparison.models[-1]
    forth, back = pair_of(comparison, one, other), pair_of(comparison, other, one)
    assert forth["difference"] == -back["difference"]
    assert forth["low"] == -back["high"]
