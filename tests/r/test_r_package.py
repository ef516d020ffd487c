"""The R package as files: its help pages are those of its comments, its names meant once."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "r"
SOURCES = sorted((PACKAGE / "R").glob("*.R"))


def pages(folder):
    return {page.name: page.read_text() for page in sorted((folder / "man").glob("*.Rd"))}


def test_help_pages_are_those_of_the_comments(tmp_path):
    ignored = shutil.ignore_patterns("vignettes", "tests")
    written = Path(shutil.copytree(PACKAGE, tmp_path / "r", ignore=ignored))
    code = f"roxygen2::roxygenise('{written}')"
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (written / "NAMESPACE").read_text() == (PACKAGE / "NAMESPACE").read_text()
    assert pages(written) == pages(PACKAGE), "run `make r-docs`"


def test_help_pages_are_sound_and_show_no_markup():
    assert not [name for name, text in pages(PACKAGE).items() if "`" in text]
    code = "for (page in list.files('man', full.names = TRUE)) print(tools::checkRd(page))"
    done = subprocess.run(["Rscript", "-e", code], cwd=PACKAGE, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_no_name_is_defined_twice():
    # R takes the last file's definition and says nothing.
    names = Counter(
        name
        for source in SOURCES
        for name in re.findall(r"^([\w.]+) <- ", source.read_text(), re.M)
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_every_help_page_is_in_the_index():
    index = (PACKAGE / "_pkgdown.yml").read_text()
    for name, text in pages(PACKAGE).items():
        if "\\keyword{internal}" not in text:
            aliases = re.findall(r"\\alias\{(.*?)\}", text)
            assert any(re.search(rf"\b{re.escape(alias)}\b", index) for alias in aliases), name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_files_stay_small_and_lines_short(path):
    lines = path.read_text().splitlines()
    assert len(lines) <= 450
    assert max(map(len, lines)) <= 100


def test_the_wire_is_one_file():
    assert (PACKAGE / "R" / "wire.R").samefile(ROOT / "textseq" / "r" / "wire.R")


def test_both_packages_have_one_version():
    project = (ROOT / "pyproject.toml").read_text()
    description = (PACKAGE / "DESCRIPTION").read_text()
    version = re.search(r'^version = "(.*)"', project, re.M)[1]
    assert f"\nVersion: {version}\n" in description
    assert f"textseq_{version}.tar.gz" in (ROOT / "Makefile").read_text()
