"""The lab in a real browser: what must fail fails, what mends mends, by hand and by keys."""

import re
import time

import pytest
from accessibility import serious_findings
from pages import show
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from textseq.playground.lab import write_lab
from textseq.playground.words import word_tables

WORDS = {name: table | word_tables("lab_")[name] for name, table in word_tables().items()}
N_LESSONS = 8


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_lab(tmp_path_factory.mktemp("lab") / "lab.html")


class Lab:
    """The page as a learner has it."""

    def __init__(self, browser, path, width=1280, scheme="light", language="en"):
        self.browser = browser
        self.said, self.requested = show(browser, path, width, scheme)
        self.speak(language)

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def speak(self, language):
        self.find(f"button[lang={language}]").click()

    def switch(self, name, value):
        Select(self.find(f"[name={name}]")).select_by_value(value)

    def press(self, key, language="en"):
        """Press the button of the open lesson that says this."""
        text = WORDS[language][key]
        (button,) = [b for b in self.all(".lesson.current button") if b.text == text]
        button.click()

    def open_lesson(self, number):
        self.all(".lesson-links button")[number - 1].click()

    def state(self):
        return self.find(".lab-verdict").get_attribute("data-state")

    def wait(self, *states, most=90):
        end = time.monotonic() + most
        while self.state() not in states:
            assert time.monotonic() < end, self.find(".lab-controls").text
            time.sleep(0.05)

    def step(self):
        return int(re.search(r"\d+", self.find(".reading-step").text)[0])

    def checks(self):
        """What is said of the failing and of the mending of the open lesson."""
        return [line.text for line in self.all(".lesson.current .check")]

    def flow(self):
        """The heights at which the gradient's line stands, first and last word."""
        points = self.find(".lab-figures figure:nth-child(2) polyline").get_attribute("points")
        ends = points.split(" ")[0], points.split(" ")[-1]
        return [float(end.split(",")[1]) for end in ends]


@pytest.fixture
def lab(browser, written):
    opened = Lab(browser, written)
    yield opened
    # Nothing may have gone wrong unseen.
    assert browser.get_log("browser") == []


def test_the_rnn_fails_at_fifty_words_and_learns_by_two_switches(lab):
    lab.open_lesson(2)
    lab.press("guide.setUp")
    lab.wait("spent")
    assert lab.step() == 150
    failed, mended = lab.checks()
    assert failed.startswith("✓ It failed: after 150 steps the loss is still 0.")
    assert mended == WORDS["en"]["check.notYet"]
    first, last = lab.flow()
    assert first > last + 80  # pixels, downwards: hardly any gradient at the first word
    lab.switch("initialization", "identity")
    lab.switch("activation", "relu")
    lab.find(".lab-controls button").click()
    lab.wait("learnt")
    assert lab.step() == 81  # of seed 1
    assert lab.checks()[1].startswith("✓ Mended: loss 0.")
    first, last = lab.flow()
    assert abs(first - last) < 20
    assert len(lab.all(".lesson-links .tick:not([hidden])")) == 1


def test_the_lstm_learns_with_a_forget_bias_and_not_without(lab):
    lab.open_lesson(3)
    lab.press("guide.setUp")
    lab.wait("spent")
    assert "It failed" in lab.checks()[0]
    lab.switch("forgetBias", "5")
    assert lab.state() == "new"
    lab.find(".lab-controls button").click()
    lab.wait("learnt")
    assert lab.step() == 39  # of seed 1
    assert "Mended" in lab.checks()[1]


def test_a_gradient_beyond_all_bounds_is_told_and_clipping_mends_it(lab):
    lab.open_lesson(4)
    lab.press("guide.setUp")
    lab.wait("broken")
    assert lab.step() == 5
    assert "beyond all bounds" in lab.checks()[0]
    lab.switch("clipping", "1")
    lab.find(".lab-controls button").click()
    lab.wait("learnt")
    assert "Mended" in lab.checks()[1]


def test_another_way_out_does_not_count_as_mended(lab):
    lab.open_lesson(2)
    lab.switch("length", "5")  # a shorter text was not asked for
    lab.find(".lab-controls button").click()
    lab.wait("learnt")
    said = "It learnt, but this should have stayed as it was: Length (T)."
    assert lab.checks() == [WORDS["en"]["check.notYet"], said]
    assert lab.all(".lesson-links .tick:not([hidden])") == []


def test_training_pauses_goes_on_and_hears_switches(lab):
    lab.switch("task", "parity")
    lab.switch("layers", "4")
    train = lab.find(".lab-controls button")
    train.click()
    lab.wait("running")
    assert train.text == WORDS["en"]["pause"]
    lab.switch("learningRate", "0.0003")  # heard while it learns
    train.click()
    lab.wait("paused")
    step = lab.step()
    assert step > 0 and train.text == WORDS["en"]["trainOn"]
    said = lab.find("#announcements").get_attribute("textContent")
    assert said.startswith(f"Paused after {step} steps")
    train.click()
    end = time.monotonic() + 60
    while lab.step() <= step:
        assert time.monotonic() < end
    lab.switch("layers", "1")  # another network: from the first step
    end = time.monotonic() + 60
    while lab.step() >= step:
        assert time.monotonic() < end
    assert lab.state() in ("running", "new")


def test_the_first_weights_are_looked_at_before_any_training(lab):
    lab.open_lesson(2)
    time.sleep(0.3)
    first, last = lab.flow()
    assert lab.state() == "new" and first > last + 80
    lab.switch("initialization", "identity")
    lab.switch("activation", "relu")
    time.sleep(0.5)
    first, last = lab.flow()
    assert abs(first - last) < 20
    assert lab.find(".circle-figure .note").text.startswith("0 of 32 eigenvalues lie outside")


def test_sentiment_tells_what_is_right_on_unseen_sentences(lab):
    lab.switch("task", "sentiment")
    lab.switch("cell", "mean")
    assert lab.find("[name=length]").get_attribute("disabled")
    lab.find(".lab-controls button").click()
    end = time.monotonic() + 60
    while not (unseen := lab.find(".reading-unseen").text):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert re.fullmatch(r"[\d.]+ % on unseen", unseen)


def active(lab):
    return lab.browser.switch_to.active_element


def tab_to(lab, wanted, most=60):
    """Press Tab until an element that is wanted has the focus; return it."""
    for _ in range(most):
        ActionChains(lab.browser).send_keys(Keys.TAB).perform()
        if wanted(active(lab)):
            return active(lab)
    raise AssertionError("not reached by Tab")


def test_the_guided_steps_are_walked_through_by_keys_alone(lab):
    def button(key):
        return lambda node: node.tag_name == "button" and node.text == WORDS["en"][key]

    def press(key=Keys.ENTER):
        ActionChains(lab.browser).send_keys(key).perform()

    for number in range(1, N_LESSONS + 1):
        tab_to(lab, button("guide.setUp"))
        press()
        assert lab.state() in ("running", "broken", "spent")
        if number == 1:
            lab.wait("spent")
            assert "It failed" in lab.checks()[0]
        for _ in ("answer", "help"):
            tab_to(lab, lambda node: node.tag_name == "summary")
            press()
        assert len(lab.all(".lesson.current details[open]")) == 2
        tab_to(lab, button("guide.mendIt"))
        press(Keys.SPACE)
        if number == 6:  # the quickest
            lab.wait("learnt")
            assert "Mended" in lab.checks()[1]
        if number < N_LESSONS:
            tab_to(lab, button("guide.next"))
            press()
            heading = active(lab)
            assert heading.tag_name == "h3"
            assert lab.find(".lesson-links [aria-current]").text.startswith(f"{number + 1}")
    # The switches, too.
    cell = tab_to(lab, lambda node: node.get_attribute("name") == "cell")
    cell.send_keys("lstm")
    assert lab.find("[name=activation]").get_attribute("disabled")


def test_listeners_hear_what_happens(lab):
    lab.open_lesson(6)
    region = lab.find("#announcements")
    assert region.get_attribute("aria-live") == "polite"
    lab.press("guide.setUp")
    lab.wait("spent")
    assert region.get_attribute("textContent").startswith("✓ It failed: after 300 steps")


def test_everything_is_said_in_the_language_that_is_chosen(lab, written, browser):
    lab.open_lesson(6)
    lab.press("guide.setUp")
    lab.wait("spent")
    lab.speak("pt")
    assert lab.find("html").get_attribute("lang") == "pt-BR"
    assert browser.title == f"{WORDS['pt']['lab.title']} · textseq"
    text = browser.execute_script("return document.body.innerText")
    english = {
        sentence
        for key, sentence in WORDS["en"].items()
        if sentence != WORDS["pt"][key] and "{" not in sentence and len(sentence) > 6
    }
    assert {sentence for sentence in english if f"\n{sentence}\n" in text} == set()
    assert re.search(r"perda 0,6\d\d", text)
    assert Select(lab.find("[name=learningRate]")).first_selected_option.text == "0,003"
    lab.speak("en")
    assert re.search(r"loss 0\.6\d\d", browser.execute_script("return document.body.innerText"))


def test_nothing_is_asked_for(browser, written):
    lab = Lab(browser, written)
    lab.find(".lab-controls button").click()
    lab.wait("learnt", "spent")
    asked = [url for url in lab.requested if not url.startswith("blob:")]
    assert asked == [written.as_uri()]
    assert lab.said == browser.get_log("browser") == []
    text = written.read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'") and "connect-src" not in policy
    assert written.stat().st_size < 2_000_000


def test_a_browser_that_lets_nothing_compute_is_told_of(browser, written, tmp_path):
    closed = tmp_path / "closed.html"
    page = written.read_text("utf-8").replace("worker-src blob:", "worker-src 'none'")
    closed.write_text(page, encoding="utf-8")
    lab = Lab(browser, closed)
    lab.wait("stopped", most=10)
    assert "refuses to compute" in lab.find(".lab-verdict").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "pt"])
def test_no_serious_finding_of_axe(browser, written, scheme, language):
    lab = Lab(browser, written, scheme=scheme, language=language)
    lab.press("guide.setUp", language)
    for summary in lab.all(".lesson.current summary, .notes summary"):
        summary.click()
    lab.wait("spent")
    assert serious_findings(browser) == []


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_nothing_hangs_over_the_edge(browser, written, width):
    lab = Lab(browser, written, width, language="pt")
    for number in range(1, N_LESSONS + 1):
        lab.open_lesson(number)
        for summary in lab.all(".lesson.current summary"):
            summary.click()
        hanging = browser.execute_script(
            "return [...document.querySelectorAll('#page *')].filter((node) => node.offsetParent"
            " && !node.closest('svg, math, .unseen')"
            " && node.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
            ".map((node) => node.outerHTML.slice(0, 100));"
        )
        assert hanging == []


def test_paper_has_every_step_and_the_notes(browser, written):
    lab = Lab(browser, written)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        shown = [lesson.is_displayed() for lesson in lab.all(".lesson")]
        assert shown == [True] * N_LESSONS
        assert not lab.find(".bench").is_displayed()
        height = "return document.querySelector(arguments[0]).offsetHeight"
        for opened in (".notes-lessons p", ".lesson .answer p"):
            assert browser.execute_script(height, opened) > 10
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
