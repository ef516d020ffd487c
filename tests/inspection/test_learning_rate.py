import io

import numpy as np
import pandas as pd
import pytest
import step_models
import torch
from sklearn.base import clone

from textseq import LanguageModel, TextClassifier, TextRegressor
from textseq.inspection.learning_rate import SAMPLE_ROWS, find_learning_rate
from textseq.streams import in_order
from textseq.training.loop import TrainingError
from textseq.training.outputs import network_outputs
from textseq.training.threads import ThreadTeam

SMALL = {"hidden_size": 6, "embedding_dim": 6, "n_threads": 1, "random_state": 0}


def sentences(n, seed=0):
    """Texts of one to nine words, some of them good or bad."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for label in rng.choice(["good", "bad"], n).tolist():
        words = [label, *rng.choice(["film", "plot", "it", "is", "a"], rng.integers(9))]
        texts.append(" ".join(rng.permutation(words)))
        labels.append(label)
    return texts, labels


TEXTS, LABELS = sentences(160)


@pytest.fixture(scope="module")
def found():
    return find_learning_rate(TextClassifier(encoder="gru", **SMALL), TEXTS, LABELS)


def test_the_table_follows_a_geometric_progression_of_rates(found):
    rates = found.table["learning_rate"].to_numpy()
    assert rates[0] == 1e-6 and rates[-1] <= 10
    assert np.allclose(rates[1:] / rates[:-1], (10 / 1e-6) ** (1 / 99))
    assert 50 < len(rates) <= 100


def test_the_loss_stays_at_first_and_breaks_down_at_last(found):
    loss = found.table["loss"]
    assert np.ptp(loss[:20]) < 0.01  # rates so low that nothing moves
    assert abs(loss[0] - np.log(2)) < 0.2  # and two classes are a coin toss
    assert loss.min() < 0.5 * loss[0]
    limits = np.maximum(4 * loss.cummin(), loss[0])
    assert (loss[:-1] <= limits[:-1]).all()
    assert (len(loss) < 100) == (loss.iloc[-1] > limits.iloc[-1])


def test_smoothing_turn_and_suggestion_are_as_told(found):
    smoothed = found.table["loss"].ewm(alpha=0.2).mean()
    assert np.allclose(found.table["smoothed"], smoothed)
    risen = smoothed > smoothed.cummin() + 0.1 * found.table["loss"][0]
    assert risen.any()
    assert found.turn == found.table["learning_rate"][risen.idxmax()]
    assert np.isclose(found.suggestion, found.turn / 20, rtol=0.05)
    assert f"set learning_rate={found.suggestion:g} (now 0.002)" in found.verdict


def test_training_at_the_suggestion_works_and_far_from_it_does_not(found):
    def last_loss(rate):
        model = TextClassifier(encoder="gru", learning_rate=rate, max_epochs=4, **SMALL)
        return model.fit(TEXTS, LABELS).history_["loss"].iloc[-1]

    suggested = last_loss(found.suggestion)
    assert suggested < 0.5 * last_loss(found.suggestion / 300)
    assert suggested < 0.5 * last_loss(found.suggestion * 300)


def test_the_same_seed_gives_the_same_table(found):
    same = find_learning_rate(TextClassifier(encoder="gru", **SMALL), TEXTS, LABELS)
    other = find_learning_rate(
        TextClassifier(encoder="gru", **SMALL | {"random_state": 1}), TEXTS, LABELS
    )
    assert same.table.equals(found.table)
    assert not other.table["loss"].equals(found.table["loss"])


def test_an_unfitted_model_stays_unfitted():
    model = TextClassifier(encoder="mean", **SMALL)
    before, torch_state = model.get_params(), torch.get_rng_state()
    find_learning_rate(model, TEXTS, LABELS)
    assert model.get_params() == before
    assert not hasattr(model, "network_")
    assert torch.equal(torch.get_rng_state(), torch_state)


def test_a_fitted_model_keeps_its_weights():
    model = TextClassifier(encoder="gru", max_epochs=1, **SMALL).fit(TEXTS, LABELS)
    before = {name: value.clone() for name, value in model.network_.state_dict().items()}
    receipt = dict(model.receipt_)
    find_learning_rate(model, TEXTS[:50], LABELS[:50])
    after = model.network_.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert model.receipt_ == receipt and not model.network_.training


def test_few_batches_go_over_the_texts_again():
    found = find_learning_rate(
        TextClassifier(encoder="mean", **SMALL), TEXTS[:6], LABELS[:6], highest=0.1, n_batches=30
    )
    assert len(found.table) == 30


def test_no_turn_is_said_and_what_to_do():
    found = find_learning_rate(
        TextClassifier(encoder="gru", **SMALL), TEXTS, LABELS, highest=1e-3, n_batches=20
    )
    assert found.turn is None
    assert found.suggestion == 5e-5
    assert "does not turn up by 0.001, so raise highest" in found.verdict
    assert "hardly fell" in found.verdict
    assert "does not turn up" in found.plot().get_suptitle()


def test_batch_normalisation_is_measured_by_the_weights_not_by_lagging_statistics():
    found = find_learning_rate(
        TextClassifier(encoder="tcn", normalization="batch", **SMALL), TEXTS, LABELS
    )
    assert np.ptp(found.table["loss"][:20]) < 0.01


@pytest.mark.parametrize("kind", ["number", "labels", "pairs", "integer", "frozen"])
def test_every_kind_of_target_and_input(kind):
    model, X, y = TextClassifier(encoder="gru", **SMALL), TEXTS, LABELS
    if kind == "number":
        model, y = TextRegressor(encoder="mean", **SMALL), [float(len(text)) for text in TEXTS]
    elif kind == "labels":
        y = pd.DataFrame({name: [int(name in text) for text in TEXTS] for name in ("good", "it")})
    elif kind == "pairs":
        X = list(zip(TEXTS, TEXTS[::-1], strict=True))
    elif kind == "integer":
        model.set_params(representation="integer")
    else:
        model.set_params(freeze_vectors=True)
    found = find_learning_rate(model, X, y)
    assert found.table["loss"].notna().all()
    assert 1e-5 < found.suggestion < 10


def test_a_loss_that_is_no_number_from_the_start_is_refused():
    model = TextClassifier(
        encoder="rnn", activation="relu", init="orthogonal", init_gain=1e30, **SMALL
    )
    with pytest.raises(TrainingError, match="not a number at the lowest rate, 1e-06.*init_gain"):
        find_learning_rate(model, TEXTS, LABELS)


def test_a_loss_that_becomes_no_number_ends_the_test():
    model = TextClassifier(encoder="rnn", activation="relu", optimizer="sgd", **SMALL)
    model.set_params(clip_grad_norm=None, head_sizes=(8, 8, 8, 8), head_dropout=0.0)
    found = find_learning_rate(model, TEXTS, LABELS, highest=1e20, n_batches=60)
    assert len(found.table) < 60
    assert np.isfinite(found.table["loss"]).all()
    sudden = find_learning_rate(model, TEXTS, LABELS, highest=1e30, n_batches=2)
    assert len(sudden.table) == 1
    assert np.isclose(sudden.turn, 1e30)


def test_unusable_parameters_are_refused():
    model = TextClassifier(encoder="mean", **SMALL)
    with pytest.raises(ValueError, match="lowest must be a number above 0, got 0"):
        find_learning_rate(model, TEXTS, LABELS, lowest=0)
    with pytest.raises(ValueError, match="highest must be a number above 0.1, got 0.1"):
        find_learning_rate(model, TEXTS, LABELS, lowest=0.1, highest=0.1)
    with pytest.raises(ValueError, match="n_batches must be .* at least 2, got 1"):
        find_learning_rate(model, TEXTS, LABELS, n_batches=1)
    with pytest.raises(ValueError, match="only one class"):
        find_learning_rate(model, TEXTS, ["good"] * len(TEXTS))


def test_the_figure_marks_the_suggestion_and_the_turn(found):
    figure = found.plot()
    figure.savefig(io.BytesIO(), dpi=40)
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    upright = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 2]
    assert upright == [found.suggestion, found.turn]
    low, high = axes.get_ylim()
    assert low < found.table["smoothed"].min() and found.table["smoothed"][0] < high
    assert f"learning_rate={found.suggestion:g}" in figure.get_suptitle()


def test_a_pretrained_encoder_is_tried_as_it_is_trained():
    texts, labels = ["so good", "so bad", "good"] * 20, [1, 0, 1] * 20
    small = dict(n_threads=1, random_state=0, validation_fraction=0.0, max_epochs=1)
    first = TextClassifier(hidden_size=4, embedding_dim=4, **small).fit(texts, labels)
    model = TextClassifier(pretrained=first, learning_rate=1e-9, **small)
    found = find_learning_rate(model, texts, labels, lowest=1e-9)
    fitted = model.fit(texts, labels, validation_data=(texts, labels))
    assert found.table["loss"][0] == pytest.approx(fitted.history_["validation_loss"][0], rel=1e-5)


def test_a_language_models_state_goes_on_from_window_to_window():
    """At a rate that stays, an epoch of the test is an epoch of training."""
    texts = [" ".join("abcdabdcbacd"[number % 7 :]) for number in range(30)]
    options = dict(hidden_size=4, embedding_dim=4, num_layers=1, batch_size=3, n_threads=1,
                   truncated_bptt_steps=6, embedding_dropout=0, input_dropout=0, hidden_dropout=0,
                   dropout=0, weight_dropout=0, validation_fraction=0.0, max_epochs=1,
                   learning_rate=0.01, schedule="constant", random_state=0)  # fmt: skip
    model = LanguageModel(**options)
    prepared = clone(model).prepare(texts)
    n_batches = len(in_order(prepared.rows.lengths, 3))
    found = find_learning_rate(model, texts, lowest=0.01, highest=0.01 + 1e-9, n_batches=n_batches)
    assert not hasattr(model, "network_")
    trained = model.fit(texts).network_
    with ThreadTeam(1) as team:
        losses = network_outputs(trained, prepared.rows, team)[:, 0]
    expected = np.average(losses, weights=prepared.rows.weights)
    assert len(prepared.rows) <= SAMPLE_ROWS and n_batches > 5
    assert found.table["loss"].iloc[-1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["tagger", "language model", "translator"])
def test_models_that_answer_step_by_step_stay_as_they_are(kind):
    model, X, y = {
        "tagger": lambda: (step_models.tagger(), step_models.ROWS, step_models.TAGS),
        "language model": lambda: (step_models.language_model(), step_models.TEXTS, None),
        "translator": lambda: (step_models.translator(), step_models.TEXTS, step_models.TEXTS),
    }[kind]()
    before = {name: weight.clone() for name, weight in model.network_.state_dict().items()}
    found = find_learning_rate(model, X, y, n_batches=30)
    assert np.isfinite(found.table["loss"]).all()
    after = model.network_.state_dict()
    assert all(torch.equal(weight, after[name]) for name, weight in before.items())
