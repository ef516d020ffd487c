"""What each function of the compiled kernels takes and returns."""

from __future__ import annotations

import ctypes
from typing import Any

from textseq.kernels.layout import Layer

_INT, _INT64, _FLOAT, _DOUBLE = ctypes.c_int, ctypes.c_int64, ctypes.c_float, ctypes.c_double
_POINTER, _BYTES, _LAYER = ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(Layer)

# By file: the result, then the arguments, in the order of the C definition.
SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    # bags.c
    "number_ids": (_INT64, [*[_POINTER] * 3, _INT64, _POINTER, _POINTER, _INT64]),
    "forget_ids": (None, [_POINTER, _POINTER, _INT64]),
    "bag_gradients": (
        _DOUBLE,
        [
            _POINTER, _INT64, _POINTER, _POINTER, _POINTER, _INT64, _POINTER, _FLOAT, _POINTER,
            _FLOAT, _POINTER, _POINTER, _INT64, _INT, _POINTER, _POINTER, _FLOAT, _POINTER, _INT64,
            *[_POINTER] * 4,
        ],
    ),
    # cpu.c
    "runs_avx512": (_INT, []),
    "runs_avx2": (_INT, []),
    # layout.c
    "layout_size": (_INT64, []),
    "layout_name": (_BYTES, [_INT64]),
    "layout_value": (_INT64, [_INT64]),
    # ngrams.c
    "append_ngrams": (None, [_POINTER, _POINTER, *[_INT64] * 4, _POINTER, _POINTER]),
    # pooling.c
    "max_over_time": (
        None, [_POINTER, _INT64, _INT64, _POINTER, _INT64, _INT64, _POINTER, _POINTER],
    ),
    # ragged.c
    "copy_rows": (None, [_POINTER, _POINTER, _INT64, _INT64, _POINTER, _POINTER]),
    # recurrent.c
    "recurrent_is_worthwhile": (_INT, []),
    "recurrent_padded_units": (_INT64, [_INT64, _INT64]),
    "recurrent_sums": (_INT64, [_INT64]),
    "recurrent_forward": (_INT, [_LAYER]),
    "recurrent_forward_both": (_INT, [_LAYER]),
    "recurrent_backward": (_INT, [_LAYER]),
    # regression.c
    "fit_logistic": (
        _INT64,
        [*[_POINTER] * 3, _INT64, _INT64, *[_POINTER] * 2, *[_DOUBLE] * 3, _INT64,
         *[_POINTER] * 7],
    ),
    # rows.c
    "adam_rows": (None, [*[_POINTER] * 4, _INT64, _INT64, _POINTER, *[_FLOAT] * 7]),
    "sgd_rows": (None, [*[_POINTER] * 3, _INT64, _INT64, _POINTER, *[_FLOAT] * 3]),
    "sum_of_squares": (_DOUBLE, [_POINTER, _INT64]),
    # vectors.c
    "vectors_read": (_INT64, [_BYTES, *[_INT64] * 3, *[_POINTER] * 4]),
    # words.c
    "words_open": (_POINTER, []),
    "words_close": (None, [_POINTER]),
    "words_cut": (_INT, [_POINTER, _BYTES, _POINTER, _POINTER, _INT64, _INT, _POINTER]),
    "words_number": (_INT64, [_POINTER, _BYTES, _POINTER, _INT64, _POINTER]),
    "words_size": (None, [_POINTER] * 3),
    "words_read": (None, [_POINTER] * 3),
    "words_count": (None, [_POINTER, _POINTER, _INT64, *[_POINTER] * 3]),
    "words_pairs": (_INT64, [_POINTER, _INT64, _POINTER, _POINTER]),
}  # fmt: skip


def declare(library: ctypes.CDLL) -> list[str]:
    """Tell ctypes the signatures of a build's functions; return the names of those it lacks."""
    missing = []
    for name, (result, arguments) in SIGNATURES.items():
        function = getattr(library, name, None)
        if function is None:
            missing.append(name)
        else:
            function.restype, function.argtypes = result, arguments
    return missing
