"""Tokens, ids and word vectors in the form in which R asks for them."""

import json

import numpy as np
import pytest
from subword_tables import TEXTS as SUBWORD_TEXTS
from subword_tables import minilm_folder

from textseq import MeanEmbedder, Tokenizer, WordVectors, load_sample, load_vectors
from textseq.r import bridge, represent
from textseq.r.wire import decode, encode

TEXTS = ["It doesn't cost $1,000.", "", "so it goes"]


def asked(name, **arguments):
    """Call as R does, and return what R sees, decoded again."""
    reply = bridge.call(name, encode(arguments))
    assert "error" not in reply, reply["error"]["traceback"]
    return decode(reply["value"])


def tokenizer(kind="word", texts=None, **parameters):
    parameters = {"lowercase": True, "ngram_range": [1.0, 1.0], "vocab_size": 300.0} | parameters
    learned = asked("learn_tokenizer", kind=kind, texts=texts, parameters=parameters)
    return {"textseq_tokenizer": learned["state"]}


def test_tokens_are_cut_once_for_r():
    cut = asked("cut_texts", texts=TEXTS, tokenizer=tokenizer())
    tokens = Tokenizer().tokenize(TEXTS)
    assert cut["distinct"] == tokens.distinct.to_list()
    assert cut["codes"].tolist() == tokens.codes.values.tolist()
    assert cut["lengths"].tolist() == [7, 0, 3]


def test_a_learned_tokenizer_is_its_json():
    handle = tokenizer("bpe", ["low lower lowest"] * 5, vocab_size=262.0)
    pieces = Tokenizer("bpe", vocab_size=262).fit(["low lower lowest"] * 5)
    assert json.loads(handle["textseq_tokenizer"][0]) == pieces.to_dict()
    cut = asked("cut_texts", texts=["slow"], tokenizer=handle)
    assert cut["distinct"] == pieces.tokenize(["slow"]).distinct.to_list()


def test_a_vocabulary_of_tokens_is_that_of_their_texts():
    options = {"min_df": 1.0, "max_features": None}
    lists = Tokenizer().tokenize(TEXTS).to_lists()
    of_texts = asked("learn_vocabulary", texts=TEXTS, tokenizer=tokenizer(), parameters=options)
    of_tokens = asked("learn_vocabulary", texts=lists, tokenizer=None, parameters=options)
    assert of_tokens["table"].equals(of_texts["table"])
    assert of_tokens["longest"] == [7] and of_tokens["n_documents"] == [3]


def test_no_piece_of_a_new_text_is_unknown_to_a_vocabulary():
    handle = tokenizer("bpe", ["low lower lowest"] * 5, vocab_size=262.0)
    parameters = {"min_df": 2.0, "max_features": None}
    learned = asked(
        "learn_vocabulary", texts=["low lower"] * 2, tokenizer=handle, parameters=parameters
    )
    pieces = Tokenizer("bpe", vocab_size=262).fit(["low lower lowest"] * 5).pieces
    assert set(learned["table"]["token"][2:]) == set(pieces)


def test_whole_files_stay_files_and_chosen_words_cross():
    whole = represent.open_vectors(["glove.6B.50d.top20k"], None)
    assert whole["words"] is None and whole["numbers"] is None
    some = represent.open_vectors(["glove.6B.50d.top20k"], ["good", "bad"])
    assert some["source"] is None and sorted(some["words"]) == ["bad", "good"]
    vectors = represent.vectors_by_handle(decode(encode(some)))
    assert np.array_equal(vectors["good"], load_sample("glove.6B.50d.top20k")["good"])
    assert vectors.fingerprint == some["id"] and vectors.name == some["name"]


def test_a_path_is_found_again_from_another_folder(tmp_path, monkeypatch):
    (tmp_path / "own.txt").write_text("good 1 0\nbad 0 1\n")
    monkeypatch.chdir(tmp_path)
    opened = asked("open_vectors", source="own.txt", words=None)
    monkeypatch.chdir("/")
    rows = asked("vector_rows", vectors={"textseq_vectors": opened}, words=["bad", "ugly"])
    assert rows["matrix"].tolist() == [[0, 1], [0, 0]]
    assert rows["known"].tolist() == [True, False]


def test_changed_files_are_noticed(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("good 1 0\nbad 0 1\n")
    opened = represent.open_vectors([str(path)], None)
    path.write_text("good 1 0\nbad 0 2\n")
    handle = decode(encode({key: opened[key] for key in ("id", "name", "source")}))
    with pytest.raises(ValueError, match="read it again"):
        represent.vectors_by_handle(handle)


def test_means_weigh_by_the_texts_named():
    vectors = WordVectors(["so", "it", "goes"], np.eye(3))
    handle = {"textseq_vectors": represent.described(vectors, None)}
    means = asked(
        "embed_mean",
        texts=TEXTS,
        vectors=handle,
        tokenizer=tokenizer(),
        weighted_by=["so", "so it"],
    )
    expected = MeanEmbedder(vectors, idf=True).fit(["so", "so it"]).transform(TEXTS)
    assert np.array_equal(means, expected)


def test_a_table_of_subwords_cuts_by_its_own_tokenizer(tmp_path):
    folder = minilm_folder(tmp_path / "minilm")
    opened = asked("open_vectors", source=str(folder), words=None)
    assert opened["name"] == ["minilm"] and opened["words"] is None
    handle = {"textseq_vectors": opened}
    table = load_vectors(folder)
    expected = MeanEmbedder(table).fit([""]).transform(SUBWORD_TEXTS)
    options = {"texts": SUBWORD_TEXTS, "vectors": handle, "weighted_by": None}
    assert np.array_equal(asked("embed_mean", tokenizer=tokenizer(), **options), expected)
    reply = bridge.call("embed_mean", encode(options | {"tokenizer": tokenizer("char")}))
    assert "bring a tokenizer of their own" in reply["error"]["message"]
    rows = asked("vector_rows", vectors=handle, words=["film", "##s"])
    assert rows["known"].all() and rows["matrix"].shape == (2, table.dim)
    assert asked("nearest_words", vectors=handle, word="film", most=1.0)["word"].tolist()
    with pytest.raises(
        ValueError, match="is a table of subwords, all of which its tokenizer needs"
    ):
        represent.open_vectors([str(folder)], ["film"])


def test_the_name_of_a_table_of_the_hub_stays_a_name():
    with pytest.raises(ValueError, match="nothing at tiny/none, and Hugging Face's cache"):
        represent.open_vectors(["tiny/none"], None)
