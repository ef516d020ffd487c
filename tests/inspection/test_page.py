"""The page of the instruments, as text and in a real browser."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from pages import HOSTILE, check_markup, contrasts, scripts_of_others, show

from textseq import TextClassifier
from textseq.figures import figure_style, new_figure
from textseq.inspection.attribution import explain
from textseq.inspection.by_hand import step_by_step
from textseq.inspection.gradient_flow import gradient_flow
from textseq.inspection.hidden_states import hidden_states
from textseq.inspection.page import Group, write_page
from textseq.inspection.result import Inspection
from textseq.inspection.saturation import saturation
from textseq.inspection.spectrum import recurrent_spectrum
from textseq.inspection.word_order import order_matters
from textseq.marks import keep_marks

# Half a pair has no place in a text that is cut into tokens.
TEXTS = [text for text in HOSTILE if text.isprintable() or "\u202e" in text]


@dataclass(frozen=True, eq=False)
class Measured(Inspection):
    """Any table and verdict, with a figure of any width."""

    width: float = 4.8

    def plot(self):
        with figure_style():
            figure = new_figure(2.0, self.verdict, self.width)
            axes = figure.add_subplot()
            axes.plot([1, 2, 3])
            keep_marks(axes, {"value": [1, 2, 3]}, [0, 1, 2], [1, 2, 3])
            axes.set_title(self.message())
        return figure

    def message(self):
        return self.verdict[:30]


def write(path, groups, left_out=(), **facts):
    facts = {"receipt": {"seed": 0}, "parameters": {"encoder": "lstm", "head_sizes": ()}} | facts
    summary = ("m.textseq: bilstm, 12 k weights", "Reads all.", "Fitted on 9 texts.")
    return write_page(path, summary, groups, left_out=left_out, **facts)


def with_all_instruments(path, texts, labels, followed):
    """Use every instrument on a small bilstm."""
    model = TextClassifier(
        encoder="bilstm", hidden_size=6, embedding_dim=8, max_epochs=2, random_state=0, n_threads=1
    ).fit(texts, labels)
    groups = [
        Group("Its weights", {"recurrent spectrum": recurrent_spectrum(model)}),
        Group(
            f"On {len(texts)} texts",
            {
                "gradient flow": gradient_flow(model, texts, labels),
                "saturation": saturation(model, texts),
                "order matters": order_matters(model, texts, labels),
            },
        ),
    ]
    for text in followed:
        instruments = (hidden_states, explain, step_by_step)
        found = {use.__name__.replace("_", " "): use(model, text) for use in instruments}
        groups.append(Group("Reading", found, text))
    return write(path, groups, ["of the tcn: it has no recurrent weights"])


def words(n):
    rng = np.random.default_rng(0)
    return " ".join(rng.choice(["a", "film", "of", "rare", "charm", ",", "$5"], size=n))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    plain = [f"a {word} film , {words(k % 12)}" for k in range(20) for word in ("fine", "dull")]
    return {
        "plain": with_all_instruments(
            folder / "plain.html", plain, ["pos", "neg"] * 20, ["film", words(9), words(300)]
        ),
        "hostile": with_all_instruments(
            folder / "hostile.html", TEXTS * 6, (list(HOSTILE[:2]) * 30)[: 6 * len(TEXTS)], TEXTS
        ),
        "made": write(
            folder / "made.html",
            [Group(HOSTILE[0], {HOSTILE[1]: made(HOSTILE, 40)}, HOSTILE[3])],
            HOSTILE,
            receipt={HOSTILE[1]: HOSTILE[0]},
            parameters={HOSTILE[5]: list(HOSTILE)},
        ),
    }


def made(cells, n_rows):
    # As objects: half a pair of surrogates has no place in the strings of Arrow.
    names = pd.Index(list(cells), dtype=object)
    table = pd.DataFrame([list(cells)] * n_rows, columns=names, dtype=object)
    return Measured(table, " ".join(cells))


@pytest.mark.parametrize("name", ["plain", "hostile", "made"])
def test_browser_shows_every_section_and_fetches_nothing(pages, browser, name):
    path = pages[name]
    for width in (400, 1280):
        console, requested = show(browser, path, width)
        assert console == []
        assert [url for url in requested if not url.startswith("data:")] == [path.as_uri()]
        assert browser.title == "m.textseq: bilstm, 12 k weights · textseq"
        root = browser.execute_script(
            "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
        )
        assert root[0] <= root[1], f"{name} overflows at {width}"
        sections = browser.find_elements("tag name", "section")
        assert len(sections) > 2
        assert all(section.size["height"] > 60 for section in sections)


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_figures_are_as_large_as_they_were_drawn_and_stay_inside(pages, browser, name):
    for width in (400, 1280):
        show(browser, pages[name], width)
        figures = browser.execute_script(
            "return [...document.querySelectorAll('svg')].map(s => {"
            "const b = s.getBoundingClientRect(), f = s.closest('.wide') || s;"
            "const r = f.getBoundingClientRect();"
            "return [r.left, r.right, b.width / s.viewBox.baseVal.width,"
            " s.getAttribute('role'), s.getAttribute('aria-label')]})"
        )
        assert len(figures) == 4 + 3 * (3 if name == "plain" else len(TEXTS))
        for left, right, scale, role, label in figures:
            assert left >= 0 and right <= width
            assert scale > 0.99, label
            assert role == "img" and len(label) > 2
        overflowing = browser.execute_script(
            "return [...document.querySelectorAll('svg:not(.wide svg) text')].filter(t => {"
            "const b = t.getBoundingClientRect(); return b.left < 0 || b.right > innerWidth})"
            ".map(t => t.textContent)"
        )
        assert overflowing == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(pages, browser, scheme):
    show(browser, pages["plain"], 1280, scheme)
    kinds = ("h1", "h3", ".eyebrow", "figcaption", "thead th", "summary", "a")
    assert min(contrasts(browser, kinds, "svg text")) >= 4.5


def test_a_text_set_in_letters_of_one_width_stays_so(pages, browser):
    show(browser, pages["plain"], 1280)
    widths = browser.execute_script(
        "return [...document.querySelectorAll('svg text[style*=Mono]')]"
        ".map(t => t.getBBox().width / t.textContent.length)"
    )
    assert len(widths) > 300
    assert max(widths) - min(widths) < 0.1


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_figures_hold_no_formulas_spelt_out(pages, name):
    drawn = "".join(re.findall(r"<text.*?</text>", pages[name].read_text(), flags=re.DOTALL))
    assert "mathdefault" not in drawn


def test_names_and_texts_change_nothing(pages, browser):
    for name in ("hostile", "made"):
        show(browser, pages[name], 1280)
        assert scripts_of_others(browser) == 0
        assert browser.execute_script("return document.images.length") == 0
    shown = browser.find_element("tag name", "body").text
    for text in (HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[3]):
        assert text in shown


@pytest.mark.parametrize("name", ["plain", "hostile", "made"])
def test_page_is_whole_and_needs_no_other_file(pages, name):
    assert pages[name].stat().st_size < 2_000_000
    text = pages[name].read_text(encoding="utf-8")
    check_markup(text)
    assert text.count("<h1>") == 1
    assert text.count("<th ") == text.count('<th scope="')


def test_long_tables_are_folded_and_very_long_ones_cut(tmp_path):
    n_rows = {"short": 12, "long": 13, "longer": 2_000}
    findings = {name: made("abcd", n) for name, n in n_rows.items()}
    text = write(tmp_path / "page.html", [Group("Rows", findings)]).read_text(encoding="utf-8")
    short, long, longer = text.split('<section id="group0-')[1:]
    assert short.count("<tr>") == 13 and "<details>" not in short
    assert long.count("<tr>") == 14 and "<summary>Table of 13 rows" in long
    assert longer.count("<tr>") == 1_501 and "The first 1500 of 2,000 rows" in longer


def test_wide_tables_stand_below_the_figure(tmp_path):
    columns = {"beside": "abcdef", "below": "abcdefg", "broad": "abcdefghijk"}
    findings = {name: made(letters, 2) for name, letters in columns.items()}
    text = write(tmp_path / "page.html", [Group("Columns", findings)]).read_text(encoding="utf-8")
    beside, below, broad = text.split('<section id="group0-')[1:]
    assert "<div>" in beside
    assert '<div class="below">' in below
    assert '<div class="broad">' in broad


def test_cells_read_well(tmp_path):
    table = pd.DataFrame(
        {
            "like_sizes": [0.25, -3.0, np.nan],
            "other sizes": [1.0, -2.5e-7, np.inf],
            "small": [0.0123, 0.0004, 0.0],
            "never": [np.nan, np.nan, np.nan],
            "sign": [" ", "\n", None],
            "yes": [True, False, True],
            "count": [1, 20_000, 3],
        }
    )
    group = Group("Cells", {"cells": Measured(table, "fine")})
    text = write(tmp_path / "page.html", [group]).read_text(encoding="utf-8")
    rows = [
        re.findall(r"<t[dh][^>]*>(?:<bdi>)?(.*?)(?:</bdi>)?</t[dh]>", row)
        for row in text.split('id="group0-0"')[1].split("<tr>")[1:]
    ]
    assert rows == [
        ["like sizes", "other sizes", "small", "sign", "yes", "count"],
        ["0.250", "1.00", "0.0123", "␣", "yes", "1"],
        ["−3.000", "−2.50e−07", "0.0004", "⏎", "no", "20000"],
        ["–", "inf", "0.0000", "–", "yes", "3"],
    ]


def test_a_text_is_shown_whole_where_its_title_is_cut(tmp_path):
    texts = ["a short text", "word " * 40]
    groups = [Group("Reading", {"made": made("ab", 2)}, text) for text in texts]
    text = write(tmp_path / "page.html", groups).read_text(encoding="utf-8")
    assert "“<bdi>a short text</bdi>”" in text
    assert text.count("<blockquote") == 1
    assert f'<blockquote dir="auto">{texts[1]}</blockquote>' in text


def test_what_was_left_out_and_the_fit_are_told(pages, tmp_path):
    text = pages["plain"].read_text(encoding="utf-8")
    assert "<li>of the tcn: it has no recurrent weights</li>" in text
    assert "<dt>head sizes</dt><dd>–</dd>" in text
    bare = write(tmp_path / "page.html", []).read_text(encoding="utf-8")
    assert "Left out" not in bare and "<nav" not in bare and "Receipt" in bare


def test_same_findings_give_the_same_bytes(tmp_path):
    group = Group("Rows", {"made": made("abc", 5)})
    one, two = (write(tmp_path / f"{k}.html", [group]).read_bytes() for k in range(2))
    assert one == two
