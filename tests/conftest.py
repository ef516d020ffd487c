"""What all tests share."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_server import SCRIPT

from textseq.kernels import library

# A script with an argument, which no search for doctests can import.
collect_ignore = ["forked.py"]

R_PACKAGE = Path(__file__).parents[1] / "r"
BROWSER_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Undo the deafness to Ctrl-C that background jobs inherit, and hand on.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption(
        "--kernels",
        choices=[*library.BUILDS, "none"],
        help="compute with this build of the compiled kernels, or without any",
    )
    parser.addoption(
        "--firefox",
        action="store_true",
        help="compute with the scripts of pages in Firefox, in place of Chromium",
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


@pytest.fixture(scope="session")
def command_server():
    """A process that forks one for each command; yield what sends a command and waits."""
    (requests, to_server), (from_server, replies) = os.pipe(), os.pipe()
    server = subprocess.Popen(
        [
            sys.executable,
            Path(__file__).with_name("command_server.py"),
            str(requests),
            str(replies),
        ],
        pass_fds=(requests, replies),
        stdin=subprocess.DEVNULL,
    )
    os.close(requests)
    os.close(replies)
    with server, open(to_server, "w") as out, open(from_server) as answers:

        def send(**command):
            out.write(f"{json.dumps(command)}\n")
            out.flush()
            return int(answers.readline())

        yield send
        out.close()


@pytest.fixture
def textseq(tmp_path, tmp_path_factory, command_server):
    """Run the command line in an empty folder, in a process of its own."""

    def run(command, stdin="", **environment):
        arguments = [str(SCRIPT), *shlex.split(command)]
        given = stdin.encode() if isinstance(stdin, str) else stdin
        if environment:  # which may be read by what the server has imported
            return subprocess.run(
                arguments,
                input=given,
                capture_output=True,
                cwd=tmp_path,
                env=os.environ | environment,
                timeout=120,
            )
        streams = tmp_path_factory.mktemp("streams")
        files = [streams / name for name in ("stdin", "stdout", "stderr")]
        for path, content in zip(files, (given, b"", b""), strict=True):
            path.write_bytes(content)
        code = command_server(
            arguments=arguments,
            folder=str(tmp_path),
            environment=dict(os.environ),
            files=[str(path) for path in files],
        )
        return subprocess.CompletedProcess(
            arguments, code, files[1].read_bytes(), files[2].read_bytes()
        )

    return run


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A real browser without a window."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("needs chromium and chromedriver (apt install chromium-driver)")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*BROWSER_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    yield started
    started.quit()


@pytest.fixture(scope="session")
def firefox(tmp_path_factory):
    """Firefox without a window, for ``--firefox``."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program is not None, "--firefox needs Firefox (apt install firefox-esr)"
    from firefox import Firefox

    started = Firefox(program, tmp_path_factory.mktemp("firefox"))
    yield started
    started.quit()
