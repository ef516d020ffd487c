"""Runs commands, each in a process of its own, forked from one that has imported what they need.

A command spends most of its time on imports. Nothing else has happened before the fork: no
thread has been started, nothing has been read, so that a command meets what it meets alone.
"""

import gc
import importlib
import json
import os
import signal
import sys
from pathlib import Path

IMPORTED = (
    "matplotlib.figure",
    "sklearn.metrics",
    "typer.rich_utils",
    "rich.table",
    "textseq.cli.app",
    "textseq.comparison.scores.compare",
    "textseq.comparison.forecasts.compare",
    "textseq.estimators.load",
    "textseq.inspection.attribution",
)
SECONDS = 120
# The installed console script.
SCRIPT = Path(sys.executable).with_name("textseq")


def serve(requests, replies):
    """Answer each line of ``requests``, a command as JSON, with its exit code."""
    for name in IMPORTED:
        importlib.import_module(name)
    # No pass over what they made, which would copy it, in every child.
    gc.freeze()
    for line in requests:
        child = os.fork()
        if child == 0:
            run(**json.loads(line))
        replies.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        replies.flush()


def run(arguments, folder, environment, files):
    """Become a command whose standard input, output and error are these files."""
    from textseq.cli import main

    signal.alarm(SECONDS)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(files):
        os.dup2(os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY), number)
    os.chdir(folder)
    sys.argv = arguments
    main()


if __name__ == "__main__":
    serve(*(os.fdopen(int(number), mode) for number, mode in zip(sys.argv[1:], "rw", strict=True)))
