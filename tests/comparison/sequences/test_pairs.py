"""Pairs: counts are what the translator itself scores by."""

import numpy as np
import pytest
from compared_sequences import TRANSLATOR, pairs
from sklearn.base import clone

from textseq.comparison.scores.run import Run
from textseq.comparison.sequences.pairs import SequencePairs
from textseq.estimators.seq2seq.scores import corpus_score

# Of networks that have hardly learned, which the result does not depend on.
pytestmark = pytest.mark.filterwarnings("ignore:.* answers end where they would have gone on")


def scores_of(rows, said, **settings):
    run = Run(np.array(said, dtype=object), None, None, None, 0.0, 0.0)
    counts = rows.counts(run, {"lowercase": False} | settings).sum(0)
    return {measure.name: float(measure.score(counts)) for measure in rows.measures}


def test_scores_are_the_translators_own():
    X, y = pairs()
    model = clone(TRANSLATOR).set_params(random_state=0).fit(X, y)
    X, y = pairs()
    y = [text.title() for text in y]
    rows = SequencePairs.read(X, y, TRANSLATOR)
    run = Run(rows.answers(model, X), None, None, None, 0.0, 0.0, **rows.about(model, X))
    settings = rows.settings([run])
    assert settings == {"lowercase": True}
    scores = scores_of(rows, run.predictions, **settings)
    assert list(scores) == ["bleu", "chrf", "exact_match"]
    assert scores["bleu"] == pytest.approx(model.bleu(X, y).score, abs=1e-9)
    assert scores["chrf"] == pytest.approx(model.chrf(X, y).score, abs=1e-9)
    assert 0 < scores["chrf"] < 100


def test_case_counts_where_no_row_has_lost_it():
    rows = SequencePairs.read(["a", "b"], ["A fine day it is", "B"], TRANSLATOR)
    said = ["a fine day it is", "B"]
    assert scores_of(rows, said)["exact_match"] == 0.5
    assert scores_of(rows, said, lowercase=True)["exact_match"] == 1
    assert scores_of(rows, said, lowercase=True)["bleu"] == pytest.approx(100)


def test_symbols_are_words_as_they_are():
    targets = [["B", "1", "B", "2"], ["A.", "x,y", "C", "D", "E"]]
    rows = SequencePairs.read([["s"], ["t"]], targets, TRANSLATOR)
    said = [["B", "1", "B", "2"], ["A.", "x,y", "C", "D", "F"]]
    found = scores_of(rows, [" ".join(row) for row in said])
    for name in ("bleu", "chrf"):
        expected = corpus_score(name, said, targets, lowercase=False).score
        assert found[name] == pytest.approx(expected, abs=1e-9)
    assert list(rows.baselines(TRANSLATOR)) == ["copy of the source", "nearest source"]


def test_short_targets_are_compared_by_their_letters_first():
    rows = SequencePairs.read(["a", "b"], ["uma", "duas"], TRANSLATOR)
    assert rows.measures[0].name == "chrf"


def test_a_source_with_several_targets_is_one_group():
    rows = SequencePairs.read(["a", "b", "a"], ["1", "2", "3"], TRANSLATOR)
    assert rows.groups().tolist() == [0, 1, 0]
    assert rows.take(np.array([0, 1])).groups() is None


def test_series_have_the_commonest_target():
    rows = SequencePairs.read(
        np.zeros((3, 1, 4)), ["a", "b", "b"], clone(TRANSLATOR).set_params(source="series")
    )
    assert list(rows.baselines(TRANSLATOR)) == ["commonest target"] and len(rows.given[0]) == 3


def test_sources_and_targets_of_other_number_are_refused():
    with pytest.raises(ValueError, match="X has 2 rows but y has 1"):
        SequencePairs.read(["a", "b"], ["a"], TRANSLATOR)
