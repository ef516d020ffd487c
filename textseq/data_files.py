"""Where the files lie that come with the package."""

from __future__ import annotations

from pathlib import Path

# Word vectors that are shipped, by name.
SHIPPED_VECTORS = {"glove.6B.50d.top20k": "glove.6B.50d.top20k.txt.gz"}


def data_file(name: str) -> Path:
    """Return the path of a file that comes with the package.

    Raises
    ------
    FileNotFoundError
        If it is missing.

    Examples
    --------
    >>> data_file("mr.csv.gz").is_file()
    True
    """
    package = Path(__file__).parent
    # textseq/data is a link to the checkout's data/; a checkout made without
    # links (Git on Windows) has only the latter.
    for folder in (package / "data", package.parent / "data"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(
        f"{name} is missing from {package / 'data'}; reinstall textseq, "
        "or restore the data folder of the checkout"
    )
