"""The reference of the R package: pkgdown's pages, and a page of this site that lists them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


def run_pkgdown(folder: Path) -> None:
    """Write pkgdown's site of the R package into ``folder``, without asking the network."""
    script = Path(__file__).with_name("pkgdown.R")
    environment = os.environ | {"TEXTSEQ_PYTHON": sys.executable, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["Rscript", script, ROOT / "r", folder, ROOT / "build" / "library"],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"pkgdown ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    # Bootstrap and its scripts, which the templates of r/pkgdown do without.
    shutil.rmtree(folder / "deps", ignore_errors=True)
    for name in ("pkgdown.js", "link.svg", "pkgdown.yml", "sitemap.xml", "404.html"):
        (folder / name).unlink(missing_ok=True)


def titles(manual: Path) -> dict[str, tuple[str, str]]:
    """Return, for each topic and alias of r/man, the topic's file and title.

    Examples
    --------
    >>> titles(ROOT / "r" / "man")["one_hot"]
    ('text_to_ids', 'Turn texts into ids, and ids into one-hot rows')
    """
    found = {}
    for path in sorted(manual.glob("*.Rd")):
        text = path.read_text(encoding="utf-8")
        title = re.search(r"\\title\{(.*?)\}", text, re.S)
        name = re.search(r"\\name\{(.*?)\}", text)
        for alias in [*re.findall(r"\\alias\{(.*?)\}", text), name[1] if name else path.stem]:
            found[alias] = (path.stem, " ".join(title[1].split()) if title else path.stem)
    return found


def page(configuration: dict[str, Any], known: dict[str, tuple[str, str]]) -> str:
    """Return the page that lists the functions of the R package by topic."""
    lines = [
        "# R reference",
        "",
        "The R package has pages of its own, with usage, arguments and examples: "
        "[all functions](r/reference/index.html), [what is new](r/news/index.html). "
        "How it is installed, and how it lives with Python: "
        "[Use it from R](guides/use-from-r.md).",
    ]
    for part in configuration["reference"]:
        lines += ["", f"## {part['title']}", ""]
        lines += [part["desc"], ""] if "desc" in part else []
        lines += ["| function | what it does |", "|---|---|"]
        for name in part["contents"]:
            file, title = known[name]
            lines.append(f"| [`{name}`](r/reference/{file}.html) | {title} |")
    return "\n".join(lines) + "\n"


def write(folder: Path) -> list[Any]:
    """Write the R package's pages into ``folder``/r and return their part of the navigation."""
    run_pkgdown(folder / "r")
    configuration = yaml.safe_load((ROOT / "r" / "_pkgdown.yml").read_text())
    (folder / "r-reference.md").write_text(page(configuration, titles(ROOT / "r" / "man")))
    return ["r-reference.md"]
