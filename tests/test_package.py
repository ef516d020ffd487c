"""The package as a whole: quick to import, and its imports only go down the floors."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import textseq

ROOT = Path(textseq.__file__).parent
# From the ground up; a file may import its own floor and those before it.
FLOORS = [
    [
        "kernels",
        "atomic",
        "constancy",
        "data_files",
        "decoding",
        "expressions",
        "figures",
        "flags",
        "font_coverage",
        "json_values",
        "message_language",
        "ragged",
        "r_session",
        "text",
        "series",
    ],
    ["batches", "streams"],
    ["nn"],
    ["training"],
    ["files", "estimators"],
    ["report"],
    ["inspection", "comparison"],
    ["samples", "delimited", "table_files", "tables", "r", "cli"],
]
LEVEL = {name: level for level, names in enumerate(FLOORS) for name in names}


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textseq."):
            yield node.module.split(".")[1]


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=str)
def test_imports_only_go_down(path):
    place = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for target in imports_of(path) if place in LEVEL else ():
        assert LEVEL[target] <= LEVEL[place], f"{path.name} imports {target}"


def test_every_public_name_loads():
    for name in textseq.__all__:
        assert getattr(textseq, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'TextClasifier'"):
        textseq.TextClasifier  # noqa: B018


def test_import_is_quick_and_reads_no_torch():
    code = (
        "import time; t = time.process_time(); import textseq; "
        "seconds = time.process_time() - t; import sys; "
        "assert not {'torch', 'sklearn', 'polars', 'pandas', 'numpy'} & set(sys.modules); "
        "print(seconds)"
    )
    seconds = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    assert min(seconds) < 0.3


def test_files_stay_small():
    for path in ROOT.rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 450, path
