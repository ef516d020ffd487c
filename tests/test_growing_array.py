"""Arrays that grow are the same in files, which go with them."""

import errno
import gc
import os

import joblib
import numpy as np
import pytest

from textseq import growing_array
from textseq.growing_array import GrowingArray
from textseq.text.vectors.cache import cache_folder


def grown(*parts, in_file=True):
    array = GrowingArray(in_file)
    for part in parts:
        array.append(part)
    return array.finished()


@pytest.mark.parametrize("in_file", [True, False])
@pytest.mark.parametrize("dtype", ["f8", "i4", "M8[us]", "f8,i4"])
def test_parts_stand_end_to_end(in_file, dtype):
    parts = [np.arange(n, n + 3 * n).reshape(-1, 3).astype(dtype) for n in (1, 2, 5)]
    found = grown(*parts, parts[0][:0], in_file=in_file)
    np.testing.assert_array_equal(found, np.concatenate(parts))
    assert found.dtype == parts[0].dtype and isinstance(found, np.memmap) == in_file


@pytest.mark.parametrize("in_file", [True, False])
def test_what_holds_nothing_keeps_its_shape(in_file):
    assert grown(np.empty((2, 0)), np.empty((3, 0)), in_file=in_file).shape == (5, 0)
    assert grown(np.empty((0, 4), np.int32), in_file=in_file).shape == (0, 4)


def open_files():
    return len(os.listdir("/proc/self/fd"))


def test_a_file_has_no_name_and_goes_with_its_array():
    gc.collect()
    before = open_files()
    array = grown(np.arange(9.0))
    part = array[2:4]
    assert open_files() > before and not list(cache_folder().glob("series-*"))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    del array
    assert part.tolist() == [2, 3]
    del part
    gc.collect()
    assert open_files() == before


def test_other_processes_map_the_same_file():
    array = grown(np.arange(2_000.0))
    found = joblib.Parallel(n_jobs=2)(joblib.delayed(np.sum)(one) for one in (array, array[5:9]))
    assert found == [array.sum(), 5 + 6 + 7 + 8]


def test_a_full_disk_is_told_with_what_to_do(monkeypatch):
    class Full:
        def __init__(self, **options):
            pass

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            pass

    monkeypatch.setattr(growing_array.tempfile, "TemporaryFile", Full)
    with pytest.raises(OSError, match="has no room left; make room, or .* TEXTSEQ_CACHE"):
        grown(np.arange(3))


def test_a_folder_that_is_none_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "file"))
    with pytest.raises(OSError, match="can't be written .*TEXTSEQ_CACHE"):
        grown(np.arange(3))
