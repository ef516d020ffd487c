"""How a parameter is declared: once, with its type, its default, its bounds and a line of help.

From the declaration come the signature of every estimator that has the parameter, the check of
its values, the "Parameters" of its help, which values may be "auto", and what R tells of it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, make_dataclass, replace
from functools import partial
from itertools import count as counting
from typing import Any, TypeVar, cast, dataclass_transform

from textseq.checks import check_choice, check_count, check_flag, check_number

C = TypeVar("C", bound=type)
_WIDTH = 100  # characters of a line of help
_order = counting()


@dataclass(frozen=True)
class Rule:
    """What the values of a parameter may be.

    Parameters
    ----------
    words : str
        What documentation calls their type.
    check : callable, optional
        (name, value) -> anything; raises ValueError that names both, and says what to do.
    choices : tuple of str
        Names that it may be, in place of ``check``.
    several : bool
        Whether its values are tuples, which files and R hold as lists.
    or_one : bool
        Whether they may be a lone value as well, which R has as a vector of one.
    """

    words: str
    check: Callable[[str, Any], object] | None = None
    choices: tuple[str, ...] = ()
    several: bool = False
    or_one: bool = False


def count(least: int = 1) -> Rule:
    """Return the rule of whole numbers."""
    return Rule("int", lambda name, value: check_count(name, value, least))


def number(least: float = 0.0, *, under: float = float("inf"), above: bool = False) -> Rule:
    """Return the rule of numbers in [least, under), or (least, under) if ``above``."""
    return Rule("float", lambda name, value: check_number(name, value, least, under, above))


def one_of(*choices: str) -> Rule:
    """Return the rule of a closed list of names."""
    return Rule("{" + ", ".join(f'"{choice}"' for choice in choices) + "}", choices=choices)


FLAG = Rule("bool", check_flag)
SHARE = number(under=1.0)
ABOVE_ZERO = number(above=True)


@dataclass(frozen=True)
class Parameter:
    """One parameter of an estimator.

    Parameters
    ----------
    default : value
    rule : Rule
    help : str
        What it is for, as numpydoc has it.
    positional : bool
        Whether it may be given without its name, as the first.
    name : str
    annotation : str or type
    order : tuple
        By which signatures and help are sorted.
    """

    default: Any
    rule: Rule
    help: str
    positional: bool = False
    name: str = ""
    annotation: Any = ""
    order: tuple[int, int] = (0, 0)

    @property
    def auto(self) -> bool:
        """Whether its default is "auto", which is decided at ``fit``."""
        return isinstance(self.default, str) and self.default == "auto"

    @property
    def optional(self) -> bool:
        """Whether it may be None."""
        return "None" in str(self.annotation).split(" | ")

    @property
    def type(self) -> str:
        """What it may be, as documentation has it."""
        words = [self.rule.words]
        words += ['"auto"'] if self.auto and '"auto"' not in words[0] else []
        words += ["None"] if self.optional and "None" not in words[0] else []
        return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]

    def check(self, value: Any) -> None:
        """Raise ValueError unless the parameter may have the value."""
        if (value is None and self.optional) or (self.auto and is_auto(value)):
            return
        if self.rule.choices:
            choices = ("auto", *self.rule.choices) if self.auto else self.rule.choices
            check_choice(self.name, value, choices, or_none=self.optional)
        elif self.rule.check is not None:
            self.rule.check(self.name, value)


def is_auto(value: Any) -> bool:
    """Whether a value is left to a recipe; arrays and frames are not."""
    return isinstance(value, str) and value == "auto"


def param(rule: Rule, help: str, *, default: Any, kw_only: bool = True) -> Any:
    """Declare a parameter, in the body of a class that is ``declared``."""
    return Parameter(default, rule, help, positional=not kw_only)


def changed(
    note: str = "",
    *,
    default: Any,
    help: str | None = None,
    rule: Rule | None = None,
    kw_only: bool = True,
) -> Any:
    """Give an inherited parameter another default, a sentence more, or another rule."""
    return partial(_change, note=note, default=default, help=help, rule=rule, kw_only=kw_only)


@dataclass_transform(kw_only_default=True, field_specifiers=(param, changed))
def declared(cls: C) -> C:
    """Make a class of its declared parameters, and those it inherits.

    It gets an ``__init__`` with all of them, which keeps what it is given, as scikit-learn
    expects, and their help in place of the line ``{parameters}`` of its docstring.

    Examples
    --------
    >>> @declared
    ... class Small:
    ...     units: int = param(count(), "Units of a layer.", default=8)
    >>> Small(units=3).units
    3
    >>> parameters_of(Small)["units"].check(0)
    Traceback (most recent call last):
    ValueError: units must be a whole number of at least 1, got 0
    """
    inherited = parameters_of(cls)
    own = {
        name: replace(_own(given, inherited.get(name), cls), name=name, annotation=annotation)
        for name, annotation in cls.__dict__.get("__annotations__", {}).items()
        if isinstance(given := cls.__dict__.get(name), Parameter | partial)
    }
    cls._declared = own  # type: ignore[attr-defined]
    for name, parameter in own.items():
        setattr(cls, name, parameter.default)
    everything = parameters_of(cls)
    made = make_dataclass(
        cls.__name__,
        [
            (name, one.annotation, field(default=one.default, kw_only=not one.positional))
            for name, one in everything.items()
        ],
        eq=False,
        repr=False,
    )
    init = cast(Any, made).__init__
    init.__qualname__, init.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    cls.__init__ = init  # type: ignore[misc]
    if cls.__doc__:
        cls.__doc__ = cls.__doc__.replace("{parameters}", help_of(everything))
    return cls


def parameters_of(kind: type) -> dict[str, Parameter]:
    """Return the parameters of a class by name, in the order of its signature."""
    found: dict[str, Parameter] = {}
    for base in reversed(kind.__mro__):
        found |= base.__dict__.get("_declared", {})
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def check_parameters(kind: type, values: Mapping[str, Any]) -> None:
    """Check values, by name, one by one: each by its own bounds.

    Raises
    ------
    ValueError
        Names the parameter, its value and what it may be.
    """
    for name, parameter in parameters_of(kind).items():
        parameter.check(values[name])


def help_of(parameters: Mapping[str, Parameter]) -> str:
    """Return what parameters are for, as the section "Parameters" of a docstring has it."""
    lines = ["Parameters", "    ----------"]
    for name, parameter in parameters.items():
        default = f'"{parameter.default}"'
        if not isinstance(parameter.default, str):
            default = repr(parameter.default)
        line, text = f"    {name} : {parameter.type}, default {default}", parameter.help
        if len(line) > _WIDTH and parameter.rule.choices:
            # The names do not fit behind it.
            line, text = f"    {name} : str, default {default}", f"{parameter.type}: {text}"
        lines.append(line)
        lines += textwrap.wrap(
            text, _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
    return "\n".join(lines)


def _own(given: Parameter | partial[Parameter], base: Parameter | None, cls: type) -> Parameter:
    """Complete what a class body says of a parameter, which it may have from a base."""
    if isinstance(given, partial):
        return given(base)
    # What a task declares itself stands before what all share.
    shared = cls.__module__.endswith(".parameters")
    return replace(given, order=(int(shared), next(_order)))


def _change(
    base: Parameter, note: str, default: Any, help: str | None, rule: Rule | None, kw_only: bool
) -> Parameter:
    text = f"{base.help if help is None else help} {note}".strip()
    return replace(base, default=default, help=text, rule=rule or base.rule, positional=not kw_only)
