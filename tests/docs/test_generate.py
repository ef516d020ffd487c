"""What makes the site's pages: references, lessons, and the check of links."""

import re
import sys

import pytest
import yaml
from code_blocks import ROOT

sys.path.insert(0, str(ROOT / "docs" / "generate"))

import lessons
import links
import python_reference
import r_reference
import shell_reference

import textseq


def test_every_public_name_has_a_topic_and_an_example():
    placed = [name for _, names in python_reference.placed_names() for name in names]
    assert sorted(placed) == [name for name in textseq.__all__ if name != "__version__"]
    assert "More" not in dict(python_reference.placed_names())
    without = [name for name in placed if ">>>" not in (getattr(textseq, name).__doc__ or "")]
    assert without == []


def test_a_class_shows_what_callers_use():
    shown = python_reference.members(textseq.TextClassifier)
    assert shown[:4] == ["fit", "predict", "predict_proba", "score"]
    assert {"partial_fit", "save"} < set(shown) and "training_form" not in shown


def test_every_option_of_a_command_has_its_row():
    text = shell_reference.help_text("fit")
    options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.M)
    page = shell_reference.page("fit", text)
    assert len(options) > 20
    assert [option for option in options if f"{option}" not in page] == []
    assert "| `-o, --out FILE` | Where the model goes. | required |" in page


def test_a_help_of_several_lines_is_one():
    text = "Options:\n  --long NAME\n          What it is,\n          in short.  [default: a]\n"
    rows = shell_reference.rows(shell_reference.sections(text)["Options"])
    assert rows == [("--long NAME", "What it is, in short.", "a")]


def test_every_topic_of_r_has_a_place():
    configuration = yaml.safe_load((ROOT / "r" / "_pkgdown.yml").read_text())
    known = r_reference.titles(ROOT / "r" / "man")
    listed = {known[name][0] for part in configuration["reference"] for name in part["contents"]}
    internal = {"reexports", "textseq-package"}
    assert {file for file, _ in known.values()} - listed <= internal


RENDERED = """<html><body>
<h1 class="title">3. Networks</h1>
<p>A state <math display="inline"><semantics><mi>h</mi>
<annotation encoding="application/x-tex">h_t</annotation></semantics></math> of it.</p>
<div id="by-hand" class="section level2"><h2>By <code>hand</code></h2>
<div class="sourceCode" id="cb1"><pre class="sourceCode r"><code><span>x</span> &lt;- 1

x</code></pre></div>
<p><img src="data:image/png;base64,aGFsbG8=" alt="A plot" /></p>
</div></body></html>"""


def test_a_rendered_lesson_becomes_a_page(tmp_path):
    title, text = lessons.Converter(tmp_path / "plots").convert(RENDERED)
    assert title == "3. Networks"
    assert '<span class="arithmatex">\\(h_t\\)</span> of it.' in text
    assert "## By `hand` {#by-hand}" in text
    assert "````r\nx <- 1\n\nx\n````" in text
    assert 'src="plots/1.png"' in text and (tmp_path / "plots" / "1.png").read_bytes() == b"hallo"


def test_lessons_stand_beside_their_translation(tmp_path):
    for name in ("lesson2-b", "licao2-b", "lesson10-c", "lesson1-a"):
        (tmp_path / f"{name}.html").write_text(RENDERED)
    found = lessons.rendered(tmp_path)
    assert [(one.number, one.language) for one in found] == [
        (1, "en"),
        (2, "en"),
        (2, "pt-BR"),
        (10, "en"),
    ]
    table = lessons.links(found, {one.source: "2. Networks" for one in found})
    assert "| 2 | [Networks](lesson2-b.md) | [Networks](licao2-b.md) |" in table


def test_no_lesson_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="make vignettes"):
        lessons.rendered(tmp_path)


GOOD = '<h2 id="a">A</h2><a href="two.html#b">b</a><a href="https://example.org">away</a>'


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (GOOD, None),
        ('<a href="three.html">x</a>', "one.html links to three.html, which is not there"),
        ('<a href="two.html#c">x</a>', "one.html links to two.html#c, whose anchor is not there"),
        ('<a href="#c">x</a>', "one.html links to #c, whose anchor is not there"),
        ('<img src="plot.png">', "one.html links to plot.png, which is not there"),
        ('<script src="https://cdn.org/x.js"></script>', "one.html fetches https://cdn.org/x.js"),
        ('<link rel="stylesheet" href="//fonts.org/a">', "one.html fetches //fonts.org/a"),
        ('<link rel="canonical" href="https://example.org/">', None),
    ],
)
def test_broken_links_and_foreign_files_are_told(page, problem, tmp_path):
    (tmp_path / "one.html").write_text(page)
    (tmp_path / "two.html").write_text('<h2 id="b">B</h2>')
    assert links.problems(tmp_path) == ([] if problem is None else [problem])
