import pytest

from textseq.text.token_lines import are_token_lines, tokens_of_lines


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Ana B-person", "left O"], True),
        (["Ana NN B-person", "left VB", "Rome NN B-place"], False),
        (["Ana\tNN", "left\tVB"], True),
        (["# a comment\t", "Ana\tNN", "left\tVB"], True),
        (["-DOCSTART- O", "", "Ana B-person"], True),
        (["Ana verb", "left noun"], True),
        (["Ana known", "left unheard"], False),
        (["Ana", "left", "", "Rome"], True),
        (["Ana", "left"], False),
        (["Ana", "", "left"], False),
        (["Ana left Rome", "", "I left"], False),
        (["So do I", "He and I"], False),
        (["blood type O", "one two three"], False),
        ([], False),
        (["", ""], False),
    ],
    ids=str,
)
def test_lines_of_tokens_are_told_from_sentences(lines, expected):
    assert are_token_lines(lines, {"verb", "noun"}) is expected


def test_tokens_are_read_as_beside_tags():
    lines = ["-DOCSTART- O", "", "Ana B-person", "left O", "", "Rome\tB-place"]
    assert tokens_of_lines(lines) == [["Ana", "left"], ["Rome"]]
    assert tokens_of_lines(["Ana", "left", "", "Rome"]) == [["Ana", "left"], ["Rome"]]
    assert tokens_of_lines(["1 Ana x"], 1) == tokens_of_lines(["1 Ana x"], -2) == [["Ana"]]
    conllu = ["1-2\tdel\t" + "_\t" * 7 + "_", "1\tde\t" + "_\t" * 7 + "_"]
    assert tokens_of_lines(conllu) == [["de"]]
    with pytest.raises(ValueError, match="line 2 has 1 columns, so none of place 1"):
        tokens_of_lines(["a b", "c"], 1)
