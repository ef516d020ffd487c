"""The same texts in memory and from files: the same language model, whatever reads them."""

import gzip
import tracemalloc

import numpy as np
import polars as pl
import pytest

from textseq import LanguageModel, Tokenizer, WordVectors, load_model, load_sample
from textseq.estimators.language.running_tokens import stored_corpus

NOVEL = load_sample("dom_casmurro")[:16_000]
RNG = np.random.default_rng(2)
WORDS = np.array(["good", "bad", "film", "plot", "so", "not", "very", "a", "dull", "bright"])
TEXTS = [" ".join(RNG.choice(WORDS, RNG.integers(0, 14))) for _ in range(600)]
ROWS = pl.DataFrame({"review": TEXTS, "stars": np.arange(600)})
SMALL = {"hidden_size": 8, "embedding_dim": 8, "max_epochs": 1, "random_state": 0, "n_threads": 2}
SMALL |= {"batch_size": 16, "truncated_bptt_steps": 24}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "cache"))
    # So few tokens are read in several parts.
    monkeypatch.setattr("textseq.corpus.running_text.PART_BYTES", 999)
    monkeypatch.setattr("textseq.corpus.source.BATCH_ROWS", 128)
    monkeypatch.setattr("textseq.estimators.language.running_tokens.VALUES_TOGETHER", 100)
    monkeypatch.setattr("textseq.row_arrays.ROWS_TOGETHER", 100)
    monkeypatch.setattr("textseq.training.distinct_tokens.STEPS_TOGETHER", 500)


@pytest.fixture
def path(tmp_path):
    ROWS.write_parquet(tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def weights(model):
    return model.receipt_["weights_sha256"]


def same(streamed, in_memory):
    """See that two models are the same, and learned from the same texts."""
    assert weights(streamed) == weights(in_memory)
    assert streamed.vocabulary_.tokens == in_memory.vocabulary_.tokens
    assert streamed.history_["validation_loss"].equals(in_memory.history_["validation_loss"])
    names = ("rows", "validation_rows", "tokens", "validation_tokens")
    for name in names:
        assert streamed.receipt_[name] == in_memory.receipt_[name], name


VARIANTS = {
    "words": {},
    "characters": {"level": "char"},
    "pieces": {"level": Tokenizer("bpe", lowercase=False, vocab_size=300).fit([NOVEL])},
    "a function": {"level": str.split},
    "rare words": {"min_count": 3, "max_features": 50},
    "vectors": {"vectors": WordVectors(["good", "olhos"], np.eye(2, 8, dtype=np.float32))},
    "a quarter": {"validation_fraction": 0.27},
}


@pytest.mark.parametrize("own", VARIANTS.values(), ids=VARIANTS)
def test_rows_of_a_table_give_the_same_weights(path, own):
    in_memory = LanguageModel(**SMALL | own).fit(TEXTS)
    streamed = LanguageModel(**SMALL | own).fit(path, text="review")
    assert streamed.receipt_["validation_rows"] > 0
    same(streamed, in_memory)
    assert streamed.vocabulary_ == in_memory.vocabulary_


@pytest.mark.parametrize("own", VARIANTS.values(), ids=VARIANTS)
def test_a_plain_text_file_gives_the_weights_of_one_text(tmp_path, own):
    (tmp_path / "novel.txt").write_text(NOVEL + "\n")
    in_memory = LanguageModel(**SMALL | own).fit([NOVEL])
    streamed = LanguageModel(**SMALL | own).fit(str(tmp_path / "novel.txt"))
    assert streamed.receipt_["validation_rows"] == 1
    same(streamed, in_memory)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "lazy", "function", "frame", "lines"])
def test_all_kinds_of_sources_have_the_same_weights(tmp_path, kind):
    model = LanguageModel(**SMALL)
    expected = weights(model.fit(TEXTS))
    if kind == "csv":
        ROWS.write_csv(tmp_path / "rows.csv")
        model.fit(str(tmp_path / "rows.csv"), text="review")
    elif kind == "jsonl":
        (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(ROWS.write_ndjson().encode()))
        model.fit(str(tmp_path / "*.jsonl.gz"), text="review")
    elif kind == "lazy":
        model.fit(ROWS.lazy(), text="review")
    elif kind == "function":
        model.fit(lambda: ROWS.iter_slices(100))
    elif kind == "frame":
        model.fit(ROWS, text="review")
    else:
        (tmp_path / "rows.txt").write_text("".join(f"{text}\n" for text in TEXTS))
        model.fit(tmp_path, text="line")
    assert weights(model) == expected


@pytest.mark.parametrize("sizes", [(2_000, 14_000), (15_000, 900, 90), (3_600, 8_000, 0, 4_400)])
def test_texts_of_any_length_are_set_aside_alike(tmp_path, sizes):
    ends = np.cumsum(sizes)
    texts = [NOVEL[end - size : end].strip() for size, end in zip(sizes, ends, strict=True)]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(text)
    model, other = LanguageModel(**SMALL), LanguageModel(**SMALL)
    same(model.fit(tmp_path), other.fit(texts))


def test_a_model_goes_on_with_texts_of_a_file(path):
    first = LanguageModel(**SMALL).fit(TEXTS[:300])
    own = {name: value for name, value in SMALL.items() if "size" not in name and "dim" not in name}
    own |= {"pretrained": first}
    same(LanguageModel(**own).fit(path, text="review"), LanguageModel(**own).fit(TEXTS))


def test_validation_texts_and_labels_are_heeded(path):
    held_out = ["so very good", "not a plot " * 20]
    in_memory = LanguageModel(**SMALL).fit(TEXTS, validation_data=held_out)
    streamed = LanguageModel(**SMALL).fit(path, text="review", validation_data=held_out)
    same(streamed, in_memory)
    LanguageModel(**SMALL).fit(path, np.zeros(600), text="review")
    with pytest.raises(ValueError, match="y, .*, has 9 rows, and there are 600 texts"):
        LanguageModel(**SMALL).fit(path, np.zeros(9), text="review")


def test_scores_are_of_files_too(path, tmp_path):
    model = LanguageModel(**SMALL).fit(path, text="review")
    model = load_model(model.save(tmp_path / "m.textseq"))
    texts = [*TEXTS, "unheard of"]
    pl.DataFrame({"title": "", "review": texts}).write_csv(tmp_path / "new.csv")
    new = tmp_path / "new.csv"
    assert model.score(new) == pytest.approx(model.score(texts), rel=1e-6)
    assert model.perplexity(new) == pytest.approx(model.perplexity(texts), rel=1e-6)
    assert model.bits_per_character(new) == pytest.approx(model.bits_per_character(texts), rel=1e-6)
    np.testing.assert_allclose(model.score_samples(new), model.score_samples(texts), rtol=1e-5)
    (tmp_path / "novel.txt").write_text(NOVEL)
    assert model.score(str(tmp_path / "novel.txt")) == model.score([NOVEL])


def test_pieces_that_are_to_be_learned_are_refused_before_reading(path, tmp_path):
    with pytest.raises(ValueError, match=r"level=textseq.Tokenizer\('bpe', lowercase=False\).fit"):
        LanguageModel("bpe", **SMALL).fit(path, text="review")
    with pytest.raises(ValueError, match="hidden_size"):
        LanguageModel(hidden_size=0).fit(path, text="review")
    assert not (tmp_path / "cache").exists()


def test_a_fit_to_a_file_goes_on_from_a_checkpoint(path, tmp_path):
    own = SMALL | {"max_epochs": 2}
    expected = weights(LanguageModel(**own).fit(path, text="review"))

    class Stopped(Exception):
        """In place of a kill."""

    def stop(model, on_batch, max_epochs):
        def stopping(epoch, batch, n_batches, last):
            if (epoch, batch) == (2, 2):
                raise Stopped
            return on_batch(epoch, batch, n_batches, last) if on_batch else None

        return stopping

    run = tmp_path / "run.ckpt"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(LanguageModel, "_after_batch", stop)
        with pytest.raises(Stopped):
            LanguageModel(**own).fit(path, text="review", checkpoint=run)
    assert run.exists()
    model = LanguageModel(**own).fit(path, text="review", checkpoint=run)
    assert weights(model) == expected


def peak_memory(path, n_rows):
    """Return the bytes that Python and NumPy hold at most until a fit to so many rows learns."""
    pl.concat([ROWS] * (n_rows // 600)).write_parquet(path, row_group_size=600)
    own = {"validation_fraction": 100 / n_rows, "truncated_bptt_steps": 4}
    model = LanguageModel(**SMALL | own)
    tracemalloc.start()
    with stored_corpus(path, "review", model.stream_tokenizer, verbose=False) as corpus:
        prepared = model.prepare(corpus)
        rows = prepared.rows
        batches = prepared.plan(rows.lengths, 16, np.random.default_rng(0))
        assert rows.take(batches[-1]).n_steps and len(rows.weights) == len(rows.targets)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_texts(tmp_path, monkeypatch):
    for name in (
        "row_arrays.ROWS_TOGETHER",
        "stored_ragged.ROWS_TOGETHER",
        "corpus.token_writer.VALUES_AT_ONCE",
        "text.word_codes._COUNTED_TOGETHER",
        "estimators.language.running_tokens.VALUES_TOGETHER",
        "training.distinct_tokens.STEPS_TOGETHER",
    ):
        monkeypatch.setattr(f"textseq.{name}", 4_096)
    monkeypatch.setattr("textseq.corpus.source.BATCH_BYTES", 2**16)
    few, many = 20 * 600, 80 * 600
    _, at_few, at_many = (peak_memory(tmp_path / f"{n}.parquet", n) for n in (few, few, many))
    assert at_many - at_few < many - few, f"{(at_many - at_few) / (many - few):.1f} a row"
