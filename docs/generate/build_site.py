"""Builds the site: ``python docs/generate/build_site.py`` writes build/site, or names broken links.

What is written by hand lies in docs/. Beside it come the references, made of docstrings, of
``--help`` and of R's help pages; the lessons as ``make vignettes`` has rendered them; the pages of
the gallery, made by the commands that they show; and the benchmarks and the changelog as they are.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import gallery
import lessons
import links
import python_reference
import r_reference
import shell_reference
from mkdocs.commands.build import build
from mkdocs.config import load_config

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "docs"
PAGES = ROOT / "build" / "docs"
SITE = ROOT / "build" / "site"
# Files of the repository that are pages as they are.
ALSO = {
    "benchmarks/README.md": "benchmarks.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}


def gather() -> dict[str, list[Any]]:
    """Put all pages into build/docs and return the parts of the navigation that are made."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(SOURCES, PAGES, ignore=shutil.ignore_patterns("generate", "mkdocs.yml"))
    for source, page in ALSO.items():
        shutil.copyfile(ROOT / source, PAGES / page)
    copy_katex(PAGES / "assets" / "katex")
    return {
        "Python": python_reference.write(PAGES),
        "Shell": shell_reference.write(PAGES),
        "R": r_reference.write(PAGES),
        "Lessons": lessons.write(PAGES, ROOT / "build" / "vignettes"),
        "Gallery": gallery.write(PAGES),
    }


def copy_katex(folder: Path) -> None:
    """Copy KaTeX, which R carries for the formulas of its own help pages."""
    asked = [shutil.which("Rscript") or "Rscript", "-e", "cat(R.home('doc'))"]
    home = subprocess.run(asked, capture_output=True, check=True, text=True).stdout
    source = Path(home, "html", "katex")
    folder.mkdir(parents=True)
    shutil.copytree(source / "fonts", folder / "fonts", ignore=shutil.ignore_patterns("*.ttf"))
    for name in ("katex.js", "LICENSE"):
        shutil.copyfile(source / name, folder / name)
    style = (source / "katex.css").read_text()
    # Fonts in two forms are enough.
    style = re.sub(r",\s*url\([^)]*\.ttf\) format\(['\"]truetype['\"]\)", "", style)
    (folder / "katex.css").write_text(style)


def fill(navigation: list[Any], made: dict[str, list[Any]]) -> list[Any]:
    """Return the navigation with the parts that are made in their places.

    Examples
    --------
    >>> fill([{"Reference": [{"R": "made"}]}, "index.md"], {"R": ["r.md"]})
    [{'Reference': [{'R': ['r.md']}]}, 'index.md']
    """
    filled: list[Any] = []
    for entry in navigation:
        if not isinstance(entry, dict):
            filled.append(entry)
            continue
        ((title, inner),) = entry.items()
        if inner == "made":
            inner = made[title]
        filled.append({title: fill(inner, made) if isinstance(inner, list) else inner})
    return filled


def main() -> None:
    """Build the site and check it."""
    made = gather()
    config = load_config(str(SOURCES / "mkdocs.yml"), strict=True)
    config.nav = fill(config.nav, made)
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    if found := links.problems(SITE):
        sys.exit("\n".join(found))
    sys.stdout.write(f"{SITE / 'index.html'}\n")


if __name__ == "__main__":
    main()
