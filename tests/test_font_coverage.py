import io
import os
import warnings

import matplotlib
import pytest
from matplotlib.font_manager import fontManager

from textseq.figures import columns_of, drawn_by_browser, figure_style, new_figure, short


def drawn(label, title="so"):
    with figure_style():
        figure = new_figure(2.0, title)
        axes = figure.add_subplot()
        axes.set_yticks([0, 1], ["so", label])
    return figure, axes


@pytest.fixture
def no_other_font(monkeypatch):
    """As on a machine that has matplotlib's own fonts alone."""
    own = [font for font in fontManager.ttflist if "DejaVu" in font.name]
    monkeypatch.setattr(fontManager, "ttflist", own)


@pytest.mark.parametrize(
    ("label", "script", "font"),
    [
        ("a好b", "CJK signs such as '好'", "Noto Sans CJK"),
        ("한국", "HANGUL signs", "Noto Sans CJK"),
        ("अच्छा", "DEVANAGARI signs", "Noto Sans Devanagari"),
        ("ไทย", "THAI signs", "Noto Sans Thai"),
    ],
)
def test_signs_that_no_font_has_are_boxes_and_their_script_is_named(
    no_other_font, label, script, font
):
    with pytest.warns(
        UserWarning, match=f"{script}.*install one that has, such as {font}, and"
    ) as told:
        figure, axes = drawn(label, title=label)
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(io.BytesIO(), dpi=40)
    shown = axes.get_yticklabels()[1].get_text()
    assert shown == {"a好b": "a□b"}.get(label, "□") == figure.get_suptitle()


def test_an_emoji_of_many_signs_is_one_box(no_other_font):
    with pytest.warns(UserWarning, match="no font"):
        _, axes = drawn("🇧🇷 🥳🥳")
    assert axes.get_yticklabels()[1].get_text() == "□ □"


def test_joiners_stay_between_signs_and_vanish_in_boxes(no_other_font):
    family = "👩\u200d👩\u200d👧"
    assert short(f"می\u200cخواهم {family}\u200d") == f"می\u200cخواهم {family}"
    assert short("\u200d") == ""
    with pytest.warns(UserWarning, match="no font"):
        _, axes = drawn(short(family))
    assert axes.get_yticklabels()[1].get_text() == "□"


def test_all_scripts_without_a_font_are_named_in_one_warning(no_other_font):
    with pytest.warns(UserWarning, match="CJK") as told:
        drawn("அ 好 🥳")
    assert len(told) == 1
    message = str(told[0].message)
    assert "TAMIL signs such as 'அ' nor CJK signs such as '好' nor the sign '🥳'" in message
    assert "such as Noto Sans Tamil and Noto Sans CJK and Noto Emoji," in message


def lowest_free_descriptor():
    with open(os.devnull) as file:
        return file.fileno()


def test_no_font_that_was_looked_into_stays_open():
    drawn("so")
    before = lowest_free_descriptor()
    with pytest.warns(UserWarning, match="no font"):
        drawn("\U00013000")
    assert lowest_free_descriptor() == before


def test_the_browser_draws_all_signs(no_other_font):
    with drawn_by_browser():
        _, axes = drawn("好看")
    assert axes.get_yticklabels()[1].get_text() == "好看"


def test_the_users_fonts_are_used_where_they_have_the_signs():
    with matplotlib.rc_context({"font.family": ["DejaVu Serif"]}):
        _, axes = drawn("é")
    assert {tuple(label.get_fontfamily()) for label in axes.get_yticklabels()} == {
        ("DejaVu Serif",)
    }


def test_another_installed_font_takes_over_for_the_signs_it_has(monkeypatch):
    own = [font for font in fontManager.ttflist if font.name in ("DejaVu Sans Mono", "STIXGeneral")]
    monkeypatch.setattr(fontManager, "ttflist", own)
    with matplotlib.rc_context({"font.family": ["STIXGeneral"]}):
        _, axes = drawn("☃")
    first, second = axes.get_yticklabels()
    assert first.get_fontfamily() == ["STIXGeneral"]
    assert second.get_fontfamily() == ["STIXGeneral", "DejaVu Sans Mono"]
    assert second.get_text() == "☃"


def test_labels_are_cut_by_their_width():
    assert columns_of("很好") == 4
    assert short("很" * 20, 14) == "很" * 6 + "…"
    assert short("很" * 7, 14) == "很" * 7
