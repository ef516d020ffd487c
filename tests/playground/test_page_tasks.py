"""The pages of all tasks in a real browser: what each shows, and what axe-core finds on it."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from accessibility import serious_findings
from pages import show
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from textseq import (
    Forecaster,
    LanguageModel,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    TextClassifier,
    TextRegressor,
)

RNG = np.random.default_rng(0)
SMALL = {"hidden_size": 5, "max_epochs": 1, "random_state": 0, "n_threads": 1}
TEXTS = ["so it goes , and so it ends", "it goes on and on", "who knows where it goes ?"] * 8
ROWS = [text.split() for text in TEXTS]
TAGS = [["long" if len(word) > 3 else "short" for word in row] for row in ROWS]
SERIES = [RNG.normal(size=(2, n)) for n in RNG.integers(4, 12, 30)]
FRAME = pd.DataFrame(
    {
        "unique_id": np.repeat(["a", "b"], 50),
        "ds": np.tile(np.arange(50), 2),
        "y": 5 + np.sin(np.arange(100)),
    }
)


def classes():
    model = TextClassifier(encoder="gru", pooling="attention", head_sizes=(4,), **SMALL)
    return model.fit(TEXTS, ["yes", "no", "maybe"] * 8), (TEXTS, ["yes", "no", "no"] * 8)


def number():
    return TextRegressor(encoder="lstm", **SMALL).fit(TEXTS, [1.0, 2.5, 4.0] * 8), (TEXTS,)


def series():
    model = SeriesClassifier(encoder="bilstm", **SMALL).fit(SERIES, ["up", "down"] * 15)
    return model, (SERIES, ["up", "down"] * 15)


def tags():
    return SequenceTagger(head="crf", encoder="bigru", **SMALL).fit(ROWS, TAGS), (ROWS, TAGS)


def language():
    return LanguageModel(level="word", **SMALL).fit(TEXTS), ()


def translation():
    model = Seq2Seq(attention="additive", beam_size=1, encoder="lstm", **SMALL)
    return model.fit(TEXTS, TEXTS[::-1]), (TEXTS, TEXTS[::-1])


def forecast():
    model = Forecaster(h=4, input_size=12, season_length=6, encoder="gru", **SMALL).fit(FRAME)
    return model, (FRAME,)


TASKS = {
    "classes": (classes, "answer"),
    "number": (number, "answer"),
    "series": (series, "answer"),
    "tags": (tags, "tags"),
    "language": (language, "generate"),
    "translation": (translation, "said"),
    "forecast": (forecast, "forecast"),
}


@pytest.fixture(scope="module")
def page_of(tmp_path_factory):
    """A function that returns the page of a task, which is made once."""

    @cache
    def write(name):
        model, rows = TASKS[name][0]()
        return model.to_page(tmp_path_factory.mktemp("page") / "page.html", *rows)

    return write


def look_at_all(browser):
    """Scroll to each section, so that what waits to be seen is drawn."""
    for section in browser.find_elements(By.TAG_NAME, "section"):
        browser.execute_script("arguments[0].scrollIntoView()", section)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("task", TASKS)
def test_pages_show_their_task_in_both_languages(page_of, browser, task, width):
    path = page_of(task)
    console, requested = show(browser, path, width)
    assert browser.find_element(By.ID, TASKS[task][1]).is_displayed()
    for name in ("en", "pt"):
        browser.find_element(By.CSS_SELECTOR, f"button[lang={name}]").click()
        look_at_all(browser)
    assert console == [] and browser.get_log("browser") == []
    assert requested == [path.as_uri()]
    sizes = browser.execute_script(
        "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    )
    assert sizes[0] <= sizes[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("task", TASKS)
def test_axe_finds_nothing_serious_even_where_a_number_was_changed(page_of, browser, task, scheme):
    show(browser, page_of(task), 1280, scheme)
    field = browser.find_element(By.CSS_SELECTOR, ".equations input")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("0.9", Keys.ENTER)
    look_at_all(browser)
    assert serious_findings(browser) == []


@pytest.fixture
def opened(page_of, browser):
    """A function that opens the page of a task, in English."""

    def open_page(task):
        show(browser, page_of(task), 1280)
        browser.find_element(By.CSS_SELECTOR, "button[lang=en]").click()
        return browser

    return open_page


def test_a_language_model_goes_on_token_by_token(opened):
    browser = opened("language")
    draw = browser.find_element(By.XPATH, "//button[text()='Draw a token']")
    draw.send_keys(Keys.ENTER)
    assert len(browser.find_elements(By.CSS_SELECTOR, "#generate .drawn")) == 1
    shares = browser.find_elements(By.CSS_SELECTOR, "#generate .named-bar-number")
    assert len(shares) > 3
    top_k = browser.find_elements(By.CSS_SELECTOR, "#generate input[type=range]")[1]
    top_k.send_keys(Keys.ARROW_RIGHT)  # begins again, among one
    draw.send_keys(Keys.ENTER)
    (share,) = browser.find_elements(By.CSS_SELECTOR, "#generate .named-bar-number")
    assert share.text == "100.0 %"


def test_a_tagger_says_a_tag_under_each_token(opened):
    browser = opened("tags")
    tokens = browser.find_elements(By.CSS_SELECTOR, "#tags .token")
    assert {token.text.split("\n")[1].split(" ")[0] for token in tokens} <= {"long", "short"}
    tokens[2].send_keys(Keys.ENTER)
    assert "step 3" in browser.find_element(By.CSS_SELECTOR, "#tags h3").text


def test_a_series_is_changed_as_text(opened):
    browser = opened("series")
    field = browser.find_element(By.ID, "text")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("1 2 x", Keys.ENTER, "1 2 3")
    assert "Write 2 lines" in browser.find_element(By.CSS_SELECTOR, ".controls .fault").text
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("1 2 ?", Keys.ENTER, "1 2 3,5")
    assert browser.find_element(By.CSS_SELECTOR, ".controls .fault").text == ""
    slider = browser.find_element(By.CSS_SELECTOR, ".controls input[type=range]")
    slider.send_keys(Keys.END)
    assert slider.get_attribute("aria-valuetext") == "3/3 “–; 3.50”"


def test_a_translation_shows_where_each_token_looks(opened):
    browser = opened("translation")
    grid = browser.find_element(By.CSS_SELECTOR, "#said [role=grid]")
    assert grid.get_attribute("aria-colcount") == str(len(ROWS[0]))
    grid.send_keys(Keys.ARROW_DOWN)
    assert "step 2" in browser.find_element(By.CSS_SELECTOR, "#said h3").text
