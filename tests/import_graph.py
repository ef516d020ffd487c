"""Which module of a package imports which, how, and whether that goes round in a circle."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

# What an import waits for: nothing (it stands at the top, or in a class), a call, or a type
# checker (under TYPE_CHECKING, where it never runs).
KINDS = ("load", "call", "annotation")
Neighbours = Mapping[str, Collection[str]]
Floors = list[list[str]]


class Import(NamedTuple):
    """One module's import of another, both under their full names."""

    importer: str
    imported: str
    kind: str


@dataclass(frozen=True)
class ImportGraph:
    """Modules of a package and their imports of each other, each one once a kind.

    A name imported from a package is the module of that name where there is one, else the
    package itself, which is its ``__init__``. Names in strings, from which a module is loaded
    on first use, are no imports. Nor is a package's ``__init__`` imported by naming a module
    in it, though Python reads it then.

    Parameters
    ----------
    modules : dict
        Each module's file, by its full name. A package whose ``__init__`` is a docstring and
        no more is left out.
    imports : set of Import
    """

    modules: dict[str, Path]
    imports: set[Import]

    def neighbours(self, kinds: Iterable[str] = KINDS) -> dict[str, set[str]]:
        """Return for each module those that it imports in one of these ways."""
        found: dict[str, set[str]] = {name: set() for name in self.modules}
        for importer, imported, kind in self.imports:
            if kind in kinds:
                found[importer].add(imported)
        return found

    def within(self, folder: str) -> "ImportGraph":
        """Return the part of the graph below a package, such as ``textseq.nn``."""
        inside = {name: path for name, path in self.modules.items() if _below(name, folder)}
        return ImportGraph(
            inside, {i for i in self.imports if i.importer in inside and i.imported in inside}
        )

    def without(self, importer: str, target: str) -> "ImportGraph":
        """Return the graph without one module's imports of a module or of all below a package."""
        return ImportGraph(
            self.modules,
            {i for i in self.imports if i.importer != importer or not _below(i.imported, target)},
        )

    def upward_imports(self, folder: str, floors: Floors) -> list[Import]:
        """Return the imports inside a folder that go up its floors, calls' and annotations' too.

        Parameters
        ----------
        folder : str
            A package's full name.
        floors : list of lists of str
            Names of the folder's own modules and sub-folders, from the ground up. Those of one
            floor may import each other. A name that stands nowhere raises KeyError, but for
            the folder's own ``__init__``, which is on no floor.
        """
        level = {f"{folder}.{name}": n for n, names in enumerate(floors) for name in names}
        part = self.within(folder)
        on = {name: level[_entry(name, folder)] for name in part.modules if name != folder}
        return sorted(
            i
            for i in part.imports
            if folder not in (i.importer, i.imported) and on[i.imported] > on[i.importer]
        )

    def closing_imports(self) -> list[Import]:
        """Return the imports by which circles close, where no floors are declared.

        The floors are then those that imports at load time make, as ``heights`` counts them.
        An import closes a circle if it lies on one and does not go down. No circle goes down
        all the way round, so each has at least one such import; and without a circle there is
        none. Which of a circle's imports these are follows from the graph alone; fewer might
        do to open it.
        """
        height = heights(self.neighbours(["load"]))
        circle_of = {name: circle for circle in circles(self.neighbours()) for name in circle}
        return sorted(
            i
            for i in self.imports
            if i.importer in circle_of
            and i.imported in circle_of[i.importer]
            and height[i.importer] <= height[i.imported]
        )


def read_imports(root: Path) -> ImportGraph:
    """Read the imports of a package from its files.

    Parameters
    ----------
    root : Path
        The package's folder, whose name is the package's.
    """
    trees = {}
    modules = {}
    for path in sorted(root.rglob("*.py")):
        tree = ast.parse(path.read_text())
        if path.name != "__init__.py" or _has_code(tree):
            parts = path.relative_to(root.parent).with_suffix("").parts
            name = ".".join(parts).removesuffix(".__init__")
            modules[name], trees[name] = path, tree
    imports = {
        Import(name, imported, kind)
        for name, tree in trees.items()
        for statement, kind in _import_statements(tree.body, "load")
        for imported in _names(statement, name, modules[name].name == "__init__.py")
        for imported in [_module_of(imported, modules)]
        if imported not in (None, name)
    }
    return ImportGraph(modules, imports)


def circles(neighbours: Neighbours) -> list[list[str]]:
    """Return the groups of modules that reach each other, the largest first.

    Parameters
    ----------
    neighbours : mapping
        For each module, those that it imports.
    """
    reached = {name: _reached(neighbours, name) for name in neighbours}
    groups = {
        tuple(sorted(other for other in reached[name] if name in reached[other]))
        for name in neighbours
    }
    return sorted((list(group) for group in groups if len(group) > 1), key=lambda g: (-len(g), g))


def heights(neighbours: Neighbours) -> dict[str, int]:
    """Return the floor of each module: how many stand on the longest path down from it.

    A module that imports none is on floor 1. Modules of one circle share a floor.

    Parameters
    ----------
    neighbours : mapping
        For each module, those that it imports.
    """
    group = {name: frozenset([name]) for name in neighbours}
    group |= {name: frozenset(circle) for circle in circles(neighbours) for name in circle}
    below = {
        own: {group[imported] for name in own for imported in neighbours[name]} - {own}
        for own in group.values()
    }
    height: dict[frozenset[str], int] = {}
    for own in TopologicalSorter(below).static_order():
        height[own] = 1 + max((height[other] for other in below[own]), default=0)
    return {name: height[own] for name, own in group.items()}


def _has_code(tree: ast.Module) -> bool:
    return len(tree.body) > (ast.get_docstring(tree) is not None)


def _import_statements(
    nodes: Iterable[ast.AST], kind: str
) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, kind
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _import_statements(node.body, "call")
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from _import_statements(node.body, "annotation")
            yield from _import_statements(node.orelse, kind)
        else:
            yield from _import_statements(ast.iter_child_nodes(node), kind)


def _names(statement: ast.Import | ast.ImportFrom, module: str, is_package: bool) -> list[str]:
    """Return the full names that a statement asks for, be they modules or what is in them."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    source = statement.module or ""
    if statement.level:
        parts = module.split(".")
        up = statement.level - is_package
        source = ".".join([*parts[: len(parts) - up], *([source] if source else [])])
    return [f"{source}.{alias.name}" for alias in statement.names]


def _module_of(name: str, modules: Collection[str]) -> str | None:
    """Return the module that a full name is, or is in; None if it is not the package's."""
    if name in modules:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in modules else None


def _reached(neighbours: Neighbours, start: str) -> set[str]:
    """Return the modules that one reaches over imports, itself among them."""
    reached, waiting = {start}, [start]
    while waiting:
        new = set(neighbours[waiting.pop()]) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _below(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _entry(name: str, folder: str) -> str:
    """Return which of a folder's own modules and sub-folders a module is, or is in."""
    return ".".join(name.split(".")[: folder.count(".") + 2])
