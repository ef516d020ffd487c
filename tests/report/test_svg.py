import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from textseq.figures import INK, figure_style, new_figure
from textseq.report.svg import inline_svg


def drawn(fill):
    with figure_style():
        figure = new_figure(2.0, "message")
        fill(figure.add_subplot())
    return inline_svg(figure, "one", "what it shows")


def test_colours_follow_the_page_and_ids_have_its_prefix():
    svg = drawn(lambda axes: axes.plot([1, 2], color=INK))
    assert INK not in svg and "var(--ink)" in svg
    assert set(re.findall(r'id="(\w+)-', svg)) == {"one"}


def test_numbers_of_tags_are_short_and_those_of_words_stay():
    svg = drawn(lambda axes: axes.text(0.123456, 0.5, 'is 0.123456, x="1.23456"'))
    assert "is 0.123456, x=" in svg and "1.23456" in svg
    tags = re.sub(r'transform="[^"]*"', "", "".join(re.findall(r"<[a-z][^>]*>", svg)))
    assert "." in tags and re.findall(r"\.\d{3}", tags) == []


def test_marks_share_their_style_if_they_have_one_in_common():
    svg = drawn(lambda axes: axes.plot([1, 2, 3], "o", color=INK))
    assert re.search(
        r'<g [^>]*style="[^"]*">\n(<use href="[^"]*" x="[^"]*" y="[^"]*"/>\n){3}</g>', svg
    )
    svg = drawn(lambda axes: axes.scatter([1, 2, 3], [1, 2, 3], c=["red", "lime", "blue"]))
    assert [color in svg for color in ("#ff0000", "#00ff00", "#0000ff")] == [True] * 3


def test_bars_that_are_missing_take_no_room():
    one, two = (
        drawn(lambda axes, heights=heights: axes.bar(range(len(heights)), heights, color=INK))
        for heights in ([1, 2, 3], [1, float("nan"), 3])
    )
    assert one.count("fill: var(--ink)") == two.count("fill: var(--ink)") + 1
    assert "M 0 0\nz" not in two and "M 0 0\nz" not in one


@pytest.mark.parametrize(("cmap", "mode"), [("viridis", "P"), (None, "RGBA")])
def test_a_map_keeps_its_colours_and_has_a_palette_if_it_can(cmap, mode):
    rng = np.random.default_rng(0)
    cells = rng.normal(size=(30, 40)) if cmap else rng.random((30, 40, 3))
    images = []

    def fill(axes):
        images.append(axes.imshow(cells, cmap=cmap, interpolation="nearest"))

    svg = drawn(fill)
    (written,) = re.findall('"data:image/png;base64,([^"]*)"', svg)
    image = Image.open(io.BytesIO(base64.b64decode(written)))
    assert image.mode == mode
    found = {tuple(color) for color in np.asarray(image.convert("RGB")).reshape(-1, 3).tolist()}
    expected = images[0].to_rgba(cells, bytes=True)[..., :3].reshape(-1, 3).tolist()
    assert found == {tuple(color) for color in expected}


def test_the_first_font_alone_is_named():
    svg = drawn(lambda axes: axes.text(0, 0, "a", family=["monospace", "sans-serif"]))
    fonts = re.findall(r"font(?:-family)?: ([^;\"]*)", svg)
    assert any("Mono" in font for font in fonts)
    assert all("," not in font for font in fonts)
