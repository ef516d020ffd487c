"""Drawn shapes and the sentences that describe them: images whose captions are right or wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from textseq.checks import check_choice, check_count, seed_of

# What objects differ by; a sentence names all four.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "shape": ("square", "circle", "triangle", "cross", "star"),
    "colour": ("red", "green", "blue", "yellow", "purple", "black"),
    "size": ("small", "large"),
    "place": ("left", "right", "top", "bottom"),
}
PARTS = ("training", "held_out")
# One combination of so many is held out.
EVERY = 5
SIDE = 32
# Points of a pixel, along each side, that are looked at: edges are smooth.
FINE = 3
RADII = {"small": (3.2, 4.0), "large": (5.6, 6.6)}
RGB = {
    "red": (0.85, 0.1, 0.1),
    "green": (0.1, 0.6, 0.2),
    "blue": (0.15, 0.25, 0.9),
    "yellow": (0.95, 0.85, 0.1),
    "purple": (0.55, 0.15, 0.65),
    "black": (0.1, 0.1, 0.1),
}
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
# Pixels by which one direction must outdo the other, so that "left of" is no matter of taste.
CLEAR = 3.0
# Share of images with one object.
ALONE = 0.25


@dataclass(frozen=True)
class Language:
    """The words of a language.

    Parameters
    ----------
    nouns : dict of str to str
    articles : dict of str to str
        By noun.
    adjectives : dict of str to str
        Colours and sizes; a final "o" becomes "a" behind an article that ends in "a".
    order : str
        Of a noun phrase.
    alone, beside : dict of str to str
        Where the only object is; where the first of two is, as seen from the other.
    """

    nouns: dict[str, str]
    articles: dict[str, str]
    adjectives: dict[str, str]
    order: str
    alone: dict[str, str]
    beside: dict[str, str]

    def phrase(self, item: dict[str, str]) -> str:
        """Return an article, a noun and its adjectives."""
        noun = self.nouns[item["shape"]]
        article = self.articles[noun]
        size, colour = (self._agreeing(item[name], article) for name in ("size", "colour"))
        return self.order.format(article=article, noun=noun, size=size, colour=colour)

    def _agreeing(self, name: str, article: str) -> str:
        word = self.adjectives[name]
        return word[:-1] + "a" if article == "uma" and word.endswith("o") else word


LANGUAGES = {
    "en": Language(
        {shape: shape for shape in ATTRIBUTES["shape"]},
        dict.fromkeys(ATTRIBUTES["shape"], "a"),
        {name: name for name in (*ATTRIBUTES["colour"], *ATTRIBUTES["size"])},
        "{article} {size} {colour} {noun}",
        {"left": "on the left", "right": "on the right", "top": "at the top",
         "bottom": "at the bottom"},
        {"left": "left of", "top": "above"},
    ),
    "pt": Language(
        {"square": "quadrado", "circle": "círculo", "triangle": "triângulo", "cross": "cruz",
         "star": "estrela"},
        {"quadrado": "um", "círculo": "um", "triângulo": "um", "cruz": "uma", "estrela": "uma"},
        {"red": "vermelho", "green": "verde", "blue": "azul", "yellow": "amarelo",
         "purple": "roxo", "black": "preto", "small": "pequeno", "large": "grande"},
        "{article} {noun} {colour} {size}",
        {"left": "à esquerda", "right": "à direita", "top": "no alto", "bottom": "embaixo"},
        {"left": "à esquerda de", "top": "acima de"},
    ),
}  # fmt: skip


class Shapes(NamedTuple):
    """Images, and a sentence each.

    Parameters
    ----------
    images : ndarray of shape (n, 32, 32, 3), float32
        From 0 to 1; red, green and blue.
    captions : list of n str
    """

    images: np.ndarray
    captions: list[str]


def make_shapes(
    n: int,
    part: str | None = None,
    *,
    language: str = "en",
    apart: Sequence[str] = tuple(ATTRIBUTES),
    random_state: object = 0,
) -> Shapes:
    """Draw images of one or two shapes, with a sentence that says what is where.

    Each object has a shape, a colour, a size and a place: left, right, top or bottom, of the
    image or as seen from the other object. Two objects are told in the order of reading: first the
    one further left, or further up where they stand above each other.

    Parameters
    ----------
    n : int
        Images.
    part : {"training", "held_out"}, optional
        A fifth of the combinations of ``apart`` are held out: no object of "training" has one of
        them, and each object of "held_out" has. Values of all but one of ``apart`` stand together
        in "training", whichever they are. By default all combinations are drawn.
    language : {"en", "pt"}, default "en"
        English, or Portuguese as it is written in Brazil.
    apart : sequence of str
        The attributes whose combinations are held out: of "shape", "colour", "size" and "place",
        by default all four. ``("shape", "colour")`` is harder: no red square of any size, say,
        is seen in training.
    random_state : int, RandomState, Generator or None, default 0

    Returns
    -------
    Shapes
        ``images`` (n, 32, 32, 3) and ``captions``.

    Raises
    ------
    ValueError
        If there is no such part, language or attribute.

    Examples
    --------
    >>> make_shapes(1).captions
    ['a large green star left of a small green cross']
    >>> make_shapes(1, language="pt").captions
    ['uma estrela verde grande à esquerda de uma cruz verde pequena']
    """
    check_count("n", n)
    if part is not None:
        check_choice("part", part, PARTS, or_none=True)
    check_choice("language", language, tuple(LANGUAGES))
    for name in apart:
        check_choice("attribute in apart", name, tuple(ATTRIBUTES))
    rng = np.random.default_rng(seed_of(random_state))
    items = [item for item in _all_items() if part in (None, _part_of(item, apart))]
    by_place = {
        place: [item for item in items if item["place"] == place] for place in ATTRIBUTES["place"]
    }
    images, captions = np.empty((n, SIDE, SIDE, 3), dtype=np.float32), []
    for image in images:
        first = items[rng.integers(len(items))]
        scene = [first]
        if rng.random() >= ALONE:
            others = by_place[OPPOSITE[first["place"]]]
            scene.append(others[rng.integers(len(others))])
        _draw(image, scene, rng)
        captions.append(_sentence(scene, LANGUAGES[language]))
    return Shapes(images, captions)


def _all_items() -> Iterator[dict[str, str]]:
    for values in product(*ATTRIBUTES.values()):
        yield dict(zip(ATTRIBUTES, values, strict=True))


def _part_of(item: dict[str, str], apart: Sequence[str]) -> str:
    """Return the part that an object's combination is of.

    As in a Latin square: whichever value is changed, one in ``EVERY`` is held out.
    """
    total = sum(ATTRIBUTES[name].index(item[name]) for name in apart)
    return PARTS[1] if total % EVERY == 0 else PARTS[0]


def _sentence(scene: list[dict[str, str]], words: Language) -> str:
    if len(scene) == 1:
        return f"{words.phrase(scene[0])} {words.alone[scene[0]['place']]}"
    first, second = scene
    if first["place"] in ("right", "bottom"):
        first, second = second, first
    return f"{words.phrase(first)} {words.beside[first['place']]} {words.phrase(second)}"


def _draw(image: np.ndarray, scene: list[dict[str, str]], rng: np.random.Generator) -> None:
    """Draw objects on light grey, none over another (S, S, 3), in place."""
    image[:] = rng.uniform(0.9, 1.0)
    radii = [rng.uniform(*RADII[item["size"]]) for item in scene]
    for item, radius, centre in zip(scene, radii, _centres(scene, radii, rng), strict=True):
        cover = _cover(item["shape"], radius, centre)[:, :, None]
        colour = np.clip(RGB[item["colour"]] + rng.uniform(-0.06, 0.06, 3), 0, 1)
        image[:] = image * (1 - cover) + colour * cover


def _centres(
    scene: list[dict[str, str]], radii: list[float], rng: np.random.Generator
) -> np.ndarray:
    """Draw where objects stand, (n_objects, 2) of x and y, until their places are clear."""
    margin = np.array(radii)[:, None] + 1
    while True:
        centres = rng.uniform(margin, SIDE - margin, (len(scene), 2))
        other = centres[1] if len(scene) > 1 else np.full(2, SIDE / 2)
        across, down = centres[0] - other
        along, beside = (across, down) if scene[0]["place"] in ("left", "right") else (down, across)
        sign = -1 if scene[0]["place"] in ("left", "top") else 1
        apart = sum(radii) + 2 if len(scene) > 1 else CLEAR
        if sign * along >= max(abs(beside) + CLEAR, 0) and np.hypot(across, down) >= apart:
            return centres


def _cover(shape: str, radius: float, centre: np.ndarray) -> np.ndarray:
    """Return the share of each pixel (S, S) that a shape covers."""
    low = np.maximum(np.floor(centre - radius - 1), 0).astype(int)
    high = np.minimum(np.ceil(centre + radius + 1), SIDE).astype(int)
    points = [(np.arange(low[k] * FINE, high[k] * FINE) + 0.5) / FINE - centre[k] for k in (0, 1)]
    x, y = points[0][None, :] / radius, points[1][:, None] / radius
    inside = _inside(shape, x, y)
    size = high - low
    cover = np.zeros((SIDE, SIDE))
    cover[low[1] : high[1], low[0] : high[0]] = inside.reshape(size[1], FINE, size[0], FINE).mean(
        (1, 3)
    )
    return cover


def _inside(shape: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return whether points (x to the right, y down) are in a shape of radius 1, bool."""
    if shape == "square":
        return np.maximum(np.abs(x), np.abs(y)) <= 0.85
    if shape == "cross":
        near, far = np.minimum(np.abs(x), np.abs(y)), np.maximum(np.abs(x), np.abs(y))
        return (near <= 0.3) & (far <= 0.95)
    distance = np.hypot(x, y)
    if shape == "circle":
        return distance <= 0.95
    corners, inner = (3, 0.5) if shape == "triangle" else (5, 0.42)
    # From one corner, which stands at the top, to half way to the next: a straight edge.
    angle = np.abs((np.arctan2(x, -y) + np.pi / corners) % (2 * np.pi / corners) - np.pi / corners)
    half = np.pi / corners
    edge = (
        inner
        * np.sin(half)
        / (np.sin(angle) * (1 - inner * np.cos(half)) + inner * np.sin(half) * np.cos(angle))
    )
    return distance <= edge
