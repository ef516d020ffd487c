"""The same rows in memory and from files: the same weights, whatever reads them."""

import os
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from textseq import TextClassifier, TextRegressor, Tokenizer, WordVectors, load_model
from textseq.estimators.sequence import text_recipe

N = 900
RNG = np.random.default_rng(1)
WORDS = np.array(["good", "bad", "film", "plot", "so", "not", "very", "a", "dull", "bright"])
TEXTS = [" ".join(RNG.choice(WORDS, RNG.integers(1, 14))) for _ in range(N)]
GOOD = np.array([text.count("good") + text.count("bright") for text in TEXTS])
ROWS = pl.DataFrame(
    {
        "review": TEXTS,
        "label": np.where(GOOD > 1, "pos", "neg"),
        "stars": GOOD.astype(float),
        "title": [text[:5] for text in TEXTS],
    }
)
SMALL = {"hidden_size": 8, "max_epochs": 2, "random_state": 0, "n_threads": 2}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "cache"))
    # So few rows are loaded in several parts.
    monkeypatch.setattr("textseq.batches.STEPS_TOGETHER", 500)


@pytest.fixture
def path(tmp_path):
    ROWS.write_parquet(tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


VARIANTS = {
    "mean": {"encoder": "mean"},
    "max": {"encoder": "max"},
    "gru": {"encoder": "gru"},
    "stretches": {"encoder": "gru", "crop_length": 9, "wide": None},
    "cut": {"encoder": "mean", "max_length": 5},
    "members": {"encoder": "mean", "n_members": 3},
    "hashed": {"encoder": "mean", "hash_buckets": 50, "ngram_range": (1, 2), "wide": None},
    "n-grams": {"encoder": "mean", "ngram_range": (1, 2)},
    "characters": {"encoder": "mean", "tokenizer": "char"},
    "vectors": {
        "encoder": "mean",
        "vectors": WordVectors(["good", "new"], np.eye(2, 6, dtype=np.float32)),
    },
    "balanced": {"encoder": "mean", "class_weight": "balanced"},
    "no validation": {"encoder": "mean", "validation_fraction": 0.0},
    "calibrated": {"encoder": "mean", "calibrate": True},
    "rare words": {"encoder": "mean", "min_df": 5, "max_features": 6},
    "a function": {"encoder": "mean", "tokenizer": str.split, "lowercase": False},
}


def weights(model):
    return model.receipt_["weights_sha256"]


@pytest.mark.parametrize("own", VARIANTS.values(), ids=VARIANTS)
def test_a_classifier_has_the_same_weights(path, own):
    in_memory = TextClassifier(**SMALL | own).fit(ROWS["review"], ROWS["label"])
    streamed = TextClassifier(**SMALL | own).fit(path, text="review", target="label")
    assert weights(streamed) == weights(in_memory)
    assert streamed.classes_.tolist() == in_memory.classes_.tolist()
    assert streamed.history_["loss"].tolist() == in_memory.history_["loss"].tolist()
    assert (streamed.predict_proba(TEXTS) == in_memory.predict_proba(TEXTS)).all()


def test_numbers_of_rows_in_files_give_the_same_weights(path, monkeypatch):
    in_memory = TextClassifier(encoder="mean", **SMALL).fit(ROWS["review"], ROWS["label"])
    monkeypatch.setattr("textseq.row_arrays.ROWS_TOGETHER", 100)
    for X, y, columns in (
        (path, None, {"text": "review", "target": "label"}),
        (ROWS["review"], ROWS["label"], {}),
    ):
        assert weights(TextClassifier(encoder="mean", **SMALL).fit(X, y, **columns)) == weights(
            in_memory
        )


def peak_memory(path, n_rows):
    """Return the bytes that Python and NumPy hold at most in a fit to so many rows."""
    pl.concat([ROWS] * (n_rows // N)).write_parquet(path, row_group_size=N)
    own = {"max_epochs": 1, "batch_size": 512, "validation_fraction": 500 / n_rows, "wide": None}
    tracemalloc.start()
    TextClassifier(encoder="mean", **SMALL | own).fit(path, text="review", target="label")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_rows(tmp_path, monkeypatch):
    for name in (
        "row_arrays.ROWS_TOGETHER",
        "stored_ragged.ROWS_TOGETHER",
        "corpus.token_writer.VALUES_AT_ONCE",
        "text.word_codes._COUNTED_TOGETHER",
    ):
        monkeypatch.setattr(f"textseq.{name}", 4_096)
    monkeypatch.setattr("textseq.corpus.source.BATCH_BYTES", 2**16)
    few, many = 40 * N, 240 * N
    _, at_few, at_many = (peak_memory(tmp_path / f"{n}.parquet", n) for n in (few, few, many))
    # Less than a byte a row, where 36 lay in memory.
    assert at_many - at_few < many - few, f"{(at_many - at_few) / (many - few):.1f} a row"


def test_pairs_and_numbers_have_the_same_weights(path):
    own = SMALL | {"encoder": "gru"}
    pairs = ROWS.select("review", "title")
    in_memory = TextClassifier(**own).fit(pairs, ROWS["label"])
    streamed = TextClassifier(**own).fit(path, text=["review", "title"], target="label")
    assert weights(streamed) == weights(in_memory)
    own = SMALL | {"encoder": "mean"}
    in_memory = TextRegressor(**own).fit(ROWS["review"], ROWS["stars"])
    streamed = TextRegressor(**own).fit(path, text="review", target="stars")
    assert weights(streamed) == weights(in_memory)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "lazy", "function", "given y"])
def test_all_kinds_of_sources_have_the_same_weights(path, tmp_path, kind):
    model = TextClassifier(encoder="mean", **SMALL)
    expected = weights(model.fit(ROWS["review"], ROWS["label"]))
    named = {"text": "review", "target": "label"}
    if kind == "csv":
        ROWS.write_csv(tmp_path / "rows.csv")
        model.fit(str(tmp_path / "rows.csv"), **named)
    elif kind == "jsonl":
        ROWS.write_ndjson(tmp_path / "rows.jsonl")
        model.fit(str(tmp_path / "*.jsonl"), **named)
    elif kind == "lazy":
        model.fit(ROWS.lazy(), **named)
    elif kind == "function":
        model.fit(lambda: ROWS.iter_slices(100), **named)
    else:
        model.fit(path, ROWS["label"].to_list(), text="review")
    assert weights(model) == expected


def test_whole_numbers_in_a_csv_are_whole_numbers(tmp_path):
    rows = ROWS.with_columns(label=pl.col("stars").clip(0, 1).cast(pl.Int64))
    rows.write_csv(tmp_path / "rows.csv")
    model = TextClassifier(encoder="mean", **SMALL)
    model.fit(tmp_path / "rows.csv", text="review", target="label")
    assert model.classes_.tolist() == [0, 1]


def test_weights_of_rows_groups_and_validation_rows_are_heeded(path):
    own = {"sample_weight": np.arange(N) % 4, "groups": np.arange(N) // 3}
    model = TextClassifier(encoder="mean", **SMALL)
    expected = weights(model.fit(ROWS["review"], ROWS["label"], **own))
    streamed = TextClassifier(encoder="mean", **SMALL)
    assert weights(streamed.fit(path, text="review", target="label", **own)) == expected
    given = TEXTS[:200], ROWS["label"][:200]
    expected = weights(model.fit(ROWS["review"], ROWS["label"], given))
    streamed.fit(path, None, given, text="review", target="label")
    assert weights(streamed) == expected


def test_a_fit_goes_on_from_a_file(path):
    model, other = (TextClassifier(encoder="mean", warm_start=True, **SMALL) for _ in range(2))
    for _ in range(2):
        model.fit(ROWS["review"], ROWS["label"])
        other.fit(path, text="review", target="label")
    assert weights(model) == weights(other)


def test_predictions_are_read_from_files_too(path, tmp_path, monkeypatch):
    monkeypatch.setattr("textseq.corpus.source.BATCH_ROWS", 128)
    model = TextClassifier(encoder="gru", **SMALL).fit(path, text="review", target="label")
    again = load_model(model.save(tmp_path / "model.textseq"))
    assert (again.predict(path) == model.predict(TEXTS)).all()
    assert np.allclose(model.predict_proba(path), model.predict_proba(TEXTS), atol=1e-6)
    assert model.score(path, ROWS["label"]) == model.score(TEXTS, ROWS["label"])
    # A frame of several columns is read by the name, too.
    assert (model.predict(ROWS) == model.predict(TEXTS)).all()
    in_memory = TextClassifier(encoder="gru", **SMALL).fit(TEXTS, ROWS["label"])
    assert (in_memory.predict(ROWS.select("review").lazy()) == model.predict(TEXTS)).all()


def test_what_to_predict_is_told_once(path):
    model = TextClassifier(**SMALL)
    with pytest.raises(ValueError, match="and neither is given"):
        model.fit(path, text="review")
    with pytest.raises(ValueError, match="and both are given"):
        model.fit(path, ROWS["label"], text="review", target="label")
    with pytest.raises(ValueError, match="X has 900 rows but y has 899"):
        model.fit(path, ROWS["label"][1:], text="review")
    with pytest.raises(ValueError, match="single string"):
        model.fit("so good", ["pos"])


def test_pieces_that_are_to_be_learned_are_refused_before_reading(path):
    model = TextClassifier(tokenizer="bpe", **SMALL)
    with pytest.raises(ValueError, match=r"Tokenizer\('bpe'\).fit"):
        model.fit(path, text="review", target="label")
    assert not Path(os.environ["TEXTSEQ_CACHE"]).exists()
    pieces = Tokenizer("bpe", vocab_size=300).fit(TEXTS)
    model = TextClassifier(encoder="mean", tokenizer=pieces, **SMALL)
    expected = weights(model.fit(ROWS["review"], ROWS["label"]))
    assert weights(model.fit(path, text="review", target="label")) == expected


def test_reading_is_told_where_it_is_asked(path, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        TextClassifier(encoder="mean", **SMALL).fit(path, text="review", target="label")
    assert capfd.readouterr().err == ""
    TextClassifier(encoder="mean", verbose=1, **SMALL).fit(path, text="review", target="label")
    n_tokens = sum(len(text.split()) for text in TEXTS)
    assert f"{n_tokens:,} tokens of 900 rows in '" in capfd.readouterr().err


def test_validation_rows_are_no_more_than_tell_the_epochs_apart(monkeypatch):
    monkeypatch.setattr(text_recipe, "MOST_VALIDATION_ROWS", 45)
    model = TextClassifier(encoder="mean", **SMALL).fit(TEXTS, ROWS["label"])
    assert model.receipt_["validation_rows"] == 45


def test_frames_in_memory_have_columns_named_too():
    model = TextClassifier(encoder="mean", **SMALL)
    expected = weights(model.fit(ROWS["review"], ROWS["label"]))
    assert weights(model.fit(ROWS, text="review", target="label")) == expected
    frame = pd.DataFrame(ROWS.to_dict(as_series=False))
    assert weights(model.fit(frame, text="review", target="label")) == expected


def test_a_column_named_for_nothing_is_refused():
    model = TextClassifier(encoder="mean", **SMALL)
    with pytest.raises(ValueError, match="text='review' names a column .* text_columns='review'"):
        model.fit(ROWS.select("review", "title"), ROWS["label"], text="review")
    with pytest.raises(ValueError, match="rows can't be read from a list; pass a file or glob"):
        model.fit(TEXTS, target="label")
