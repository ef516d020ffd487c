"""The page of a comparison of forecasts, as text and in a real browser."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from forecast_comparisons import forecasts_of, made
from pages import HOSTILE, check_markup, contrasts, scripts_of_others, show

from textseq.comparison.forecasts.page import write_page
from textseq.comparison.forecasts.result import ForecastComparison

SECTIONS = ("forecasts", "scores", "backtest", "pairs", "warnings", "receipt")


def hostile():
    """Everything a user provides, as unpleasant as it gets."""
    comparison = made()
    ids = {f"s{place}": name for place, name in enumerate(HOSTILE[:7])}
    names = {"gru": HOSTILE[0], "lstm": HOSTILE[1]}
    frame = comparison.frame.rename(
        columns=lambda column: (
            names.get(column.split("-")[0], column.split("-")[0])
            + column.removeprefix(column.split("-")[0])
        )
    )
    # A name without an end of its own: pandas has no half surrogate pairs.
    frame["unique_id"] = frame["unique_id"].map(
        lambda name: ids[name].encode(errors="replace").decode()
    )
    models = tuple(
        dataclasses.replace(
            model, name=names.get(model.name, model.name), parameters={HOSTILE[0]: HOSTILE[1]}
        )
        for model in comparison.models
    )
    shown = tuple(
        dataclasses.replace(series, id=ids[series.id].encode(errors="replace").decode())
        for series in comparison.shown
    )
    return dataclasses.replace(
        comparison,
        models=models,
        frames=(frame,),
        shown=shown,
        pairs=comparison.pairs.astype(object).replace({"first": names, "second": names}),
        warnings=HOSTILE,
        receipt={HOSTILE[1]: HOSTILE[0], "deep": {HOSTILE[3]: list(HOSTILE)}},
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made_of = {
        "whole": (made(), forecasts_of(made())),
        "backtest": (made(n_series=1, n_seeds=1, level=None), None),
        "hostile": (hostile(), None),
    }
    return {
        name: write_page(comparison, folder / f"{name}.html", forecasts)
        for name, (comparison, forecasts) in made_of.items()
    }


@pytest.mark.parametrize("name", ["whole", "backtest", "hostile"])
def test_browser_shows_every_section_and_fetches_nothing(pages, browser, name):
    path = pages[name]
    for width in (400, 1280):
        console, requested = show(browser, path, width)
        assert console == []
        assert requested == [path.as_uri()]
        assert browser.title == "Forecasts of 5 models · textseq"
        root = browser.execute_script(
            "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
        )
        assert root[0] <= root[1], f"{name} overflows at {width}"
        for section in SECTIONS[name != "whole" :]:
            element = browser.find_element("id", section)
            assert element.is_displayed(), section
            assert element.size["height"] > 60, section


def test_figures_stay_within_the_page_and_are_legible(pages, browser):
    for width in (400, 1280):
        show(browser, pages["whole"], width)
        figures = browser.execute_script(
            "return [...document.querySelectorAll('svg')].map(s => {"
            "const b = s.getBoundingClientRect();"
            "return [b.left, b.right, b.height, s.getAttribute('role'),"
            " s.getAttribute('aria-label')]})"
        )
        # Five series ahead, three of scores, five series in the backtest.
        assert len(figures) == 13
        for left, right, height, role, label in figures:
            assert left >= 0 and right <= width
            assert height > 100
            assert role == "img"
            assert len(label) > 2
        letters = browser.execute_script(
            "return [...document.querySelectorAll('svg text')].map(t => {"
            "const b = t.getBoundingClientRect();"
            "return [t.textContent, b.left, b.right, Math.max(b.height, b.width)]})"
        )
        assert [word for word, left, right, _ in letters if left < 0 or right > width] == []
        assert min(height for *_, height in letters) > 9


def test_figures_cover_no_letters_of_each_other(pages, browser):
    show(browser, pages["whole"], 1280)
    overlaps = browser.execute_script(
        """
        const found = [];
        for (const svg of document.querySelectorAll('svg')) {
          const words = [...svg.querySelectorAll('text')].map(t => [t.textContent,
            t.getBoundingClientRect()]);
          for (const [i, [one, a]] of words.entries())
            for (const [other, b] of words.slice(i + 1))
              if (a.left < b.right - 1 && b.left < a.right - 1
                  && a.top < b.bottom - 3 && b.top < a.bottom - 3) found.push([one, other]);
        }
        return found;
        """
    )
    assert overlaps == []


def test_paper_holds_the_table(pages, browser):
    # A4 less its margins, in CSS pixels.
    show(browser, pages["whole"], 718)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    widths = browser.execute_script(
        "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert widths[0] <= widths[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(pages, browser, scheme):
    show(browser, pages["whole"], 1280, scheme)
    kinds = ("h1", ".note", ".quiet", "thead th")
    assert min(contrasts(browser, kinds, "main svg text")) >= 4.5


def test_hostile_names_change_nothing(pages, browser):
    show(browser, pages["hostile"], 1280)
    assert scripts_of_others(browser) == 0
    assert browser.execute_script("return document.images.length") == 0
    shown = browser.find_element("id", "warnings").text
    assert "<script>document.title = 'broken'</script>" in shown
    assert "{{ 7 * 7 }}" in shown


@pytest.mark.parametrize("name", ["whole", "backtest", "hostile"])
def test_page_is_whole_and_needs_no_other_file(pages, name):
    assert pages[name].stat().st_size < 1_000_000
    text = pages[name].read_text(encoding="utf-8")
    check_markup(text)
    assert text.count("<h1>") == 1
    assert text.count("<th ") == text.count('<th scope="')


def test_the_page_says_what_is_drawn(pages):
    text = pages["whole"].read_text(encoding="utf-8")
    assert "7 series · 7 steps of 1 day ahead · 3 windows · 5 models · 2 seeds" in text
    assert "The next 7 steps, by lstm fitted to all rows" in text
    assert "Drawn are 5 of 7 series" in text
    for place in ("smallest error", "median error", "largest error"):
        assert text.count(f": {place}, MASE") >= 2
    alone = pages["backtest"].read_text(encoding="utf-8")
    assert '<section id="forecasts"' not in alone
    assert "Drawn are" not in alone
    assert "In 80 %" not in alone


def test_numbers_of_the_table(pages):
    text = pages["whole"].read_text(encoding="utf-8")
    row = made().table.set_index("model").loc["seasonal_naive"]
    for number in (
        f"{row['mase']:.3f}",
        f"{row['smape']:.2f}",
        f"{row['weighted_quantile_loss']:.4f}",
        f"{100 * row['coverage-95']:.1f}",
        f"{row['width-95']:.2f}",
    ):
        assert f'<td class="n">{number}</td>' in text


def test_json_read_back_draws_the_same_page(tmp_path):
    comparison = made()
    back = ForecastComparison.from_json(comparison.to_json(tmp_path / "forecasts.json"))
    forecasts = forecasts_of(comparison)
    one, other = (
        kept.to_html(tmp_path / f"{place}.html", forecasts).read_bytes()
        for place, kept in enumerate((comparison, back))
    )
    assert one == other


def test_forecasts_that_lack_a_shown_series_are_refused(tmp_path):
    forecasts = forecasts_of(made())
    left = forecasts[forecasts["unique_id"] != made().shown[0].id]
    with pytest.raises(ValueError, match="no forecast of series"):
        made().to_html(tmp_path / "page.html", left)
    assert not (tmp_path / "page.html").exists()


def test_integer_times_have_no_unit(tmp_path):
    frame = pd.DataFrame({"ds": range(60), "y": np.sin(np.arange(60))})
    from textseq.comparison.forecasts.compare import compare_forecasts

    comparison = compare_forecasts(frame, 4, [], n_windows=2)
    text = comparison.to_html(tmp_path / "page.html").read_text()
    assert "1 series · 4 steps ahead · 2 windows" in text
