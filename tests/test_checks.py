"""What is true or false takes nothing else, in every estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import textseq
from textseq.checks import check_flag
from textseq.estimators.declared import parameters_of
from textseq.estimators.load import KINDS, kind_named
from textseq.message_language import speaking_r

TEXTS, LABELS = ["good film", "bad film"] * 10, ["pos", "neg"] * 10
WAVES = [np.sin(np.arange(8) * (1 + row % 2)) for row in range(20)]
DATA: dict[str, tuple[Any, ...]] = {
    "TextClassifier": (TEXTS, LABELS),
    "TextRegressor": (TEXTS, [1.0, 2.0] * 10),
    "SeriesClassifier": (WAVES, LABELS),
    "SeriesRegressor": (WAVES, [1.0, 2.0] * 10),
    "Forecaster": (pd.DataFrame({"ds": range(60), "y": np.sin(np.arange(60))}),),
    "LanguageModel": (TEXTS,),
    "Seq2Seq": (TEXTS, LABELS),
    "Captioner": (np.random.default_rng(0).random((20, 4, 4)), TEXTS),
    "Transcriber": ([(np.sin(np.arange(800)), 8000)] * 20, ["a"] * 20),
    "QuestionAnswerer": (
        [("where ?", text) for text in TEXTS],
        [text.split()[0] for text in TEXTS],
    ),
    "SequenceTagger": ([text.split() for text in TEXTS], [["a", "b"]] * 20),
}
FLAGS = [
    (kind, name)
    for kind in KINDS
    for name, parameter in parameters_of(kind_named(kind)).items()
    if "bool" in parameter.annotation
]


def test_numpys_truth_values_are_taken():
    assert check_flag("refit", np.bool_(True)) is True


def test_r_is_told_in_its_own_words():
    with speaking_r(), pytest.raises(ValueError, match='^refit must be TRUE or FALSE, got "no"$'):
        check_flag("refit", "no")


@pytest.mark.parametrize(("kind", "name"), FLAGS)
@pytest.mark.parametrize("value", ["no", 0, None])
def test_a_fit_refuses_flags_that_are_none(kind, name, value):
    with pytest.raises(ValueError, match=f"^{name} must be True or False, got"):
        kind_named(kind)(**{name: value}).fit(*DATA[kind])


@pytest.mark.parametrize(
    "make",
    [
        lambda: textseq.Tokenizer(lowercase="no"),
        lambda: textseq.IntegerEncoder(lowercase="no").fit(TEXTS),
        lambda: textseq.IntegerEncoder(padding="no").fit(TEXTS).transform(TEXTS),
        lambda: textseq.OneHotEncoder(sparse_output="no").fit(TEXTS).transform(TEXTS),
        lambda: textseq.Forecaster(h=2).cross_validation(*DATA["Forecaster"], refit="no"),
        lambda: textseq.compare_forecasts(*DATA["Forecaster"], h=2, refit="no"),
    ],
)
def test_so_do_all_others(make):
    with pytest.raises(ValueError, match="must be True or False, got 'no'"):
        make()
