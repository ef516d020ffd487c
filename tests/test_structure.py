"""The counts of structure: of a package of a few lines, which can be counted by hand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import structure
from import_graph import Import, circles, heights, read_imports
from source_lines import Count, Place, read_source, repeated_places

FILES = {
    "__init__.py": '"""A docstring alone."""\n',
    "ground.py": "import os\nSIZE = 1\n",
    "low/__init__.py": "",
    "low/first.py": "from .second import x\nfrom .. import ground\nimport house.low.second\n",
    "low/second.py": "class A:\n    from house.ground import SIZE\n\n\ndef f():\n"
    "    from house.low import first\n",
    "high/__init__.py": "from house.low import first\n",
    "high/top.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
    "    from house import high\nelse:\n    import house.low.first as other\n",
    "high/inner/deep.py": "from ... import ground\nfrom ..top import y\nimport numpy\n",
}
SOURCE = '''"""Two lines
of a docstring."""

import os  # why

# A comment.
def f(
    a,  # one
    b=2,
):
    """One."""
    text = """no
    docstring"""
    return a
'''


@pytest.fixture
def house(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "house"


def test_imports_are_told_apart_and_found_from_any_folder(house):
    found = {(a.removeprefix("house."), b, kind) for a, b, kind in read_imports(house).imports}
    assert found == {
        ("low.first", "house.low.second", "load"),
        ("low.first", "house.ground", "load"),
        ("low.second", "house.ground", "load"),
        ("low.second", "house.low.first", "call"),
        ("high", "house.low.first", "load"),
        ("high.top", "house.high", "annotation"),
        ("high.top", "house.low.first", "load"),
        ("high.inner.deep", "house.ground", "load"),
        ("high.inner.deep", "house.high.top", "load"),
    }


def test_circles_and_floors_are_those_of_the_kinds_asked_for(house):
    graph = read_imports(house)
    assert circles(graph.neighbours(["load"])) == []
    assert circles(graph.neighbours()) == [["house.low.first", "house.low.second"]]
    assert graph.closing_imports() == [Import("house.low.second", "house.low.first", "call")]
    assert circles(graph.without("house.low.second", "house.low").neighbours()) == []
    assert circles(graph.without("house.low.second", "house.lo").neighbours()) != []
    assert heights(graph.neighbours(["load"])) == {
        "house.ground": 1,
        "house.low.second": 2,
        "house.low.first": 3,
        "house.high": 4,
        "house.high.top": 4,
        "house.high.inner.deep": 5,
    }
    assert heights(graph.neighbours())["house.low.second"] == 2  # one circle is one floor


def test_imports_upwards_are_those_against_the_order_of_a_folders_parts(house):
    graph = read_imports(house)
    assert graph.upward_imports("house", [["ground"], ["low"], ["high"]]) == []
    upwards = graph.upward_imports("house", [["low"], ["ground", "high"]])
    assert [(i.importer, i.imported) for i in upwards] == [
        ("house.low.first", "house.ground"),
        ("house.low.second", "house.ground"),
    ]
    assert [i.importer for i in graph.upward_imports("house.high", [["inner"], ["top"]])] == [
        "house.high.inner.deep"
    ]
    with pytest.raises(KeyError, match="high"):
        graph.upward_imports("house", [["ground"], ["low"]])


def test_lines_are_told_apart():
    source = read_source(SOURCE)
    assert source.count() == Count(code=8, imports=1, docstrings=3, comments=1, blank=2)
    assert source.code[4] == "import os  " and source.code[13] == '    docstring"""'
    assert list(source.telling().values()) == ["def f(", 'text = """no', 'docstring"""', "return a"]


def test_equal_places_are_as_long_as_they_get_and_counted_in_pairs():
    lines = [f"x{n} = {n}" for n in range(8)]
    sources = {
        "a.py": read_source("\n".join(["a = 1", *lines, ""])),
        "b.py": read_source("\n".join([*lines[:4], "", "# why", *lines[4:7], "b = 1", ""])),
        "c.py": read_source("\n".join([*lines[2:], "", *lines[2:], ""])),
        "d.py": read_source("\n".join([*lines[:5], ""])),
    }
    assert repeated_places(sources) == [
        Place("a.py", 2, "b.py", 1, 7),
        Place("a.py", 4, "c.py", 1, 6),
        Place("a.py", 4, "c.py", 8, 6),
        Place("c.py", 1, "c.py", 8, 6),
    ]


def test_a_fit_crosses_files_whose_functions_it_calls():
    files = structure.files_crossed("TextClassifier")
    assert {"training/loop.py", "nn/network.py", "estimators/sequence/text.py"} <= set(files)
    assert not {"__init__.py", "samples.py", "nn/attention.py"} & set(files)


@pytest.mark.slow
def test_the_command_prints_and_writes_its_figures(tmp_path):
    command = [sys.executable, structure.__file__, "nn", "--list", "--json", tmp_path / "figures"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures = json.loads((tmp_path / "figures").read_text())
    assert figures["folders"]["nn"]["floors"] > 1 and "\nnn/: " in done.stdout
    assert all(Path(structure.ROOT, name).exists() for name in figures["crossed"]["compare"])
