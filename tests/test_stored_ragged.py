"""Rows that lie in a file give what rows in memory give, whatever is done to them."""

import numpy as np
import pytest

from textseq.ragged import Ragged
from textseq.stored_ragged import StoredRagged
from textseq.text.hashed_ngrams import HashedNgrams


@pytest.fixture
def both(tmp_path):
    rng = np.random.default_rng(0)
    rows = Ragged.from_rows([rng.integers(50, size=n).tolist() for n in [3, 0, 7, 1, 12, 5]])
    path = tmp_path / "codes"
    rows.values.astype(np.uint8).tofile(path)
    return rows, StoredRagged(np.memmap(path, np.uint8, "r"), rows.offsets)


STEPS = {
    "taken": lambda rows: rows.take([4, 1, 0]),
    "taken twice": lambda rows: rows.take(np.array([4, 1, 0, 2])).take([3, 0]),
    "truncated": lambda rows: rows.truncate(4).truncate(6),
    "looked up": lambda rows: rows.through(np.arange(50) * 3),
    "looked up twice": lambda rows: rows.through(np.arange(50) * 3).through(np.arange(150) + 1),
    "between": lambda rows: rows.truncate(2).between([9, 8], [7]).take([2, 1]),
    "cropped": lambda rows: rows.cropped(4, np.random.default_rng(1)).take([2, 4, 3]),
    "marked, then cropped": lambda rows: (
        rows.between([9], [8]).cropped(4, np.random.default_rng(1)).take([4, 2])
    ),
    "hashed": lambda rows: (
        HashedNgrams(3, 20).append(rows.through(np.arange(50)).truncate(9), 50).take([2, 1, 4])
    ),
    "one row": lambda rows: Ragged.from_rows([rows[2].tolist()]),
    "followed": lambda rows: rows.take([0]).followed_by(Ragged.from_rows([[1, 2]])),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_what_is_noted_is_done_to_what_is_loaded(both, step):
    expected, found = map(step, both)
    assert found.loaded().to_lists() == expected.to_lists()
    assert found.values.tolist() == expected.values.tolist()
    assert found.offsets.tolist() == expected.offsets.tolist()
    assert found.lengths.tolist() == expected.lengths.tolist()
    assert (len(found), found.n_values) == (len(expected), expected.n_values)


def test_nothing_is_read_before_it_is_needed(both):
    _, stored = both
    some = stored.take([4, 2]).truncate(3).through(np.arange(50))
    assert isinstance(some, StoredRagged)
    assert some.stored is stored.stored


def test_parts_are_all_rows_and_no_larger_than_asked(both):
    rows, stored = both
    parts = list(stored.in_parts(8))
    assert sum((part.to_lists() for part in parts), []) == rows.to_lists()
    assert [len(part.values) for part in parts] == [3, 8, 12, 5]


def test_stretches_are_drawn_alike_however_many_at_once(both, monkeypatch):
    rows, stored = both
    monkeypatch.setattr("textseq.stored_ragged.ROWS_TOGETHER", 2)
    found = stored.cropped(2, np.random.default_rng(3))
    assert found.to_lists() == rows.cropped(2, np.random.default_rng(3)).to_lists()


def test_an_order_in_which_steps_can_not_be_noted_is_refused(both):
    _, stored = both
    marked = stored.between([1], [])
    with pytest.raises(ValueError, match="before anything else"):
        marked.truncate(2)
    with pytest.raises(ValueError, match="before anything else"):
        marked.through(np.arange(50))
