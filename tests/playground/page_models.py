"""Fitted models as a page's script computes with them, in a real browser."""

import base64
import json

from textseq.playground.scripts import joined, source_hash

NAMES = ("openModel", "bytesOf", "tokenizerOf", "characterKinds", "Matrix", "Tape")


class PageModels:
    """Opens models in one page of a browser, and asks them."""

    def __init__(self, browser, folder):
        self.browser = browser
        script = joined("model.js", f"Object.assign(globalThis, {{ {', '.join(NAMES)} }});\n")
        policy = f"default-src 'none'; script-src {source_hash(script)}"
        page = folder / "models.html"
        page.write_text(
            '<!doctype html><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
            f"<script>{script}</script>",
            encoding="utf-8",
        )
        browser.get(page.as_uri())

    def open(self, model, X=None, y=None, precision="float32", max_words=None):
        """Open a fitted model under the name ``model``; return what the page's JSON says of it."""
        form, block = model._of_first(X, y, max_words).laid(precision)
        code = "globalThis.model = openModel(JSON.parse(arguments[0]), bytesOf(arguments[1]));"
        given = json.dumps(form), base64.b64encode(block).decode()
        self.browser.execute_script(code, *given)
        return form

    def ask(self, code, *arguments):
        """Return what a function body answers."""
        return self.browser.execute_script(code, *arguments)
