import numpy as np
import pytest

from textseq.labels.validation_split import split_rows


@pytest.mark.parametrize("seed", range(5))
def test_classes_are_split_in_proportion(seed):
    targets = np.repeat([0, 1, 2], [700, 250, 50])
    training, validation = split_rows(targets, 0.1, np.random.default_rng(seed))
    assert sorted([*training, *validation]) == list(range(1000))
    assert np.abs(np.bincount(targets[validation]) - [70, 25, 5]).max() <= 1


def test_lone_members_stay_in_training():
    targets = np.concatenate([np.zeros(500, dtype=int), np.arange(1, 101)])
    training, _ = split_rows(targets, 0.2, np.random.default_rng(0))
    assert set(range(1, 101)) <= set(targets[training])


def test_too_few_rows_are_all_trained_on():
    training, validation = split_rows(np.zeros(100, dtype=int), 0.1, np.random.default_rng(0))
    assert len(training) == 100 and len(validation) == 0


def test_indicators_and_numbers():
    for targets in (np.eye(300, dtype=int), np.linspace(0, 1, 300).astype(np.float32)):
        _, validation = split_rows(targets, 0.1, np.random.default_rng(0))
        assert 29 <= len(validation) <= 31


def test_groups_stay_whole_and_no_class_loses_its_training_rows():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 60, 400)
    targets = (groups % 3 == 0).astype(int)
    targets[groups == 7] = 2
    for seed in range(10):
        training, validation = split_rows(targets, 0.2, np.random.default_rng(seed), groups=groups)
        assert not set(groups[training]) & set(groups[validation])
        assert 60 <= len(validation) <= 80
        assert 2 not in targets[validation]
        assert len(training) + len(validation) == 400


def test_one_group_leaves_nothing_to_validate_on():
    training, validation = split_rows(
        np.arange(300.0), 0.1, np.random.default_rng(0), groups=np.zeros(300, dtype=int)
    )
    assert len(training) == 300 and not len(validation)


@pytest.mark.parametrize("together", [7, 100, 10**6])
def test_rows_are_chosen_along_the_sorted_classes(together, monkeypatch):
    # However many rows are looked at together: what a sort of all of them would give.
    monkeypatch.setattr("textseq.row_arrays.ROWS_TOGETHER", together)
    drawn = np.random.default_rng(0)
    for targets in (drawn.integers(5, size=997), drawn.poisson(40, size=300), np.zeros(400, int)):
        rng = np.random.default_rng(1)
        order = rng.permutation(len(targets))
        order = order[np.argsort(targets[order], kind="stable")]
        expected = np.sort(order[np.arange(rng.uniform(0, 10), len(order), 10).astype(int)])
        expected = expected[np.bincount(targets)[targets[expected]] > 1]
        training, validation = split_rows(targets, 0.1, np.random.default_rng(1))
        assert validation.tolist() == expected.tolist()
        assert training.tolist() == np.setdiff1d(np.arange(len(targets)), expected).tolist()
