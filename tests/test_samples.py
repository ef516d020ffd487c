import hashlib
import io
import re
import zipfile

import numpy as np
import pytest
import soundfile

from textseq import load_sample, spans_of
from textseq.samples import SAMPLES, sample_path
from textseq.series.panel import read_panel


@pytest.mark.parametrize(
    ("name", "rows", "classes"),
    [("mr", 10_662, 2), ("subj", 10_000, 2), ("sms_spam", 5_574, 2), ("names18", 20_050, 18)],
)
def test_a_corpus_has_text_and_label_in_every_row(name, rows, classes):
    sample = load_sample(name)
    assert list(sample.columns) == ["text", "label"]
    assert len(sample) == rows
    assert sample["label"].nunique() == classes
    assert sample.notna().to_numpy().all()
    assert (sample["text"].str.len() > 0).all()


@pytest.mark.parametrize(
    ("name", "characters", "start"),
    [
        ("tinyshakespeare", 1_115_394, "First Citizen:\nBefore we proceed"),
        ("dom_casmurro", 366_000, "CAPÍTULO PRIMEIRO\nDO TÍTULO"),
    ],
)
def test_a_work_is_one_text(name, characters, start):
    sample = load_sample(name)
    assert isinstance(sample, str) and sample.startswith(start)
    assert abs(len(sample) - characters) < 0.05 * characters


def test_the_pairs_are_sentences_with_their_authors():
    pairs = load_sample("eng_fra")
    assert list(pairs.columns) == ["eng", "fra", "attribution"]
    assert len(pairs) == 5_000 and pairs.notna().to_numpy().all()
    assert pairs.iloc[0, :2].tolist() == ["Go.", "Va !"]


def test_vectors_are_those_of_the_file():
    vectors = load_sample("glove.6B.50d.top20k")
    assert vectors.matrix.shape == (20_000, 50)
    assert list(vectors.words[:3]) == ["the", ",", "."]
    np.testing.assert_allclose(vectors.matrix[0][:3], [0.418, 0.24968, -0.41242], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "values", "first", "last"),
    [
        ("airpassengers", [112, 118, 132], "1949-01-01", "1960-12-01"),
        ("sunspots", [58.0, 62.6, 70.0], "1749-01-01", "1983-12-01"),
    ],
)
def test_a_series_is_ready_for_forecasting(name, values, first, last):
    sample = load_sample(name)
    assert list(sample.columns) == ["unique_id", "ds", "y"]
    assert sample["y"].head(3).tolist() == values
    panel = read_panel(sample)
    assert str(panel.frequency) == "1 month (first days)"
    assert [str(panel.times[i].astype("M8[D]")) for i in (0, -1)] == [first, last]
    assert not np.isnan(panel.y).any()


def test_the_transformers_hours_have_no_gap():
    sample = load_sample("etth1")
    assert sample.shape == (17_420, 8)
    panel = read_panel(sample, target_col="OT", past=list(sample.columns[1:7]))
    assert str(panel.frequency) == "1 hour"
    np.testing.assert_allclose(panel.y[:2, 0], [30.531, 27.787], atol=1e-5)


def test_the_vowels_have_unequal_lengths_and_nine_speakers():
    (X, y), (X_test, y_test) = load_sample("japanese_vowels")
    assert len(X) == len(y) == 270
    assert len(X_test) == len(y_test) == 370
    lengths = {series.shape[1] for series in [*X, *X_test]}
    assert (min(lengths), max(lengths)) == (7, 29)
    assert {series.shape[0] for series in X} == {12}
    assert sorted(set(y)) == sorted(set(y_test)) == list("123456789")


def test_the_names_of_courts_and_laws_are_tagged_in_words():
    (X, y), (X_test, y_test) = load_sample("lener_br")
    assert (len(X), len(X_test)) == (1500, 295)
    for words, tags in zip([*X, *X_test], [*y, *y_test], strict=True):
        assert 5 <= len(words) == len(tags) <= 40 and set(tags) != {"O"}
    types = {"PESSOA", "ORGANIZACAO", "LOCAL", "TEMPO", "LEGISLACAO", "JURISPRUDENCIA"}
    for part in (y, y_test):
        assert {span.type for spans in spans_of(part) for span in spans} == types


def test_each_digit_is_spoken_six_times_by_each_speaker():
    sample = load_sample("spoken_digits")
    assert list(sample.columns) == ["text", "speaker", "recording", "wave"]
    assert len(sample) == 360 and sample["text"].nunique() == 10
    assert set(sample.groupby(["text", "speaker"]).size()) == {6}
    assert set(sample["recording"]) == {0, 1, 5, 6, 7, 8}
    # As soundfile reads the first of the files.
    with zipfile.ZipFile(sample_path("spoken_digits")) as archive:
        first = archive.namelist()[0]
        samples, rate = soundfile.read(io.BytesIO(archive.read(first)), dtype="float32")
    assert (first, rate) == ("0_george_0.wav", 8000)
    assert sample["text"][0] == "zero" and np.array_equal(sample["wave"][0], samples)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match="unknown sample 'imdb'; the samples are mr, names18"):
        load_sample("imdb")


def test_the_read_me_gives_the_checksum_of_every_file():
    written = sample_path("mr").with_name("README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$", written, flags=re.MULTILINE))
    files = [*SAMPLES.values(), "JapaneseVowels_TEST.ts.gz", "lener_br_test.conll.gz"]
    folder = sample_path("mr").parent
    assert rows == {
        file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in files
    }
    assert {path.name for path in folder.iterdir()} == {*files, "README.md"}
