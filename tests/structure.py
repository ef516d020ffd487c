"""Figures of the package's structure: ``python tests/structure.py [FOLDER ...]``.

Counted are lines by folder; imports between modules, their floors and circles; the files whose
functions one small fit calls; and equal places of six lines and more. What each figure means
stands with the function that counts it, here and in ``import_graph`` and ``source_lines``.
Folders below textseq/, such as ``nn``, are looked at closer than the others: by default
``estimators``.
"""

# ruff: noqa: T201 - it prints what it found
import argparse
import importlib
import json
import multiprocessing
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from import_graph import KINDS, ImportGraph, circles, heights, read_imports
from source_lines import Count, Source, add_counts, read_source, repeated_places

import textseq

ROOT = Path(textseq.__file__).parent
DIRECT = "(directly)"
TEXTS = ["a good film", "a bad film", "good and short", "bad and long"] * 10
LABELS = ["pos", "neg"] * 20
COUNTED = ("files", "lines", *Count._fields)


def read_sources(root: Path) -> dict[str, Source]:
    """Read a package's Python files, by their paths below its folder."""
    return {
        path.relative_to(root).as_posix(): read_source(path.read_text())
        for path in sorted(root.rglob("*.py"))
    }


def lines_by_folder(sources: dict[str, Source]) -> dict[str, dict[str, int]]:
    """Count the lines of each folder with all below it, of the root's own files, and of all.

    Parameters
    ----------
    sources : dict
        Files by their paths below the package's folder.
    """
    members: dict[str, list[Source]] = {DIRECT: []}
    for name, source in sources.items():
        folders = [str(folder) for folder in Path(name).parents][:-1] or [DIRECT]
        for folder in folders:
            members.setdefault(folder, []).append(source)
    return {
        folder: dict(
            zip(
                COUNTED,
                (len(own), sum(s.length for s in own), *add_counts(s.count() for s in own)),
                strict=True,
            )
        )
        for folder, own in [*sorted(members.items()), ("all", list(sources.values()))]
    }


def import_figures(graph: ImportGraph) -> dict[str, Any]:
    """Count a package's modules, its imports of each kind, and the modules with one importer."""
    return {
        "modules": len(graph.modules),
        "imports": {kind: sum(i.kind == kind for i in graph.imports) for kind in KINDS},
        "of one importer": len(_of_one_importer(graph)),
        "circles at load time": circles(graph.neighbours(["load"])),
        "circles of all imports": circles(graph.neighbours()),
    }


def folder_figures(graph: ImportGraph, folder: str) -> dict[str, Any]:
    """Count the floors of one folder, and its imports upwards or round in a circle.

    ``floors`` is the number of modules on the longest path of load-time imports inside the
    folder. Where ``test_package.FLOORS_OF`` declares the order of the folder's parts, ``imports
    upwards`` are those against it (``ImportGraph.upward_imports``); where it is flat, ``closing
    imports`` are those by which circles close (``ImportGraph.closing_imports``). Either way
    imports of all kinds are looked at, and none is left where nothing goes up or round.

    Parameters
    ----------
    graph : ImportGraph
        Of the whole package.
    folder : str
        The folder's path below the package's.
    """
    from test_package import FLOORS_OF

    package = ".".join([ROOT.name, *Path(folder).parts])
    part = graph.within(package)
    figures = {
        "modules": len(part.modules),
        "floors": max(heights(part.neighbours(["load"])).values(), default=0),
        "imports": {kind: sum(i.kind == kind for i in part.imports) for kind in KINDS},
        "of one importer": len(_of_one_importer(graph) & set(part.modules)),
    }
    if package in FLOORS_OF:
        figures["imports upwards"] = graph.upward_imports(package, FLOORS_OF[package])
    else:
        figures["closing imports"] = part.closing_imports()
    return figures


def repeated_by_folder(sources: dict[str, Source]) -> dict[str, int]:
    """Count pairs of equal places inside each folder of the package and between two of them."""
    pairs = Counter(
        " - ".join(sorted({_top_folder(place.first), _top_folder(place.second)}))
        for place in repeated_places(sources)
    )
    return dict(pairs.most_common())


def small_fits() -> dict[str, Callable[[], object]]:
    """Return one small fit for each task, and a comparison, with defaults but for sizes."""
    import pandas as pd

    small: dict[str, Any] = {"max_epochs": 1, "hidden_size": 4, "random_state": 0}
    days = pd.date_range("2024-01-01", periods=40, freq="D")
    frame = pd.DataFrame({"unique_id": "a", "ds": days, "y": [float(n % 7) for n in range(40)]})
    tokens = [text.split() for text in TEXTS]
    tags = [[token[:1].upper() for token in row] for row in tokens]
    classifier = textseq.TextClassifier(**small)
    return {
        "TextClassifier": partial(classifier.fit, TEXTS, LABELS),
        "Forecaster": partial(textseq.Forecaster(h=3, **small).fit, frame),
        "LanguageModel": partial(textseq.LanguageModel(**small).fit, TEXTS),
        "Seq2Seq": partial(textseq.Seq2Seq(**small).fit, TEXTS, TEXTS[::-1]),
        "SequenceTagger": partial(textseq.SequenceTagger(**small).fit, tokens, tags),
        "compare": partial(textseq.compare, TEXTS, LABELS, estimator=classifier, n_seeds=1),
    }


def files_crossed(name: str) -> list[str]:
    """Return the package's files of which one of ``small_fits`` calls a function.

    Every module is imported before, so that what runs on import is not counted; and it is to
    run in a process of its own, as what an earlier fit has cached would not be called again.
    Functions that dataclasses generate are in no file.
    """
    fit = small_fits()[name]
    for module in read_imports(ROOT).modules:
        importlib.import_module(module)
    crossed: set[str] = set()

    def record(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            crossed.add(frame.f_code.co_filename)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        threading.setprofile(record)
        sys.setprofile(record)
        try:
            fit()
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
    paths = (Path(file) for file in crossed)
    return sorted(p.relative_to(ROOT).as_posix() for p in paths if p.is_relative_to(ROOT))


def crossed_by_fit() -> dict[str, list[str]]:
    """Trace each of ``small_fits``, in a new process each."""
    names = list(small_fits())
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn, max_tasks_per_child=1) as processes:
        return dict(zip(names, processes.map(files_crossed, names), strict=True))


def print_figures(figures: dict[str, Any], listed: bool) -> None:
    """Print all as tables; with names of files and places where ``listed``."""
    print("Lines of Python; imports are a part of code")
    _print_table(("folder", *COUNTED), figures["lines"])
    package = figures["package"]
    print(f"\nThe package: {package['modules']} modules, {_imports_text(package)}")
    for title in ("circles at load time", "circles of all imports"):
        print(f"{title}: {len(package[title]) or 'none'}")
        for circle in package[title]:
            print(f"  {len(circle)} modules: {' '.join(_short(name) for name in circle)}")
    for folder, own in figures["folders"].items():
        print(f"\n{folder}/: {own['modules']} modules on {own['floors']} floors, ", end="")
        print(_imports_text(own))
        (title,) = {"imports upwards", "closing imports"} & own.keys()
        print(f"{title}: {len(own[title]) or 'none'}")
        for importer, imported, kind in own[title]:
            print(f"  {_short(importer)} -> {_short(imported)} ({kind})")
    print("\nFiles of which one small fit calls a function")
    _print_table(
        ("fit", "files", *(f"in {folder}/" for folder in figures["folders"])),
        {
            name: {"files": len(files)}
            | {folder: sum(_in_folder(f, folder) for f in files) for folder in figures["folders"]}
            for name, files in figures["crossed"].items()
        },
    )
    if listed:
        for name, files in figures["crossed"].items():
            print(f"  {name}: {' '.join(files)}")
    print("\nPairs of equal places of six lines and more")
    pairs = figures["repeated"] | {"all": sum(figures["repeated"].values())}
    _print_table(("folders", "pairs"), {name: {"pairs": n} for name, n in pairs.items()})
    for first, line, second, other, length in figures["places"] if listed else ():
        print(f"  {first}:{line} = {second}:{other}, {length} lines")


def main() -> None:
    """Count, print, and write what was counted where ``--json`` asks for it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="*", default=["estimators"], metavar="FOLDER")
    parser.add_argument("--list", action="store_true", help="name files and places")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    sources, graph = read_sources(ROOT), read_imports(ROOT)
    figures = {
        "lines": lines_by_folder(sources),
        "package": import_figures(graph),
        "folders": {folder: folder_figures(graph, folder) for folder in options.folders},
        "crossed": crossed_by_fit(),
        "repeated": repeated_by_folder(sources),
        "places": repeated_places(sources),
    }
    print_figures(figures, options.list)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def _of_one_importer(graph: ImportGraph) -> set[str]:
    importers = Counter(name for _, name in {(i.importer, i.imported) for i in graph.imports})
    return {name for name, n in importers.items() if n == 1}


def _top_folder(name: str) -> str:
    parts = Path(name).parts
    return parts[0] if len(parts) > 1 else DIRECT


def _in_folder(name: str, folder: str) -> bool:
    return Path(name).is_relative_to(folder)


def _short(module: str) -> str:
    return module.removeprefix(f"{ROOT.name}.")


def _imports_text(own: dict[str, Any]) -> str:
    numbers = ", ".join(f"{n} {kind}" for kind, n in own["imports"].items())
    return f"imports: {numbers}; {own['of one importer']} modules of one importer"


def _print_table(header: Iterable[str], rows: dict[str, dict[str, int]]) -> None:
    lines = [
        list(header),
        *([name, *(f"{n:,}" for n in own.values())] for name, own in rows.items()),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for name, *numbers in lines:
        cells = (cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True))
        print(" ", name.ljust(widths[0]), *cells)


if __name__ == "__main__":
    main()
