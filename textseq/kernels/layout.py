"""The memory that Python and C share, and the numbers they call things by, as in ``layout.h``."""

from __future__ import annotations

import ctypes
from enum import IntEnum

_INT64, _POINTER = ctypes.c_int64, ctypes.c_void_p
_TYPES_IN_C = {_INT64: "int64_t", _POINTER: "pointer"}

# Columns of weights' gradients come in multiples of it, and reading may go so far beyond.
SLACK = 64


class CellKind(IntEnum):
    """The recurrent cells; JANET is an LSTM with a forget gate alone."""

    RNN_TANH = 0
    RNN_RELU = 1
    LSTM = 2
    GRU = 3
    JANET = 4


class LossKind(IntEnum):
    """What a bag of vectors is trained on."""

    CROSS_ENTROPY = 0
    BINARY_CROSS_ENTROPY = 1
    SQUARED_ERROR = 2


class LineKind(IntEnum):
    """What a line of a file of word vectors turned out to be."""

    BLANK = 0
    SOUND = 1
    DOUBTFUL = 2
    TOO_LONG = 3


class Layer(ctypes.Structure):
    """One direction of a recurrent layer and its batch; ``layout.h`` has the shapes."""

    _fields_ = [
        ("cell", _INT64),
        ("reverse", _INT64),
        ("n_rows", _INT64),
        ("n_steps", _INT64),
        ("n_slots", _INT64),
        ("inputs", _INT64),
        ("units", _INT64),
        ("order", _POINTER),
        ("lengths", _POINTER),
        ("weight_ih", _POINTER),
        ("weight_hh", _POINTER),
        ("bias_ih", _POINTER),
        ("bias_hh", _POINTER),
        ("x", _POINTER),
        ("x_row", _INT64),
        ("x_step", _INT64),
        ("index", _POINTER),
        ("n_table", _INT64),
        ("start_h", _POINTER),
        ("start_c", _POINTER),
        ("states", _POINTER),
        ("states_row", _INT64),
        ("states_step", _INT64),
        ("end_h", _POINTER),
        ("end_c", _POINTER),
        ("gates", _POINTER),
        ("operands", _POINTER),
        ("cells", _POINTER),
        ("grad_states", _POINTER),
        ("grad_end_h", _POINTER),
        ("grad_end_c", _POINTER),
        ("grad_states_row", _INT64),
        ("grad_states_step", _INT64),
        ("grad_x", _POINTER),
        ("grad_start_h", _POINTER),
        ("grad_start_c", _POINTER),
        ("grad_bias", _POINTER),
        ("grad_weight_hh", _POINTER),
        ("grad_weight_ih", _POINTER),
    ]


def layout_differences(library: ctypes.CDLL) -> list[str]:
    """Say where a build's layout is another than the one in this file.

    Parameters
    ----------
    library : CDLL
        With its functions declared.

    Returns
    -------
    list of str
        Empty if the two are the same.
    """
    built = {
        library.layout_name(entry).decode(): library.layout_value(entry)
        for entry in range(library.layout_size())
    }
    own = _own_layout()
    return [
        f"{name} is {built.get(name, 'missing')} in C, {own.get(name, 'missing')} in Python"
        for name in own | built
        if built.get(name) != own.get(name)
    ]


def _own_layout() -> dict[str, int]:
    """Return what is in this file, by the names that ``layout.c`` gives to it."""
    layout = {"SLACK": SLACK}
    for kinds in (CellKind, LossKind, LineKind):
        layout |= {f"{kinds.__name__}.{kind.name}": kind for kind in kinds}
        layout[f"len({kinds.__name__})"] = len(kinds)
    layout["sizeof(Layer)"] = ctypes.sizeof(Layer)
    for name, field_type, *_ in Layer._fields_:
        layout[f"{_TYPES_IN_C[field_type]} Layer.{name}"] = getattr(Layer, name).offset
    return layout
