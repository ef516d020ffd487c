"""Numbers of very many rows lie in files, and are those that memory would hold."""

import gc
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from textseq import row_arrays
from textseq.row_arrays import picked, quantile_of, row_array, row_numbers, tally

N = 1_000


@pytest.fixture(params=[64, 10 * N], ids=["in files", "in memory"])
def together(request, monkeypatch):
    monkeypatch.setattr(row_arrays, "ROWS_TOGETHER", request.param)
    return request.param


def is_mapped(array):
    while isinstance(array.base, np.ndarray):
        array = array.base
    return isinstance(array, np.memmap)


def test_long_arrays_lie_in_files_that_go_with_them(together):
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    array = row_array(N, np.float64)
    array[:] = np.arange(N)
    assert is_mapped(array) == (together < N)
    part = array[5:7]
    del array
    assert part.tolist() == [5, 6] and type(part) is np.ndarray
    del part
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


def test_numbers_of_rows_are_shuffled_as_in_memory(together):
    numbers = row_numbers(N)
    assert numbers.dtype == np.int32 and numbers.tolist() == list(range(N))
    np.random.default_rng(3).shuffle(numbers)
    assert numbers.tolist() == np.random.default_rng(3).permutation(N).tolist()


def test_rows_are_picked_as_by_an_index(together):
    rng = np.random.default_rng(0)
    rows = rng.integers(N, size=3 * N)
    for values in (rng.normal(size=N), rng.integers(9, size=N), rng.normal(size=(N, 2))):
        found = picked(values, rows)
        assert (found == values[rows]).all() and found.dtype == values.dtype


def test_counts_are_those_of_all_rows(together):
    numbers = np.random.default_rng(0).poisson(3, size=N)
    assert tally(numbers).tolist() == np.bincount(numbers).tolist()
    assert tally(numbers, 40).tolist() == np.bincount(numbers, minlength=40).tolist()
    assert tally(numbers[:0]).tolist() == []


@pytest.mark.parametrize("method", ["linear", "higher"])
def test_quantiles_are_numpys(together, method):
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 7, 20, 101, N):
        numbers = rng.integers(60, size=n).astype(np.int32)
        for q in (0, 0.3, 0.5, 0.95, 0.99, 1):
            assert quantile_of(numbers, q, method) == np.quantile(numbers, q, method=method)


def test_without_room_for_a_file_they_lie_in_memory(tmp_path):
    # A mapped file that has no room would end the process at the first number written.
    program = """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        from textseq.row_arrays import ROWS_TOGETHER, row_numbers
        numbers = row_numbers(ROWS_TOGETHER + 1)
        assert numbers[-1] == ROWS_TOGETHER and numbers.flags.owndata
    """
    env = {**os.environ, "TEXTSEQ_CACHE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, env=env)
