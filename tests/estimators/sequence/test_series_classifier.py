"""SeriesClassifier's manners: what it takes, what it gives, what it repeats."""

import copy
import pickle

import numpy as np
import pytest
import torch
from rounding import rounding
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from textseq import SeriesClassifier, load_model, load_sample
from textseq.labels.validation_split import split_rows
from textseq.nn.recurrent import Recurrent

ENCODERS = [
    "lstm_fcn", "mean", "max", "rnn", "lstm", "gru", "janet", "tcn",
    "birnn", "bilstm", "bigru", "bijanet",
]  # fmt: skip


def waves(n=60, seed=0, missing=0.0):
    """Two channels of unequal lengths; the label is the speed of the second."""
    rng = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(n):
        steps, fast = np.arange(rng.integers(8, 25)), bool(rng.integers(2))
        phase, noise = rng.uniform(0, 6), rng.normal(size=(2, len(steps)))
        series = np.stack([noise[0] * 5 + 100, np.sin((0.4 + fast) * steps + phase)])
        series[1] += 0.1 * noise[1]
        series[:, 1:][rng.random((2, len(steps) - 1)) < missing] = np.nan
        X.append(series)
        y.append("fast" if fast else "slow")
    return X, np.array(y)


def small(**parameters):
    defaults = dict(hidden_size=6, max_epochs=2, random_state=0, n_threads=2)
    return SeriesClassifier(**defaults | parameters)


@pytest.fixture(scope="module")
def data():
    return waves()


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_series_scores_the_same_alone_in_a_batch_and_beside_long_ones(data, encoder):
    model = small(encoder=encoder, hidden_size=16).fit(*data)
    X = data[0] * 3
    together = model.predict_proba(X)
    beside = model.predict_proba([*X, np.zeros((2, 300))])[:-1]
    assert np.abs(beside - together).max() < rounding(1, units=32)
    for size in (1, 7):
        parts = [model.predict_proba(X[i : i + size]) for i in range(0, 21, size)]
        assert np.abs(np.concatenate(parts) - together[:21]).max() < rounding(1, units=32)
    assert model.transform(X).shape == (180, len(model.get_feature_names_out()))


@pytest.mark.parametrize(
    "parameters",
    [
        dict(),
        dict(encoder="mean"),
        dict(encoder="bilstm", normalization="batch", num_layers=2),
        dict(encoder="tcn", pooling="attention", head_sizes=(4,)),
    ],
    ids=str,
)
def test_a_second_fit_repeats_the_first_to_the_last_bit(data, parameters):
    model = small(**parameters)
    first = model.fit(*data).receipt_["weights_sha256"]
    again, twin = (m.fit(*data).receipt_["weights_sha256"] for m in (model, clone(model)))
    other = small(**parameters, random_state=1).fit(*data).receipt_["weights_sha256"]
    assert first == again == twin != other


def test_the_callers_random_states_are_left_alone(data):
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    small(random_state=None).fit(*data)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_learns_the_speed_of_a_wave(missing):
    model = SeriesClassifier(hidden_size=16, max_epochs=20, random_state=0)
    model.fit(*waves(120, 1, missing))
    assert model.encoding_.n_inputs == (4 if missing else 2)
    assert model.score(*waves(100, 2, missing)) > 0.9


def test_tells_speakers_of_japanese_vowels_apart():
    (X, y), (X_test, y_test) = load_sample("japanese_vowels")
    model = SeriesClassifier(hidden_size=32, max_epochs=8, random_state=0).fit(X, y)
    assert model.score(X_test, y_test) > 0.9


def test_what_is_held_out_changes_nothing_that_is_fitted():
    X, y = waves(1200)
    one = small(encoder="mean").fit(X, y)
    assert (one.receipt_["rows"], one.receipt_["validation_rows"]) == (1080, 120)
    _, held_out = split_rows(np.searchsorted(one.classes_, y), 0.1, np.random.default_rng(0))
    changed = list(X)
    for row in held_out:
        changed[row] = X[row] * 1000 + 7
    other = small(encoder="mean").fit(changed, y)
    assert other.encoding_.to_dict() == one.encoding_.to_dict()
    assert (other.history_["loss"] == one.history_["loss"]).all()
    assert (other.history_["validation_loss"] != one.history_["validation_loss"]).all()

    rest = np.setdiff1d(np.arange(1200), held_out)
    given = small(encoder="mean").fit([X[r] for r in rest], y[rest], (changed[:50], y[:50]))
    assert given.encoding_.to_dict() == one.encoding_.to_dict()
    assert given.receipt_["validation_rows"] == 50


def test_few_series_are_all_trained_on(data):
    receipt = small().fit(*data).receipt_
    assert (receipt["rows"], receipt["validation_rows"]) == (60, 0)


def test_predicting_changes_nothing(data):
    model = small().fit(*data)
    before = model.predict_proba(data[0])
    model.predict([series * 100 for series in data[0]])
    assert (model.predict_proba(data[0]) == before).all()


def test_all_forms_of_series_agree():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3, 9)), np.arange(20) % 2
    expected = small().fit(X, y).predict_proba(X)
    for form in (list(X), X.astype(np.float64).tolist(), np.asfortranarray(X)):
        assert (small().fit(form, y).predict_proba(form) == expected).all()
    flat = X[:, 0]
    one = small().fit(flat, y).predict_proba(flat)
    assert (small().fit(X[:, :1], y).predict_proba(list(flat)) == one).all()


def test_missing_values_in_a_channel_that_training_never_misses(data):
    model = small().fit(*data)
    gaps = [series.copy() for series in data[0]]
    means = [series.copy() for series in data[0]]
    for series, filled in zip(gaps, means, strict=True):
        series[0, 3], filled[0, 3] = np.nan, model.encoding_.mean[0]
    assert np.abs(model.predict_proba(gaps) - model.predict_proba(means)).max() < rounding(1)


def test_scikit_learn_manners(data):
    rng = np.random.default_rng(0)
    block, labels = rng.normal(size=(30, 2, 9)), np.arange(30) % 3
    model = small(encoder="mean")
    assert clone(model).get_params() == model.get_params()
    assert cross_val_score(model, block, labels, cv=3).shape == (3,)
    assert cross_val_score(model, *data, cv=3).shape == (3,)
    search = GridSearchCV(model, {"encoder": ["mean", "lstm_fcn"]}, cv=2).fit(block, labels)
    assert search.best_params_["encoder"] in ("mean", "lstm_fcn")
    fitted = model.fit(block, labels)
    assert fitted.predict(block).dtype == labels.dtype
    assert np.allclose(fitted.predict_proba(block).sum(1), 1)
    for twin in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert (twin.predict_proba(block) == fitted.predict_proba(block)).all()


def test_multilabel_indicators_and_class_weights(data):
    X, y = data
    several = np.stack([y == "fast", np.arange(60) % 2 == 0], axis=1).astype(int)
    model = small().fit(X, several)
    assert model.predict(X).shape == model.predict_proba(X).shape == (60, 2)
    heavy = small(max_epochs=10, class_weight={"slow": 50}).fit(X, y)
    assert (heavy.predict(X) == "slow").mean() > 0.6


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_model_file_opens_as_the_same_model(data, encoder, tmp_path):
    X, _ = waves(5, 3, missing=0.2)
    model = small(encoder=encoder).fit(*waves(30, 4, missing=0.2))
    loaded = load_model(model.save(tmp_path / "waves.textseq"))
    assert (loaded.predict_proba(X) == model.predict_proba(X)).all()
    assert loaded.classes_.tolist() == ["fast", "slow"] and loaded.n_channels_ == 2
    assert loaded.get_params() == model.get_params() | {"device": "auto"}


def test_history_and_weights(data):
    model = small(max_epochs=3, encoder="lstm").fit(*data)
    assert list(model.history_) == [
        "epoch", "loss", "gradient_norm", "clipped_share", "learning_rate", "seconds",
        "steps_per_second",
    ]  # fmt: skip
    assert len(model.history_) == 3
    assert model.weights_by_name()["layer1.W_xi"].shape == (6, 2)
    assert model.n_parameters_ == 4 * 6 * (2 + 6 + 2) + 2 * 6 + 2  # torch's LSTM has two biases


def test_a_class_of_the_callers_own_as_encoder(data, tmp_path):
    class Doubled(Recurrent):
        def __init__(self, input_size, hidden_size):
            super().__init__("gru", input_size, 2 * hidden_size)

    model = small(encoder=Doubled).fit(*data)
    assert model.transform(data[0][:1]).shape == (1, 12)
    loaded = load_model(model.save(tmp_path / "own.textseq"), encoder=Doubled)
    assert (loaded.predict(data[0]) == model.predict(data[0])).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (dict(encoder="lstm_fcm"), "unknown encoder 'lstm_fcm'; did you mean 'lstm_fcn'"),
        (dict(bidirectional=True), "encoder='lstm_fcn' can't be bidirectional"),
        (dict(pooling="auto"), "unknown pooling 'auto'"),
        (dict(hidden_size=0), "hidden_size must be a whole number of at least 1, got 0"),
        (dict(dropout=1.0), "dropout must be a number at least 0 and under 1"),
        (dict(learning_rate="fast"), "learning_rate must be a number above 0, got 'fast'"),
        (dict(class_weight={"odd": 2}), "class_weight names 'odd'"),
        (dict(schedule="steep"), "unknown schedule 'steep'"),
    ],
)
def test_bad_parameters_name_the_value(data, parameters, message):
    with pytest.raises(ValueError, match=message):
        small(**parameters).fit(*data)


def test_bad_data_says_what_to_do(data):
    X, y = data
    with pytest.raises(ValueError, match="X has 60 rows but y has 59"):
        small().fit(X, y[:-1])
    with pytest.raises(ValueError, match="only one class"):
        small().fit(X, np.zeros(60))
    with pytest.raises(ValueError, match="X has 1 channels, but the model was fitted to 2"):
        small().fit(X, y).predict(np.ones((2, 5)))
    with pytest.raises(ValueError, match="the validation X is empty"):
        small().fit(X, y, ([], []))
