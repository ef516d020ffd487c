"""R inside of this Python process, through rpy2: started once, refused where it would crash."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

INSTALL = (
    'install R (Debian: apt-get install r-base-dev), and after it pip install "textseq[r]"; '
    "R 4.2 and its like need rpy2==3.6.6 and rpy2-rinterface==3.6.5"
)
# reticulate before does not hold Python's lock where rpy2 expects it.
TOGETHER = (1, 41)


def start_r(purpose: str) -> Any:
    """Start R, unless it runs.

    Parameters
    ----------
    purpose : str
        What R is needed for, as the subject of error messages.

    Returns
    -------
    module
        ``rpy2.rinterface``.

    Raises
    ------
    ImportError
        If rpy2 or R is missing, or they do not fit each other.
    RuntimeError
        If called from another thread than the main one, or from a Python that an older
        reticulate runs inside of R.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(f"R can only be called from the main thread, not for {purpose}")
    version = reticulate_version()
    if version is not None and version < TOGETHER:
        shown = ".".join(map(str, version))
        raise RuntimeError(
            f"{purpose} would call R from a Python that runs inside of R, and with reticulate "
            f"{shown} that ends the process; call R itself, run this code in a Python of its "
            'own, or install.packages("reticulate") for 1.41 or newer'
        )
    try:
        from rpy2 import rinterface

        with _library_path_kept():
            rinterface.initr()
    except Exception as error:
        # Beside an ImportError: rpy2 raises others where it does not find R, or one too old.
        raise ImportError(f"{purpose} needs R and rpy2 ({error}): {INSTALL}") from error
    return rinterface


@contextmanager
def _library_path_kept() -> Iterator[None]:
    """Keep R's libraries out of the environment of the processes that this one starts.

    Another Python would load what lies beside them in place of its own.
    """
    name = "LD_LIBRARY_PATH"
    before = os.environ.get(name)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


def require_package(interface: Any, package: str, purpose: str) -> None:
    """Load one of R's packages.

    Parameters
    ----------
    interface : module
        What ``start_r`` returns.
    package : str
    purpose : str
        What it is needed for.

    Raises
    ------
    ImportError
        If R has no such package.
    """
    there = interface.evalr(
        "function(name) suppressPackageStartupMessages(requireNamespace(name, quietly = TRUE))"
    )
    if not there(interface.StrSexpVector([package]))[0]:
        raise ImportError(
            f"R has no package {package}, which {purpose} needs: in R, "
            f'install.packages("{package}"), or on Debian apt-get install r-cran-{package.lower()}'
        )


def reticulate_version() -> tuple[int, ...] | None:
    """Return the version of the reticulate that runs this Python inside of R; None outside."""
    if "rpycall" not in sys.modules:
        return None
    # reticulate's own module, in the folder of the R package.
    folder = Path(str(sys.modules["rpytools"].__file__)).parents[2]
    description = (folder / "DESCRIPTION").read_text(errors="replace")
    found = re.search(r"^Version: *([\d.\-]+)", description, re.MULTILINE)
    return tuple(map(int, re.split(r"[.\-]", found[1]))) if found else (0,)
