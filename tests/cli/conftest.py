import os
import pty
import re
import select
import shlex
import subprocess
import time
from contextlib import contextmanager

import pytest
from command_server import SCRIPT

from textseq import load_sample


@contextmanager
def on_terminal(command, folder):
    """Run the console script with standard error on a terminal; yield it, and a reader.

    The reader waits until a pattern has been shown. Pictures of a bar are drawn now and then,
    so it must not be of what a quick fit shows for a moment only.
    """
    terminal, other_end = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, *shlex.split(command)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=other_end,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(other_end)

    def wait_for(pattern, seconds=60):
        shown, end = b"", time.monotonic() + seconds
        while not re.search(pattern, shown):
            ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
            assert ready, f"{pattern} was not shown in {seconds} s: {shown}"
            shown += os.read(terminal, 10_000)

    with process:
        try:
            yield process, wait_for
        finally:
            process.kill()
            os.close(terminal)


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
