"""The package as a whole: quick to import, and its imports only go down the floors."""

import subprocess
import sys
from pathlib import Path

import pytest
from import_graph import circles, read_imports
from source_lines import read_source

import textseq

ROOT = Path(textseq.__file__).parent
# From the ground up; a file may import its own floor and those before it.
FLOORS = [
    [
        "kernels",
        "atomic",
        "checks",
        "constancy",
        "data_files",
        "decoding",
        "delimited",
        "expressions",
        "figures",
        "font_coverage",
        "growing_array",
        "row_arrays",
        "json_values",
        "locks",
        "marks",
        "message_language",
        "ragged",
        "r_session",
        "stored_ragged",
        "table_files",
        "tables",
        "labels",
        "text",
        "series",
        "audio",
    ],
    ["corpus", "embedding"],
    ["batches", "streams"],
    ["nn"],
    ["training"],
    ["report"],
    ["playground"],
    ["files", "estimators"],
    ["inspection", "comparison"],
    ["samples", "shapes", "stories", "r", "cli"],
]
# Folders whose own modules and sub-folders stand on floors too, each under its full name.
FLOORS_OF = {
    "textseq": FLOORS,
    "textseq.estimators": [
        ["declared", "receipt", "scoring", "build", "identity", "page"],
        ["checkpoint", "finished_fits", "distributed"],
        ["plain_recipe"],
        ["parameters", "auto"],
        ["base"],
        ["load", "members"],
        ["encoding"],
        [
            "sequence",
            "tagging",
            "language",
            "seq2seq",
            "answering",
            "captioning",
            "forecasting",
            "transcription",
            "transformer_embedder",
        ],
    ],
}
# The circles that there are, each with the imports that close it: an importer, and the module
# whose import is meant. Nothing else may close one; an entry goes when its circle is open.
KNOWN_CIRCLES = {
    "a result shows itself: from its methods it calls what its own folder makes of it": [
        (f"comparison.{folder}.result", f"comparison.{folder}.{shown}")
        for folder, makers in {
            "scores": ["page", "plots", "table"],
            "forecasts": ["page", "score_plots", "table"],
        }.items()
        for shown in makers
    ],
}
CLOSING = [
    tuple(f"textseq.{name}" for name in pair) for own in KNOWN_CIRCLES.values() for pair in own
]
# Lines of code that a file may have, its imports and docstrings aside.
MOST_LINES = 300


@pytest.fixture(scope="module")
def graph():
    return read_imports(ROOT)


@pytest.mark.parametrize("folder", FLOORS_OF)
def test_imports_only_go_down(graph, folder):
    assert graph.upward_imports(folder, FLOORS_OF[folder]) == []


def test_imports_go_in_no_circle(graph):
    for importer, target in CLOSING:
        graph = graph.without(importer, target)
    assert circles(graph.neighbours()) == []


@pytest.mark.parametrize("known", CLOSING, ids=" -> ".join)
def test_a_known_circle_is_there_still(graph, known):
    for importer, target in CLOSING:
        if (importer, target) != known:
            graph = graph.without(importer, target)
    assert circles(graph.neighbours()), "its circle is open: take it out of KNOWN_CIRCLES"


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
    counts = {path: read_source(path.read_text()).count() for path in ROOT.rglob("*.py")}
    lines = {path.relative_to(ROOT).as_posix(): n.code - n.imports for path, n in counts.items()}
    assert {name: n for name, n in lines.items() if n > MOST_LINES} == {}
