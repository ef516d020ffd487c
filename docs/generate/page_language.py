"""A page in another language than the site's says so, to browsers and screen readers."""

from __future__ import annotations

from typing import Any


def on_post_page(output: str, *, page: Any, **_: Any) -> str:
    """Put the language that a page's head names into its root element."""
    language = page.meta.get("language", "en")
    return output.replace('<html lang="en"', f'<html lang="{language}"', 1)
