import numpy as np
import pytest

from textseq.batches import SequenceData, padding_share, plan_batches, split_shards
from textseq.ragged import Ragged


@pytest.fixture
def lengths():
    return np.random.default_rng(0).gamma(2.0, 12.0, size=20_000).astype(np.int64)


@pytest.mark.parametrize("seed", [None, 0])
def test_every_row_is_in_exactly_one_batch(lengths, seed):
    rng = None if seed is None else np.random.default_rng(seed)
    batches = plan_batches(lengths, 64, rng)
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert max(map(len, batches)) == 64


def test_padding_stays_under_five_percent(lengths):
    assert padding_share(lengths, plan_batches(lengths, 64, np.random.default_rng(0))) < 0.05
    unsorted = np.array_split(np.random.default_rng(0).permutation(len(lengths)), 312)
    assert padding_share(lengths, unsorted) > 0.4


def test_epochs_see_other_batches(lengths):
    rng = np.random.default_rng(0)
    first, second = plan_batches(lengths, 64, rng), plan_batches(lengths, 64, rng)
    assert {tuple(sorted(b)) for b in first}.isdisjoint({tuple(sorted(b)) for b in second})


def test_batches_that_are_left_out_leave_the_others(lengths):
    batches = plan_batches(lengths, 64, np.random.default_rng(0))
    behind = batches[7:]
    assert len(behind) == len(batches) - 7
    assert all((one == other).all() for one, other in zip(behind, list(batches)[7:], strict=True))


def test_batches_are_those_of_lists_in_memory(lengths):
    # The rows of each pool longest first, cut, and the batches of all pools shuffled.
    rng = np.random.default_rng(0)
    order = rng.permutation(len(lengths))
    pools = [order[start : start + 6400] for start in range(0, len(order), 6400)]
    pools = [pool[np.argsort(-lengths[pool], kind="stable")] for pool in pools]
    expected = [pool[start : start + 64] for pool in pools for start in range(0, len(pool), 64)]
    rng.shuffle(expected)
    found = plan_batches(lengths, 64, np.random.default_rng(0))
    assert [rows.tolist() for rows in found] == [rows.tolist() for rows in expected]


def test_token_budget_bounds_padded_positions():
    lengths = np.array([5000] * 10 + [3] * 100)
    batches = plan_batches(lengths, 64, token_budget=10_000)
    assert max(len(rows) * lengths[rows].max() for rows in batches) <= 10_000
    assert plan_batches(np.array([50_000]), 64, token_budget=10_000)[0].tolist() == [0]


def test_shards_share_the_rows():
    shards = split_shards(np.arange(7), 3)
    assert [shard.tolist() for shard in shards] == [[0, 3, 6], [1, 4], [2, 5]]
    assert len(split_shards(np.arange(1), 4)) == 1


def test_take_keeps_fields_targets_and_weights_together():
    fields = (Ragged.from_rows([[1], [2, 3], []]), Ragged.from_rows([[4, 4], [], [5]]))
    data = SequenceData(fields, np.array([0, 1, 2]), np.array([0.5, 1, 2], dtype=np.float32))
    taken = data.take(np.array([2, 1]))
    assert [field.to_lists() for field in taken.fields] == [[[], [2, 3]], [[5], []]]
    assert taken.targets.tolist() == [2, 1] and taken.weights.tolist() == [2, 1]
    assert data.lengths.tolist() == [2, 2, 1]


def test_columns_go_with_their_rows_and_stand_behind_the_first_field():
    ids = Ragged.from_rows([[1], [2, 3], [4]])
    columns = np.arange(6, dtype=np.float32).reshape(3, 2)
    data = SequenceData((ids, ids), columns=columns)
    some = data.take(np.array([2, 0]))
    assert some.columns.tolist() == [[4, 5], [0, 1]]
    assert some.followed_by(data).columns.tolist() == [[4, 5], [0, 1], *columns.tolist()]
    first, second = data.arrays()
    assert first[2] is columns and len(second) == 2
    assert [len(field) for field in SequenceData((ids,)).arrays()] == [2]
