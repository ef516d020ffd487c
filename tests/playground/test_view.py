"""The page of a fitted model, played with in a real browser by the keyboard alone."""

import pytest
from pages import HOSTILE, contrasts, show
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from textseq import TextClassifier

TEXTS = [f"a {word} film , {'so ' * (k % 4)}slow" for k in range(20) for word in ("good", "bad")]
LABELS = ["positive", "negative"] * 20
SMALL = {"embedding_dim": 6, "hidden_size": 5, "max_epochs": 2, "random_state": 0, "n_threads": 1}
SECTIONS = ("tokens", "ids", "vectors", "states", "cell", "answer", "gradient", "units", "about")


def classifier(**parameters):
    return TextClassifier(**SMALL | {"encoder": "bilstm", "min_df": 1} | parameters)


@pytest.fixture(scope="module")
def model():
    return classifier(wide="ngrams").fit(TEXTS, LABELS)


@pytest.fixture(scope="module")
def page(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    return model.to_page(path, TEXTS, LABELS[1:] + LABELS[:1], title="Films")


@pytest.fixture
def opened(page, browser):
    """The page at a desk's width, in English."""
    show(browser, page, 1280)
    browser.find_element(By.CSS_SELECTOR, "button[lang=en]").click()
    return browser


def text_of(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector).text


def type_text(browser, text):
    field = browser.find_element(By.ID, "text")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(text or Keys.BACKSPACE)


def current_token(browser):
    return text_of(browser, "#tokens [aria-current=step]")


def lit_equations(browser):
    return [
        item.find_element(By.CLASS_NAME, "equation-name").text
        for item in browser.find_elements(By.CSS_SELECTOR, ".equations .lit")
    ]


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_every_section_is_shown_and_nothing_is_fetched(page, browser, width):
    assert page.stat().st_size < 1_000_000
    console, requested = show(browser, page, width)
    for name in SECTIONS:
        section = browser.find_element(By.ID, name)
        browser.execute_script("arguments[0].scrollIntoView()", section)
        assert section.is_displayed() and section.size["height"] > 60, name
    assert console == [] and browser.get_log("browser") == []
    assert requested == [page.as_uri()]
    sizes = browser.execute_script(
        "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    )
    assert sizes[0] <= sizes[1]


def test_a_typed_text_is_answered_as_in_python(opened, model):
    type_text(opened, "a good unheard film")
    tokens = opened.find_elements(By.CSS_SELECTOR, "#tokens button")
    assert [token.text.split("\n")[0] for token in tokens] == ["a", "good", "unheard", "film"]
    assert "unknown" in tokens[2].get_attribute("class")
    assert "does not know 1" in text_of(opened, "#tokens .note")
    shown = opened.find_elements(
        By.CSS_SELECTOR, "#answer .side-by-side > :last-child .named-bar-number"
    )
    expected = model.predict_proba(["a good unheard film"])[0]
    assert [number.text for number in shown] == [f"{100 * p:.1f} %" for p in expected]


def test_an_empty_text_has_an_answer_and_no_steps(opened):
    type_text(opened, "")
    assert opened.find_elements(By.CSS_SELECTOR, "#tokens button") == []
    assert "%" in text_of(opened, ".answer-chip")
    assert opened.get_log("browser") == []


def test_the_slider_moves_by_keys_and_all_parts_with_it(opened):
    type_text(opened, "a good film , slow")
    equations = text_of(opened, ".equations")
    slider = opened.find_element(By.CSS_SELECTOR, ".controls input[type=range]")
    slider.send_keys(Keys.ARROW_RIGHT)
    assert current_token(opened) == "good"
    assert slider.get_attribute("aria-valuetext") == "2/5 “good”"
    assert "“good”" in text_of(opened, "#vectors figcaption")
    # What is far from the reader's eyes follows once the slider rests.
    wait = WebDriverWait(opened, 5)
    assert wait.until(lambda found: text_of(found, ".equations") != equations)
    slider.send_keys(Keys.END)
    assert current_token(opened) == "slow"


def test_a_changed_number_lights_what_depends_on_it_and_can_be_undone(opened):
    type_text(opened, "a good film , slow")
    before = text_of(opened, ".answer-chip")
    forget = opened.find_element(By.CSS_SELECTOR, "[aria-label='forget gate f: value']")
    opened.find_element(By.CSS_SELECTOR, ".controls input[type=range]").send_keys(Keys.ARROW_RIGHT)
    assert lit_equations(opened) == []
    forget.send_keys(Keys.CONTROL, "a")
    forget.send_keys("30", Keys.ENTER)
    # The gates of this step do not depend on each other; cell and state do.
    assert lit_equations(opened) == ["forget gate f", "cell c", "state h"]
    assert "downstream have changed" in opened.find_element(By.ID, "announcements").get_attribute(
        "textContent"
    )
    state = opened.find_element(By.CSS_SELECTOR, "[aria-label='state h: value']")
    state.send_keys(Keys.CONTROL, "a")
    state.send_keys("5", Keys.ENTER)
    assert text_of(opened, ".answer-chip") != before
    undo = opened.find_element(By.XPATH, "//button[text()='Undo']")
    undo.send_keys(Keys.ENTER, Keys.ENTER)
    assert text_of(opened, ".answer-chip") == before and lit_equations(opened) == []


def test_cells_of_a_grid_are_read_and_changed_by_keys(opened):
    type_text(opened, "a good film , slow")
    grid = opened.find_element(By.CSS_SELECTOR, "#states figure:last-of-type [role=grid]")
    assert grid.get_attribute("aria-colcount") == "6"  # five steps, and their mean
    grid.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    cell = opened.find_element(By.ID, grid.get_attribute("aria-activedescendant"))
    assert cell.get_attribute("textContent").startswith("column 1, step 2 “good”: ")
    assert current_token(opened) == "good"
    grid.send_keys("2")
    field = opened.switch_to.active_element
    field.send_keys(".5x", Keys.ENTER)
    assert "is no number" in opened.find_element(By.CSS_SELECTOR, "#states .fault").text
    field.send_keys(Keys.BACKSPACE, Keys.ENTER)
    assert opened.switch_to.active_element == grid
    assert cell.get_attribute("textContent") == "column 1, step 2 “good”: 2.500"
    assert lit_equations(opened) == [
        "input gate i", "forget gate f", "candidate c̃", "output gate o", "cell c", "state h"
    ]  # fmt: skip
    grid.send_keys(Keys.CONTROL, "z")
    assert lit_equations(opened) == []


def test_the_language_switches_without_losing_the_place(opened):
    type_text(opened, "a good film , slow")
    opened.find_element(By.CSS_SELECTOR, ".controls input[type=range]").send_keys(Keys.ARROW_RIGHT)
    opened.find_element(By.CSS_SELECTOR, "button[lang=pt]").send_keys(Keys.ENTER)
    assert opened.find_element(By.TAG_NAME, "html").get_attribute("lang") == "pt-BR"
    assert text_of(opened, "#tokens h2") == "1 O texto vira tokens"
    assert current_token(opened) == "good"
    assert "," in text_of(opened, ".answer-chip") and "." not in text_of(opened, ".answer-chip")
    assert "0{," not in text_of(opened, ".equations") and "0," in text_of(opened, ".equations")
    shown = opened.find_element(By.TAG_NAME, "main").text
    assert not {"step", "gate", "the", "Undo"} & set(shown.split())


def test_what_waits_to_be_seen_is_drawn_for_paper_too(page, browser):
    show(browser, page, 1280)
    drawn = "return document.querySelectorAll('#gradient .eigenvalue').length"
    assert browser.execute_script(drawn) == 0
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert browser.execute_script(drawn) == 10  # of five units, h and c


def test_eigenvalues_of_the_recurrent_weights_are_shown_too(opened):
    opened.execute_script("document.querySelector('.jacobians').scrollIntoView()")
    choice = WebDriverWait(opened, 5).until(
        lambda found: found.find_element(By.XPATH, "//option[text()='recurrent weights W_hf']")
    )
    choice.click()
    found = "return document.querySelectorAll('#gradient .eigenvalue').length"
    assert WebDriverWait(opened, 5).until(lambda one: one.execute_script(found) == 5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_schemes(page, browser, scheme):
    show(browser, page, 1280, scheme)
    kinds = ("h1", ".note", ".token", ".legend", ".lead-in", ".named-bar-number")
    assert min(contrasts(browser, kinds, ".chart text")) >= 4.5


@pytest.mark.parametrize("encoder", ["mean", "tcn", "rnn", "gru", "janet"])
def test_every_encoder_has_its_parts(browser, tmp_path, encoder):
    layers = {} if encoder == "mean" else {"num_layers": 2}
    model = classifier(encoder=encoder, max_epochs=1, **layers).fit(TEXTS, LABELS)
    console, _ = show(browser, model.to_page(tmp_path / "page.html"), 1280)
    for name in ("cell", "gradient", "units"):
        for section in browser.find_elements(By.ID, name):
            browser.execute_script("arguments[0].scrollIntoView()", section)
    assert console == [] and browser.get_log("browser") == []
    n_equations = {"mean": 0, "tcn": 0, "rnn": 1, "gru": 4, "janet": 3}[encoder]
    shown = browser.find_elements(By.CSS_SELECTOR, ".equations li")
    assert len([line for line in shown if line.is_displayed()]) == n_equations


def test_hostile_names_and_texts_change_nothing(browser, tmp_path):
    texts = [text for text in HOSTILE if text.isprintable() or "\u202e" in text] * 8
    labels = [HOSTILE[k % 2] for k in range(len(texts))]
    model = classifier(max_epochs=1).fit(texts, labels)
    path = model.to_page(tmp_path / "page.html", texts, labels, title=HOSTILE[0])
    console, requested = show(browser, path, 390)
    assert console == [] and requested == [path.as_uri()]
    assert browser.title == f"{HOSTILE[0]} · textseq"
    assert browser.find_element(By.TAG_NAME, "h1").text == HOSTILE[0]
    assert browser.execute_script("return document.images.length") == 0
    sizes = browser.execute_script(
        "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    )
    assert sizes[0] <= sizes[1]
