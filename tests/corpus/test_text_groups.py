"""Texts sorted on disk have the order that Python's strings have."""

import numpy as np
import polars as pl
import pytest

from textseq.corpus import text_groups as module
from textseq.corpus.text_groups import text_groups


@pytest.fixture(autouse=True)
def few_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "_ROWS", 7)


def test_groups_are_those_of_sorted_strings(tmp_path):
    letters = np.array(["a", "B", "é", "\x00", "\uffff", "\U0001f600", " ", "ß"])
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(letters, rng.integers(0, 3))) for _ in range(300)]
    found = text_groups(pl.Series(texts[start : start + 40]) for start in range(0, 300, 40))
    expected = np.unique(np.array(texts, dtype=object), return_inverse=True)[1]
    assert found.tolist() == expected.tolist()
    assert not list(tmp_path.iterdir())
