import numpy as np
import pytest
from comparisons import make_comparison

from textseq.comparison.wording import (
    count_text,
    listed,
    p_text,
    pair_of,
    score_text,
    seconds_text,
)


def test_score_text():
    assert score_text(np.array([0.8])) == "0.800"
    assert score_text(np.array([0.80, 0.82, 0.84])) == "0.820 ± 0.050"
    assert score_text(np.array([np.nan])) == score_text(np.array([np.nan, 0.5])) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.0021, "2.1 ms"),
        (0.0996, "100 ms"),
        (0.1, "0.10 s"),
        (1.04, "1 s"),
        (9.96, "10 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (7200, "2 h"),
    ],
)
def test_seconds_text(seconds, text):
    assert seconds_text(seconds) == text


def test_count_text():
    assert [count_text(n) for n in (0, 999, 1000, 10_400, 999_999, 24_300_000)] == [
        "0",
        "999",
        "1 k",
        "10 k",
        "1000 k",
        "24 M",
    ]


def test_p_text():
    assert [p_text(p) for p in (0.0001, 0.0123, 0.0994, 0.5, 1.0)] == [
        "< 0.001",
        "0.012",
        "0.099",
        "0.50",
        "1.00",
    ]


def test_listed():
    assert [listed(list("abcde"[:n])) for n in (1, 2, 3, 4)] == [
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and 1 more",
    ]


def test_pair_of_turns_a_pair_round():
    comparison = make_comparison(n_models=3)
    one, other = comparison.models[0], comparison.models[2]
    there, back = pair_of(comparison, one, other), pair_of(comparison, other, one)
    assert back["difference"] == -there["difference"]
    assert (back["low"], back["high"]) == (-there["high"], -there["low"])
    assert (back["first"], back["second"]) == (other.name, one.name)
    assert back["p_adjusted"] == there["p_adjusted"]


def test_pair_of_strangers():
    comparison = make_comparison(n_models=2)
    with pytest.raises(ValueError, match="no test of 'majority' and 'bilstm'"):
        pair_of(comparison, comparison.models[0], make_comparison().models[4])
