import hashlib
import re

import numpy as np
import pytest

from textseq import load_sample
from textseq.samples import SAMPLES, sample_path


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


def test_vectors_are_those_of_the_file():
    vectors = load_sample("glove.6B.50d.top20k")
    assert vectors.matrix.shape == (20_000, 50)
    assert list(vectors.words[:3]) == ["the", ",", "."]
    np.testing.assert_allclose(vectors.matrix[0][:3], [0.418, 0.24968, -0.41242], rtol=1e-6)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match="unknown sample 'imdb'; the samples are mr, names18"):
        load_sample("imdb")


def test_the_read_me_gives_the_checksum_of_every_file():
    written = sample_path("mr").with_name("README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$", written, flags=re.MULTILINE))
    assert rows == {
        file: hashlib.sha256(sample_path(name).read_bytes()).hexdigest()
        for name, file in SAMPLES.items()
    }
