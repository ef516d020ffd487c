"""Scores say what is right, and what sacrebleu says of the same strings."""

import pytest
from languages import LANGUAGES
from sacrebleu.metrics import BLEU, CHRF

from textseq import Seq2Seq
from textseq.estimators.seq2seq.scores import (
    character_error_rate,
    corpus_score,
    exact_match,
    scoring_of,
    tokenizer_of,
)

TOKENIZERS = {
    "Chinese": "zh", "Japanese": "char", "Thai": "char",
}  # fmt: skip


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_right_answers_in_any_language_are_100_as_sacrebleu_counts(language, lowercase):
    texts, new = LANGUAGES[language]
    model = Seq2Seq(
        lowercase=lowercase, hidden_size=4, embedding_dim=4, validation_fraction=0.0, random_state=0
    )
    model.prepare([str(number) for number in range(len(texts))], texts)
    encoding = model.encoding_
    said = [
        encoding.write(ids, {})
        for ids in encoding.target.token_ids(encoding.target.tokenizer.tokenize(texts)).to_lists()
    ]
    found = corpus_score("bleu", said, texts, lowercase=lowercase)
    assert found.score == pytest.approx(100)
    tokenize = TOKENIZERS.get(language, "13a")
    assert f"tok:{tokenize}" in found.signature
    own = BLEU(lowercase=lowercase, tokenize=tokenize, effective_order="eff:yes" in found.signature)
    assert found.score == own.corpus_score(said, [texts]).score
    assert found.signature == str(own.get_signature())
    chrf = corpus_score("chrf", said, texts, lowercase=lowercase)
    assert chrf.score == CHRF(lowercase=lowercase).corpus_score(said, [texts]).score == 100
    assert exact_match(said, texts, lowercase=lowercase) == 1
    assert character_error_rate(said, texts, lowercase=lowercase) == 0


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["We go to Xi'an.", "12"], "13a"),
        (["我们去西安。", "iPhone 手机"], "zh"),
        (["西安へ行きます。"], "char"),
        (["วันนี้"], "char"),
        (["오늘 어디에 가요?"], "13a"),
        (["12 : 30", ""], "13a"),
        (["A word like 你 in English"], "13a"),
    ],
)
def test_the_script_tells_what_cuts(texts, expected):
    assert tokenizer_of(iter(texts)) == expected


def test_sacrebleus_tokenizers_are_asked_for_by_name():
    said, right = ["我们去西安了。"], ["我们去北京了。"]
    for name in ("zh", "char", "intl", "13a", "none"):
        found = corpus_score("bleu", said, right, lowercase=False, tokenize=name)
        own = BLEU(tokenize=name, effective_order="eff:yes" in found.signature)
        assert found.score == own.corpus_score(said, [right]).score
        assert f"tok:{name}" in found.signature
    with pytest.raises(ValueError, match="unknown tokenize 'jp'.*ja-mecab.*or None"):
        corpus_score("bleu", said, right, lowercase=False, tokenize="jp")
    with pytest.raises(ValueError, match="tokenize='zh' cuts texts, and targets are lists of symb"):
        corpus_score("bleu", [["a"]], [["a"]], lowercase=False, tokenize="zh")


def test_short_answers_have_a_bleu_of_shorter_ngrams():
    right = ["one", "two three", "four"]
    found = corpus_score("bleu", right, right, lowercase=False)
    assert found.score == pytest.approx(100) and "eff:yes" in found.signature
    half = corpus_score("bleu", ["one", "two three", "five"], right, lowercase=False)
    assert 0 < half.score < 100
    longer = [*right, "a word or two more"]
    found = corpus_score("bleu", longer, longer, lowercase=False)
    assert found.score == pytest.approx(100) and "eff:no" in found.signature
    # That answers are short is no excuse where references are not.
    assert corpus_score("bleu", ["one"] * 4, longer, lowercase=False).score == 0


def test_answers_that_are_right_but_for_white_space_and_unicodes_forms():
    assert exact_match(["e\u0301te\u0301 !"], ["\u00e9t\u00e9\u202f!"], lowercase=False) == 1
    assert exact_match(["a"], ["A"], lowercase=False) == 0
    assert exact_match([["a", "b"], []], [["a", "b"], ["A"]], lowercase=True) == 0.5
    assert character_error_rate([["a", "b"]], [["a", "c"]], lowercase=False) == 0.5
    assert character_error_rate(["abc"], [["axc", "abcd"]], lowercase=False) == 1 / 3
    assert character_error_rate(["", "a"], ["", ""], lowercase=False) == 1
    assert character_error_rate(["", ""], ["", ""], lowercase=False) == 0


def test_scores_have_the_names_that_others_give_them():
    assert [scoring_of("scoring", name) for name in ("accuracy", "exact", "bleu")] == [
        "exact_match", "exact_match", "bleu",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="unknown scoring 'rouge'; choose from: bleu, chrf, exac"):
        scoring_of("scoring", "rouge")
