"""R's values as parameters: lone values alone, whole numbers whole."""

import numpy as np
import pandas as pd
import pytest

from textseq import TextClassifier
from textseq.r.parameters import parameters_of, python_value
from textseq.r.wire import decode, encode


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([10.0]), 10),
        (np.array([0.5]), 0.5),
        (np.array([1.0, 2.5]), [1, 2.5]),
        (np.array([True]), True),
        (["lstm"], "lstm"),
        (["a", "b"], ["a", "b"]),
        (pd.Categorical(["a"]), "a"),
        (pd.Series([2.0], index=["rare"]), {"rare": 2}),
        ({"a": np.array([1.0]), "b": ["x"]}, {"a": 1, "b": "x"}),
        (None, None),
        (b"bytes", b"bytes"),
    ],
)
def test_values_are_what_python_would_have(value, expected):
    found = python_value(value)
    assert found == expected and type(found) is type(expected)


def test_names_of_a_vector_do_not_repeat():
    with pytest.raises(ValueError, match="names of a vector are .'pos', 'pos'."):
        python_value(pd.Series([2.0, 5.0], index=["pos", "pos"]))


def test_matrices_stay_as_they_are():
    matrix = np.eye(2)
    assert python_value(matrix) is matrix


@pytest.mark.parametrize("missing", [[None], pd.array([pd.NA, 1], dtype="Int64")])
def test_na_is_no_parameter(missing):
    with pytest.raises(ValueError, match="a parameter is NA; leave it out"):
        python_value(missing)
    with pytest.raises(ValueError, match="learning_rate is NA"):
        parameters_of(TextClassifier, {"learning_rate": missing})
    with pytest.raises(ValueError, match="head_sizes is NA"):
        parameters_of(TextClassifier, {"head_sizes": missing})


def test_whole_doubles_are_counts_and_tuples_tuples():
    sent = decode(
        encode(
            {
                "encoder": ["mean"],
                "hidden_size": [32.0],
                "ngram_range": [1.0, 2.0],
                "head_sizes": [16.0],
                "learning_rate": [0.01],
            }
        )
    )
    found = parameters_of(TextClassifier, sent)
    assert found["hidden_size"] == 32 and type(found["hidden_size"]) is int
    assert found["ngram_range"] == (1, 2) and found["head_sizes"] == (16,)
    model = TextClassifier(**found, max_epochs=1, random_state=0, n_threads=1)
    model.fit(["a b", "b a"] * 10, [0, 1] * 10)


def test_units_are_one_number_or_those_of_each_layer():
    one = parameters_of(TextClassifier, {"hidden_size": np.array([32.0])})["hidden_size"]
    assert one == 32 and type(one) is int
    several = parameters_of(TextClassifier, {"hidden_size": np.array([32.0, 16.0])})
    assert several == {"hidden_size": (32, 16)}
    assert parameters_of(TextClassifier, {"hidden_size": "auto"}) == {"hidden_size": "auto"}


def test_an_empty_list_is_no_layer():
    assert parameters_of(TextClassifier, {"head_sizes": []}) == {"head_sizes": ()}


def test_an_unknown_parameter_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="no parameter 'hiden_size'; did you mean hidden_size"):
        parameters_of(TextClassifier, {"hiden_size": np.array([3.0])})
    with pytest.raises(ValueError, match="no parameter 'zzz'; textseq_parameters.. lists them"):
        parameters_of(TextClassifier, {"zzz": np.array([3.0])})


def test_a_handle_becomes_the_model():
    from textseq.r import models

    model = TextClassifier(encoder="mean", max_epochs=1, random_state=0).fit(
        ["a", "b"] * 10, [0, 1] * 10
    )
    key = models.described(model)["id"]
    found = parameters_of(TextClassifier, {"pretrained": {"textseq_model": [key]}})
    assert found["pretrained"] is model
