"""What was said made less likely, and n-grams that are said once."""

import numpy as np
import pytest

from textseq.estimators.language.repetition import Repetition

SCORES = np.log([0.4, 0.3, 0.2, 0.1])


def test_what_was_said_has_its_log_probability_multiplied():
    said = Repetition(4, penalty=1.2, ngram_size=None).add([1, 1, 3])
    expected = SCORES * [1, 1.2, 1, 1.2]
    assert np.allclose(said.weigh(SCORES), expected)
    # What can't be said stays so, and the scores given stay as they are.
    barred = np.where([False, True, False, False], -np.inf, SCORES)
    assert said.weigh(barred)[1] == -np.inf
    assert np.allclose(SCORES, np.log([0.4, 0.3, 0.2, 0.1]))


def test_without_either_nothing_changes():
    said = Repetition(4, penalty=1.0, ngram_size=None).add([1, 1, 3])
    assert (said.weigh(SCORES) == SCORES).all()


@pytest.mark.parametrize(
    ("size", "said", "barred"),
    [
        (1, [1, 3], [1, 3]),
        (1, [], []),
        (2, [1, 2, 1, 3, 1], [2, 3]),
        (2, [1], []),
        (2, [1, 1], [1]),
        (3, [1, 2, 3, 1, 2], [3]),
        (3, [1, 2, 3, 2], []),
    ],
)
def test_no_run_is_said_twice(size, said, barred):
    found = Repetition(4, penalty=1.0, ngram_size=size).add(said).weigh(SCORES)
    assert np.flatnonzero(found == -np.inf).tolist() == barred


@pytest.mark.parametrize("size", [1, 2, 3])
def test_it_bars_what_would_repeat_a_run_and_nothing_else(size):
    rng = np.random.default_rng(0)
    said = rng.integers(4, size=30).tolist()
    repetition = Repetition(4, penalty=1.5, ngram_size=size).add(said)
    runs = {tuple(said[n : n + size]) for n in range(len(said) - size + 1)}
    last = tuple(said[len(said) - size + 1 :])
    barred = [(*last, token) in runs for token in range(4)]
    assert (repetition.weigh(SCORES) == -np.inf).tolist() == barred


def test_several_go_on_from_one_text():
    before = Repetition(4, penalty=1.0, ngram_size=2).add([0, 1])
    one, other = before.branch().add([2, 0]), before.branch().add([3, 2, 3, 0, 3])
    assert np.flatnonzero(one.weigh(SCORES) == -np.inf).tolist() == [1]
    assert np.flatnonzero(other.weigh(SCORES) == -np.inf).tolist() == [0, 2]
    assert np.flatnonzero(other.add([0]).weigh(SCORES) == -np.inf).tolist() == [1, 3]
    assert np.flatnonzero(before.branch().add([0]).weigh(SCORES) == -np.inf).tolist() == [1]
