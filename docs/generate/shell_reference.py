"""The reference of the command line: what ``textseq ... --help`` says, as tables."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

SCRIPT = Path(sys.executable).with_name("textseq")


def help_text(command: str) -> str:
    """Return what ``textseq COMMAND --help`` prints, without boxes and colours."""
    done = subprocess.run(
        [SCRIPT, *command.split(), "--help"],
        env=os.environ | {"TYPER_USE_RICH": "0", "NO_COLOR": "1", "COLUMNS": "80"},
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


def sections(text: str) -> dict[str, list[str]]:
    r"""Return the parts of a help text, by title: "Usage", "" for what it does, "Options" ...

    Examples
    --------
    >>> sections("Usage: x [OPTIONS]\n\n  Does it.\n\nOptions:\n  -h  Help.\n")
    {'Usage': ['x [OPTIONS]'], '': ['Does it.'], 'Options': ['-h  Help.']}
    """
    parts: dict[str, list[str]] = {}
    title = ""
    for line in text.splitlines():
        if match := re.match(r"Usage: (.*)", line):
            parts["Usage"] = [match[1]]
        elif match := re.match(r" {0,2}(Arguments|Options|Commands|Examples):$", line):
            title = match[1]
            parts[title] = []
        elif line.strip():
            _take(parts.setdefault(title, []), line, examples=title == "Examples")
    return parts


def _take(lines: list[str], line: str, examples: bool) -> None:
    """Add a line to those of its part, or to the end of the last one, which it goes on with."""
    text = line.strip()
    goes_on = not text.startswith("$ ") if examples else line.startswith("    ")
    if not goes_on or not lines:
        lines.append(text)
    else:
        # What a long option's help begins with stands below it.
        lines[-1] += (" " if examples or "  " in lines[-1] else "  ") + text


def rows(lines: list[str]) -> list[tuple[str, str, str]]:
    """Return the name, the help and the default of each argument or option.

    Examples
    --------
    >>> rows(["-o, --out FILE  Where it goes.  [default: here]"])
    [('-o, --out FILE', 'Where it goes.', 'here')]
    """
    found = []
    for line in lines:
        name, _, rest = line.partition("  ")
        rest = rest.strip()
        default = ""
        if match := re.search(r"\s*\[default: (.*)\]$", rest):
            rest, default = rest[: match.start()], match[1]
        if match := re.search(r"\s*\[required\]$", rest):
            rest, default = rest[: match.start()], "required"
        found.append((name, rest, default))
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else ""


def _table(title: str, lines: list[str]) -> list[str]:
    table = [f"| {title} | | default |", "|---|---|---|"]
    for name, text, default in rows(lines):
        named = re.sub(r" <\w+>$", "", name)
        shown = default if default == "required" else _cell(default)
        table.append(f"| {_code(named)} | {_cell(text)} | {shown} |")
    return [*table, ""]


def page(command: str, text: str) -> str:
    """Return a command's page."""
    parts = sections(text)
    lines = [f"# textseq {command}", "", *parts.get("", []), ""]
    lines += ["```", *parts["Usage"], "```", ""]
    if examples := parts.get("Examples"):
        lines += ["## Examples", "", "```console", *examples, "```", ""]
    if "Arguments" in parts:
        lines += ["## Arguments", "", *_table("argument", parts["Arguments"])]
    lines += ["## Options", "", *_table("option", parts["Options"])]
    return "\n".join(lines)


def commands_of(text: str) -> list[str]:
    """Return the names of the commands that a help text lists."""
    return [line.split()[0] for line in sections(text).get("Commands", [])]


def all_pages() -> dict[str, str]:
    """Return the help text of each command that does something, by its words."""
    with ThreadPoolExecutor(2) as pool:
        names = commands_of(help_text(""))
        texts = dict(zip(names, pool.map(help_text, names), strict=True))
        groups = {name: commands_of(text) for name, text in texts.items()}
        inner = [f"{name} {one}" for name, commands in groups.items() for one in commands]
        texts |= dict(zip(inner, pool.map(help_text, inner), strict=True))
    return {name: text for name, text in texts.items() if not groups.get(name)}


def write(folder: Path) -> list[Any]:
    """Write the pages into ``folder``/shell and return their part of the navigation."""
    pages = folder / "shell"
    pages.mkdir()
    texts = all_pages()
    lines = [
        "# Shell reference",
        "",
        "Every command with its options, as `textseq COMMAND --help` prints them. Tables are CSV, "
        "TSV, Parquet or JSON lines, compressed or not, and standard input where it suits; "
        "`--empty drop` leaves rows without a text out, and counts them.",
        "",
        "| command | what it does |",
        "|---|---|",
    ]
    navigation: list[Any] = ["shell/index.md"]
    for name, text in texts.items():
        path = f"{name.replace(' ', '-')}.md"
        (pages / path).write_text(page(name, text))
        lines.append(f"| [`textseq {name}`]({path}) | {_cell(sections(text)[''][0])} |")
        navigation.append({name: f"shell/{path}"})
    (pages / "index.md").write_text("\n".join(lines) + "\n")
    return navigation
