"""Whose matrix products torch calls; that they are its own within R, R's tests see to the bit."""

import os
import shutil
import subprocess
import sys

import pytest

CODE = """
import ctypes, os, sys
from textseq.r.torch_import import import_torch
flags = sys.getdlopenflags()
import_torch()
assert sys.getdlopenflags() == flags
print("torch" in sys.modules, end=" ")
"""


def printed(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_nothing_is_imported_where_there_are_no_other_products():
    assert printed(CODE) == ["False"]


@pytest.mark.skipif(
    not hasattr(os, "RTLD_DEEPBIND") or shutil.which("cc") is None,
    reason="names are bound otherwise here, or there is no compiler",
)
def test_torch_is_imported_where_there_are(tmp_path):
    # As R does: a library with functions of those names, in sight of all that is loaded later.
    source, library = tmp_path / "blas.c", tmp_path / "blas.so"
    source.write_text("#include <stdlib.h>\nvoid sgemm_(void) { abort(); }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    load = f"import ctypes; ctypes.CDLL({str(library)!r}, mode=ctypes.RTLD_GLOBAL)\n"
    multiply = "\nimport torch\nprint(float((torch.ones(64, 64) @ torch.ones(64, 64)).sum()))"
    assert printed(load + CODE + multiply) == ["True", str(float(64**3))]
