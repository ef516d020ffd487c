import numpy as np
import pytest

from textseq.labels.agreement import agreement_beyond_luck


def drawn(rng, n_rows, shares):
    return rng.choice(len(shares), n_rows, p=shares)


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.9, 0.1], [0.2, 0.5, 0.3]])
def test_luck_is_what_the_same_answers_in_any_order_give(shares):
    rng = np.random.default_rng(0)
    truth, answers = drawn(rng, 40, shares), drawn(rng, 40, shares[::-1])
    answers[:10] = truth[:10]
    agreeing = [np.count_nonzero(truth == rng.permutation(answers)) for _ in range(20_000)]
    expected = (np.count_nonzero(truth == answers) - np.mean(agreeing)) / np.std(agreeing)
    assert agreement_beyond_luck(truth, answers) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.9, 0.1], np.full(20, 0.05)])
def test_answers_that_know_nothing_pass_one_time_in_twenty(shares):
    rng = np.random.default_rng(0)
    found = [
        agreement_beyond_luck(drawn(rng, 200, shares), drawn(rng, 200, shares)) > 1.645
        for _ in range(2_000)
    ]
    assert 0.03 < np.mean(found) < 0.07


def test_a_few_rare_rows_that_are_found_are_no_luck():
    truth = np.repeat([0, 1], [18, 2])
    assert agreement_beyond_luck(truth, truth) > 4
    some = np.repeat([0, 1], [16, 4])  # two alarms are false, so 18 rows are right as before
    assert agreement_beyond_luck(truth, some) > 2.5


@pytest.mark.parametrize(
    ("truth", "answers"), [([0, 1, 2], [1, 1, 1]), ([1, 1, 1], [0, 1, 2]), ([0, 1, 0], [2, 3, 2])]
)
def test_where_no_order_is_better_than_another_there_is_no_luck(truth, answers):
    assert agreement_beyond_luck(np.array(truth), np.array(answers)) == 0
