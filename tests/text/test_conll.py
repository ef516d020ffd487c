import gzip

import pytest

from textseq import read_conll


def test_columns_may_be_many_and_apart_by_tabs_or_spaces():
    lines = [
        "-DOCSTART- -X- -X- O\n",
        "\n",
        "EU NNP B-NP B-ORG\n",
        "rejects VBZ B-VP O\r\n",
        "\n",
        "   \n",
        "New York\tB-LOC\n",
        "-DOCSTART-\n",
        "ok\tO",
    ]
    tokens, tags = read_conll(lines)
    assert tokens == [["EU", "rejects"], ["New York"], ["ok"]]
    assert tags == [["B-ORG", "O"], ["B-LOC"], ["O"]]


def test_an_open_file_is_read(tmp_path):
    path = tmp_path / "t.conll"
    path.write_text("São O\nPaulo B\n\n\nfim O\n", encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        assert read_conll(file) == ([["São", "Paulo"], ["fim"]], [["O", "B"], ["O"]])


def test_a_line_without_a_tag_is_named():
    with pytest.raises(ValueError, match="line 4 holds 'alone' and no tag"):
        read_conll(["a O", "", "b O", "alone", "c O"])
    with pytest.raises(ValueError, match="line 2 holds 'alone' and no tag"):
        read_conll(["a O", "alone", "", "b O"])
    with pytest.raises(ValueError, match="there is no sentence"):
        read_conll(["", "-DOCSTART- O", ""])


@pytest.mark.parametrize(
    ("lines", "tokens", "tags"),
    [
        (["# id 7f3\tdomain=en", "Ana B-PER", "left O"], [["Ana", "left"]], [["B-PER", "O"]]),
        (["# sent_id = 1", "a X Y O", "b X Y O"], [["a", "b"]], [["O", "O"]]),
        (["# newdoc", "a O", "", "# text = b", "b O"], [["a"], ["b"]], [["O"], ["O"]]),
        (["# O", "1 O", "fan B"], [["#", "1", "fan"]], [["O", "O", "B"]]),
        (["#\tO", "1\tO"], [["#", "1"]], [["O", "O"]]),
        (["#sad HT", "it O"], [["#sad", "it"]], [["HT", "O"]]),
    ],
)
def test_comments_are_no_tokens_and_hashes_may_be(lines, tokens, tags):
    assert read_conll(lines) == (tokens, tags)


def test_only_spaces_and_tabs_end_a_token():
    lines = ["New\u00a0York B-LOC", "a\u2028b  O", "c\u3000d\tO", "\u00a0 O"]
    assert read_conll(lines)[0] == [["New\u00a0York", "a\u2028b", "c\u3000d", "\u00a0"]]


CONLLU = """# sent_id = 1
# text = vámonos ya
1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tvamos\tir\tVERB\t_\t_\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\tSpaceAfter=No
2.1\tir\tir\tVERB\t_\t_\t_\t_\t_\t_
3\tya\tya\tADV\t_\t_\t1\tadvmod\t_\t_

"""


def test_words_and_parts_of_speech_of_conll_u():
    lines = CONLLU.split("\n")
    assert read_conll(lines) == ([["vamos", "nos", "ya"]], [["VERB", "PRON", "ADV"]])
    lemmas, relations = read_conll(lines, token_col=2, tag_col=7)
    assert (lemmas, relations) == ([["ir", "nosotros", "ya"]], [["root", "obj", "advmod"]])


def test_columns_are_chosen_by_their_place():
    lines = ["EU NNP B-NP B-ORG", "rejects VBZ B-VP O"]
    assert read_conll(lines, tag_col=1)[1] == [["NNP", "VBZ"]]
    assert read_conll(lines, tag_col=-2)[1] == [["B-NP", "B-VP"]]
    with pytest.raises(ValueError, match="line 1 has 4 columns, so none of place 7"):
        read_conll(lines, tag_col=7)


@pytest.mark.parametrize("name", ["t.conll", "t.conll.gz"])
def test_a_path_is_read(tmp_path, name):
    path, data = tmp_path / name, "Ana B\r\nficou\u2028s\u00f3 O\r\n".encode()
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    for given in (path, str(path)):
        assert read_conll(given) == ([["Ana", "ficou\u2028s\u00f3"]], [["B", "O"]])
    path.write_bytes("Ana B\nfa\u00e7a O\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"t\.conll.*, line 2: byte 0xe7 is not UTF-8"):
        read_conll(path)
    assert read_conll(path, encoding="latin-1")[0] == [["Ana", "fa\u00e7a"]]


def test_a_text_is_no_path():
    with pytest.raises(ValueError, match="got a text where a path or lines belong"):
        read_conll("Ana B\nleft O\n")


def test_an_empty_tag_is_named():
    with pytest.raises(ValueError, match="line 2 holds 'left' and no tag"):
        read_conll(["Ana\tB", "left\t"])
