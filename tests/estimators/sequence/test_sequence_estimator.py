import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import ColumnTransformer

from textseq import SeriesClassifier, SeriesRegressor, TextClassifier, TextRegressor

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
