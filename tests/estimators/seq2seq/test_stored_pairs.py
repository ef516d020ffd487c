"""The same pairs in memory and from files: the same weights, whatever reads them."""

import tracemalloc

import numpy as np
import polars as pl
import pytest

from textseq import Seq2Seq, Tokenizer, WordVectors, load_model
from textseq.estimators.seq2seq.pairs import stored_pairs

RNG = np.random.default_rng(1)
WORDS = np.array(["one", "two", "three", "four", "five"])
SOURCES = [" ".join(RNG.choice(WORDS, RNG.integers(0, 6))) for _ in range(500)]
# Sources repeat, with other targets, some of which hold what no other does.
TARGETS = [
    " ".join(word[::-1].title() for word in text.split())
    + (f" {number}!" if number % 9 == 0 else ".")
    for number, text in enumerate(SOURCES)
]
ROWS = pl.DataFrame({"eng": SOURCES, "odd": TARGETS, "other": SOURCES[::-1]})
SMALL = {"hidden_size": 6, "embedding_dim": 6, "max_epochs": 2, "random_state": 0, "n_threads": 2}
NAMED = {"text": "eng", "target": "odd"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "cache"))
    # So few rows are read, and loaded, in several parts.
    monkeypatch.setattr("textseq.corpus.source.BATCH_ROWS", 64)
    monkeypatch.setattr("textseq.batches.STEPS_TOGETHER", 300)
    monkeypatch.setattr("textseq.row_arrays.ROWS_TOGETHER", 70)
    monkeypatch.setattr("textseq.estimators.seq2seq.encoding.SPACING_TEXTS", 90)


@pytest.fixture
def path(tmp_path):
    ROWS.write_parquet(tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def weights(model):
    return model.receipt_["weights_sha256"]


VARIANTS = {
    "words": {},
    "characters": {"tokenizer": "char"},
    "words to characters": {"target_tokenizer": "char", "encoder": "gru"},
    "pieces": {"tokenizer": Tokenizer("bpe", vocab_size=260).fit([*SOURCES, *TARGETS])},
    "a function": {"tokenizer": str.split, "lowercase": False},
    "rare words": {"min_df": 3, "max_features": 4},
    "a mean": {"encoder": "mean"},
    "no validation": {"validation_fraction": 0.0},
    "step by step": {"teacher_forcing": 0.5},
    "vectors": {"vectors": WordVectors(["one", "olho"], np.eye(2, 6, dtype=np.float32))},
}


@pytest.mark.parametrize("own", VARIANTS.values(), ids=VARIANTS)
def test_rows_of_a_file_give_the_same_weights(path, own):
    in_memory = Seq2Seq(**SMALL | own).fit(SOURCES, TARGETS)
    streamed = Seq2Seq(**SMALL | own).fit(path, **NAMED)
    assert weights(streamed) == weights(in_memory)
    assert streamed.history_["loss"].tolist() == in_memory.history_["loss"].tolist()
    for name in ("rows", "validation_rows", "validation_score"):
        assert streamed.receipt_[name] == in_memory.receipt_[name]
    for part in ("source", "target"):
        own, other = (getattr(model.encoding_, part) for model in (streamed, in_memory))
        assert own.vocabulary == other.vocabulary
    names = ("spacing", "longest", "tokens_per_step", "unknown_targets", "symbols", "source_form")
    for name in names:
        assert getattr(streamed.encoding_, name) == getattr(in_memory.encoding_, name), name


@pytest.mark.filterwarnings("ignore:.* are read up to their first 3 tokens")
def test_long_sources_and_targets_are_cut_alike(path):
    own = SMALL | {"max_length": 3}
    with pytest.warns(UserWarning, match="of 500 sources are read up to their first 3") as told:
        in_memory = Seq2Seq(**own).fit(SOURCES, TARGETS)
    with pytest.warns(UserWarning) as told_too:
        streamed = Seq2Seq(**own).fit(path, **NAMED)
    assert str(told[0].message) == str(told_too[0].message)
    assert weights(streamed) == weights(in_memory)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "lazy", "function", "frame", "validation"])
def test_all_kinds_of_sources_have_the_same_weights(path, tmp_path, kind):
    model = Seq2Seq(**SMALL)
    held_out = (SOURCES[:30], TARGETS[:30]) if kind == "validation" else None
    expected = weights(model.fit(SOURCES, TARGETS, held_out))
    if kind == "csv":
        ROWS.write_csv(tmp_path / "rows.csv")
        model.fit(str(tmp_path / "rows.csv"), **NAMED)
    elif kind == "jsonl":
        ROWS.write_ndjson(tmp_path / "rows.jsonl")
        model.fit(str(tmp_path / "*.jsonl"), **NAMED)
    elif kind == "lazy":
        model.fit(ROWS.lazy(), **NAMED)
    elif kind == "function":
        model.fit(lambda: ROWS.iter_slices(100), **NAMED)
    elif kind == "frame":
        model.fit(ROWS.select("eng", "odd"), target="odd")
    else:
        model.fit(path, None, held_out, **NAMED)
    assert weights(model) == expected


@pytest.mark.filterwarnings("ignore:.* answers end where they would have gone on")
def test_predictions_are_read_from_files_too(path, tmp_path):
    model = Seq2Seq(**SMALL).fit(path, **NAMED)
    model = load_model(model.save(tmp_path / "m.textseq"))
    assert model.predict(path) == model.predict(SOURCES)
    assert model.predict(path, 1) == model.predict(SOURCES, 1)
    drawn = model.predict(path, temperature=1.0, random_state=3)
    assert drawn == model.predict(path, temperature=1.0, random_state=3)
    assert len(drawn) == 500
    lists = Seq2Seq(**SMALL).fit([text.split() for text in SOURCES], TARGETS)
    with pytest.raises(ValueError, match="the model was fitted to tokens; pass them in memory"):
        lists.predict(path)


def test_what_can_not_be_streamed_is_refused_before_reading(path, tmp_path):
    model = Seq2Seq(**SMALL)
    with pytest.raises(
        ValueError, match="target= names the column of targets; pass it, and no tgt"
    ):
        model.fit(path, text="eng")
    with pytest.raises(
        ValueError, match="target= names the column of targets; pass it, and no tgt"
    ):
        model.fit(path, TARGETS, **NAMED)
    with pytest.raises(ValueError, match="tgt is missing"):
        model.fit(SOURCES)
    with pytest.raises(
        ValueError, match="text='eng' names a column of what is read from elsewhere"
    ):
        model.fit(SOURCES, TARGETS, text="eng")
    with pytest.raises(ValueError, match="names two columns, .*; join them into one"):
        model.fit(path, text=["eng", "other"], target="odd")
    with pytest.raises(ValueError, match=r"target_tokenizer=textseq.Tokenizer\('bpe'\).fit"):
        Seq2Seq(target_tokenizer="bpe", **SMALL).fit(path, **NAMED)
    with pytest.raises(ValueError, match="source='series' is read from memory"):
        Seq2Seq("series", **SMALL).fit(path, **NAMED)
    with pytest.raises(ValueError, match="hidden_size"):
        Seq2Seq(hidden_size=0).fit(path, **NAMED)
    assert not (tmp_path / "cache").exists()


def peak_memory(path, n_rows):
    """Return the bytes that Python and NumPy hold at most until a fit to so many rows learns."""
    pl.concat([ROWS] * (n_rows // 500)).write_parquet(path, row_group_size=500)
    model = Seq2Seq(**SMALL | {"validation_fraction": 100 / n_rows})
    tracemalloc.start()
    how = model.stream_tokenizers, False
    with stored_pairs(path, None, "eng", "odd", *how) as pairs:
        prepared = model.prepare(pairs)
        assert prepared.rows.take(np.arange(3)).loaded().n_steps
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
    monkeypatch.setattr("textseq.corpus.text_groups._ROWS", 256)
    few, many = 20 * 500, 80 * 500
    _, at_few, at_many = (peak_memory(tmp_path / f"{n}.parquet", n) for n in (few, few, many))
    assert at_many - at_few < many - few, f"{(at_many - at_few) / (many - few):.1f} a row"
