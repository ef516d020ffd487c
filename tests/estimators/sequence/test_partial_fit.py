"""Learning on from new rows alone."""

import numpy as np
import pytest
from rounding import rounding

from textseq import SeriesClassifier, TextClassifier, TextRegressor, load_model
from textseq.estimators.sequence.estimator import UPDATE_EPOCHS

QUICK = {"encoder": "mean", "max_epochs": 6, "random_state": 0, "n_threads": 1}
OLD, ALL = ("no", "yes"), ("maybe", "no", "yes")


def corpus(n, seed=0, words=OLD):
    """Texts of a word that says the label in nine of ten cases, and of others."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(words, n)
    said = np.where(rng.random(n) < 0.9, labels, rng.choice(words, n))
    noise = rng.choice(list("abcdefghijklmnop"), (n, 3))
    return [" ".join([word, *more]) for word, more in zip(said, noise, strict=True)], labels


def small(kind=TextClassifier, **parameters):
    return kind(**QUICK | parameters)


@pytest.mark.parametrize("wide", [None, "ngrams"])
def test_the_first_call_is_fit_and_later_ones_go_on(wide):
    first, more, test = corpus(600), corpus(600, seed=1), corpus(400, seed=2)
    model = small(wide=wide).partial_fit(*first)
    fitted = small(wide=wide).fit(*first)
    assert model.receipt_["weights_sha256"] == fitted.receipt_["weights_sha256"]
    before = model.predict_proba(test[0])
    model.partial_fit(*more)
    assert 0 < abs(model.predict_proba(test[0]) - before).max() < 0.5
    assert len(model.history_) == 6
    assert model.score(*test) > 0.85
    assert model.fitted_parameters_ == fitted.fitted_parameters_
    # Of many passes the new rows have fewer.
    many = small(wide=wide, max_epochs=UPDATE_EPOCHS + 1)
    many.fit(*corpus(60)).partial_fit(*corpus(60, 1))
    assert len(many.history_) == UPDATE_EPOCHS
    assert many.fitted_parameters_["max_epochs"] == UPDATE_EPOCHS + 1
    # A fit starts anew.
    again = model.fit(*first)
    assert again.receipt_["weights_sha256"] == fitted.receipt_["weights_sha256"]


@pytest.mark.parametrize("wide", [None, "ngrams"])
def test_new_classes_are_learned_and_old_ones_stay(wide, tmp_path):
    model = small(wide=wide).partial_fit(*corpus(600))
    vocabulary = model.vocabulary_
    model = load_model(model.save(tmp_path / "m"))
    for week in (1, 2):
        model.partial_fit(*corpus(600, week, ALL))
    assert model.classes_.tolist() == list(ALL)
    assert model.vocabulary_.tokens == vocabulary.tokens
    texts, labels = corpus(600, 9, ALL)
    # "maybe" is no word of the vocabulary: nothing but its absence tells the new class.
    assert model.score(texts, labels) > 0.8
    assert model.score(*corpus(400, 8)) > 0.8
    again = load_model(model.save(tmp_path / "m"))
    np.testing.assert_array_equal(again.predict_proba(texts), model.predict_proba(texts))
    assert again.predict_proba(texts).shape == (600, 3)


@pytest.mark.parametrize("wide", [None, "ngrams"])
def test_old_classes_keep_their_outputs_as_places_move(wide):
    model = small(wide=wide, warm_start=True).fit(*corpus(300))
    texts = corpus(50, 5)[0]
    before = model._outputs(texts)
    model.prepare(*corpus(300, 1, ALL))
    assert model.classes_.tolist() == list(ALL)
    after = model.network_.head.output.bias.detach().numpy()
    assert after[0] == pytest.approx(after[1:].mean(), abs=1e-6)
    if wide is None:
        np.testing.assert_allclose(model._outputs(texts)[:, 1:], before, atol=rounding(1))
    else:
        path = model.wide_
        assert not path.weights[:, 0].any() and path.bias[0] == path.bias[1:].min()


def test_the_wide_path_learns_new_ngrams_beside_the_old():
    texts, labels = corpus(600)
    model = small().partial_fit(texts, labels)
    path = model.wide_
    # The order of words that the vocabulary knows tells the label now.
    rng = np.random.default_rng(3)
    signs = rng.choice(["yes no no", "no no yes"], 600)
    told = np.where(signs == "yes no no", "no", "yes")
    filler = rng.choice(list("cdef"), 600)
    new = [f"{word} {sign} {word}" for sign, word in zip(signs, filler, strict=True)]
    assert model.score(new, told) < 0.7
    model.partial_fit(new, told)
    assert model.score(new, told) > 0.9
    assert np.isin(path.features.ids, model.wide_.features.ids).all()
    assert len(model.wide_.features) > len(path.features)
    assert model.score(texts, labels) > 0.85
    assert model.receipt_["wide"]["features"] == len(model.wide_.features)


def test_classes_may_be_told_before_they_come():
    model = small().partial_fit(*corpus(300), classes=["yes", "maybe", "no"])
    assert model.classes_.tolist() == list(ALL)
    assert model.score(*corpus(200, 1)) > 0.85
    model.partial_fit(*corpus(300, 2, ALL))
    assert model.classes_.tolist() == list(ALL)
    assert model._named == () and not model._updates


def test_few_new_rows_leave_what_validation_rows_said(tmp_path):
    model = small(calibrate="isotonic", decision_threshold={"recall": 0.95})
    model.partial_fit(*corpus(900))
    told = {name: model.receipt_[name] for name in ("temperature", "isotonic_knots", "decision")}
    misses, rule, curve = model.misses_, model.decision_rule_, model.isotonic_
    model = load_model(model.save(tmp_path / "m"))
    for week in (1, 2):
        model.partial_fit(*corpus(100, week))
        assert model.receipt_["validation_rows"] == 0
        assert {name: model.receipt_[name] for name in told} == told
        assert (model.misses_ == misses).all()
        assert model.decision_rule_.to_dict() == rule.to_dict()
        assert model.isotonic_.to_dict() == curve.to_dict()
        assert model.score(*corpus(400, 9)) > 0.7
    # Enough of them say it anew.
    model.partial_fit(*corpus(900, 3))
    assert len(model.misses_) == 90 == model.receipt_["validation_rows"]
    assert model.decision_rule_.to_dict() != rule.to_dict()
    # Where nothing is known yet, too few rows are refused.
    fresh = small().partial_fit(*corpus(900)).set_params(calibrate=True)
    with pytest.raises(ValueError, match="calibrate=True needs validation rows"):
        fresh.partial_fit(*corpus(100, 1))
    fresh.set_params(calibrate=False, decision_threshold="f1")
    with pytest.raises(ValueError, match="is found on validation rows, and there are too few"):
        fresh.partial_fit(*corpus(100, 1))


def test_a_step_that_hardly_moves_leaves_calibrated_answers():
    test = corpus(50, 5)[0]
    for wide in (None, "ngrams"):
        model = small(calibrate=True, wide=wide).partial_fit(*corpus(900))
        assert model.receipt_["temperature"] != 1
        before = model._network_outputs(model.rows(test))
        model.set_params(learning_rate=1e-9).partial_fit(*corpus(100, 1))
        np.testing.assert_allclose(model._network_outputs(model.rows(test)), before, rtol=1e-4)


def test_what_the_parameters_can_not_be_with_more_classes_is_refused_and_nothing_changed():
    model = small(decision_threshold=0.3).partial_fit(*corpus(300))
    before = model.predict_proba(["yes a"])
    with pytest.raises(ValueError, match="is for two classes .* and there are 3 classes"):
        model.partial_fit(*corpus(300, 1, ALL))
    assert model.classes_.tolist() == list(OLD)
    assert (model.predict_proba(["yes a"]) == before).all()
    several = small().fit(corpus(60)[0], np.eye(2, dtype=int)[np.arange(60) % 2])
    with pytest.raises(ValueError, match="must have 2 label columns"):
        several.partial_fit(corpus(60)[0], np.eye(3, dtype=int)[np.arange(60) % 3])
    with pytest.raises(ValueError, match="can't be ordered|types"):
        small().fit(*corpus(60)).partial_fit(["yes"] * 40, [1, 2] * 20)


def test_a_label_that_is_written_otherwise_is_told():
    model = small().partial_fit(*corpus(300))
    texts, labels = corpus(300, 1)
    with pytest.warns(UserWarning, match="by spaces, case or type only: 'Yes' for 'yes'"):
        model.partial_fit(texts, np.where(labels == "yes", "Yes", labels))


@pytest.mark.parametrize("wide", [None, "ngrams"])
def test_numbers_go_on_too(wide):
    def rows(n, seed):
        texts, labels = corpus(n, seed)
        return texts, np.where(labels == "yes", 30.0, 10.0)

    model = small(TextRegressor, wide=wide).partial_fit(*rows(600, 0))
    mean = model.mean_
    model.partial_fit(*rows(600, 1))
    assert model.mean_ == mean and model.score(*rows(400, 2)) > 0.6
    # What the numbers are has changed.
    texts, numbers = rows(900, 3)
    shifted = model.score(texts, numbers + 5)
    assert model.partial_fit(texts, numbers + 5).score(texts, numbers + 5) > shifted + 0.05


def test_series_go_on_and_learn_new_classes():
    rng = np.random.default_rng(0)

    def waves(n, speeds):
        speed = rng.choice(speeds, n)
        steps = np.arange(30)
        return np.sin(steps * speed[:, None])[:, None], speed.astype(str)

    model = SeriesClassifier(hidden_size=8, random_state=0, n_threads=1, max_epochs=10)
    model.partial_fit(*waves(200, [0.2, 0.9]))
    for _ in range(3):
        model.partial_fit(*waves(400, [0.2, 0.5, 0.9]))
    assert model.classes_.tolist() == ["0.2", "0.5", "0.9"]
    assert model.score(*waves(200, [0.2, 0.5, 0.9])) > 0.9


def test_weights_of_rows_count():
    texts, labels = corpus(800, 1)
    wrong = np.where(np.arange(800) < 400, labels, np.where(labels == "yes", "no", "yes"))
    model, other = small().partial_fit(*corpus(600)), small().partial_fit(*corpus(600))
    # A row of weight 0 is left out.
    model.partial_fit(texts, wrong, sample_weight=(np.arange(800) < 400) * 1.0)
    other.partial_fit(texts[:400], labels[:400])
    assert model.receipt_["weights_sha256"] == other.receipt_["weights_sha256"]
    assert model.score(*corpus(400, 2)) > 0.85
