"""How far a fit is, where there is no terminal."""

import subprocess
import sys

FIT = """
from textseq import TextClassifier
TextClassifier(encoder="mean", max_epochs=3, patience=None, n_threads=1, random_state=0,
               verbose={verbose}).fit(["so good", "so bad"] * 110, [1, 0] * 110)
"""


def written(verbose):
    done = subprocess.run(
        [sys.executable, "-c", FIT.format(verbose=verbose)], capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stdout == "", done.stderr
    return done.stderr.splitlines()


def test_verbose_writes_a_line_an_epoch_to_stderr_and_quiet_none():
    lines = written(1)
    assert [line.split(" loss")[0] for line in lines] == [
        f"mean: epoch {epoch}/3" for epoch in (1, 2, 3)
    ]
    assert all(" validation " in line and line.endswith(" s") for line in lines)
    assert written(0) == []
