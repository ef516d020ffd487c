import pytest
from jinja2 import UndefinedError

from textseq.figures import figure_style, new_figure
from textseq.report.template import drawing, fill, flat, write_filled


def test_what_a_user_provides_is_escaped():
    assert (
        fill("comparison/fragment.html", headline=["<b>"], rows=[], warnings=["&"]).count("<b>")
        == 0
    )


def test_contents_that_lack_are_refused():
    with pytest.raises(UndefinedError, match="warnings"):
        fill("comparison/fragment.html", headline=["a"], rows=[])


def test_a_page_holds_its_style(tmp_path):
    path = write_filled(tmp_path / "page.html", "report/base.html", receipt=[("seed", "0")])
    text = path.read_text()
    assert "color-scheme: light dark" in text and "<dt>seed</dt><dd>0</dd>" in text


def test_the_title_of_a_figure_becomes_its_caption():
    with figure_style():
        found = drawing(new_figure(2.0, "what\nit shows"), "one")
    assert found.message == "what it shows"
    assert found.svg.startswith("<svg") and "it shows</text>" not in found.svg
    assert not found.is_broad


def test_a_nested_receipt_becomes_lines():
    stored = {"seeds": [0, 1], "split": {"train_rows": 4, "share": 0.25}, "empty": []}
    assert list(flat(stored)) == [
        ("seeds", "0, 1"), ("split · train rows", "4"), ("split · share", "0.25"), ("empty", "–"),
    ]  # fmt: skip
