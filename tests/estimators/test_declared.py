"""Every parameter is declared once, and from that comes all that is said and checked of it."""

import ast
import inspect
from collections import Counter
from pathlib import Path

import pytest

import textseq
from textseq.estimators.declared import Rule, changed, count, declared, param, parameters_of
from textseq.estimators.load import KINDS, kind_named

FOLDER = Path(textseq.__file__).parent / "estimators"
EVERY = [(kind, name) for kind in KINDS for name in parameters_of(kind_named(kind))]


def calls(function):
    """Return the names of all parameters that are declared by calls of a function."""
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(getattr(node, "value", None), "func", None)
            if isinstance(node, ast.AnnAssign) and getattr(called, "id", "") == function:
                yield node.target.id


def test_every_parameter_is_declared_once():
    found = Counter(calls("param"))
    assert [name for name, times in found.items() if times > 1] == []
    assert set(found) == {name for _, name in EVERY}
    assert set(calls("changed")) <= set(found)


@pytest.mark.parametrize("kind", KINDS)
def test_help_explains_every_parameter(kind):
    estimator = kind_named(kind)
    told = inspect.getdoc(estimator)
    lines = told[: told.index("Attributes\n")].splitlines()
    assert "{parameters}" not in told
    for name, parameter in parameters_of(estimator).items():
        (row,) = [row for row, line in enumerate(lines) if line.startswith(f"{name} : ")]
        told_here = " ".join(lines[row : row + 3])
        assert parameter.type and all(word in told_here for word in parameter.type.split())
        assert lines[row + 1].startswith("    ") and len(lines[row + 1]) > 8
        for pointer in ("Likewise", "As in", "as in ``"):
            assert pointer not in parameter.help
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_defaults_are_among_what_a_parameter_may_be(kind, name):
    parameter = parameters_of(kind_named(kind))[name]
    parameter.check(parameter.default)
    if parameter.rule.choices and not parameter.optional:
        with pytest.raises(ValueError, match=f"unknown {name} 'none of these'"):
            parameter.check("none of these")


def test_signatures_begin_with_what_is_positional():
    for kind in KINDS:
        signature = list(inspect.signature(kind_named(kind)).parameters.values())
        assert [one.kind for one in signature].count(inspect.Parameter.POSITIONAL_OR_KEYWORD) == 1
        assert signature[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        with pytest.raises(TypeError, match=rf"{kind}.__init__\(\) got an unexpected .*'unit'"):
            kind_named(kind)(unit=1)


@declared
class Base:
    """Has one parameter.

    {parameters}
    """

    size: int | str | None = param(count(2), "How large it is.", default=3)


@declared
class Derived(Base):
    """Changes it.

    {parameters}
    """

    size: int | str = changed("By itself, if told nothing.", default="auto")


@declared
class Other(Base):
    """Has another rule, and a parameter of its own before those it shares."""

    size: int = changed(default=9, rule=Rule("int"), help="Anything.")
    own: str = param(Rule("str"), "Its own.", default="", kw_only=False)


def test_a_class_changes_what_it_inherits_and_nothing_else():
    assert (Base().size, Derived().size, Other().size) == (3, "auto", 9)
    base, derived, other = (parameters_of(kind)["size"] for kind in (Base, Derived, Other))
    assert (base.type, derived.type, other.type) == ("int or None", 'int or "auto"', "int")
    assert derived.help == "How large it is. By itself, if told nothing."
    assert other.help == "Anything."
    assert {name: one.positional for name, one in parameters_of(Other).items()} == {
        "size": False, "own": True
    }  # fmt: skip
    assert "size : int or None, default 3\n        How large it is." in Base.__doc__
    assert Other("x", size=1).own == "x"


def test_a_value_is_checked_by_its_own_bounds():
    base, derived, other = (parameters_of(kind)["size"] for kind in (Base, Derived, Other))
    for one, fits in ((base, (None, 2)), (derived, ("auto", 2)), (other, (None, "auto", -1))):
        for value in fits:
            one.check(value)
    for one, wrong in ((base, 1), (base, "auto"), (derived, None), (derived, 1.5)):
        with pytest.raises(ValueError, match="size must be a whole number of at least 2, got"):
            one.check(wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_every_fit_says_how_it_is_kept_and_shared(kind):
    told = inspect.getdoc(kind_named(kind).fit)
    assert "{sharing}" not in told
    assert "checkpoint : path-like" in told and "\ndistributed : Distributed" in told
