import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textseq import ragged as ragged_module
from textseq.ragged import Ragged, offsets_of, slices_of, spans_of

rows_of_ids = st.lists(st.lists(st.integers(0, 1000), max_size=8), max_size=20)


@given(rows_of_ids)
def test_rows_come_back(rows):
    ragged = Ragged.from_rows(rows)
    assert ragged.to_lists() == rows
    assert len(ragged) == len(rows)
    assert ragged.lengths.tolist() == [len(row) for row in rows]
    assert ragged.values.dtype == np.int64


@given(rows_of_ids.filter(len), st.data())
def test_take_keeps_the_order_asked_for(rows, data):
    wanted = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=30))
    taken = Ragged.from_rows(rows).take(wanted)
    assert taken.to_lists() == [rows[row] for row in wanted]


@given(rows_of_ids, st.integers(0, 10))
def test_truncate_keeps_the_start_of_every_row(rows, length):
    ragged = Ragged.from_rows(rows).truncate(length)
    assert ragged.to_lists() == [row[:length] for row in rows]


@given(rows_of_ids, st.integers(0, 5))
def test_padding_fills_the_right(rows, extra):
    ragged = Ragged.from_rows(rows)
    width = max((len(row) for row in rows), default=0) + extra
    padded = ragged.padded(-1, width)
    assert padded.shape == (len(rows), width)
    assert padded.tolist() == [row + [-1] * (width - len(row)) for row in rows]


def test_padded_is_as_wide_as_the_longest_row():
    assert Ragged.from_rows([[1, 2], [3]]).padded().tolist() == [[1, 2], [3, 0]]


def test_padded_refuses_a_width_that_would_cut():
    with pytest.raises(ValueError, match=r"width=1 is less than the longest row \(2 values\)"):
        Ragged.from_rows([[1, 2], [3]]).padded(width=1)


def test_rows_may_be_vectors():
    steps = np.arange(10, dtype=np.float64).reshape(5, 2)
    ragged = Ragged(steps, offsets_of(np.array([2, 0, 3])))
    assert ragged.padded().shape == (3, 3, 2)
    assert ragged.padded()[0, 1].tolist() == [2, 3]
    assert ragged.take([2]).truncate(1).to_lists() == [[[4, 5]]]
    assert np.isnan(ragged.padded(np.nan)[1]).all()


def test_from_rows_keeps_the_type_asked_for():
    assert Ragged.from_rows([[1], []], dtype=np.float32).values.dtype == np.float32
    assert Ragged.from_rows([], dtype=np.float32).values.dtype == np.float32


def test_a_row_is_a_view():
    ragged = Ragged.from_rows([[1], [2, 3]])
    assert ragged[1].tolist() == [2, 3]
    assert np.shares_memory(ragged[1], ragged.values)


def test_offsets_start_at_zero():
    assert offsets_of(np.array([2, 0, 3])).tolist() == [0, 2, 2, 5]
    assert offsets_of(np.empty(0, dtype=np.int64)).tolist() == [0]


@pytest.mark.parametrize("shape", [(9,), (9, 3), (9, 0)])
@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.int8, "U3"])
def test_rows_are_copied_alike_with_and_without_the_kernel(shape, dtype, monkeypatch):
    values = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    ragged = Ragged(values, np.array([0, 4, 4, 9]))
    kernel = [ragged.take([1, 2, -1, 0, 2]), ragged.take([]), ragged.truncate(3)]
    monkeypatch.setattr(ragged_module, "kernels", lambda: None)
    plain = [ragged.take([1, 2, -1, 0, 2]), ragged.take([]), ragged.truncate(3)]
    for ours, theirs in zip(kernel, plain, strict=True):
        assert ours.values.dtype == theirs.values.dtype
        assert np.array_equal(ours.values, theirs.values)
        assert np.array_equal(ours.offsets, theirs.offsets)


def test_rows_that_are_not_there_are_refused():
    with pytest.raises(IndexError):
        Ragged.from_rows([[1, 2], [3]]).take([2])


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 40))
def test_spans_hold_all_rows_in_order_and_few_values(lengths, together):
    offsets = offsets_of(np.array(lengths, dtype=np.int64))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ragged_module, "VALUES_TOGETHER", together)
        spans = [range(span.start, span.stop) for span in spans_of(offsets)]
        slices = [range(part.start, part.stop) for part in slices_of(len(lengths))]
    for parts in (spans, slices):
        assert [row for part in parts for row in part] == list(range(len(lengths)))
    sizes = [sum(lengths[row] for row in span) for span in spans]
    assert all(len(span) == 1 or size <= together for span, size in zip(spans, sizes, strict=True))
    # None could take in the next row, too.
    following = [lengths[span.start] for span in spans[1:]]
    assert all(size + more > together for size, more in zip(sizes, following, strict=False))
    assert all(len(part) <= together for part in slices) and slices
