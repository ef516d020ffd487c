"""The plain recipe: torch's and luz's own values, wherever the caller has not set others."""

import inspect

import numpy as np
import pytest
import torch

from textseq import (
    Forecaster,
    LanguageModel,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    SeriesRegressor,
    TextClassifier,
    TextRegressor,
    Transcriber,
    WordVectors,
    load_model,
    load_sample,
)
from textseq.estimators.declared import parameters_of
from textseq.estimators.load import KINDS, kind_named
from textseq.estimators.plain_recipe import PLAIN, by_recipe

TEXTS = ["a good film", "a bad film", "good", "so bad it is"] * 10
LABELS = ["p", "n", "p", "n"] * 10
NUMBERS = np.arange(40.0)
WORDS = [text.split() for text in TEXTS]
SERIES = np.random.default_rng(0).normal(size=(40, 2, 12))
WAVES = [(wave, 8000) for wave in np.random.default_rng(0).normal(size=(40, 8000))]
MONTHS = load_sample("airpassengers")[:60]
PREPARED = {
    TextClassifier: (TEXTS, LABELS),
    TextRegressor: (TEXTS, NUMBERS),
    SeriesClassifier: (SERIES, LABELS),
    SeriesRegressor: (SERIES, NUMBERS),
    Forecaster: (MONTHS,),
    LanguageModel: (TEXTS,),
    SequenceTagger: (WORDS, WORDS),
    Seq2Seq: (TEXTS, TEXTS),
    Transcriber: (WAVES, TEXTS),
}
every_kind = pytest.mark.parametrize("kind", PREPARED, ids=lambda kind: kind.__name__)


def prepared(kind, *data, **parameters):
    """Return an estimator that is ready to train, and its network."""
    model = kind(random_state=0, n_threads=1, **parameters)
    return model, model.prepare(*data or PREPARED[kind]).network


def dropouts(network):
    """Return the shares that a network's parts leave out."""
    return [part.p for part in network.modules() if hasattr(part, "p")]


def test_the_values_are_those_of_torch():
    adam = inspect.signature(torch.optim.Adam).parameters
    assert PLAIN["learning_rate"] == adam["lr"].default
    assert PLAIN["weight_decay"] == adam["weight_decay"].default
    assert PLAIN["dropout"] == torch.nn.LSTM(1, 1).dropout
    assert PLAIN["label_smoothing"] == torch.nn.CrossEntropyLoss().label_smoothing


def test_it_decides_on_parameters_that_there_are_and_on_all_dropout():
    names = {name for kind in KINDS for name in parameters_of(kind_named(kind))}
    assert set(PLAIN) <= names
    assert {name for name in names if "dropout" in name} <= set(PLAIN)


@every_kind
def test_every_estimator_trains_as_torch_starts(kind):
    model, network = prepared(kind, recipe="plain")
    declared = parameters_of(kind)
    for name, value in PLAIN.items():
        assert name not in declared or model.fitted_parameters_[name] == value, name
    left = [name for name, value in model.fitted_parameters_.items() if str(value) == "auto"]
    assert left == ["device"]
    options = model.training_options(0)
    assert (options.optimizer, options.learning_rate, options.weight_decay) == ("adam", 1e-3, 0)
    assert (options.schedule, options.max_epochs, options.batch_size) == ("constant", 10, 32)
    assert options.patience is options.clip_grad_norm is options.clip_grad_value is None
    assert (options.rate_decay, options.unfreeze, options.table_rate) == (1, "all", 1)
    assert not any(dropouts(network))
    assert getattr(network, "label_smoothing", 0) == 0


@every_kind
def test_the_tuned_recipe_is_as_it_was(kind):
    model, network = prepared(kind)
    assert model.fitted_parameters_["recipe"] == "tuned"
    options = model.training_options(0)
    assert (options.optimizer, options.schedule) == ("adamw", "one_cycle")
    assert options.clip_grad_norm == 1 and any(dropouts(network))


@every_kind
def test_what_was_given_stays(kind):
    given = {"optimizer": "sgd", "learning_rate": 0.01, "max_epochs": 3, "batch_size": 8}
    given |= {"schedule": "linear", "weight_decay": 0.1, "patience": 2, "dropout": 0.25}
    given |= {"clip_grad_norm": 5.0}
    model, network = prepared(kind, recipe="plain", **given)
    assert {name: model.fitted_parameters_[name] for name in given} == given
    options = model.training_options(0)
    assert {name: getattr(options, name) for name in given if name != "dropout"} == {
        name: value for name, value in given.items() if name != "dropout"
    }
    assert 0.25 in dropouts(network)
    assert [model.get_params()[name] for name in given] == list(given.values())


def test_a_parameter_at_its_default_gives_way():
    # scikit-learn's copies name every parameter, so that a given default can not be told apart.
    given = TextClassifier(recipe="plain", head_dropout=0.5, optimizer="adamw").get_params()
    found = by_recipe(TextClassifier, given)
    assert (found["head_dropout"], found["optimizer"]) == (0.0, "adam")
    assert found["hidden_size"] == 128 and found["recipe"] == "plain"


def test_the_network_is_the_same_but_for_its_dropout():
    for kind in PREPARED:
        tuned, plain = prepared(kind)[1], prepared(kind, recipe="plain")[1]
        weights, expected = plain.state_dict(), tuned.state_dict()
        assert weights.keys() == expected.keys()
        assert all(torch.equal(weights[name], expected[name]) for name in expected)


def test_pretrained_parts_learn_at_the_rate_of_the_others():
    words = WordVectors(["good", "bad"], np.eye(2))
    for kind in (TextClassifier, SequenceTagger):
        rates = [
            prepared(kind, recipe=recipe, vectors=words)[0].training_options(0).table_rate
            for recipe in ("tuned", "plain")
        ]
        assert rates == [0.5, 1.0]
    frozen, _ = prepared(TextClassifier, recipe="plain", vectors=words, freeze_vectors=True)
    assert frozen.training_options(0).table_rate == 0
    first = TextClassifier(encoder="gru", hidden_size=4, max_epochs=1, random_state=0)
    first.fit(TEXTS, LABELS)
    options = {
        recipe: prepared(TextClassifier, recipe=recipe, pretrained=first)[0].training_options(0)
        for recipe in ("tuned", "plain")
    }
    assert (options["tuned"].unfreeze, options["tuned"].rate_decay) == ("gradual", 2.6)
    assert (options["plain"].unfreeze, options["plain"].rate_decay) == ("all", 1.0)


def test_a_file_keeps_the_recipe(tmp_path):
    model = TextClassifier(encoder="mean", recipe="plain", random_state=0, n_threads=1)
    loaded = load_model(model.fit(TEXTS, LABELS).save(tmp_path / "model"))
    assert loaded.recipe == loaded.fitted_parameters_["recipe"] == "plain"
    assert loaded.fitted_parameters_["learning_rate"] == 1e-3
    assert set(model.history_["learning_rate"]) == {1e-3} and len(model.history_) == 10


def test_a_fit_that_goes_on_keeps_the_recipe():
    model = TextClassifier(encoder="gru", hidden_size=4, recipe="plain", warm_start=True)
    model.set_params(max_epochs=1, random_state=0, n_threads=1).fit(TEXTS, LABELS)
    model.set_params(learning_rate=0.01).fit(TEXTS, LABELS)
    assert model.fitted_parameters_["learning_rate"] == 0.01
    assert model.training_options(0).optimizer == "adam"
    with pytest.raises(ValueError, match="recipe='plain', which can not become 'tuned'; leave it"):
        model.set_params(recipe="tuned").fit(TEXTS, LABELS)


def test_there_is_no_other_recipe():
    with pytest.raises(ValueError, match="unknown recipe 'plane'; did you mean 'plain'"):
        TextClassifier(recipe="plane").fit(TEXTS, LABELS)
