import ctypes
import re
from pathlib import Path

import pytest

from textseq.kernels import library
from textseq.kernels.layout import Layer
from textseq.kernels.library import kernels
from textseq.kernels.signatures import SIGNATURES, declare

# Result, name and arguments of a function that other files can call.
DEFINITION = re.compile(r"^(?!static|INLINE|#)([\w ]+[ *])(\w+)\(([^)]*)\) \{", re.MULTILINE)
C_TYPES = {
    None: "void",
    ctypes.c_int: "int",
    ctypes.c_int64: "int64_t",
    ctypes.c_float: "float",
    ctypes.c_double: "double",
    ctypes.c_void_p: "pointer",
    ctypes.c_char_p: "pointer",
    ctypes.POINTER(Layer): "Layer",
}


def type_of(declaration):
    """What is declared, without the name it is given."""
    names = declaration.replace("const ", "").split()
    return "pointer" if "*" in declaration and names[0] != "Layer" else names[0]


def test_all_functions_are_declared_as_they_are_defined():
    defined = {}
    for path in Path(library.__file__).parent.glob("*.c"):
        for result, name, arguments in DEFINITION.findall(path.read_text()):
            taken = [] if arguments == "void" else arguments.split(",")
            defined[name] = type_of(result), [type_of(argument) for argument in taken]
    declared = {
        name: (C_TYPES[result], [C_TYPES[argument] for argument in arguments])
        for name, (result, arguments) in SIGNATURES.items()
    }
    assert declared == defined


@pytest.mark.skipif(kernels() is None, reason="needs compiled kernels")
def test_what_a_build_lacks_is_named(monkeypatch):
    build = kernels()
    monkeypatch.setitem(SIGNATURES, "no_such_kernel", (None, []))
    assert declare(build) == ["no_such_kernel"]
