"""Captioner's manners: what it takes, what it says, what it repeats."""

import warnings

import numpy as np
import pytest
from rounding import rounding
from sklearn.base import clone

from textseq import Captioner, load_model, make_shapes
from textseq.nn.token_decoder import END

COLOURS = {"a red image": (0.9, 0.1, 0.1), "a green image": (0.1, 0.8, 0.1),
           "a dark blue image": (0.1, 0.1, 0.5)}  # fmt: skip


def small(source="image", **parameters):
    defaults = dict(
        hidden_size=16, embedding_dim=12, max_epochs=2, batch_size=16, random_state=0, n_threads=2
    )
    return Captioner(source, **defaults | parameters)


def apt(source="image", **parameters):
    """One that learns a little set by heart."""
    quick = dict(
        hidden_size=24, max_epochs=30, learning_rate=1e-2, dropout=0.0, embedding_dropout=0.0,
        validation_fraction=0.0,
    )  # fmt: skip
    return small(source, **quick | parameters)


def quietly(ask, *given):
    """Ask without the warnings of answers that are cut."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ask(*given)


@pytest.fixture(scope="module")
def painted():
    """Images of one colour each, with noise, and what they show."""
    rng = np.random.default_rng(0)
    captions = [list(COLOURS)[row % 3] for row in range(48)]
    images = np.array([COLOURS[caption] for caption in captions])[:, None, None]
    return images + rng.normal(0, 0.03, (48, 8, 12, 3)), captions


@pytest.fixture(scope="module")
def model(painted):
    return apt().fit(*painted)


def listed(n=40, seed=0):
    """Features of one to four places each; the caption names where the largest is, from the end."""
    rng = np.random.default_rng(seed)
    X = [rng.random((rng.integers(1, 5), 3)) for _ in range(n)]
    return X, [f"at place {1 + int(rows[:, 0].argmax())}" for rows in X]


def test_colours_are_told(model, painted):
    images, captions = painted
    assert model.predict(images[:6]) == captions[:6]
    assert model.score(images, captions) == 1.0
    assert model.bleu(images[:6], captions[:6]).score == pytest.approx(100)
    assert model.fitted_parameters_["filters"] == (32,)


def test_several_answers_are_the_likeliest_and_score_as_they_say(model, painted):
    found = model.predict(painted[0][:3], n_best=3)
    for row, answers in enumerate(found):
        assert answers[0].answer == painted[1][row]
        assert len({one.answer for one in answers}) == 3
        images = [painted[0][row]] * 3
        scores = model.score_samples(images, [one.answer for one in answers])
        said = [one.log_probability for one in answers]
        assert scores == pytest.approx(said, rel=0, abs=4 * rounding(scores))


def test_shapes_stand_where_they_are_told(painted):
    data = make_shapes(40)
    fitted = small().fit(data.images, data.captions)
    assert len(quietly(fitted.predict, data.images[:3])) == 3
    assert fitted.fitted_parameters_["filters"] == (32, 64)
    assert fitted.history_["loss"].iloc[-1] < fitted.history_["loss"].iloc[0]


@pytest.mark.parametrize("encoder", ["deep_set", "bigru", "mean", "tcn"])
def test_places_in_lists_are_read_alike_alone_and_in_a_batch(encoder):
    X, y = listed()
    fitted = small("places", encoder=encoder).fit(X, y)
    together = fitted.score_samples(X, y)
    alone = np.concatenate([fitted.score_samples([X[row]], [y[row]]) for row in range(10)])
    assert np.abs(alone - together[:10]).max() < rounding(together)
    said = quietly(fitted.predict, X[:4])
    assert said == [quietly(fitted.predict, [one])[0] for one in X[:4]]


def test_an_image_is_read_alike_alone_and_in_a_batch(model, painted):
    together = model.score_samples(*painted)
    alone = np.concatenate([model.score_samples([x], [y]) for x, y in zip(*painted, strict=True)])
    assert np.abs(alone - together).max() < rounding(together, painted[0], units=64)


def test_the_same_seed_and_threads_repeat_to_the_bit(painted):
    first, second = (small(n_threads=2).fit(*painted) for _ in range(2))
    assert first.receipt_["weights_sha256"] == second.receipt_["weights_sha256"]
    other = small(random_state=1).fit(*painted)
    assert other.receipt_["weights_sha256"] != first.receipt_["weights_sha256"]


def test_grey_images_need_no_channel(painted):
    grey = painted[0][..., 0]
    one, other = (small().fit(images, painted[1]) for images in (grey, grey[..., None]))
    assert one.receipt_["weights_sha256"] == other.receipt_["weights_sha256"]


def test_a_grid_of_features_is_drawn_as_a_grid():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2, 3, 5))
    y = ["up" if x[0].mean() > x[1].mean() else "down" for x in X]
    fitted = small("places").fit(X, y)
    assert fitted.attention_map(X[0]).weights.shape[1:] == (2, 3)
    numbered = small("places").fit(X.reshape(40, 6, 5), y)
    assert numbered.attention_map(X[0].reshape(6, 5)).weights.shape[1:] == (1, 6)


def test_vectors_are_one_place():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    y = ["high" if x[0] > 0 else "low" for x in X]
    fitted = apt("vector").fit(X, y)
    assert fitted.score(X, y) == 1.0
    assert fitted.attention_map(X[0]).weights == pytest.approx(1)


def test_an_attention_map_is_what_the_decoder_weighed(model, painted):
    found = model.attention_map(painted[0][2])
    assert found.output == ["a", "dark", "blue", "image", "<eos>"]
    assert found.weights.shape == (5, 4, 6)
    assert found.weights.sum((1, 2)) == pytest.approx(1.0, rel=0, abs=rounding(1))
    assert found.image.shape == (8, 12, 3)
    rows = model.rows(painted[0][2:3], [painted[1][2]])
    assert rows.fields[1].values[-1] == END
    without = small(attention=None).fit(*painted)
    with pytest.raises(ValueError, match="the model has no attention"):
        without.attention_map(painted[0][0])


@pytest.mark.parametrize("source", ["image", "places", "vector"])
def test_a_saved_model_says_the_same(painted, tmp_path, source):
    images, captions = painted
    X = {"image": images, "places": listed(48)[0], "vector": images[:, 0, 0]}[source]
    fitted = small(source).fit(X, captions)
    opened = load_model(fitted.save(tmp_path / "m.textseq"))
    assert isinstance(opened, Captioner) and opened.get_params() == fitted.get_params()
    assert np.array_equal(opened.score_samples(X, captions), fitted.score_samples(X, captions))
    assert quietly(opened.predict, X[:5]) == quietly(fitted.predict, X[:5])


def test_lists_of_tokens_come_back_as_lists(painted):
    images, captions = painted
    tokens = [caption.split() for caption in captions]
    fitted = apt().fit(images, tokens)
    assert fitted.predict(images[:3]) == tokens[:3]


def test_parameters_are_scikit_learns():
    given = Captioner("places", filters=(8,), hidden_size=(9, 7))
    assert clone(given).get_params() == given.get_params()
    assert Captioner().get_params()["encoder"] == "deep_set"


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"source": "film"}, "unknown source 'film'"),
        ({"filters": ()}, r"filters must be a tuple of maps such as \(32, 64\), got \(\)"),
        ({"filters": (0,)}, "a number of maps in filters must be a whole number"),
        ({"bidirectional": True}, "encoder='deep_set' reads places in no order"),
        ({"encoder": "mean", "attention": "dot"}, "needs a state a step to attend to"),
        ({"encoder": "bag"}, "unknown encoder 'bag'"),
        ({"filters": (4,) * 5}, r"halve an image 5 times, and one of 8 x 12 pixels has nothing"),
    ],
)
def test_bad_parameters_name_the_value(painted, parameters, message):
    with pytest.raises(ValueError, match=message):
        Captioner(**parameters).fit(*painted)


@pytest.mark.parametrize(
    "X, y, message",
    [
        (np.ones((3, 4)), ["a"] * 3, r"X has shape \(3, 4\); source='image' takes an array"),
        (np.ones((3, 4, 4)), ["a"] * 2, "X has 3 rows but y has 2"),
        (np.full((2, 4, 4), np.nan), ["a"] * 2, r"X\[0\]\[0\]\[0\].* is nan; an image has"),
        ([np.ones((4, 4)), np.ones((5, 4))], ["a", "b"], "X can't be read as one array"),
    ],
)
def test_bad_data_says_what_to_do(X, y, message):
    with pytest.raises(ValueError, match=message):
        Captioner().fit(X, y)


def test_images_of_another_size_are_refused(model):
    with pytest.raises(ValueError, match=r"is of shape \(8, 8, 3\), but .* to \(8, 12, 3\)"):
        model.predict(np.ones((2, 8, 8, 3)))
