"""Models that programs of Hugging Face have fetched before, found without the network."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path


def is_hub_name(name: str) -> bool:
    """Whether a string could name a model of the Hugging Face hub: an owner, a slash, a name.

    Examples
    --------
    >>> is_hub_name("minishlab/potion-base-8M"), is_hub_name("glove.6B.zip/glove.6B.50d.txt")
    (True, False)
    """
    files = (".bin", ".gz", ".safetensors", ".txt", ".vec", ".xz", ".zip")
    parts = name.lower().split("/")
    whole = re.fullmatch(r"\w[\w.-]*/\w[\w.-]*", name) is not None
    return whole and not any(part.endswith(files) for part in parts)


def hub_cache() -> Path:
    """Return the folder where Hugging Face's programs keep what they fetch."""
    home = os.environ.get("HF_HOME") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface"
    )
    chosen = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    return Path(os.path.expandvars(chosen or os.path.join(home, "hub"))).expanduser()


def cached_snapshot(name: str) -> Path | None:
    """Return the folder of a model in the local cache; None if it is not there.

    Parameters
    ----------
    name : str
        As the hub has it: "minishlab/potion-base-8M".

    Returns
    -------
    Path or None
        The revision that "main" was when it was fetched, or the one fetched last.
    """
    folder = hub_cache() / f"models--{name.replace('/', '--')}"
    with suppress(OSError):
        snapshot = folder / "snapshots" / (folder / "refs" / "main").read_text().strip()
        if snapshot.is_dir():
            return snapshot
    with suppress(OSError):
        snapshots = [path for path in (folder / "snapshots").iterdir() if path.is_dir()]
        return max(snapshots, key=lambda path: path.stat().st_mtime, default=None)
    return None
