import time

import numpy as np
import polars as pl
import pytest

from textseq.comparison.scores.data_check import check_data

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]


def texts(n, start=0):
    return [f"{WORDS[i % 8]} {WORDS[i // 8 % 8]} {i}" for i in range(start, start + n)]


def labels(n, names=("neg", "pos")):
    return np.array(names)[np.arange(n) % len(names)]


def check(train=None, test=None, train_labels=None, test_labels=None, **options):
    train = texts(40) if train is None else train
    test = texts(20, 1000) if test is None else test
    return check_data(
        pl.Series(train, dtype=pl.String),
        pl.Series(test, dtype=pl.String),
        labels(len(train)) if train_labels is None else train_labels,
        labels(len(test)) if test_labels is None else test_labels,
        **options,
    )


def test_sound_data_has_no_findings():
    assert check(lengths=np.full(60, 3), max_length=10) == ()


def test_texts_in_train_and_test():
    train = texts(40)
    test = [train[0], train[1], train[2].upper().replace(" ", "  "), *texts(17, 1000)]
    (line,) = check(train, test)
    assert line.startswith("3 of 20 test texts (15.0 %) also occur in training, 1 of them only up")
    assert "drop them" in line


def test_exact_copies_say_nothing_of_case():
    train = texts(40)
    (line,) = check(train, [train[0], *texts(19, 1000)])
    assert line.startswith("1 of 20 test texts (5.0 %) also occur in training; ")


def test_equal_texts_with_different_labels():
    train = [*texts(38), "The Same", "the same "]
    (line,) = check(train)
    assert line.startswith(
        "1 training text occurs with different labels, in 2 of 40 rows (5.0 %), "
        "for example 'the same';"
    )


def test_equal_texts_with_equal_labels_pass():
    assert (
        check(
            [*texts(38), "the same", "the same"],
            train_labels=np.repeat(["a", "b"], 20),
            test_labels=np.repeat(["a", "b"], 10),
        )
        == ()
    )


def test_rare_classes_name_the_rarest_three():
    train_labels = np.array(["big"] * 26 + ["a"] * 5 + ["b"] * 4 + ["c"] * 3 + ["d"] * 2)
    (line,) = check(train_labels=train_labels, test_labels=np.repeat("big", 20))
    assert line.startswith(
        "4 of 5 classes have fewer than 10 training rows: 'd' (2), 'c' (3), 'b' (4) and 1 more;"
    )


def test_ten_rows_are_enough():
    train_labels = np.repeat(["big", "small"], [30, 10])
    assert check(train_labels=train_labels, test_labels=np.repeat("big", 20)) == ()


def test_classes_missing_from_training():
    test_labels = np.array(["pos"] * 17 + ["new", "new", "other"])
    (line,) = check(test_labels=test_labels)
    assert line.startswith(
        "2 of 4 classes occur in the test texts but never in training: 'new' (2), 'other' (1);"
    )
    assert "3 of 20 test texts (15.0 %)" in line


@pytest.mark.parametrize("kind", [int, object, bool])
def test_labels_of_any_type(kind):
    train_labels = np.array([0, 1] * 20).astype(kind)
    assert check(train_labels=train_labels, test_labels=train_labels[:20]) == ()


def test_mixed_labels():
    train_labels = np.array([0, "one"] * 20, dtype=object)
    assert check(train_labels=train_labels, test_labels=train_labels[:20]) == ()


def test_multilabel_counts_columns():
    indicators = np.zeros((40, 3), dtype=int)
    indicators[:20, 0] = 1
    indicators[20:, 1] = 1
    indicators[:2, 2] = 1
    (line,) = check(train_labels=indicators, test_labels=indicators[:20])
    assert line.startswith("1 of 3 labels have fewer than 10 training rows: column 2 (2);")


def test_multilabel_conflicts_are_of_whole_rows():
    indicators = np.tile([[1, 0], [1, 1]], (20, 1))
    (line,) = check(
        [*texts(38), "same", "same"], train_labels=indicators, test_labels=indicators[:20]
    )
    assert "1 training text occurs with different labels" in line


def test_regression_targets_have_no_classes():
    train = [*texts(38), "same", "same"]
    numbers = np.linspace(0, 1, 40)
    assert check(train, train_labels=numbers, test_labels=numbers[:20]) == ()


def test_truncation():
    lengths = np.r_[np.full(50, 10), np.full(10, 40)]
    (line,) = check(lengths=lengths, max_length=30)
    assert line == (
        "max_length=30 cuts 10 of 60 texts (16.7 %) and drops 100 of 900 tokens (11.1 %); "
        "max_length=40 would keep 99 % of the texts whole"
    )


def test_truncation_of_next_to_nothing_passes():
    lengths = np.r_[np.full(999, 10), 31]
    assert check(lengths=lengths, max_length=30) == ()
    assert check(lengths=np.full(60, 30), max_length=30) == ()


def test_empty_texts_are_counted_once():
    train = ["", " \n", *texts(38)]
    test = ["", *texts(19, 1000)]
    (line,) = check(train, test)
    assert line.startswith("3 of 60 texts (5.0 %) are empty or blank")


def test_line_breaks_and_long_examples_stay_on_one_line():
    long = "word\n" * 100
    lines = check([*texts(38), long, long], [long, *texts(19, 1000)])
    assert len(lines) == 2
    assert not any("\n" in line for line in lines)
    assert max(map(len, lines)) < 250


def test_large_data_takes_a_moment():
    train, test = texts(100_000), texts(25_000, 90_000)
    started = time.process_time()
    lines = check(train, test)
    assert time.process_time() - started < 3
    assert lines[0].startswith("10,000 of 25,000 test texts (40.0 %)")
