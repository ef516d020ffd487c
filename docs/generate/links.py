"""Checks a built site: every link and anchor leads somewhere, and no page asks another server."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself, as opposed to what a reader may click.
FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("link", "href"),
    ("source", "src"),
    ("video", "src"),
    ("object", "data"),
}
# Links that tell where a page is, and fetch nothing.
TELLING = {"canonical", "prev", "next", "alternate", "author", "license"}


class Page(HTMLParser):
    """The links and anchors of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag's links and its anchor."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        telling = set(given.get("rel", "").split()) & TELLING
        for name in ("href", "src", "data"):
            if (link := given.get(name)) is None or telling:
                continue
            if (tag, name) in FETCHED:
                self.fetched.append(link)
            elif name == "href" and tag in ("a", "area"):
                self.links.append(link)


def read(path: Path) -> Page:
    """Return the links and anchors of a file of HTML."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def target(page: Path, link: str, site: Path) -> tuple[Path, str]:
    """Return the file that a link of ``page`` leads to, and the anchor in it."""
    parts = urlsplit(link)
    path = unquote(parts.path)
    if path.startswith("/"):
        found = site / path.lstrip("/")
    else:
        found = page.parent / path if path else page
    return (found / "index.html" if found.is_dir() else found), unquote(parts.fragment)


def problems(site: Path) -> list[str]:
    """Return what is wrong with the links of the site in this folder, a line each.

    Parameters
    ----------
    site : Path
        Folder of the built site.

    Returns
    -------
    list of str
        Links to files or anchors that are not there, and whatever a page would fetch from
        another server. Links that a reader may follow elsewhere are not asked for.
    """
    pages = {path.resolve(): read(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        for link in page.fetched:
            if link.startswith(("http:", "https:", "//")):
                found.append(f"{name} fetches {link}")
        for link in [*page.links, *page.fetched]:
            if urlsplit(link).scheme or link.startswith("//"):
                continue
            file, anchor = target(path, link, site)
            if not file.exists():
                found.append(f"{name} links to {link}, which is not there")
            elif anchor and file.suffix == ".html" and anchor not in pages[file.resolve()].anchors:
                found.append(f"{name} links to {link}, whose anchor is not there")
    return found
