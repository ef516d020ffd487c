import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from textseq import load_sample

SCRIPT = Path(sys.executable).with_name("textseq")


def hear_control_c():
    """Undo, in a new process, the deafness to Ctrl-C that background jobs inherit."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def textseq(tmp_path):
    """Run the installed console script in an empty folder."""

    def run(command, stdin="", **environment):
        return subprocess.run(
            [SCRIPT, *shlex.split(command)],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            cwd=tmp_path,
            env=os.environ | environment,
            timeout=120,
        )

    return run


@pytest.fixture
def fails(textseq):
    """Run the console script; it must end with code 2 and one line, which is returned."""

    def run(command, stdin=""):
        done = textseq(command, stdin)
        message = done.stderr.decode()
        assert done.returncode == 2, message
        assert done.stdout == b""
        assert message.startswith("textseq: ")
        assert message.count("\n") == 1
        return message

    return run


@pytest.fixture(scope="session")
def subj(tmp_path_factory):
    """600 sentences of the shipped corpus, as a CSV with a column of its own beside."""
    path = tmp_path_factory.mktemp("data") / "subj.csv"
    sample = load_sample("subj").sample(600, random_state=0)
    sample.rename_axis("id").reset_index().to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def model(subj):
    """Path of a model that `textseq fit` wrote, and what it printed."""
    path = subj.with_name("m.textseq")
    done = subprocess.run(
        f"{SCRIPT} fit {subj} --encoder mean --epochs 8 --threads 1 --out {path}",
        shell=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    return path, done.stdout.decode()
