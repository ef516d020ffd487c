"""The lines of Python files, told apart, and the places that stand there twice."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, takewhile
from typing import NamedTuple

# Tokens that alone make no line of code.
LAYOUT = (
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
)
SHORTEST = 6
# Calls that declare a parameter: their help is what a docstring would tell.
DECLARING = ("param", "changed")


class Count(NamedTuple):
    """Lines of one file or of several; all but ``imports``, a part of ``code``, add up."""

    code: int
    imports: int
    docstrings: int
    comments: int
    blank: int


class Place(NamedTuple):
    """Lines that stand in two places; each begins at a line of its file."""

    first: str
    first_line: int
    second: str
    second_line: int
    length: int


@dataclass(frozen=True)
class Source:
    """One file's line numbers by kind, and its code without comments.

    Parameters
    ----------
    code : dict
        The code on each line that has some, by number. A string over several lines is code on
        all of them, unless it is a docstring, or the help of a declared parameter.
    comments, docstrings, imports, signatures : set of int
        Lines that are a comment alone; of docstrings, blank ones within them too; of import
        statements; of a function's header behind the first.
    length : int
        All lines.
    """

    code: dict[int, str]
    comments: set[int]
    docstrings: set[int]
    imports: set[int]
    signatures: set[int]
    length: int

    def count(self) -> Count:
        """Return how many lines there are of each kind."""
        filled = len(self.code) + len(self.comments) + len(self.docstrings)
        return Count(
            len(self.code),
            len(self.imports),
            len(self.docstrings),
            len(self.comments),
            self.length - filled,
        )

    def telling(self) -> dict[int, str]:
        """Return the code that could tell two places apart, white space made one.

        Left out is what is boilerplate: imports; parameter lists, which are a function header's
        lines behind its first; lines of brackets alone. ``self.x = x`` and ``x=x,`` do tell.
        """
        boilerplate = self.imports | self.signatures
        return {
            number: " ".join(line.split())
            for number, line in self.code.items()
            if number not in boilerplate and re.search(r"\w", line)
        }


def read_source(text: str) -> Source:
    """Tell the lines of a file's text apart."""
    lines = text.splitlines()
    filled, ends = set(), {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            ends[token.start[0]] = token.start[1]
        elif token.type not in LAYOUT:
            filled.update(range(token.start[0], token.end[0] + 1))
    docstrings, imports, signatures = set(), set(), set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.update(_lines_of(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            signatures.update(range(node.lineno + 1, node.body[0].lineno))
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            docstrings.update(_lines_of(node.body[0]))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in DECLARING:
            texts = [one for one in ast.walk(node) if isinstance(one, ast.Constant)]
            docstrings.update(
                number
                for text in texts
                if isinstance(text.value, str)
                for number in _lines_of(text)
                if _is_text(lines[number - 1])
            )
    return Source(
        {number: lines[number - 1][: ends.get(number)] for number in sorted(filled - docstrings)},
        set(ends) - filled,
        docstrings,
        imports,
        signatures,
        len(lines),
    )


def add_counts(counts: Iterable[Count]) -> Count:
    """Return the sum of several counts, kind by kind."""
    return Count(*(sum(column) for column in zip(*counts, strict=True)))


def repeated_places(sources: Mapping[str, Source], shortest: int = SHORTEST) -> list[Place]:
    """Find equal runs of ``shortest`` telling lines or more, in two files or in one.

    A run is taken as long as it gets and is one place; what stands in three files is three
    pairs. Lines are those of ``Source.telling``: what it leaves out neither counts nor parts a
    run, and a run may pass from one function into the next.

    Parameters
    ----------
    sources : mapping
        Files by name.
    shortest : int
        Lines of the shortest run that counts.
    """
    telling = {name: list(source.telling().items()) for name, source in sources.items()}
    windows: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for name, lines in telling.items():
        for start in range(len(lines) - shortest + 1):
            window = tuple(line for _, line in lines[start : start + shortest])
            windows.setdefault(window, []).append((name, start))
    return sorted(
        Place(
            first,
            telling[first][start][0],
            second,
            telling[second][other][0],
            _equal_lines(telling[first][start:], telling[second][other:]),
        )
        for starts in windows.values()
        for (first, start), (second, other) in combinations(starts, 2)
        if not _goes_back(telling[first], start, telling[second], other)
        and not (first == second and other - start < shortest)
    )


def _is_text(line: str) -> bool:
    """Whether a line of a call is a string, or a part of one, and nothing else."""
    return re.fullmatch(r"""\s*(help=)?f?(".*"|'.*'),?""", line) is not None


def _lines_of(node: ast.stmt | ast.expr) -> range:
    assert node.end_lineno is not None
    return range(node.lineno, node.end_lineno + 1)


def _goes_back(
    first: list[tuple[int, str]], start: int, second: list[tuple[int, str]], other: int
) -> bool:
    """Whether the lines before two equal windows are equal too: the run began earlier."""
    return start > 0 and other > 0 and first[start - 1][1] == second[other - 1][1]


def _equal_lines(first: list[tuple[int, str]], second: list[tuple[int, str]]) -> int:
    """Return how many lines are equal from the beginning on."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0][1] == pair[1][1], pairs))
