"""The built site in a real browser, opened from disk: what `make docs` has written."""

import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from code_blocks import ROOT
from pages import contrasts, show

SITE = ROOT / "build" / "site"
KINDS = [
    "index",
    "guides/classify-reviews",
    "encoders/recurrent",
    "lessons/index",
    "lessons/licao3-redes-recorrentes",
    "python/TextClassifier",
    "shell/fit",
    "r-reference",
    "r/reference/text_classifier",
    "gallery/index",
    "benchmarks",
    "changelog",
]
pytestmark = pytest.mark.site


def page(name):
    return SITE / f"{name}.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
def test_pages_ask_nobody_and_fit_their_window(browser, name, scheme):
    for width in (390, 1280):
        console, requested = show(browser, page(name), width, scheme)
        assert console == []
        # The lab computes in a worker, which is a blob of the page's own.
        own = ("file:", "data:", "blob:null/")
        assert [url for url in requested if not url.startswith(own)] == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    # Text, quiet text and links, against the page.
    links = ["nav a"] if name.startswith("r/") else [".md-tabs__link", "table a, .md-footer__link"]
    assert min(contrasts(browser, ["h1", "p", *links], "none")) > 4.5


def test_all_formulas_are_set(browser):
    paths = [path for path in sorted(SITE.rglob("*.html")) if "arithmatex" in path.read_text()]
    assert len(paths) > 8
    for path in paths:
        show(browser, path, 1280)
        time.sleep(0.3)
        count = "return document.querySelectorAll(arguments[0]).length"
        formulas = browser.execute_script(count, ".arithmatex")
        assert browser.execute_script(count, ".arithmatex .katex") == formulas > 0
        assert browser.execute_script(count, ".katex-error") == 0, path


def found(browser, words):
    """Return the titles that the search of the page shows."""
    field = browser.find_element("css selector", ".md-search__input")
    browser.execute_script("arguments[0].focus()", field)
    field.send_keys(words)
    for _ in range(50):
        time.sleep(0.1)
        titles = browser.find_elements("css selector", ".md-search-result__article h1")
        if titles:
            return [title.text for title in titles]
    return []


def test_the_search_works_from_disk(browser):
    show(browser, page("guides/tag-words"), 1280)
    assert any("SequenceTagger" in title for title in found(browser, "SequenceTagger"))
    show(browser, page("index"), 1280)
    assert any("Redes recorrentes" in title for title in found(browser, "gradientes"))


def test_the_search_works_on_a_server(browser):
    with ThreadingHTTPServer(("127.0.0.1", 0), _Silent) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        browser.get(f"http://127.0.0.1:{server.server_port}/index.html")
        assert any("forecast" in title.lower() for title in found(browser, "forecast"))
        server.shutdown()


class _Silent(SimpleHTTPRequestHandler):
    def __init__(self, *arguments):
        super().__init__(*arguments, directory=str(SITE))

    def log_message(self, *arguments):
        pass


def test_a_lesson_in_portuguese_says_so(browser):
    show(browser, page("lessons/licao1-texto-como-dados"), 1280)
    assert browser.execute_script("return document.documentElement.lang") == "pt-BR"


def test_the_gallery_shows_its_pages(browser):
    show(browser, page("gallery/index"), 1280)
    for frame in browser.find_elements("css selector", "iframe.exhibit"):
        browser.execute_script("arguments[0].scrollIntoView()", frame)
        time.sleep(0.5)
        browser.switch_to.frame(frame)
        assert browser.find_elements("css selector", "h1")
        browser.switch_to.default_content()
