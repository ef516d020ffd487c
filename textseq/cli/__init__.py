"""The command line, ``textseq``: one module a command."""

import gc
import os
import sys
import traceback
import warnings
from typing import TextIO

from textseq.cli.option_words import option_words


def main() -> None:
    """Run the command line; what goes wrong is one line on standard error.

    Exit codes: 0, 2 for what the user can mend (options, files, data), 130
    after Ctrl-C, 1 for an error of textseq's own.
    """
    warnings.showwarning = _show_warning
    try:
        from textseq.cli.app import app
        from textseq.cli.progress import progress_lines

        with progress_lines():
            code = app(standalone_mode=False)
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        code = _report(error)
    # At its end Python looks for cycles among all that torch and scikit-learn have made, which
    # takes a second or two; the system frees it in any case.
    gc.freeze()
    sys.exit(code if isinstance(code, int) else 0)


def _report(error: Exception) -> int:
    if os.environ.get("TEXTSEQ_DEBUG"):
        traceback.print_exception(error)
    # Errors in the options, under whatever class the installed typer raises them.
    usage = getattr(error, "format_message", None)
    if usage is not None:
        command = getattr(getattr(error, "ctx", None), "command_path", "textseq")
        # There is no message where a bare command has just shown its help.
        if message := usage().removesuffix("."):
            _say(f"{message} (see {command} --help)")
        return 2
    if isinstance(error, OSError) and error.filename is not None:
        _say(f"{error.filename}: {error.strerror}")
        return 2
    # What is not installed is named by an ImportError.
    if isinstance(error, ValueError | OSError | ImportError):
        _say(option_words(str(error)))
        return 2
    _say(
        f"internal error: {type(error).__name__}: {error}; "
        "the command again with TEXTSEQ_DEBUG=1 shows where"
    )
    return 1


def _say(message: str) -> None:
    # typer has put a pipe's broken end out of the way by now, so this cannot fail again.
    print("textseq:", " ".join(message.split()), file=sys.stderr)  # noqa: T201


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    if issubclass(category, UserWarning) or os.environ.get("TEXTSEQ_DEBUG"):
        _say(f"warning: {option_words(str(message))}")
