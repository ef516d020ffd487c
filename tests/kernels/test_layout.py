import ctypes
import enum
import shutil
import subprocess
from pathlib import Path

import pytest

from textseq.kernels import layout
from textseq.kernels.layout import CellKind, Layer, LineKind, layout_differences
from textseq.kernels.library import BUILDS, kernels, open_build
from textseq.kernels.signatures import declare

HERE = [build for build in BUILDS if open_build(build) is not None]
FIELDS = list(Layer._fields_)
FIRST, SECOND, *OTHERS = FIELDS
needs_build = pytest.mark.skipif(not HERE, reason="needs compiled kernels")
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


@pytest.mark.parametrize("build", HERE)
def test_every_build_has_the_layout_that_python_has(build):
    assert layout_differences(open_build(build)) == []


@needs_build
@pytest.mark.parametrize(
    ("fields", "difference"),
    [
        ([SECOND, FIRST, *OTHERS], "int64_t Layer.cell is 0 in C, 8 in Python"),
        (FIELDS[:-1], "sizeof(Layer) is 312 in C, 304 in Python"),
        ([*FIELDS, ("more", ctypes.c_int64)], "int64_t Layer.more is missing in C, 312 in Python"),
        (
            [("cell", ctypes.c_void_p), *FIELDS[1:]],
            "pointer Layer.cell is missing in C, 0 in Python",
        ),
        (
            [("kind", ctypes.c_int64), *FIELDS[1:]],
            "int64_t Layer.cell is 0 in C, missing in Python",
        ),
    ],
    ids=["moved", "one less", "one more", "of another type", "of another name"],
)
def test_another_structure_in_python_is_found(fields, difference, monkeypatch):
    other = type("Layer", (ctypes.Structure,), {"_fields_": fields})
    monkeypatch.setattr(layout, "Layer", other)
    assert difference in layout_differences(kernels())


@needs_build
@pytest.mark.parametrize(
    ("kinds", "names", "difference"),
    [
        ("CellKind", [*CellKind.__members__][::-1], "CellKind.JANET is 4 in C, 0 in Python"),
        ("CellKind", [*CellKind.__members__][:-1], "len(CellKind) is 5 in C, 4 in Python"),
        (
            "LineKind",
            [*LineKind.__members__, "EMPTY"],
            "LineKind.EMPTY is missing in C, 4 in Python",
        ),
    ],
)
def test_other_kinds_in_python_are_found(kinds, names, difference, monkeypatch):
    monkeypatch.setattr(layout, kinds, enum.IntEnum(kinds, names, start=0))
    assert difference in layout_differences(kernels())


@needs_build
def test_another_constant_in_python_is_found(monkeypatch):
    monkeypatch.setattr(layout, "SLACK", 32)
    assert layout_differences(kernels()) == ["SLACK is 64 in C, 32 in Python"]


@needs_compiler
@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ("", "", None),
        ("x_row, x_step", "x_step, x_row", "int64_t Layer.x_row is 120 in C, 112 in Python"),
        ("} Layer;", "float epsilon;\n} Layer;", "sizeof(Layer) is 320 in C, 312 in Python"),
        ("SLACK 64", "SLACK 128", "SLACK is 128 in C, 64 in Python"),
        ("LSTM, GRU", "GRU, LSTM", "CellKind.LSTM is 3 in C, 2 in Python"),
        ("TOO_LONG,", "TOO_LONG, EMPTY,", "len(LineKind) is 5 in C, 4 in Python"),
    ],
)
def test_another_layout_in_c_is_found(before, after, difference, tmp_path):
    sources = Path(layout.__file__).parent
    header = (sources / "layout.h").read_text()
    assert before in header
    (tmp_path / "layout.h").write_text(header.replace(before, after) if before else header)
    shutil.copy(sources / "layout.c", tmp_path)
    built = tmp_path / "layout.so"
    subprocess.run(
        ["cc", "-std=gnu11", "-shared", "-fPIC", tmp_path / "layout.c", "-o", built], check=True
    )
    library = ctypes.CDLL(str(built))
    declare(library)
    found = layout_differences(library)
    assert found == [] if difference is None else difference in found
