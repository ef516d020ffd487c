"""Answers of a tagger as scikit-learn, NumPy and data frames take them."""

import json
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from textseq import SequenceTagger
from textseq.estimators.tagging.tag_lists import TagLists

X = [text.split() for text in ("the cat sat on the mat .", "a dog ran .")] * 15
Y = [["B-x" if word in ("cat", "dog") else "O" for word in row] for row in X]
LIKE = [row[:3] for row in X], [row[:3] for row in Y]
SMALL = dict(hidden_size=8, embedding_dim=6, max_epochs=1, n_threads=1, random_state=0)


def test_it_is_a_list_of_lists_and_joins_as_rows():
    answers = TagLists([["O", "B"], ["O"]])
    assert answers == [["O", "B"], ["O"]] and json.dumps(answers) == '[["O", "B"], ["O"]]'
    joined = np.concatenate([answers, TagLists([["B", "B"]])])
    assert joined.tolist() == [["O", "B"], ["O"], ["B", "B"]]
    assert np.concatenate(answers).tolist() == ["O", "B", "O"]  # their steps end to end
    assert np.asarray(TagLists([["O"], ["B"]])).shape == (2,)
    assert np.asarray(TagLists()).shape == (0,)
    assert pickle.loads(pickle.dumps(answers)) == answers
    assert pd.Series(answers).tolist() == pl.Series(answers).to_list() == answers


@pytest.mark.parametrize(("rows", "tags"), [(X, Y), LIKE], ids=["ragged", "of one length"])
def test_scikit_learn_searches_scores_and_predicts(rows, tags):
    tagger = SequenceTagger(**SMALL)
    for model in (tagger, make_pipeline(FunctionTransformer(), tagger)):
        answers = cross_val_predict(model, rows, tags, cv=2)
        assert answers.shape == (30,)
        assert [len(row) for row in answers] == [len(row) for row in tags]
        scores = cross_val_score(model, rows, tags, cv=2)
        right = [np.mean(np.concatenate(answers[half]) == np.concatenate(tags[half]))
                 for half in (slice(15), slice(15, 30))]  # fmt: skip
        assert scores.tolist() == pytest.approx(right)
    search = GridSearchCV(tagger, {"head": ["crf", "linear"]}, cv=2).fit(rows, tags)
    assert search.predict(rows[:2]) == search.best_estimator_.predict(rows[:2])
