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
