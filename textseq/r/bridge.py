"""The one door by which R calls Python: a function's name and its arguments in, a reply out."""

from __future__ import annotations

import importlib
import re
import signal
import traceback
import warnings
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from textseq.message_language import in_r_words
from textseq.training.interrupt import heard_by

# All else is read while Ctrl-C is held: numpy or torch read by half can't be read again.
if TYPE_CHECKING:
    from textseq.r.wire import Wire

# Where each function lies; a module is read when it is first called.
HOME = {
    "api_estimate": "textseq.r.embedders",
    "ask": "textseq.r.models",
    "attention_of": "textseq.r.sequences",
    "backtest_forecasts": "textseq.r.forecasts",
    "compare_forecasters": "textseq.r.comparison",
    "compare_models": "textseq.r.comparison",
    "corpus_score": "textseq.r.sequences",
    "cut_texts": "textseq.r.represent",
    "echo": "textseq.r.models",
    "embed_api": "textseq.r.embedders",
    "embed_mean": "textseq.r.represent",
    "embed_transformer": "textseq.r.embedders",
    "evaluate": "textseq.r.evaluation",
    "evaluate_answers": "textseq.r.sequences",
    "fit": "textseq.r.models",
    "image_attention": "textseq.r.sequences",
    "inspect": "textseq.r.inspection",
    "inspect_untrained": "textseq.r.inspection",
    "forecast": "textseq.r.forecasts",
    "knows": "textseq.r.models",
    "learn_tokenizer": "textseq.r.represent",
    "learn_vocabulary": "textseq.r.represent",
    "long_series": "textseq.r.models",
    "names_files": "textseq.r.text_files",
    "make_vectors": "textseq.r.represent",
    "nearest_words": "textseq.r.represent",
    "open_model": "textseq.r.models",
    "open_vectors": "textseq.r.represent",
    "parameter_defaults": "textseq.r.models",
    "parameter_help": "textseq.r.parameter_help",
    "sample": "textseq.r.represent",
    "sample_names": "textseq.r.represent",
    "several_answers": "textseq.r.sequences",
    "answers_found": "textseq.r.sequences",
    "spans_said": "textseq.r.sequences",
    "symbol_probabilities": "textseq.r.sequences",
    "symbols_heard": "textseq.r.sequences",
    "train_vectors": "textseq.r.represent",
    "update_model": "textseq.r.models",
    "vector_coverage": "textseq.r.represent",
    "vector_rows": "textseq.r.represent",
    "versions_here": "textseq.r.models",
    "write_lab": "textseq.r.pages",
    "write_page": "textseq.r.pages",
    "write_report": "textseq.r.comparison",
    "weights": "textseq.r.inspection",
}
Progress = Callable[[int, int, float, float], Any]


def call(name: str, arguments: Wire, progress: Progress | None = None) -> dict[str, Any]:
    """Call a function of this package for R.

    Parameters
    ----------
    name : str
        One of ``HOME``.
    arguments : dict
        A named list in the wire's form.
    progress : callable, optional
        Called now and then while a network trains, with (epoch, epochs, share done, loss);
        tells whether the training should stop.

    Returns
    -------
    dict
        ``value`` in the wire's form, or ``error``: the message, the names of the exception's
        classes, and its traceback. Beside them ``warnings``, their messages and categories.
        Nothing is raised, since what reticulate makes of exceptions differs by version.
    """
    reply: dict[str, Any] = {}
    ctrl_c = _CtrlC()
    with heard_by(ctrl_c), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            reply["value"] = _value(name, arguments, progress, ctrl_c)
        except (Exception, KeyboardInterrupt) as cause:
            ctrl_c.held = True
            # A library may have made another error of Ctrl-C.
            error = KeyboardInterrupt() if ctrl_c.noted else cause
            reply["error"] = {
                "message": in_r_words(_message(error) or type(error).__name__),
                "classes": [_snake(kind.__name__) for kind in type(error).__mro__[:-2]],
                "traceback": traceback.format_exc(),
            }
    reply["warnings"] = [
        {"message": in_r_words(str(note.message)), "category": _snake(note.category.__name__)}
        for note in caught
        if not issubclass(note.category, DeprecationWarning | PendingDeprecationWarning)
    ]
    return reply


class _CtrlC:
    """Ctrl-C as KeyboardInterrupt, or held back.

    R's own handler, and reticulate's, would jump out through Python's frames.
    """

    def __init__(self) -> None:
        self.held = True
        self.noted = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.noted = True
        if not self.held:
            raise KeyboardInterrupt

    def release(self) -> None:
        self.held = False
        if self.noted:
            raise KeyboardInterrupt

    def hold(self) -> None:
        """Hold it back from now on; one that a library has swallowed goes on."""
        self.held = True
        if self.noted:
            raise KeyboardInterrupt


def _value(name: str, arguments: Wire, progress: Progress | None, ctrl_c: _CtrlC) -> Wire:
    from textseq.message_language import speaking_r
    from textseq.r.environment import take_over_environment
    from textseq.r.torch_import import import_torch
    from textseq.r.wire import decode, encode
    from textseq.training.progress import reporting

    take_over_environment()
    import_torch()
    function = getattr(importlib.import_module(HOME[name]), name)
    ctrl_c.release()
    with speaking_r(), reporting(progress and _guarded(progress)):
        value = encode(function(**decode(arguments)))
    ctrl_c.hold()
    return value


def _guarded(progress: Progress) -> Progress:
    """Let an interrupt that R notices while it draws its bar be Ctrl-C for the training."""

    def report(*figures: Any) -> None:
        if progress(*figures):
            signal.raise_signal(signal.SIGINT)

    return report


def _message(error: BaseException) -> str:
    """Return what an exception says; a KeyError's own str() puts it into quotes."""
    return str(error.args[0] if isinstance(error, KeyError) and error.args else error)


def _snake(name: str) -> str:
    """Return ``ValueError`` as ``value_error``, as R names classes of conditions."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
