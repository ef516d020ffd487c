"""Tags: counts are what the tagger itself scores by."""

import numpy as np
import pytest
from compared_sequences import TAGGER, tagged
from sklearn.base import clone

from textseq.comparison.scores.run import Run
from textseq.comparison.sequences.tags import TaggedSequences


def run_of(predictions):
    return Run(predictions, None, None, None, 0.0, 0.0)


@pytest.fixture(scope="module")
def fitted():
    X, y = tagged()
    return clone(TAGGER).set_params(random_state=0).fit(X, y), *tagged()


def test_scores_are_the_taggers_own(fitted):
    model, X, y = fitted
    rows = TaggedSequences.read(X, y, TAGGER)
    counts = rows.counts(run_of(rows.answers(model, X)), {}).sum(0)
    scores = {measure.name: measure.score(counts) for measure in rows.measures}
    assert list(scores) == ["span_f1", "accuracy"]
    assert scores["accuracy"] == pytest.approx(model.score(X, y), abs=1e-12)
    assert scores["span_f1"] == pytest.approx(model.span_f1(X, y), abs=1e-12)
    assert 0 < scores["span_f1"] < scores["accuracy"]


@pytest.mark.parametrize("letters", ["BIOES", "BILOU", "IOB1"])
def test_counts_of_rows_sum_to_the_score_of_all(letters):
    rng = np.random.default_rng(0)
    tags = ["O"] + [f"{letter}-{kind}" for letter in letters if letter in "BIESLU" for kind in "xy"]
    X = [["w"] * rng.integers(1, 9) for _ in range(60)]
    truth, said = ([[str(rng.choice(tags)) for _ in row] for row in X] for _ in range(2))
    rows = TaggedSequences.read(X, truth, TAGGER)
    found = rows.measures[0].score(rows.counts(run_of(np.concatenate(said)), {}).sum(0))

    class Said:
        classes_ = np.array(tags)

        def predict(self, X):
            return said

    from textseq.estimators.tagging.scores import span_f1

    assert found == pytest.approx(span_f1(truth, Said().predict(X)), abs=1e-12)


def test_tags_that_mark_no_spans_have_accuracy_alone():
    X = [["a", "b"], ["c"]]
    for tags in ([["B", "N"], ["N"]], [[1, 2], [1]], [["O", "O"], ["O"]]):
        rows = TaggedSequences.read(X, tags, TAGGER)
        assert [measure.name for measure in rows.measures] == ["accuracy"]


def test_rows_of_numbers_are_series():
    rows = TaggedSequences.read([np.zeros((2, 3)), np.ones((2, 1))], [[1, 2, 1], [2]], TAGGER)
    assert rows.unit == "series" and list(rows.baselines(TAGGER)) == ["commonest tag"]
    assert rows.take(np.array([1])).given[0][0].shape == (2, 1)
    assert rows.contents()[0] != rows.contents()[1]


def test_rows_and_tags_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="row 0 has 2 steps but 1 tags"):
        TaggedSequences.read([["a", "b"]], [["X"]], TAGGER)
