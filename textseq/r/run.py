"""R code run from Python with R's textseq, in an R of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textseq.r.datasets import pandas_value
from textseq.r.serialization import pack, unpack
from textseq.r.wire import decode, encode

# Seconds that an R that was told to end has for it.
PATIENCE = 5.0
# Lines of R's output that tell of its end, if nothing else does.
LAST_LINES = 10


def run_r(code: str | Path, data: Mapping[str, Any] | None = None) -> Any:
    """Run R code that has R's textseq attached, and return what its last expression gives.

    R runs in a process of its own, whose Python is this one. That works with every reticulate,
    an end of R is not one of Python, and rpy2 is not needed; nothing stays from one call to the
    next.

    Parameters
    ----------
    code : str or Path
        R code, or a file of it. What it prints is printed.
    data : dict of str to value, optional
        Variables of the code. A frame is a tibble in R, a Categorical a factor, an array a
        vector or matrix, a list a vector or list.

    Returns
    -------
    value
        As ``to_pandas`` returns it: vectors are Series, of any length; lists with names dicts.

    Warns
    -----
    UserWarning
        What R warned of.

    Raises
    ------
    ImportError
        If R or its package textseq is missing.
    RuntimeError
        With R's message if the code fails, cannot be parsed, or gives what Python has no form for.
    TypeError, OverflowError
        If R has no form for the data.

    Examples
    --------
    ``run_r("sum(x) / n", {"x": [1, 2, 3], "n": 4}).item()`` is 1.5.
    """
    rscript = shutil.which("Rscript")
    if rscript is None:
        raise ImportError(
            "run_r needs R, and there is no Rscript on the search path: install R "
            "(Debian: apt-get install r-base-dev r-cran-reticulate)"
        )
    lines = code.read_text(encoding="utf-8") if isinstance(code, Path) else code
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "code.R").write_text(lines, encoding="utf-8")
        (place / "data.rds").write_bytes(pack(encode(dict(data or {}))))
        here = Path(__file__).parent
        printed, status = _run([rscript, str(here / "run.R"), folder, str(here)])
        path = place / "answer.rds"
        if not path.exists():
            raise RuntimeError(
                f"R ended with status {status} before the code was through; the last it "
                f"printed:\n{printed}"
            )
        answer = unpack(path.read_bytes())
    if "missing" in answer:
        raise ImportError(
            "R has no package textseq: install it from the folder r/ of textseq's checkout, "
            "R CMD INSTALL r"
        )
    if "error" in answer:
        raise RuntimeError(f"R: {answer['error']}")
    for note in answer["warnings"]:
        warnings.warn(f"R: {note}", stacklevel=2)
    return pandas_value(decode(answer["value"]))


def _run(command: list[str]) -> tuple[str, int]:
    """Run R, print what it prints, and return the last of it and the status."""
    environment = os.environ | {"TEXTSEQ_PYTHON": sys.executable}
    last: list[str] = []
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                sys.stdout.write(line)
                last = [*last, line][-LAST_LINES:]
            return "".join(last), process.wait()
        except BaseException:
            # Ctrl-C above all: no R goes on by itself.
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
