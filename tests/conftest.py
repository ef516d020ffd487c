"""What all tests share."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from textseq.kernels import library

# A script with an argument, which no search for doctests can import.
collect_ignore = ["forked.py"]

R_PACKAGE = Path(__file__).parents[1] / "r"

# Undo the deafness to Ctrl-C that background jobs inherit, and hand on.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption(
        "--kernels",
        choices=[*library.BUILDS, "none"],
        help="compute with this build of the compiled kernels, or without any",
    )


def pytest_configure(config):
    build = config.getoption("--kernels")
    if build is not None:
        library.BUILDS = () if build == "none" else (build,)


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """Keep the tests' word vectors out of the user's cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEXTSEQ_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def r_library(tmp_path_factory):
    """Install R's package textseq into a library of its own, and return its folder."""
    library = tmp_path_factory.mktemp("library")
    subprocess.run(
        ["R", "CMD", "INSTALL", "--no-docs", "--no-test-load", f"--library={library}", R_PACKAGE],
        check=True, capture_output=True,
    )  # fmt: skip
    return library


@pytest.fixture
def r_package(r_library, monkeypatch):
    """Let every R that starts find the package, and this Python."""
    monkeypatch.setenv("R_LIBS", os.pathsep.join([str(r_library), os.environ.get("R_LIBS", "")]))
    monkeypatch.setenv("TEXTSEQ_PYTHON", sys.executable)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
