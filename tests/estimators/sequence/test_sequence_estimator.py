import signal
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import ColumnTransformer

from textseq import SeriesClassifier, SeriesRegressor, TextClassifier, TextRegressor, compare
from textseq.training.progress import reporting

SMALL = {"encoder": "mean", "max_epochs": 1, "n_threads": 1, "random_state": 0}
TEXTS = ["good film", "bad film"] * 20
SERIES = np.random.default_rng(0).normal(size=(40, 1, 5))


@pytest.mark.parametrize(
    ("model", "X"),
    [
        (TextClassifier(**SMALL), TEXTS),
        (TextRegressor(**SMALL), TEXTS),
        (SeriesClassifier(**SMALL), SERIES),
        (SeriesRegressor(**SMALL), SERIES),
    ],
    ids=lambda value: type(value).__name__,
)
def test_transform_gives_frames_where_they_are_asked_for(model, X):
    plain = model.fit_transform(X, [0, 1] * 20)
    np.testing.assert_array_equal(plain, model.transform(X))
    frame = model.set_output(transform="pandas").fit_transform(X, [0, 1] * 20)
    assert frame.columns.tolist() == model.get_feature_names_out().tolist()
    np.testing.assert_array_equal(frame.to_numpy(), plain)
    assert isinstance(model.set_output(transform="polars").transform(X), pl.DataFrame)


@pytest.mark.parametrize(("kind", "frame"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_a_column_transformer_gives_frames(kind, frame):
    data = frame({"text": TEXTS, "n": list(range(40))})
    columns = ColumnTransformer(
        [("text", TextClassifier(**SMALL), "text"), ("n", "passthrough", ["n"])]
    ).set_output(transform=kind)
    found = columns.fit_transform(data, ["p", "n"] * 20)
    assert isinstance(found, frame)
    assert found.shape == (40, len(columns.named_transformers_["text"].get_feature_names_out()) + 1)


RNG = np.random.default_rng(3)
MANY = [" ".join(RNG.choice(["good", "bad", "film", "plot", "the"], 4)) for _ in range(400)]
KNOWN = np.array(["pos" if "good" in text else "neg" for text in MANY])
WAVES = RNG.normal(size=(400, 1, 6))
DEALT, NUMBERS = RNG.permutation(KNOWN), RNG.normal(size=400)
# A fit that hardly moves from its first weights, and one that learns.
STILL = {"encoder": "gru", "max_epochs": 1, "batch_size": 2, "learning_rate": 1e-9}
LEARNING = {"encoder": "mean", "max_epochs": 8, "learning_rate": 0.05}
STILL |= {"n_threads": 1, "random_state": 0}
LEARNING |= {"n_threads": 1, "random_state": 0}
NO_CLASSES = "no more of the validation rows are answered right than luck explains: "
NO_NUMBERS = "validation rows are answered no better than by their mean each time: R squared is -"
NOTHING_LEARNED = {
    "too slow": (TextClassifier(**STILL, wide=None), MANY, KNOWN, NO_CLASSES),
    "nothing to learn": (TextClassifier(**LEARNING), MANY, DEALT, NO_CLASSES),
    "scoring": (TextClassifier(**STILL, scoring="roc_auc"), MANY, DEALT, NO_CLASSES),
    "class_weight": (TextClassifier(**STILL, class_weight="balanced"), MANY, DEALT, NO_CLASSES),
    "series": (SeriesClassifier(**STILL, validation_fraction=0.3), WAVES, DEALT, NO_CLASSES),
    "numbers": (TextRegressor(**STILL), MANY, NUMBERS, NO_NUMBERS),
    "numbers of series": (
        SeriesRegressor(**STILL, validation_fraction=0.3), WAVES, NUMBERS, NO_NUMBERS,
    ),
}  # fmt: skip
LEARNED = {
    "classes": (TextClassifier(**LEARNING), MANY, KNOWN),
    "a rare class": (
        TextClassifier(**LEARNING),
        [f"{'odd' if row % 10 == 0 else 'a'} {text}" for row, text in enumerate(MANY)],
        ["rare" if row % 10 == 0 else "common" for row in range(400)],
    ),
    "numbers": (TextRegressor(**LEARNING), MANY, [text.count("good") for text in MANY]),
    # Of several labels none is the commonest answer, and a few batches teach nothing.
    "several labels": (
        TextClassifier(**STILL),
        MANY,
        np.eye(2, dtype=int)[RNG.integers(0, 2, 400)],
    ),
    "few batches": (TextClassifier(**STILL | {"batch_size": 4}), MANY, DEALT),
}


@pytest.mark.parametrize("case", NOTHING_LEARNED)
def test_a_fit_that_learned_nothing_says_so(case):
    model, X, y, words = NOTHING_LEARNED[case]
    with pytest.warns(UserWarning, match=words) as caught:
        model.fit(X, y)
    (told,) = [str(one.message) for one in caught]
    assert "try recipe='plain', another learning_rate" in told
    assert caught[0].filename == __file__


@pytest.mark.parametrize("case", LEARNED)
def test_other_fits_say_nothing(case):
    model, X, y = LEARNED[case]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, y)


def test_what_is_told_is_true():
    model = TextClassifier(**STILL, recipe="plain")
    with pytest.warns(UserWarning, match="try recipe='tuned'") as caught:
        model.fit(MANY, KNOWN, validation_data=(MANY[:50], KNOWN[:50]))
    right = int((model.predict(MANY[:50]) == KNOWN[:50]).sum())
    commonest = max(int((KNOWN[:50] == label).sum()) for label in ("pos", "neg"))
    assert f": {right} of 50, and answering '" in str(caught[0].message)
    assert f"each time would be right in {commonest}; " in str(caught[0].message)


def test_few_validation_rows_tell_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TextClassifier(**STILL).fit(MANY, DEALT, validation_data=(MANY[:19], DEALT[:19]))


def test_validation_rows_that_are_all_alike_tell_nothing():
    rows = KNOWN == "pos"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = [text for text, row in zip(MANY, rows, strict=True) if row]
        TextClassifier(**STILL).fit(MANY, KNOWN, validation_data=(one, KNOWN[rows]))
        TextRegressor(**STILL).fit(MANY, NUMBERS, validation_data=(MANY, np.zeros(400)))


def test_a_fit_that_was_cut_short_says_that_alone():
    def interrupt(epoch, *_):
        if epoch == 2 and not told:
            told.append(epoch)
            signal.raise_signal(signal.SIGINT)

    model, told = TextClassifier(**STILL | {"max_epochs": 2}), []
    with reporting(interrupt), pytest.warns(UserWarning, match="interrupted in epoch 2") as caught:
        model.fit(MANY, DEALT)
    assert model.interrupted_ and len(model.history_) == 1 and len(caught) == 1


def test_a_comparison_has_the_commonest_class_beside_and_says_nothing():
    template = TextClassifier(**STILL)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compare(MANY, DEALT, ["gru"], estimator=template, n_seeds=1, random_state=0)
