"""What pages gain by their script, and that they need none: in a real browser."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from comparisons import make_comparison, with_costs
from forecast_comparisons import made
from matplotlib.axes import Axes
from pages import HOSTILE, SCRIPT, show

from textseq.comparison.scores.errors import confusion
from textseq.comparison.scores.page import write_page
from textseq.comparison.statistics import t_interval
from textseq.comparison.wording import (
    bytes_text,
    count_text,
    dollars_text,
    p_text,
    score_text,
    seconds_text,
)
from textseq.figures import figure_style, new_figure
from textseq.inspection.page import Group
from textseq.inspection.page import write_page as write_findings
from textseq.inspection.result import Inspection
from textseq.marks import keep_grid, keep_marks

STATUS = "return document.querySelector('[role=status]').textContent"


@pytest.fixture(scope="module")
def comparison():
    return with_costs(make_comparison(n_models=8))


@pytest.fixture(scope="module")
def page(comparison, tmp_path_factory):
    return write_page(comparison, tmp_path_factory.mktemp("page") / "page.html")


@pytest.fixture
def shown(browser, page):
    show(browser, page, 1280)
    return browser


def hover(browser, selector, mark, group=0):
    """Put the pointer on a mark of a figure; return what is said of it."""
    from selenium.webdriver import ActionChains

    # The viewport's place of the mark, once it is in the middle of the window.
    x, y = browser.execute_script(
        """
        const figure = document.querySelector(arguments[0]);
        const svg = figure.querySelector("svg");
        svg.scrollIntoView({block: "center"});
        const group = JSON.parse(figure.querySelector("script").textContent)[arguments[2]];
        const place = new DOMPoint(group.x[arguments[1]] / 10, group.y[arguments[1]] / 10)
          .matrixTransform(svg.getScreenCTM());
        return [place.x, place.y];
        """,
        selector,
        mark,
        group,
    )
    actions = ActionChains(browser)
    actions.w3c_actions.pointer_action.move_to_location(round(x), round(y))
    actions.perform()
    return browser.find_element("class name", "tip").text


def press(browser, *keys):
    from selenium.webdriver import ActionChains

    ActionChains(browser).send_keys(*keys).perform()


def first_figure(browser):
    """Bring the keyboard to the first figure, as Tab does, and to no mark but its first."""
    from selenium.webdriver import Keys

    browser.execute_script(
        "document.querySelector('#scores .plots').setAttribute('tabindex', -1);"
        "document.querySelector('#scores .plots').focus()"
    )
    press(browser, Keys.TAB)


def test_the_pointer_reads_the_value_of_a_mark(shown, comparison):
    best = comparison.ranked[0]
    mean, half = t_interval(best.scores)
    digits = [re.sub(r"\.?0+$", "", f"{value:.4f}") for value in (mean, mean - half, mean + half)]
    assert hover(shown, "#scores figure", 0).split("\n") == [
        f"model: {best.name}",
        "fit: mean of 3",
        f"accuracy: {digits[0]}",
        f"95 % interval from: {digits[1]}",
        f"95 % interval to: {digits[2]}",
    ]
    assert f"accuracy: {best.scores[2]:g}" in hover(shown, "#scores figure", 2, group=1)
    # Values stand near the mark and within the window.
    box = shown.execute_script(
        "const [a, b] = ['.tip', '.ring'].map(k =>"
        " document.querySelector(k).getBoundingClientRect());"
        "return [a.left >= 0 && a.right <= innerWidth, b.top - a.bottom, b.width]"
    )
    assert box[0] and 0 <= box[1] < 20 and 4 < box[2] < 30


def test_every_cell_of_a_matrix_says_its_count(shown, comparison):
    counts = confusion(comparison, comparison.ranked[0]).ravel()
    for cell, count in enumerate(counts):
        said = dict(line.split(": ") for line in hover(shown, "#errors figure", cell).split("\n"))
        assert float(said["texts"].replace(",", "")) == pytest.approx(count, rel=1e-3)


def test_values_go_with_the_pointer_and_away(shown):
    from selenium.webdriver import ActionChains

    hover(shown, "#scores figure", 0)
    ActionChains(shown).move_to_element(shown.find_element("tag name", "h2")).perform()
    assert not shown.find_element("class name", "tip").is_displayed()
    assert shown.find_elements("class name", "ring") == []


def test_the_keyboard_walks_all_marks(shown, comparison):
    from selenium.webdriver import Keys

    first_figure(shown)
    names = [model.name for model in comparison.ranked]
    assert shown.execute_script(STATUS).startswith(f"model: {names[0]}, fit: mean of 3")
    assert shown.find_element("class name", "tip").text.startswith(f"model: {names[0]}")
    press(shown, Keys.ARROW_DOWN)
    assert shown.execute_script(STATUS).startswith(f"model: {names[1]}, fit: mean of 3")
    press(shown, Keys.ARROW_UP, Keys.ARROW_UP)
    assert shown.execute_script(STATUS).startswith(f"model: {names[0]}, fit: mean of 3")
    said = set()
    press(shown, Keys.HOME)
    n_marks = sum(len(model.scores) + (len(model.scores) > 1) for model in comparison.models)
    for _ in range(n_marks):
        said.add(shown.execute_script(STATUS))
        press(shown, Keys.ARROW_RIGHT)
    assert len(said) == n_marks
    assert shown.execute_script(STATUS) in said
    press(shown, Keys.ARROW_LEFT, Keys.END)
    assert shown.execute_script(STATUS).startswith(f"model: {names[-1]}")
    press(shown, Keys.ESCAPE)
    assert not shown.find_element("class name", "tip").is_displayed()


def test_a_figure_is_one_stop_and_its_data_another(shown):
    from selenium.webdriver import Keys

    first_figure(shown)
    kinds = []
    for _ in range(4):
        kinds.append(shown.switch_to.active_element.get_attribute("class"))
        kinds.append(shown.switch_to.active_element.get_attribute("download"))
        press(shown, Keys.TAB)
    assert kinds == ["stage", None, "", "scores.csv", "stage", None, "", "times.csv"]
    label = shown.execute_script("return document.querySelector('.stage').ariaLabel")
    assert label.startswith("Values, by arrow keys: bilstm scores highest")
    assert not shown.find_element("class name", "tip").is_displayed()


def column(browser, table, place):
    rows = browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])[0].tBodies[0].rows]"
        ".map(r => r.cells[arguments[1]].textContent)",
        table,
        place,
    )
    return rows


def click_head(browser, table, name):
    """Click a head cell; return the number of its column, and its order."""
    heads = browser.find_elements("css selector", f"{table} thead th")
    names = [head.text.replace("\n", " ") for head in heads]
    place = names.index(name)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", heads[place])
    heads[place].find_element("tag name", "button").click()
    return place, heads[place].get_attribute("aria-sort")


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("Accuracy", lambda model: model.scores.mean()),
        ("Training", lambda model: model.fit_seconds.mean()),
        # By what is written: 1.4 M is both 1,440,386 and 1,381,250.
        ("Parameters", lambda model: model.n_parameters and float(f"{model.n_parameters:.1e}")),
        ("On disk", lambda model: model.disk_bytes),
        ("Price of 1,000 texts", lambda model: model.dollars_per_1000),
    ],
)
def test_tables_are_sorted_by_numbers(shown, comparison, name, of):
    table = "#scores table"
    before = column(shown, table, 0)
    place, order = click_head(shown, table, name)
    values = {model.name: of(model) for model in comparison.models}
    assert order == "ascending"
    found = [values[model] for model in column(shown, table, 0)]
    given = [value for value in found if value is not None]
    assert given == sorted(given) and None not in found[: len(given)]
    assert click_head(shown, table, name)[1] == "descending"
    found = [values[model] for model in column(shown, table, 0)]
    assert found[: len(given)] == sorted(given, reverse=True)
    assert click_head(shown, table, name)[1] is None
    assert column(shown, table, 0) == before


def test_tables_are_sorted_by_the_middle_of_intervals_and_by_words(shown):
    table = "#pairs table"
    place, _ = click_head(shown, table, "95 % interval")
    ends = [
        [float(end.replace("−", "-")) for end in text.split(" to ")]
        for text in column(shown, table, place)
    ]
    middles = np.mean(ends, axis=1)
    assert len(set(middles)) > 3 and (np.diff(middles) >= 0).all()
    place, _ = click_head(shown, table, "Verdict")
    words = column(shown, table, place)
    assert words == sorted(words) and len(set(words)) > 1
    sorted_heads = shown.find_elements("css selector", f"{table} th[aria-sort]")
    assert [head.text for head in sorted_heads] == ["Verdict"]


def test_the_data_of_a_figure_can_be_saved(shown, comparison, tmp_path):
    shown.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    link = shown.find_element("css selector", "#scores a[download='times.csv']")
    shown.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
    link.click()
    table = pd.read_csv(waited_for(tmp_path / "times.csv")).set_index("model")
    by_name = {model.name: model for model in comparison.models if not model.is_constant}
    assert set(table.index) == set(by_name)
    for name, model in by_name.items():
        assert table.loc[name, "seconds to train"] == pytest.approx(model.fit_seconds.mean(), 1e-5)
        assert table.loc[name, "accuracy"] == pytest.approx(model.scores.mean(), 1e-5)
    assert shown.get_log("browser") == []


@dataclass(frozen=True, eq=False)
class Drawn(Inspection):
    """A figure of anything."""

    fill: Callable[[Axes], None]

    def plot(self):
        with figure_style():
            figure = new_figure(2.5, self.verdict)
            self.fill(figure.add_subplot())
        return figure

    def message(self):
        return self.verdict


def page_of(path, fill, table=None):
    """Write a page of one figure, and the table beside it."""
    found = Drawn(pd.DataFrame() if table is None else table, "what it shows", fill)
    groups = [Group("group", {"drawn": found})]
    return write_findings(path, ["a page"], groups, left_out=[], receipt={}, parameters={})


def test_what_users_provide_is_words_in_values_and_files(browser, tmp_path):
    names = [name.encode(errors="replace").decode() for name in HOSTILE]

    def fill(axes):
        axes.set_xlim(0, len(names))
        places = np.arange(len(names)) + 0.5
        keep_marks(axes, {'a "name", long': names, "n": places}, places, np.full(len(names), 0.5))

    path = page_of(tmp_path / "page.html", fill)
    assert show(browser, path, 1280) == ([], [path.as_uri()])
    for place, name in enumerate(names):
        said = hover(browser, "figure", place)
        start = "".join(name.split())[:40]
        assert "".join(said.split()).startswith(f'a"name",long:{start}')
    assert browser.title == "a page · textseq"
    assert browser.execute_script("return document.images.length") == 0
    folder = tmp_path / "saved"
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    browser.find_element("css selector", "a[download]").click()
    table = pd.read_csv(waited_for(folder / "drawn-group0-0.csv"))
    assert table['a "name", long'].tolist() == names
    assert table["n"].tolist() == [place + 0.5 for place in range(len(names))]


def test_values_are_written_as_one_says_them(browser, tmp_path):
    values = [12_345.678, 1e-7, -0.25, 3, 9_999, 1 / 3]

    def fill(axes):
        axes.set_xlim(0, 6)
        keep_marks(axes, {"v": values, "gap": np.nan}, np.arange(6) + 0.5, np.full(6, 0.5))
        keep_marks(axes, {"v": [" ", "\n"]}, [1, 2], [0.9, 0.9])

    show(browser, page_of(tmp_path / "page.html", fill), 1280)
    said = [hover(browser, "figure", place) for place in range(6)]
    assert said == ["v: 12,350", "v: 1e−7", "v: −0.25", "v: 3", "v: 9999", "v: 0.3333"]
    assert [hover(browser, "figure", place, 1) for place in range(2)] == ["v: ␣", "v: ⏎"]


@pytest.mark.parametrize(
    ("written", "values"),
    [
        (p_text, [1e-4, 0.001, 0.15, 1.0]),
        (count_text, [7, 980, 21_410, 1_440_386, None]),
        (seconds_text, [0.0007, 0.004, 0.93, 34.9, 222, 9_000]),
        (bytes_text, [980, 21_410, 5_300_000, 91_400_000, 1_340_000_000]),
        (dollars_text, [0, 0.000234, 0.0051, 0.4, 12, 1_200]),
        (lambda value: score_text(np.array([value, value + 0.1])), [-120.0, 0.843, 2.1, 41.32]),
        ("{:+.3f}".format, [-0.02, -0.001, 0.3]),
        ("{:.2e}".format, [-np.inf, -2.5e-7, 1e-9, 3.1, 4e12, np.inf]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_numbers_are_sorted_as_they_are_written(browser, tmp_path, written, values):
    texts = [written(value).replace("-", "−") for value in values]
    mixed = np.random.default_rng(1).permutation(len(texts))
    table = pd.DataFrame({"column": [texts[place] for place in mixed]})
    path = page_of(tmp_path / "page.html", lambda axes: keep_marks(axes, {"a": 1}, 0, 0), table)
    show(browser, path, 1280)
    place, _ = click_head(browser, "table", "column")
    assert column(browser, "table", place) == texts


def test_cells_of_a_map_say_their_values(browser, tmp_path):
    from selenium.webdriver import ActionChains, Keys

    cells = np.round(np.random.default_rng(0).normal(size=(3, 5)), 2)

    def fill(axes):
        axes.imshow(cells, aspect="auto")
        tokens = list("abcde")
        keep_grid(axes, "state", cells, {"unit": [7, 8, 9]}, {"token": tokens})

    show(browser, page_of(tmp_path / "page.html", fill), 1280)
    stage = browser.find_element("class name", "stage")
    ActionChains(browser).move_to_element(stage).perform()
    middle = browser.find_element("class name", "tip").text
    assert middle == f"token: c\nunit: 8\nstate: {cells[1, 2]:g}".replace("-", "−")
    browser.execute_script("arguments[0].focus()", stage)
    press(browser, Keys.ARROW_DOWN, Keys.ARROW_RIGHT)
    said = browser.execute_script(STATUS)
    assert said.startswith("token: d, unit: 9, state: ")
    shown = float(said.rsplit(" ", 1)[1].replace("−", "-"))
    assert shown == pytest.approx(cells[2, 3], abs=1e-3)


def test_a_step_is_read_from_anywhere_above_or_below_it(browser, tmp_path):
    def fill(axes):
        axes.set_xlim(0, 4)
        axes.set_ylim(0, 1)
        keep_marks(axes, {"y": [0.0, np.nan]}, [1, 3], [0.0, np.nan], spans=True)
        keep_marks(axes, {"top": [1]}, [3], [1.0])

    show(browser, page_of(tmp_path / "page.html", fill), 1280)
    assert hover(browser, "figure", 0) == "y: 0"
    from selenium.webdriver import ActionChains

    ActionChains(browser).move_by_offset(3, -60).perform()
    assert browser.find_element("class name", "tip").text == "y: 0"
    assert browser.find_elements("css selector", ".ring line")
    assert hover(browser, "figure", 0, 1) == "top: 1"


def test_without_scripts_the_page_reads_as_it_stands(browser, page):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        console, _ = show(browser, page, 1280)
        assert console == []
        for kind in ("th button", ".stage", ".tip", "a[download]", "[role=status]"):
            assert browser.find_elements("css selector", kind) == []
        assert len(browser.find_elements("css selector", "details[open]")) == 1
        shown = browser.execute_script("return document.body.innerText")
        assert "Data as CSV" not in shown and "{" not in shown
        assert "0.852 ± 0.025" in shown
        assert browser.find_element("css selector", "#scores svg").size["height"] > 100
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_no_script_but_the_pages_own_is_run(browser, page, tmp_path):
    other = tmp_path / "other.html"
    text = page.read_text(encoding="utf-8")
    other.write_text(text.replace(SCRIPT, SCRIPT + " "), encoding="utf-8")
    console, _ = show(browser, other, 1280)
    assert "Content Security Policy" in console[0]["message"]
    assert browser.find_elements("css selector", ".stage") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_values_stand_out_in_both_schemes(browser, page, scheme):
    show(browser, page, 1280, scheme)
    hover(browser, "#scores figure", 0)
    colors = browser.execute_script(
        "const of = (k, p) => getComputedStyle(document.querySelector(k))[p];"
        "return [of('.tip', 'color'), of('.tip span', 'color'), of('.data a', 'color'),"
        " of('th button', 'color'), of('.ring', 'stroke'), of('.tip', 'backgroundColor'),"
        " of('body', 'backgroundColor')]"
    )
    *drawn, tip, body = [luminance(color) for color in colors]
    assert tip == body
    for other in drawn:
        low, high = sorted([other, body])
        assert (high + 0.05) / (low + 0.05) >= 4.5


def luminance(color):
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_paper_shows_nothing_that_the_script_adds(shown):
    hover(shown, "#scores figure", 0)
    shown.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    try:
        for kind in (".tip", ".data", ".ring"):
            assert not shown.find_element("css selector", kind).is_displayed()
    finally:
        shown.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_nothing_moves_by_itself(shown):
    moving = shown.execute_script(
        "return [...document.querySelectorAll('*')].filter(e => {"
        "const s = getComputedStyle(e); return s.transitionDuration !== '0s'"
        " || s.animationName !== 'none' || s.scrollBehavior !== 'auto'}).length"
    )
    assert moving == 0


@pytest.mark.parametrize("name", ["scores", "forecasts", "single"])
def test_a_wide_window_is_filled(browser, page, tmp_path, name):
    if name == "forecasts":
        page = made().to_html(tmp_path / "page.html")
    if name == "single":
        page = made(n_series=1, n_seeds=1).to_html(tmp_path / "page.html")
    for width in (390, 1280, 1920):
        show(browser, page, width)
        inner = browser.execute_script("return document.documentElement.clientWidth")
        rights = browser.execute_script(
            "return ['#scores', '#pairs'].map(k => Math.max(...[...document.querySelectorAll("
            "`${k} svg, ${k} table, ${k} .note`)].map(e => e.getBoundingClientRect().right)))"
        )
        assert browser.execute_script("return document.documentElement.scrollWidth") == inner
        assert rights[0] > 0.85 * inner and rights[1] > 0.6 * inner
        # As large as they were drawn, and letters no larger than headings.
        scales = browser.execute_script(
            "return [...document.querySelectorAll('main > section svg')].filter(s =>"
            " s.clientWidth).map(s => s.clientWidth / s.viewBox.baseVal.width)"
        )
        assert min(scales) > 0.95 and max(scales) < (3.0 if width == 1920 else 2.0)


def waited_for(path):
    """Return a path once the browser has saved it."""
    for _ in range(100):
        if path.exists():
            return path
        time.sleep(0.05)
    raise AssertionError(f"{path.name} was not saved")
