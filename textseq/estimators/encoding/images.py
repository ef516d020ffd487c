"""Images, or features of their places, to what a network reads: scaled by the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from textseq.constancy import constant_columns
from textseq.message_language import number_of
from textseq.ragged import Ragged, offsets_of

IMAGES = ("image", "places", "vector")
_EXPECTED = {
    "image": "an array of shape (n, rows, columns) or (n, rows, columns, channels)",
    "places": "an array of shape (n, places, features) or (n, rows, columns, features), or a list "
    "of arrays of shape (places_i, features)",
    "vector": "an array of shape (n, features)",
}


@dataclass(frozen=True, eq=False)
class ImageRows(Ragged):
    """Images, or features of their places, as they were given.

    Of an image a step is a row of its pixels (columns * channels,), of places each is a step.

    Parameters
    ----------
    values, offsets
        As ``Ragged`` has them.
    shape : tuple of int, optional
        Of one: (rows, columns, channels or features); None of places that are numbered.
    """

    shape: tuple[int, ...] | None = None

    def take(self, rows: np.ndarray | list[int]) -> ImageRows:
        """Copy the named rows, in the order given."""
        taken = super().take(rows)
        return ImageRows(taken.values, taken.offsets, self.shape)


@dataclass(frozen=True, eq=False)
class ImageEncoding:
    """Mean and standard deviation of every channel of a pixel, or feature of a place.

    Parameters
    ----------
    kind : {"image", "places", "vector"}
    shape : tuple of int, optional
        As ``ImageRows`` has it.
    mean, std : ndarray of shape (n_channels,)
        A channel that was constant has a ``std`` of 0: it is 0 to the network, whatever its value.

    Examples
    --------
    >>> images = read_images("image", [[[0, 2], [4, 2]], [[2, 2], [2, 2]]])
    >>> encoding = ImageEncoding.learn("image", images)
    >>> encoding.shape, encoding.encode(images)[0].tolist()
    ((2, 2, 1), [[-2.0, 0.0], [2.0, 0.0]])
    """

    kind: str
    shape: tuple[int, ...] | None
    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def learn(cls, kind: str, images: ImageRows) -> Self:
        """Learn from training rows."""
        values = _by_channel(images.values, images.shape)
        std = values.std(0, dtype=np.float64)
        std[constant_columns(values)] = 0.0
        return cls(kind, images.shape, values.mean(0, dtype=np.float64), std)

    @property
    def n_channels(self) -> int:
        """Channels of a pixel, or features of a place."""
        return len(self.mean)

    @property
    def size(self) -> tuple[int, int] | None:
        """Rows and columns, of pixels or of places; None of places that are numbered."""
        return None if self.shape is None else (self.shape[0], self.shape[1])

    def read(self, X: Any, name: str = "X") -> ImageRows:
        """Return images of the form that the training ones had.

        Raises
        ------
        ValueError
            If they are of another form or size.
        """
        images = read_images(self.kind, X, name)
        n_channels = images.values.shape[1] if images.shape is None else images.shape[-1]
        if images.shape != self.shape or n_channels != self.n_channels:
            expected = ("places", self.n_channels) if self.shape is None else self.shape
            found = ("places", n_channels) if images.shape is None else images.shape
            raise ValueError(
                f"each of {name} is of shape {_written(found)}, but the model was fitted to "
                f"{_written(expected)}; pass the like of them"
            )
        return images

    def encode(self, rows: Ragged) -> Ragged:
        """Return rows of float32 values, in the same form."""
        apart = _by_channel(rows.values, self.shape) - self.mean.astype(np.float32)
        scale = np.where(self.std > 0, 1 / np.where(self.std > 0, self.std, 1.0), 0.0)
        apart *= scale.astype(np.float32)
        return Ragged(apart.reshape(rows.values.shape), rows.offsets)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-able."""
        shape = None if self.shape is None else list(self.shape)
        return {
            "kind": self.kind,
            "shape": shape,
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Rebuild what ``to_dict`` returned."""
        mean, std = (np.array(stored[name], dtype=np.float64) for name in ("mean", "std"))
        if mean.ndim != 1 or mean.shape != std.shape:
            raise ValueError("mean and std differ in their number of channels")
        shape = None if stored["shape"] is None else tuple(map(int, stored["shape"]))
        return cls(str(stored["kind"]), shape, mean, std)


def read_images(kind: str, X: Any, name: str = "X") -> ImageRows:
    """Return images, or features of their places, as rows of steps.

    Parameters
    ----------
    kind : {"image", "places", "vector"}
    X : as ``Captioner.fit`` takes them
    name : str, default "X"
        What error messages call them.

    Raises
    ------
    ValueError
        If there are none, the shape is another, or a value is missing, infinite or no number.
    """
    if kind == "places" and _is_unequal(X):
        return _listed_places(X, name)
    block = _numbers(X, name)
    if kind == "image" and block.ndim == 3:
        block = block[..., None]
    if kind == "vector" and block.ndim == 2:
        block = block[:, None]
    n_axes = {"image": (4,), "places": (3, 4), "vector": (3,)}[kind]
    if block.ndim not in n_axes or not block.size:
        raise ValueError(
            f"{name} has shape {np.shape(block)}; source={kind!r} takes {_EXPECTED[kind]}"
        )
    shape = block.shape[1:] if block.ndim == 4 else None
    if kind == "image":
        block = block.reshape(*block.shape[:2], -1)
    elif shape is not None:
        block = block.reshape(len(block), -1, shape[-1])
    offsets = offsets_of(np.full(len(block), block.shape[1]))
    return ImageRows(block.reshape(-1, block.shape[2]), offsets, shape)


def _listed_places(X: Sequence[Any], name: str) -> ImageRows:
    """Return the features of lists of places, end to end."""
    parts = [_numbers(one, f"{name}[{number_of(row)}]") for row, one in enumerate(X)]
    for row, part in enumerate(parts):
        if part.ndim != 2 or not part.size or part.shape[1] != parts[0].shape[-1]:
            raise ValueError(
                f"{name}[{number_of(row)}] has shape {part.shape}; each is an array of shape "
                "(places_i, features), of one place at least, with the same features"
            )
    offsets = offsets_of(np.array([len(part) for part in parts]))
    return ImageRows(np.concatenate(parts), offsets)


def _is_unequal(X: Any) -> bool:
    """Whether X is a list of arrays with a row a place, not one array."""
    return isinstance(X, list | tuple) and bool(X) and all(np.ndim(one) == 2 for one in X)


def _numbers(X: Any, name: str) -> np.ndarray:
    """Return what is given as float32."""
    try:
        numbers = np.asarray(X, dtype=np.float32)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} can't be read as one array of numbers: {error}") from error
    odd = ~np.isfinite(numbers)
    if odd.any():
        place = np.argwhere(odd)[0]
        where = "".join(f"[{number_of(int(index))}]" for index in place)
        raise ValueError(
            f"{name}{where} is {numbers[tuple(place)]}; an image has a number everywhere: fill it "
            "in, or leave the row out"
        )
    return numbers


def _by_channel(values: np.ndarray, shape: tuple[int, ...] | None) -> np.ndarray:
    """Return values with a row for each pixel or place, and a column for each channel."""
    return values if shape is None else values.reshape(-1, shape[-1])


def _written(shape: tuple[Any, ...]) -> str:
    return f"({', '.join(map(str, shape))})"
