"""R's package textseq, installed once for the tests."""

import os
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "r"


@pytest.fixture(scope="session")
def r_library(tmp_path_factory):
    """Install the package into a library of its own, and return its folder."""
    library = tmp_path_factory.mktemp("library")
    subprocess.run(
        ["R", "CMD", "INSTALL", "--no-docs", "--no-test-load", f"--library={library}", SOURCE],
        check=True, capture_output=True,
    )  # fmt: skip
    return library


@pytest.fixture
def r_package(r_library, monkeypatch):
    """Let every R that starts find the package."""
    monkeypatch.setenv("R_LIBS", os.pathsep.join([str(r_library), os.environ.get("R_LIBS", "")]))
    monkeypatch.setenv("LANG", "C.UTF-8")
