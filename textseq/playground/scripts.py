"""The scripts of a page: modules joined into one text, which a page may hold inside itself."""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "js"
# "import { a, b } from './c.js';", over several lines too.
_IMPORT = re.compile(r'^import\s[^;]*?from\s+"(\.{1,2}/[\w/.-]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(async )?(function|class|const|let))", re.MULTILINE)


def joined(entry: str, last: str = "") -> str:
    """Return a module and all that it imports as one script, each module once, the needed first.

    The modules import each other by ``import { name } from "./file.js";`` alone, or "../file.js",
    and share one scope here, so that no two may declare the same name.

    Parameters
    ----------
    entry : str
        A file of the folder ``js``.
    last : str
        What follows behind all modules, and sees their names.

    Returns
    -------
    str
        A script that declares nothing outside itself.

    Examples
    --------
    >>> joined("cells.js").startswith('"use strict";')
    True
    """
    texts: dict[str, str] = {}
    _read(entry, texts, ())
    body = "\n".join(texts.values())
    return f'"use strict";\n(() => {{\n{body}{last}}})();\n'


def _read(name: str, texts: dict[str, str], above: tuple[str, ...]) -> None:
    """Add a module behind those it imports."""
    assert name not in above, f"{name} imports itself by way of {above}"
    if name in texts:
        return
    text = (FOLDER / name).read_text(encoding="utf-8")
    for needed in _IMPORT.findall(text):
        beside = posixpath.join(posixpath.dirname(name), needed)
        _read(posixpath.normpath(beside), texts, (*above, name))
    texts[name] = _EXPORT.sub("", _IMPORT.sub("", text))


def source_hash(script: str) -> str:
    """Return what a Content-Security-Policy names a script by: ``'sha256-...'``."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
