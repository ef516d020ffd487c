"""The package as a whole: quick to import, and its imports only go down the floors."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
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
# Folders without a circle of imports.
ACYCLIC = ("report", "inspection", "comparison")
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


def modules_imported(path):
    """Yield the files of the package that a file imports, also inside of calls and for types."""
    tree = ast.parse(path.read_text())
    own = "textseq." + ".".join(path.relative_to(ROOT).parts[:-1])
    # The one exception: a result shows itself. From inside of its methods it calls the page,
    # the figures and the table, which its own folder makes of it.
    shown = set()
    if path.name == "result.py":
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        shown = {node for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("textseq."):
            continue
        if node in shown and node.module.rpartition(".")[0] == own:
            continue
        for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
            file = ROOT.parent / (name.replace(".", "/") + ".py")
            if file.exists():
                yield file


def test_imports_make_no_circle():
    files = [file for name in ACYCLIC for file in (ROOT / name).rglob("*.py")]
    TopologicalSorter({file: set(modules_imported(file)) for file in files}).prepare()


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
