from pathlib import Path

import numpy as np
import pytest

from textseq.kernels import layout, library
from textseq.kernels.library import kernels

needs_build = pytest.mark.skipif(kernels() is None, reason="needs compiled kernels")
CACHED = (library.kernels, library.open_build, library._checked)


@pytest.fixture
def unopened():
    """Forget the builds that are open, before and after."""
    for function in CACHED:
        function.cache_clear()
    yield
    for function in CACHED:
        function.cache_clear()


@needs_build
def test_a_build_of_another_layout_is_refused(unopened, monkeypatch):
    monkeypatch.setattr(layout, "SLACK", 32)
    with pytest.raises(
        RuntimeError,
        match=r"_portable.* was compiled from other C files .*: SLACK is 64 in C, 32 in Python\. "
        r"Compile again by .*pip install -e \.",
    ):
        kernels()


@needs_build
def test_a_build_without_the_functions_is_refused(unopened, monkeypatch):
    other = Path(np._core._multiarray_umath.__file__)
    monkeypatch.setattr(library, "build_path", lambda build: other)
    with pytest.raises(RuntimeError, match=r"it has no number_ids; .*; and \d+ more differences\."):
        kernels()


def test_nothing_is_opened_where_nothing_was_compiled(unopened, monkeypatch):
    monkeypatch.setattr(library, "build_path", lambda build: None)
    assert kernels() is None
