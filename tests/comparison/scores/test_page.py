"""The page, as text and in a real browser."""

import dataclasses

import numpy as np
import pytest
from comparisons import make_comparison, with_costs
from pages import HOSTILE, check_markup, contrasts, scripts_of_others, show

from textseq.comparison.scores.page import write_page

SECTIONS = ("scores", "pairs", "curves", "errors", "examples", "warnings", "receipt")


def hostile_comparison():
    """Everything a user provides, as unpleasant as it gets."""
    rng = np.random.default_rng(0)
    comparison = make_comparison(
        "multiclass",
        classes=HOSTILE,
        texts=tuple(HOSTILE[i] for i in rng.integers(len(HOSTILE), size=400)),
        n_test=400,
        warnings=HOSTILE,
    )
    names = {model.name: HOSTILE[i] for i, model in enumerate(comparison.models)}
    models = tuple(
        dataclasses.replace(model, name=names[model.name], parameters={HOSTILE[0]: HOSTILE[1]})
        for model in comparison.models
    )
    # Half a pair of surrogates has no place in the strings of Arrow, which pandas has if it can.
    pairs = comparison.pairs.astype(object)
    return dataclasses.replace(
        comparison,
        models=models,
        pairs=pairs.replace({"first": names, "second": names, "verdict": names}),
        receipt={HOSTILE[1]: HOSTILE[0], "deep": {HOSTILE[3]: list(HOSTILE)}},
    )


def make(name):
    if name == "hostile":
        return hostile_comparison()
    if name == "large":
        return make_comparison("multiclass", n_test=7_600)
    return make_comparison(name)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    names = ("binary", "large", "multilabel", "regression", "hostile")
    return {name: write_page(make(name), folder / f"{name}.html") for name in names}


@pytest.mark.parametrize("name", ["binary", "large", "multilabel", "regression", "hostile"])
def test_browser_shows_every_section_and_fetches_nothing(pages, browser, name):
    path = pages[name]
    for width in (400, 1280):
        console, requested = show(browser, path, width)
        assert console == []
        assert requested == [path.as_uri()]
        assert browser.title.startswith("Comparison of 8 models")
        root = browser.execute_script(
            "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
        )
        assert root[0] <= root[1], f"{name} overflows at {width}"
        for section in SECTIONS:
            element = browser.find_element("id", section)
            assert element.is_displayed(), section
            assert element.size["height"] > 60, section
        assert browser.find_element("css selector", "h1").is_displayed()


def test_figures_stay_within_the_page_and_have_names(pages, browser):
    for width in (400, 1280):
        show(browser, pages["binary"], width)
        browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
        figures = browser.execute_script(
            "return [...document.querySelectorAll('svg')].map(s => {"
            "const b = s.getBoundingClientRect();"
            "return [b.left, b.right, b.height, s.getAttribute('role'),"
            " s.getAttribute('aria-label')]})"
        )
        # Two of scores, five learning curves, seven confusion matrices.
        assert len(figures) == 14
        for left, right, height, role, label in figures:
            assert left >= 0
            assert right <= width
            assert height > 100
            assert role == "img"
            assert len(label) > 2
        overflowing = browser.execute_script(
            "return [...document.querySelectorAll('svg text')].filter(t => {"
            "const b = t.getBoundingClientRect(); return b.left < 0 || b.right > innerWidth})"
            ".map(t => t.textContent)"
        )
        assert overflowing == []


def test_letters_of_figures_are_legible_on_a_phone(pages, browser):
    show(browser, pages["binary"], 400)
    heights = browser.execute_script(
        "return [...document.querySelectorAll('#scores svg text')]"
        ".map(t => t.getBoundingClientRect().height)"
    )
    assert min(heights) > 9.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(pages, browser, scheme):
    show(browser, pages["binary"], 1280, scheme)
    kinds = ("h1", ".note", ".quiet", "thead th", "a")
    assert min(contrasts(browser, kinds, "#scores svg text")) >= 4.5


def test_hostile_names_and_texts_change_nothing(pages, browser):
    show(browser, pages["hostile"], 1280)
    assert scripts_of_others(browser) == 0
    assert browser.execute_script("return document.images.length") == 0
    shown = browser.find_element("id", "warnings").text
    assert "<script>document.title = 'broken'</script>" in shown
    assert "{{ 7 * 7 }}" in shown


@pytest.mark.parametrize("name", ["binary", "large", "multilabel", "regression", "hostile"])
def test_page_is_whole_and_needs_no_other_file(pages, name):
    assert pages[name].stat().st_size < 1_000_000
    text = pages[name].read_text(encoding="utf-8")
    check_markup(text)
    assert text.count("<h1>") == 1


def test_tables_and_language_are_declared(pages):
    text = pages["binary"].read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert text.count("<th ") == text.count('<th scope="')
    assert 'name="color-scheme" content="light dark"' in text


def test_auc_is_a_column_where_there_is_one(pages):
    for name, meaning in (("binary", "of one class"), ("multilabel", "with a label")):
        text = pages[name].read_text(encoding="utf-8")
        assert '<th scope="col" class="n">AUC</th>' in text
        assert f"the chance that a text {meaning} is ranked above" in text
    assert '<td class="n">0.911 ± 0.015</td>' in pages["binary"].read_text(encoding="utf-8")
    assert "AUC" not in pages["regression"].read_text(encoding="utf-8")


def test_costs_are_columns_where_there_are_any(pages, tmp_path):
    plain = pages["binary"].read_text(encoding="utf-8")
    text = write_page(with_costs(make_comparison()), tmp_path / "p.html").read_text("utf-8")
    for header in ("Encoding,<br>µs a text", "On disk", "Price of<br>1,000 texts"):
        assert f'<th scope="col" class="n">{header}</th>' in text
        assert header not in plain
    assert '<td class="n">8,100</td><td class="n">6.2 kB</td><td class="n">$0.00046</td>' in text
    assert "of an embedding service the linear model alone" in text
    html = with_costs(make_comparison())._repr_html_()
    assert "<td>8,100</td><td>6.2 kB</td><td>$0.00046</td>" in html


def test_the_table_of_all_costs_needs_no_scrolling_on_a_desktop(browser, tmp_path):
    path = write_page(with_costs(make_comparison()), tmp_path / "page.html")
    show(browser, path, 1280)
    table = browser.execute_script(
        "const e = document.querySelector('#scores .wide'); return [e.scrollWidth, e.clientWidth]"
    )
    assert table[0] <= table[1]


def test_same_comparison_gives_the_same_bytes(tmp_path):
    comparison = make_comparison(n_models=3)
    pages = [write_page(comparison, tmp_path / f"{i}.html").read_bytes() for i in range(2)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("options", "absent"),
    [
        ({"n_models": 1}, {"pairs", "curves", "errors", "examples"}),
        ({"n_models": 2}, {"curves", "examples"}),
        ({"n_models": 3, "n_seeds": 1, "warnings": ()}, set()),
    ],
)
def test_small_comparisons_leave_out_what_they_lack(options, absent, tmp_path):
    text = write_page(make_comparison(**options), tmp_path / "page.html").read_text()
    present = {section for section in SECTIONS if f'<section id="{section}"' in text}
    assert present == set(SECTIONS) - absent


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_page(make_comparison(n_models=2), tmp_path / "nowhere" / "page.html")
