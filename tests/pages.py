"""What the tests of HTML pages share: a real browser's view of a page, and of its markup."""

import base64
import hashlib
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import textseq

SCRIPT = (Path(textseq.__file__).parent / "report" / "page.js").read_text(encoding="utf-8")

HOSTILE = (
    "<script>document.title = 'broken'</script>",
    '"><img src=x onerror="document.title = \'broken\'">',
    "{{ 7 * 7 }} {% raw %}",
    "</style></svg></blockquote>",
    "我们 مرحبا 👩‍👩‍👧 \u202e reversed",
    "x" * 5_000,
    "\ud800 half a pair \x00\x1b",
    "javascript:alert(1) $x^$ \\n &amp; '",
)


class Reader(HTMLParser):
    """Collects tags, ids and scripts, and checks that what is opened is closed."""

    VOID = ("meta", "br", "img", "hr", "link", "input")

    def __init__(self):
        super().__init__()
        self.tags, self.ids, self.open, self.links = [], [], [], []
        self.scripts, self.policy = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        attrs = dict(attrs)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        self.links += [attrs[key] for key in ("href", "src", "xlink:href") if key in attrs]
        if tag == "script":
            self.scripts.append((attrs, ""))
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            attrs, before = self.scripts[-1]
            self.scripts[-1] = attrs, before + data

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check_markup(text):
    """Check that a page is whole, names nothing twice, and needs no file and script but its own."""
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    check_scripts(reader)
    assert not {"link", "img", "iframe", "base"} & set(reader.tags)
    for link in reader.links:
        if not link.startswith("data:image/png;base64,"):
            assert link.startswith("#")
            assert link[1:] in reader.ids
    for used in re.findall(r"url\(#([^)]*)\)", text):
        assert used in reader.ids
    assert "http" not in re.sub(r'http-equiv|xmlns(:\w+)?="[^"]*"|"data:[^"]*"', "", text)


def check_scripts(reader):
    """Check that the one script is the package's, and that the page lets no other run."""
    run = [text for attrs, text in reader.scripts if attrs.get("type") != "application/json"]
    assert run == [SCRIPT]
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    sources = dict(part.split(maxsplit=1) for part in reader.policy.split("; "))
    assert sources["script-src"] == f"'sha256-{digest}'"
    assert sources["default-src"] == "'none'"
    # Every figure tells what its marks stand for.
    data = [json.loads(text) for attrs, text in reader.scripts if "type" in attrs]
    assert len(data) == reader.tags.count("svg")
    assert all(data)


def scripts_of_others(browser):
    """Count the scripts of a page that are neither its data nor, the one, its own."""
    return browser.execute_script(
        "return [...document.scripts].filter(s => s.type !== 'application/json').length - 1"
    )


def show(browser, path, width, scheme="light"):
    """Open a page at a width; return what the console said and what was requested."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(path.as_uri())
    time.sleep(0.1)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requested = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    return browser.get_log("browser"), requested


def contrasts(browser, kinds, drawn):
    """Return the contrast with the page of some elements, and of a figure's letters."""
    return browser.execute_script(
        """
        const light = c => {
          const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const page = light(getComputedStyle(document.body).backgroundColor);
        const contrast = c => {
          const other = light(c);
          return (Math.max(page, other) + 0.05) / (Math.min(page, other) + 0.05);
        };
        const letters = arguments[0].map(k => getComputedStyle(document.querySelector(k)).color);
        const drawn = [...document.querySelectorAll(arguments[1])]
          .map(t => getComputedStyle(t).fill);
        return [...letters, ...drawn].map(contrast);
        """,
        kinds,
        drawn,
    )
