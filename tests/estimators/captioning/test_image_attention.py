"""What a captioner looked at, drawn over the image."""

import numpy as np

from textseq.estimators.captioning.attention_map import PER_LINE, ImageAttention

WEIGHTS = np.zeros((3, 2, 4))
WEIGHTS[0, 1, 2] = WEIGHTS[1, 0, 0] = 1.0
WEIGHTS[2] = 1 / 8


def test_words_tell_where_each_token_looks_most():
    lines = str(ImageAttention(WEIGHTS, ["a", "star", "<eos>"], None)).splitlines()
    assert lines[0] == "a ← row 2, column 3 of 2 x 4 (1.00)"
    assert lines[1] == "star ← row 1, column 1 of 2 x 4 (1.00)"


def test_every_token_has_an_image_that_is_clear_where_it_looks():
    image = np.full((8, 16, 3), 0.9)
    figure = ImageAttention(WEIGHTS, ["a", "star", "<eos>"], image).plot()
    panels = figure.axes
    assert [axes.get_title(loc="left") for axes in panels] == ["a 1.00", "star 1.00", "<eos> 0.12"]
    for axes, weights in zip(panels, WEIGHTS, strict=True):
        shown, veil = axes.images
        assert shown.get_array().shape == image.shape
        opacity = np.asarray(veil.get_array())[:, :, 3]
        assert opacity.shape == weights.shape
        assert (opacity[weights == weights.max()] == 0).all()
        assert (opacity[weights == 0] > 0.5).all()
    figure.canvas.draw()


def test_many_tokens_go_on_in_lines():
    tokens = [str(number) for number in range(PER_LINE + 2)]
    figure = ImageAttention(np.full((len(tokens), 2, 2), 0.25), tokens, None).plot()
    drawn = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title(loc="left").split()[0] for axes in drawn] == tokens
    figure.canvas.draw()
