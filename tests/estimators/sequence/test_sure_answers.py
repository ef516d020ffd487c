"""Probabilities, sets and intervals that one can act on."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from textseq import SeriesClassifier, SeriesRegressor, TextClassifier, TextRegressor, load_model
from textseq.files import ModelFileError

QUICK = {"encoder": "mean", "random_state": 0, "n_threads": 1}


def corpus(n, seed=0):
    """Texts of a word that says the label in four of five cases, and of others."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["no", "so", "yes"], n)
    said = np.where(rng.random(n) < 0.8, labels, rng.choice(["no", "so", "yes"], n))
    noise = rng.choice(list("abcdefghijklmnop"), (n, 3))
    return [" ".join([word, *more]) for word, more in zip(said, noise, strict=True)], labels


@pytest.fixture(scope="module")
def fitted():
    return TextClassifier(max_epochs=5, **QUICK).fit(*corpus(3_000))


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
def test_sets_hold_the_class_as_often_as_asked(fitted, coverage):
    texts, labels = corpus(4_000, seed=1)
    sets = fitted.predict_set(texts, coverage)
    assert sets.shape == (4_000, 3) and sets.dtype == bool
    held = sets[np.arange(4_000), np.searchsorted(fitted.classes_, labels)].mean()
    # 300 validation rows: four standard deviations of the coverage that they give.
    assert abs(held - coverage) < 4 * np.sqrt(coverage * (1 - coverage) / 300)


def test_a_file_keeps_what_sets_and_intervals_need(fitted, tmp_path):
    texts, _ = corpus(50, seed=1)
    again = load_model(fitted.save(tmp_path / "m"))
    assert (again.predict_set(texts) == fitted.predict_set(texts)).all()
    features = load_model(fitted.save(tmp_path / "f", features_only=True))
    assert features.misses_ is None


@pytest.mark.parametrize("wide", [None, "ngrams"])
def test_intervals_hold_the_number_as_often_as_asked(wide, tmp_path):
    rng = np.random.default_rng(0)

    def rows(n):
        texts, labels = corpus(n, seed=n)
        known = np.select([labels == "no", labels == "so"], [10.0, 20.0], 30.0)
        return texts, known + rng.normal(size=n)

    model = TextRegressor(max_epochs=5, wide=wide, **QUICK).fit(*rows(3_000))
    texts, numbers = rows(4_000)
    found = model.predict(texts, level=(80, 95))
    assert list(found) == ["prediction", "lo-80", "hi-80", "lo-95", "hi-95"]
    assert (found["prediction"] == model.predict(texts)).all()
    for level in (80, 95):
        held = ((found[f"lo-{level}"] <= numbers) & (numbers <= found[f"hi-{level}"])).mean()
        share = level / 100
        assert abs(held - share) < 4 * np.sqrt(share * (1 - share) / 300)
    one = load_model(model.save(tmp_path / "m")).predict(texts[:3], level=80)
    np.testing.assert_allclose(one, found[["prediction", "lo-80", "hi-80"]][:3], rtol=1e-6)


def test_a_row_without_a_sure_answer_has_none(fitted):
    texts, labels = corpus(2_000, seed=1)
    sure = fitted.predict_proba(texts).max(1)
    level = float(np.median(sure))
    found = fitted.predict(texts, abstain=level)
    assert [label is None for label in found] == (sure < level).tolist()
    told = np.array([label is not None for label in found])
    assert (found[told] == fitted.predict(texts)[told]).all()
    right = fitted.predict(texts) == labels
    assert right[told].mean() > right.mean()


@pytest.mark.parametrize("wide", [None, "ngrams"])
@pytest.mark.parametrize("kind", ["classes", "labels"])
def test_calibration_takes_the_temperature_of_least_loss_and_changes_no_answer(
    wide, kind, tmp_path
):
    (texts, labels), (test, truth) = corpus(600), corpus(1_000, seed=1)
    if kind == "labels":
        labels, truth = (np.column_stack([y == "no", y == "yes"]) * 1 for y in (labels, truth))
    options = QUICK | {"max_epochs": 9, "learning_rate": 0.1, "dropout": 0.0, "wide": wide}
    held_out = (test, truth)
    plain = TextClassifier(**options).fit(texts, labels, held_out)
    model = TextClassifier(calibrate=True, **options).fit(texts, labels, held_out)
    assert (model.predict(test) == plain.predict(test)).all()
    temperature, outputs = model.receipt_["temperature"], plain._outputs(test)
    np.testing.assert_allclose(model._outputs(test) * temperature, outputs, rtol=1e-4, atol=1e-4)

    def loss(divisor):
        probabilities = plain.answers(outputs / divisor)
        if kind == "classes":
            return log_loss(truth, probabilities)
        return np.mean([log_loss(*both) for both in zip(truth.T, probabilities.T, strict=True)])

    # A wide path's shares have chosen one already.
    assert (abs(np.log(temperature)) > 0.01) == (wide is None)
    assert loss(temperature) <= min(loss(1), loss(temperature * 1.1), loss(temperature / 1.1))
    again = load_model(model.save(tmp_path / "m"))
    np.testing.assert_allclose(again.predict_proba(test), model.predict_proba(test), atol=1e-6)
    assert again.receipt_["weights_sha256"] == model.receipt_["weights_sha256"]


@pytest.mark.parametrize("wide", [None, "ngrams"])
def test_a_fit_goes_on_from_outputs_as_they_were_learned(wide):
    texts, labels = corpus(600)
    options = QUICK | {"max_epochs": 2, "wide": wide, "warm_start": True}
    model = TextClassifier(calibrate=True, **options).fit(texts, labels)
    other = TextClassifier(**options).fit(texts, labels)
    assert model.receipt_["temperature"] != 1
    for one in (model, other):
        one.set_params(calibrate=False, learning_rate=1e-9, max_epochs=1).fit(texts, labels)
    found, expected = model.network_.state_dict(), other.network_.state_dict()
    if wide is None:
        for name, weight in expected.items():
            np.testing.assert_allclose(found[name], weight, atol=1e-5)
    else:  # the shares of both have the temperature within
        for part in (0, 1):
            ratio = np.divide(*(one.outputs_of(one.whole_ids(texts[:20]))[part]
                                for one in (model, other)))  # fmt: skip
            np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-3)
            assert ratio[0, 0] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("misses", [[[0.1, 0.2]], [0.2, 0.1], [0.1, np.nan]])
def test_a_file_whose_misses_are_none_is_refused(misses, tmp_path):
    model = TextClassifier(max_epochs=1, **QUICK).fit(*corpus(300))
    model.misses_ = np.array(misses)
    with pytest.raises(ModelFileError, match="no ascending numbers"):
        load_model(model.save(tmp_path / "m"))


def test_series_have_them_too():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1_200, 1, 8)).cumsum(2)
    up = np.where(X[:, 0, -1] + rng.normal(size=1_200) > 0, "up", "down")
    quick = {"encoder": "gru", "hidden_size": 4, "max_epochs": 3, "random_state": 0}
    model = SeriesClassifier(calibrate=True, **quick).fit(X, up)
    assert model.predict_set(X).any(1).mean() > 0.8 and model.receipt_["temperature"] > 0
    numbers = SeriesRegressor(**quick).fit(X, X[:, 0, -1]).predict(X, level=90)
    assert (numbers["lo-90"] < numbers["hi-90"]).all()


def test_what_can_not_be_is_refused(fitted):
    texts, labels = corpus(100)
    few = TextClassifier(max_epochs=1, validation_fraction=0.0, **QUICK).fit(texts, labels)
    with pytest.raises(ValueError, match="needs 9 validation rows, and the fit had 0"):
        few.predict_set(texts)
    with pytest.raises(ValueError, match="calibrate=True needs validation rows, and there are too"):
        TextClassifier(calibrate=True, **QUICK).fit(texts[:60], labels[:60])
    with pytest.raises(ValueError, match="coverage must be a number above 0 and under 1, got 90"):
        fitted.predict_set(texts, 90)
    with pytest.raises(ValueError, match="abstain must be a number at least 0 and under 1"):
        fitted.predict(texts, abstain=80)
    several = TextClassifier(max_epochs=1, **QUICK)
    several.fit(texts, np.column_stack([labels == "no", labels == "yes"]) * 1)
    for ask in (several.predict_set, lambda X: several.predict(X, abstain=0.5)):
        with pytest.raises(ValueError, match="this model answers several labels"):
            ask(texts)
    numbers = TextRegressor(max_epochs=1, **QUICK).fit(texts, np.arange(100.0))
    with pytest.raises(ValueError, match="level must be a number above 0 and under 100, got 100"):
        numbers.predict(texts, level=(80, 100))


def two_classes(n, seed=0):
    texts, labels = corpus(n, seed)
    return texts, np.where(labels == "no", "no", "yes")


@pytest.mark.parametrize("wide", [None, "ngrams"])
def test_an_isotonic_curve_bends_log_odds_and_keeps_the_order(wide, tmp_path):
    held_out, (test, _) = two_classes(800, seed=1), two_classes(500, seed=2)
    options = QUICK | {"max_epochs": 9, "learning_rate": 0.1, "dropout": 0.0, "wide": wide}
    plain, model = (
        TextClassifier(calibrate=how, **options).fit(*two_classes(600), held_out)
        for how in (True, "isotonic")
    )
    assert model.receipt_["temperature"] == plain.receipt_["temperature"]
    before, after = (np.diff(one._outputs(test))[:, 0] for one in (plain, model))
    np.testing.assert_allclose(after, model.isotonic_(before), atol=1e-5)
    assert abs(after - before).max() > 0.05
    probabilities = model.predict_proba(test)
    np.testing.assert_allclose(probabilities[:, 1], 1 / (1 + np.exp(-after)))
    np.testing.assert_allclose(np.exp(model.predict_log_proba(test)), probabilities)
    assert (model.predict(test) == model.classes_[probabilities.argmax(1)]).all()
    order = np.argsort(before)
    assert (np.diff(probabilities[order, 1]) >= 0).all()

    def loss(one):
        return log_loss(held_out[1], one.predict_proba(held_out[0]))

    assert loss(model) < loss(plain)
    # Sets are made of the same probabilities.
    of_true = model.predict_proba(held_out[0])[np.arange(800), (held_out[1] == "yes") * 1]
    np.testing.assert_allclose(model.misses_, np.sort(1 - of_true), atol=1e-5)
    again = load_model(model.save(tmp_path / "m"))
    np.testing.assert_array_equal(again.predict_proba(test), probabilities)
    if wide is not None:
        assert model.without_wide().isotonic_ is None


def test_what_an_isotonic_curve_is_not_for_is_refused(tmp_path):
    texts, labels = corpus(300)
    curved = TextClassifier(calibrate="isotonic", max_epochs=1, **QUICK)
    with pytest.raises(ValueError, match="'isotonic' is for two classes, and y has 3 classes"):
        curved.prepare(texts, labels)
    with pytest.raises(ValueError, match="and y has several labels a row; use"):
        curved.prepare(texts, np.column_stack([labels == "no", labels == "yes"]) * 1)
    with pytest.raises(ValueError, match="got 'platt'; or name the way: temperature, iso"):
        TextClassifier(calibrate="platt").check_parameters()
    with pytest.raises(ValueError, match="calibrate must be True or False, got 1"):
        TextClassifier(calibrate=1).check_parameters()
    model = curved.fit(*two_classes(300))
    model.isotonic_.log_odds[0] = 99
    with pytest.raises(ModelFileError, match="no ascending numbers"):
        load_model(model.save(tmp_path / "m"))
