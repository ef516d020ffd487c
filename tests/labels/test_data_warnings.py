import warnings

import numpy as np
import polars as pl
import pytest

from textseq import SequenceTagger, SeriesClassifier, TextClassifier, compare
from textseq.comparison.scores.data_check import check_data
from textseq.estimators.encoding.text import length_lines
from textseq.labels.data_warnings import alike_labels, label_lines

TEXTS = ["good film", "bad film"] * 50


def text_model(**parameters):
    given = {"encoder": "mean", "max_epochs": 1, "n_threads": 1, "random_state": 0}
    return TextClassifier(**given | parameters)


def test_labels_that_differ_by_spaces_or_case_only_are_shown():
    y = ["pos", "neg"] * 48 + ["Pos", "neg ", "pos", "neg"]
    said = r"'neg' \(49 rows\) and 'neg ' \(1\); 'Pos' \(1 rows\) and 'pos' \(49\)"
    with pytest.warns(UserWarning, match=said):
        text_model().fit(TEXTS, y)
    series = [np.zeros(4), np.ones(4)] * 50
    with pytest.warns(UserWarning, match=said):
        SeriesClassifier(encoder="mean", max_epochs=1, n_threads=1).fit(series, y)
    with pytest.warns(UserWarning, match="'O' .* and 'o'"):
        SequenceTagger(hidden_size=4, max_epochs=1, n_threads=1).fit(
            [["a", "b"]] * 20, [["O", "o"]] * 20
        )
    assert alike_labels(["a b", "A  b", "ab", 1, "1"]) == [("a b", "A  b")]
    assert alike_labels(["caf\u00e9", "cafe\u0301"]) == [("caf\u00e9", "cafe\u0301")]


def test_one_class_with_nearly_all_rows_is_told_unless_class_weight_knows():
    y = ["ham"] * 98 + ["spam"] * 2
    with pytest.warns(UserWarning, match=r"98 of 100 rows \(98.0%\) have the label 'ham'"):
        text_model().fit(TEXTS, y)
    text_model(class_weight="balanced").fit(TEXTS, y)
    text_model().fit(TEXTS, ["ham"] * 97 + ["spam"] * 3)


def test_row_numbers_and_decimals_as_strings_are_told():
    with pytest.warns(UserWarning, match="100 classes in 100 rows, .* use TextRegressor"):
        text_model().fit(TEXTS, range(100))
    decimals = [f"{number / 8:.2f}" for number in range(100)]
    with pytest.warns(UserWarning, match=r"100 numbers with decimals, such as '0.00'"):
        text_model().fit(TEXTS, decimals)
    assert not label_lines(np.array(["0.5", "1.0"]), np.array([5, 5]))
    assert not label_lines(np.arange(20), np.ones(20, int))


def test_texts_cut_at_a_length_nobody_chose_are_told():
    lengths = np.array([*[500] * 4, *[2] * 36])
    (line,) = length_lines(lengths, 400, False)
    assert line.startswith("10% of the training texts are read up to their first 400 tokens only")
    assert "max_length=500 would read 99 % of them whole" in line
    assert not length_lines(lengths, 400, True)
    assert not length_lines(np.array([401, *[10] * 19]), 400, False)
    assert not length_lines(np.array([401, 401]), None, False)


def test_a_comparison_says_it_once_in_its_warnings():
    y = ["pos", "neg"] * 49 + ["Pos", "neg"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare(TEXTS, y, ["mean"], n_seeds=2, estimator=text_model(), baselines=False)
    assert sum("differ by spaces or case only" in line for line in found.warnings) == 1
    lines = check_data(
        pl.Series(TEXTS), pl.Series(["x"]), np.array(["a"] * 99 + ["b"]), np.array(["a"])
    )
    assert any("99 of 100 rows" in line for line in lines)
