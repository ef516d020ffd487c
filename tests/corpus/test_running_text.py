"""Running text is read in parts that no token crosses, and put together again."""

import gzip

import polars as pl
import pytest

from textseq import Tokenizer, load_sample
from textseq.corpus import running_text
from textseq.corpus.running_text import CHARACTERS, is_running_source, open_running, whole_texts

ODD = "The U.S. Mr. Smith said:\r\n\n  'Don't!' ... can not e\u0301 \u0301x 1,000. 3.5 @a b.com \n"
NOVEL = ODD * 9 + load_sample("dom_casmurro")[:20_000] + "\n"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(running_text, "PART_BYTES", 300)


@pytest.fixture
def novel(tmp_path):
    (tmp_path / "novel.txt").write_bytes(NOVEL.encode())
    return tmp_path / "novel.txt"


def plain(text):
    return text.replace("\r\n", "\n").removesuffix("\n")


def test_a_file_is_one_text_in_parts(novel):
    rows = pl.concat(open_running(novel).batches())
    assert rows.height > 50 and rows["text"].str.len_bytes().max() < 600
    assert (rows[CHARACTERS] < 0).to_list() == [True] * (rows.height - 1) + [False]
    assert rows[CHARACTERS].abs().to_list() == rows["text"].str.len_chars().to_list()
    assert "".join(rows["text"]) == plain(NOVEL)
    assert [len(part) for part in whole_texts(open_running(novel))] == [1]


TOKENIZERS = {
    "words": Tokenizer(),
    "characters": Tokenizer("char", lowercase=False),
    "pieces": Tokenizer("bpe", lowercase=False, vocab_size=400).fit([NOVEL]),
    "a function": Tokenizer(str.split),
}


@pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
def test_parts_have_the_tokens_of_the_whole(novel, tokenizer):
    rows = pl.concat(open_running(novel).batches())
    parts = tokenizer.tokenize(rows["text"]).flat.to_list()
    assert parts == tokenizer.tokenize([plain(NOVEL)]).flat.to_list()


def test_lines_may_be_texts(novel):
    found = pl.concat(open_running(novel, "line").batches())
    assert found["line"].to_list() == plain(NOVEL).split("\n")
    assert (found[CHARACTERS] >= 0).all()


def test_folders_globs_and_packed_files_are_read_in_order(tmp_path):
    texts = [f"text {number} " * 99 for number in range(3)]
    for number, text in enumerate(texts):
        content = gzip.compress(text.encode())
        (tmp_path / f"{number}.txt.gz").write_bytes(content)
    for path in (tmp_path, f"{tmp_path}/*.gz"):
        assert pl.concat(whole_texts(open_running(path))).to_list() == texts
    (tmp_path / "empty.txt").touch()
    assert pl.concat(whole_texts(open_running(tmp_path))).to_list() == [*texts, ""]


def test_tables_have_their_characters_beside_their_texts(tmp_path):
    pl.DataFrame({"review": ["so", "é!", ""], "stars": [1, 2, 3]}).write_csv(tmp_path / "a.csv")
    rows = pl.concat(open_running(tmp_path / "a.csv", "review").batches())
    assert rows.to_dict(as_series=False) == {"review": ["so", "é!", ""], CHARACTERS: [2, 2, 0]}


def test_what_a_lone_text_is_and_what_a_path():
    assert is_running_source("novel.txt") and is_running_source("rows.csv")
    assert not is_running_source("so it goes.txt") and not is_running_source(["novel.txt"])


def test_what_can_not_be_read_is_refused(novel, tmp_path):
    with pytest.raises(ValueError, match="is plain text; leave it out to read each file as one"):
        open_running(novel, "review")
    (tmp_path / "a.csv").write_text("text\nso\n")
    with pytest.raises(ValueError, match="names plain text, such as .*, and tables, such as .*csv"):
        open_running(tmp_path)
    with pytest.raises(ValueError, match="names two columns"):
        open_running(pl.DataFrame({"a": ["b"], "c": ["d"]}), ["a", "c"])
    (tmp_path / "wide.txt").write_bytes("so".encode("utf-16"))
    with pytest.raises(ValueError, match=r"wide.txt is UTF-16, which is not read in parts"):
        list(open_running(tmp_path / "wide.txt").batches())
    with pytest.raises(ValueError, match="column 'n' holds Int64, not texts"):
        list(open_running(pl.DataFrame({"n": [1]}), "n").batches())
