"""Messages in the reader's own language."""

from __future__ import annotations

import threading

import pytest

from textseq.message_language import number_of, speaking_r, written


def test_values_are_written_as_r_has_them():
    values = [None, True, 0.5, 3, 'a "b"', [1, 2.5], (), ["a", None], {"x": 1}, float("nan")]
    assert [written(value) for value in values] == [repr(value) for value in values]
    with speaking_r():
        assert [written(value) for value in values] == [
            "NULL", "TRUE", "0.5", "3", '"a \\"b\\""', "c(1, 2.5)", "c()", 'list("a", NULL)',
            "c(x = 1)", "NaN",
        ]  # fmt: skip


def test_an_error_within_ends_r_as_well():
    with pytest.raises(ValueError, match="inner"), speaking_r():
        raise ValueError("inner")
    assert number_of(0) == 0 and written(None) == "None"


def test_other_threads_count_from_0():
    seen = []
    with speaking_r():
        thread = threading.Thread(target=lambda: seen.append(number_of(2)))
        thread.start()
        thread.join()
        seen.append(number_of(2))
    assert seen == [2, 3]
