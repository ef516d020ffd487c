"""Images and features of places, as a network reads them."""

import numpy as np
import pytest

from textseq.estimators.encoding.images import ImageEncoding, read_images

RNG = np.random.default_rng(0)


def test_channels_are_scaled_by_the_training_rows():
    X = RNG.normal(3, 2, (5, 4, 6, 3)).astype(np.float32)
    images = read_images("image", X)
    assert images.values.shape == (20, 18) and images.lengths.tolist() == [4] * 5
    encoding = ImageEncoding.learn("image", images)
    expected = (X - X.mean((0, 1, 2))) / X.std((0, 1, 2))
    found = encoding.encode(images).values.reshape(X.shape)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
    # Later images are scaled as those were.
    later = encoding.encode(encoding.read(X[:1] + 1)).values.reshape(X[:1].shape)
    shift = np.broadcast_to(1 / X.std((0, 1, 2)), later.shape)
    np.testing.assert_allclose(later - found[:1], shift, rtol=1e-4)


def test_a_constant_channel_is_nothing():
    X = np.stack([RNG.random((4, 3, 3)), np.ones((4, 3, 3))], axis=3)
    encoding = ImageEncoding.learn("image", read_images("image", X))
    later = encoding.encode(encoding.read(X + 5)).values.reshape(X.shape)
    assert encoding.std[1] == 0 and not later[..., 1].any() and later[..., 0].any()


def test_places_are_rows_whatever_their_form():
    grid = RNG.random((3, 2, 4, 5)).astype(np.float32)
    forms = {
        "grid": read_images("places", grid),
        "block": read_images("places", grid.reshape(3, 8, 5)),
        "list": read_images("places", list(grid.reshape(3, 8, 5))),
    }
    assert forms["grid"].shape == (2, 4, 5)
    assert forms["block"].shape is forms["list"].shape is None
    for images in forms.values():
        assert np.array_equal(images.values, forms["list"].values)
        assert np.array_equal(images.offsets, [0, 8, 16, 24])
    assert np.array_equal(forms["grid"].take([2])[0], grid[2].reshape(8, 5))
    assert forms["grid"].take([2]).shape == (2, 4, 5)


def test_what_is_stored_comes_back():
    for kind, X in (("image", RNG.random((3, 4, 4))), ("places", RNG.random((3, 4, 2)))):
        encoding = ImageEncoding.learn(kind, read_images(kind, X))
        again = ImageEncoding.from_dict(encoding.to_dict())
        assert again.kind == kind and again.shape == encoding.shape
        assert np.array_equal(again.encode(again.read(X)).values,
                              encoding.encode(encoding.read(X)).values)  # fmt: skip


@pytest.mark.parametrize(
    "kind, X, message",
    [
        ("places", np.ones((3, 4)), r"X has shape \(3, 4\); source='places' takes"),
        ("vector", np.ones((3, 4, 2, 2)), r"source='vector' takes an array of shape \(n, features"),
        ("image", np.ones((0, 4, 4)), r"X has shape \(0, 4, 4, 1\)"),
        ("places", [np.ones((2, 3)), np.ones((2, 4))], r"X\[1\] has shape \(2, 4\); each is"),
        ("places", [np.ones((2, 3)), np.ones((0, 3))], r"X\[1\] has shape \(0, 3\); each is"),
        ("image", [["a"]], "X can't be read as one array of numbers"),
        ("vector", [[1.0, np.inf]], r"X\[0\]\[0\]\[1\]|X\[0\]\[1\] is inf"),
    ],
)
def test_what_cannot_be_read_is_refused(kind, X, message):
    with pytest.raises(ValueError, match=message):
        read_images(kind, X)
