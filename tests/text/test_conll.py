import gzip

import numpy as np
import pytest

from textseq import read_conll, write_conll


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


@pytest.mark.parametrize("name", ["t.conll", "t.conll.gz"])
def test_what_is_written_is_read_as_it_was(tmp_path, name):
    tokens = [["Ana", "#", "1-2"], ["New\u00a0York"], ["a\u2028b", "#tag", "ç"]]
    tags = [["B-person", "O", "O"], ["B-place"], ["O", "O", "B-x"]]
    write_conll(tmp_path / name, tokens, tags)
    assert read_conll(tmp_path / name) == (tokens, tags)
    assert (tmp_path / name).read_bytes().startswith(b"\x1f\x8b") == name.endswith(".gz")
    write_conll(tmp_path / name, iter(tokens[2:]), [tuple(tags[2])])
    assert read_conll(tmp_path / name) == (tokens[2:], tags[2:])


def test_drawn_sentences_are_read_as_they_were_or_refused(tmp_path):
    rng, path, refused = np.random.default_rng(0), tmp_path / "t.conll", 0
    words = np.array(["a", "#", "#tag", "##", "-DOCSTART-", "é", "1-2", "1", "x#", "\u2028"])
    for _ in range(300):
        tokens = [rng.choice(words, rng.integers(1, 4)).tolist() for _ in range(rng.integers(1, 3))]
        tags = [rng.choice(["O", "B-x", "#"], len(row)).tolist() for row in tokens]
        try:
            write_conll(path, tokens, tags)
        except ValueError as error:
            assert "would be read as a comment" in str(error)
            refused += 1
        else:
            assert read_conll(path) == (tokens, tags)
    assert 50 < refused < 250


@pytest.mark.parametrize(
    ("tokens", "tags", "message"),
    [
        ([["New York"]], [["O"]], "row 0 holds 'New York', .* without blanks"),
        ([["a"], ["b", "c\td"]], [["O"], ["O", "O"]], r"row 1 holds 'c\\td'"),
        ([["a\n"]], [["O"]], r"row 0 holds 'a\\n'"),
        ([["a"]], [["B x"]], "row 0 holds 'B x'"),
        ([["", "a"]], [["O", "O"]], "row 0 holds '', "),
        ([["a", 3]], [["O", "O"]], "row 0 holds 3, .* must be strings"),
        ([["a"], []], [["O"], []], "row 1 is empty"),
        ([["a", "b"]], [["O"]], "row 0 has 2 tokens but 1 tags"),
        ([["a"]], [["O"], ["O"]], "1 rows of tokens and 2 of tags"),
        ([], [], "no sentence to write"),
        ([["#"]], [["O"]], "'#' would be read as a comment"),
        ([["a", "-DOCSTART-"]], [["O", "O"]], "'-DOCSTART-' would be read as"),
        ([["ł"]], [["O"]], "latin-1 has no 'ł'"),
    ],
)
def test_what_would_be_read_otherwise_is_not_written(tmp_path, tokens, tags, message):
    path = tmp_path / "t.conll"
    path.write_text("as it was")
    with pytest.raises(ValueError, match=message):
        write_conll(path, tokens, tags, encoding="latin-1")
    assert path.read_text() == "as it was"
