"""Drawn shapes: sentences say what is drawn, and what is held out is not in training."""

import re
from itertools import product

import numpy as np
import pytest

from textseq import make_shapes
from textseq.shapes import ATTRIBUTES, RADII, RGB, _inside

OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
PLACES = {"left of": "left", "right of": "right", "above": "top", "below": "bottom"}
ITEM = r"a (small|large) (\w+) (\w+)"
TWO = re.compile(f"{ITEM} (left of|right of|above|below) {ITEM}")
ONE = re.compile(f"{ITEM} (?:on the|at the) (left|right|top|bottom)")


def items_of(caption):
    """Return the (shape, colour, size, place) of each object that an English sentence names."""
    if found := ONE.fullmatch(caption):
        size, colour, shape, place = found.groups()
        return [(shape, colour, size, place)]
    *first, where, size, colour, shape = TWO.fullmatch(caption).groups()
    place = PLACES[where]
    return [(first[2], first[1], first[0], place), (shape, colour, size, OPPOSITE[place])]


def pixels_of(image, colour):
    """Return the pixels (H, W), bool, of a colour; those of edges are mixed with the ground."""
    return np.linalg.norm(image - np.array(RGB[colour]), axis=2) < 0.2


def test_the_same_seed_draws_the_same():
    one, again, other = make_shapes(5), make_shapes(5), make_shapes(5, random_state=1)
    assert np.array_equal(one.images, again.images) and one.captions == again.captions
    assert not np.array_equal(one.images, other.images)
    assert one.images.shape == (5, 32, 32, 3) and one.images.dtype == np.float32
    assert one.images.min() >= 0 and one.images.max() <= 1


def unit_area(shape):
    """Return the area of a shape of radius 1."""
    return (
        _inside(shape, np.linspace(-1, 1, 201)[None], np.linspace(-1, 1, 201)[:, None]).mean() * 4
    )


def test_a_lone_object_is_as_large_as_it_is_told():
    data = make_shapes(120, random_state=4)
    for image, caption in zip(data.images, data.captions, strict=True):
        items = items_of(caption)
        if len(items) > 1:
            continue
        ((shape, colour, size, _),) = items
        ground, (row, column) = image[0, 0], np.argwhere(pixels_of(image, colour)).mean(0)
        inked = image[round(row), round(column)] - ground
        area = ((image - ground) @ inked / (inked @ inked)).sum()
        radius = np.sqrt(area / unit_area(shape))
        low, high = RADII[size]
        assert 0.95 * low < radius < 1.05 * high, caption


def test_a_sentence_tells_colours_and_places():
    data = make_shapes(150, random_state=3)
    for image, caption in zip(data.images, data.captions, strict=True):
        items = items_of(caption)
        if len(items) == 2 and items[0][1] == items[1][1]:
            continue  # one colour does not tell which is which
        centres = []
        for _, colour, _, _ in items:
            rows, columns = np.nonzero(pixels_of(image, colour))
            centres.append((columns.mean(), rows.mean()))
        other = centres[1] if len(items) == 2 else (15.5, 15.5)
        across, down = np.subtract(centres[0], other)
        place = items[0][3]
        along, beside = (across, down) if place in ("left", "right") else (down, across)
        assert abs(along) > abs(beside), caption
        assert (along < 0) == (place in ("left", "top")), caption


def test_objects_are_told_in_the_order_of_reading():
    for caption in make_shapes(300).captions:
        items = items_of(caption)
        assert len(items) == 1 or items[0][3] in ("left", "top")


@pytest.mark.parametrize("apart", [tuple(ATTRIBUTES), ("shape", "colour"), ("colour", "place")])
def test_what_is_held_out_is_not_in_training(apart):
    which = [("shape", "colour", "size", "place").index(name) for name in apart]
    seen = {}
    for part in ("training", "held_out"):
        captions = make_shapes(1_500, part, apart=apart).captions
        items = [item for caption in captions for item in items_of(caption)]
        seen[part] = {tuple(item[k] for k in which) for item in items}
    assert not seen["training"] & seen["held_out"]
    # All but one of the values of each stand together in training.
    for left_out in range(len(which)):
        others = [[*ATTRIBUTES[name]] for k, name in enumerate(apart) if k != left_out]
        told = {item[:left_out] + item[left_out + 1 :] for item in seen["training"]}
        assert told == set(product(*others))
    n_all = np.prod([len(ATTRIBUTES[name]) for name in apart])
    assert len(seen["held_out"]) / n_all == pytest.approx(0.2, abs=0.05)


def test_portuguese_agrees():
    english, portuguese = (make_shapes(400, language=name) for name in ("en", "pt"))
    assert np.array_equal(english.images, portuguese.images)
    words = {word for caption in portuguese.captions for word in caption.split()}
    assert {"vermelho", "vermelha", "pequeno", "pequena", "azul", "roxa"} <= words
    for caption in portuguese.captions:
        for article, noun, colour in re.findall(r"(uma?) (\w+) (\w+)", caption):
            assert (article == "uma") == (noun in ("cruz", "estrela"))
            if colour not in ("azul", "verde"):
                assert colour.endswith("a" if article == "uma" else "o")
    told = dict(zip(english.captions, portuguese.captions, strict=True))
    assert len(set(told.values())) == len(told)


def test_shapes_are_what_they_are_called():
    areas = {shape: unit_area(shape) for shape in ATTRIBUTES["shape"]}
    assert areas["circle"] == pytest.approx(np.pi * 0.95**2, rel=0.02)
    assert areas["square"] == pytest.approx(1.7**2, rel=0.02)
    # Three corners on a circle of radius 1.
    assert areas["triangle"] == pytest.approx(3 * np.sqrt(3) / 4, rel=0.03)
    for shape in ("triangle", "star"):
        points = _inside(shape, np.zeros((1, 1)), np.array([[-0.97], [0.97]]))[:, 0]
        assert points.tolist() == [True, False]  # a corner is at the top


@pytest.mark.parametrize(
    "options, message",
    [
        ({"part": "test"}, "unknown part 'test'"),
        ({"language": "fr"}, "unknown language 'fr'"),
        ({"apart": ("shade",)}, "unknown attribute in apart 'shade'"),
        ({"n": 0}, "n must be a whole number of at least 1, got 0"),
    ],
)
def test_errors_name_the_value(options, message):
    with pytest.raises(ValueError, match=message):
        make_shapes(**{"n": 3} | options)
