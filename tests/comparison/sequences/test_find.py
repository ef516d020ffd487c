"""What a comparison is of."""

import numpy as np
import pandas as pd
import pytest

from textseq import LanguageModel, Seq2Seq, SequenceTagger, TextClassifier, Tokens
from textseq.comparison.sequences.find import find_kind
from textseq.comparison.sequences.pairs import SequencePairs
from textseq.comparison.sequences.running_texts import RunningTexts
from textseq.comparison.sequences.tags import TaggedSequences

TOKENS, TAGS = [["a", "b"], ["c"]], [["X", "Y"], ["X"]]


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (TOKENS, TAGS),
        (Tokens.from_lists(TOKENS), TAGS),
        (pd.Series(TOKENS), pd.Series(TAGS)),
        (TOKENS, [[1, 2], [1]]),
        ([np.array(row) for row in TOKENS], [np.array(row) for row in TAGS]),
    ],
)
def test_tags_are_told_by_the_rows(X, y):
    assert find_kind(X, y, None, None) is TaggedSequences


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (["a b", "c d"], ["X", "Y"]),
        ([("a", "b"), ("c", "d")], [[0, 1], [1, 0]]),
        (np.array([["a", "b"], ["c", "d"]]), np.array([[0, 1], [1, 0]])),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), [["p", "q"]]),
        ([np.zeros((2, 3)), np.zeros((2, 3))], ["X", "Y"]),
        (np.zeros((2, 3)), [0, 1]),
    ],
)
def test_classes_and_labels_stay_what_they_are(X, y):
    assert find_kind(X, y, None, None) is None


def test_estimators_tell():
    texts = ["a b", "c d"]
    assert find_kind(texts, texts, None, Seq2Seq()) is SequencePairs
    assert find_kind(texts, texts, [Seq2Seq()], None) is SequencePairs
    assert find_kind(texts, None, None, None) is RunningTexts
    assert find_kind(texts, None, {"a": LanguageModel()}, None) is RunningTexts
    assert find_kind(texts, texts, ["mean", {"b": TextClassifier()}], None) is None
    with pytest.raises(ValueError, match="SequenceTagger and Seq2Seq have no task in common"):
        find_kind(TOKENS, TAGS, [Seq2Seq()], SequenceTagger())
    with pytest.raises(ValueError, match="no task in common"):
        find_kind(texts, texts, [TextClassifier(), Seq2Seq()], None)
