"""The lessons: what ``make vignettes`` has rendered, as pages of the site."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any, NamedTuple

from lxml import html

LANGUAGES = {"lesson": "en", "licao": "pt-BR"}
ELSEWHERE = {"en": "This lesson in English", "pt-BR": "Esta lição em português"}
NAMES = {"en": "English", "pt-BR": "Português"}


class Lesson(NamedTuple):
    """One rendered lesson."""

    number: int
    language: str
    source: Path


def rendered(folder: Path) -> list[Lesson]:
    """Return the lessons of a folder of rendered vignettes, by number, English first."""
    found = []
    for path in folder.glob("*.html"):
        if match := re.match(r"(lesson|licao)(\d+)-", path.name):
            found.append(Lesson(int(match[2]), LANGUAGES[match[1]], path))
    if not found:
        raise FileNotFoundError(f"{folder} holds no rendered lesson; run `make vignettes`")
    return sorted(found)


class Converter:
    """Turns a rendered vignette into Markdown, so that it is searched and set like any page.

    Parameters
    ----------
    images : Path
        Folder for the plots.
    """

    def __init__(self, images: Path) -> None:
        self.images = images
        self.lines: list[str] = []

    def convert(self, text: str) -> tuple[str, str]:
        """Return the title and the rest, in Markdown."""
        body = html.document_fromstring(text).find("body")
        (title,) = body.find_class("title")
        heading = " ".join(title.text_content().split())
        title.drop_tree()
        for comment in body.xpath("//comment()"):
            comment.drop_tree()
        self._take_children(body)
        return heading, "\n\n".join(self.lines) + "\n"

    def _take_children(self, parent: html.HtmlElement) -> None:
        for child in parent:
            classes = child.get("class", "").split()
            if "section" in classes:
                self._take_section(child)
            elif child.tag == "pre" or "sourceCode" in classes:
                self._take_code(child)
            else:
                self._take_rest(child)

    def _take_section(self, section: html.HtmlElement) -> None:
        heading = section[0]
        text = " ".join(_markdown(heading).split())
        self.lines.append(f"{'#' * int(heading.tag[1])} {text} {{#{section.get('id')}}}")
        heading.drop_tree()
        self._take_children(section)

    def _take_code(self, block: html.HtmlElement) -> None:
        code = block if block.tag == "pre" else block.find("pre")
        classes = code.get("class", "").split()
        language = next((one for one in classes if one in ("r", "python")), "text")
        self.lines.append(f"````{language}\n{code.text_content().rstrip()}\n````")

    def _take_rest(self, element: html.HtmlElement) -> None:
        for formula in element.xpath("descendant-or-self::math"):
            _typeset(formula)
        for image in element.xpath("descendant-or-self::img"):
            self._write_image(image)
        # A blank line would end the block of HTML.
        written = html.tostring(element, encoding="unicode", with_tail=False)
        self.lines.append(re.sub(r"\n\s*\n", "\n", written.strip()))

    def _write_image(self, image: html.HtmlElement) -> None:
        kind, _, data = image.get("src").partition(";base64,")
        if not data:
            raise ValueError(f"a plot of a lesson lies outside it: {image.get('src')!r}")
        self.images.mkdir(parents=True, exist_ok=True)
        number = len(list(self.images.iterdir())) + 1
        path = self.images / f"{number}.{kind.rpartition('/')[2]}"
        path.write_bytes(base64.b64decode(data))
        image.set("src", f"{self.images.name}/{path.name}")
        image.set("loading", "lazy")
        image.set("class", "plot")


def _markdown(heading: html.HtmlElement) -> str:
    """Return the text of a heading, with its code as code."""
    parts = [heading.text or ""]
    for child in heading:
        text = child.text_content()
        parts += [f"`{text}`" if child.tag == "code" else text, child.tail or ""]
    return "".join(parts)


def _typeset(formula: html.HtmlElement) -> None:
    """Put the TeX that pandoc keeps beside a formula in its place, for KaTeX."""
    (tex,) = formula.xpath(".//annotation")
    block = formula.get("display") == "block"
    place = html.Element("span", {"class": "arithmatex"})
    place.text = f"\\[{tex.text}\\]" if block else f"\\({tex.text}\\)"
    place.tail = formula.tail
    formula.getparent().replace(formula, place)


def links(lessons: list[Lesson], titles: dict[Path, str]) -> str:
    """Return the table of lessons, English beside Portuguese."""
    lines = ["| | English | Português |", "|---|---|---|"]
    for number in sorted({lesson.number for lesson in lessons}):
        cells = {language: "" for language in NAMES}
        for lesson in lessons:
            if lesson.number == number:
                title = re.sub(r"^\d+\.\s*", "", titles[lesson.source])
                cells[lesson.language] = f"[{title}]({lesson.source.stem}.md)"
        lines.append(f"| {number} | {cells['en']} | {cells['pt-BR']} |")
    return "\n".join(lines)


def write(folder: Path, vignettes: Path) -> list[Any]:
    """Write the lessons into ``folder``/lessons and return their part of the navigation."""
    pages = folder / "lessons"
    lessons = rendered(vignettes)
    titles, texts = {}, {}
    for lesson in lessons:
        converter = Converter(pages / f"{lesson.source.stem}-plots")
        heading, text = converter.convert(lesson.source.read_text(encoding="utf-8"))
        titles[lesson.source], texts[lesson.source] = heading, text
    for lesson in lessons:
        others = [
            f"[{ELSEWHERE[other.language]}]({other.source.stem}.md)"
            for other in lessons
            if other.number == lesson.number and other != lesson
        ]
        head = f"---\nlanguage: {lesson.language}\n---\n\n# {titles[lesson.source]}\n\n"
        note = "".join(f"{link}{{ .elsewhere }}\n\n" for link in others)
        path = pages / f"{lesson.source.stem}.md"
        path.write_text(head + note + texts[lesson.source], encoding="utf-8")
    index = pages / "index.md"
    index.write_text(index.read_text().replace("<!-- lessons -->", links(lessons, titles)))
    navigation: list[Any] = ["lessons/index.md"]
    for language, name in NAMES.items():
        files = [one.source for one in lessons if one.language == language]
        entries = [{titles[file]: f"lessons/{file.stem}.md"} for file in files]
        navigation.append({name: entries})
    return navigation
