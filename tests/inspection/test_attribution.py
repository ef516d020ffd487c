import copy
import io

import numpy as np
import pandas as pd
import pytest
import torch
from rounding import rounding

from textseq import TextClassifier, TextRegressor
from textseq.inspection.attribution import explain
from textseq.inspection.explanation import lin_concordance

TEXTS = ["the film is good", "so good a plot", "the film is bad", "dull and bad"] * 10
LABELS = ["pos", "pos", "neg", "neg"] * 10
TEXT = "the plot is so bad xyzzy good"
ENCODERS = ["mean", "max", "rnn", "bilstm", "gru", "janet", "tcn"]
SMALL = {"hidden_size": 4, "embedding_dim": 6, "n_threads": 1, "random_state": 0}
SMALL |= {"max_epochs": 8, "learning_rate": 0.05, "wide": None}
# Of log-odds of float32 logits, each a sum over the hidden units of some steps.
ATOL = rounding(8, units=16)


@pytest.fixture(scope="module")
def models():
    fitted = {
        encoder: TextClassifier(encoder=encoder, **SMALL).fit(TEXTS, LABELS) for encoder in ENCODERS
    }
    fitted["three"] = TextClassifier(encoder="gru", head_sizes=(5,), **SMALL).fit(
        TEXTS, ["pos", "pos", "neg", "dull"] * 10
    )
    fitted["smooth"] = TextClassifier(encoder="bigru", pooling="attention", **SMALL).fit(
        TEXTS, LABELS
    )
    fitted["concat"] = TextClassifier(encoder="gru", pooling="concat", **SMALL).fit(TEXTS, LABELS)
    indicators = pd.DataFrame({"film": [1, 0, 1, 0] * 10, "good": [1, 1, 0, 0] * 10})
    fitted["labels"] = TextClassifier(encoder="gru", **SMALL).fit(TEXTS, indicators)
    fitted["number"] = TextRegressor(encoder="bigru", **SMALL).fit(TEXTS, [9.0, 8.0, 2.0, 1.0] * 10)
    return fitted


def without_each(text):
    words = text.split()
    return [" ".join(words[:place] + words[place + 1 :]) for place in range(len(words))]


def log_odds(model, texts, column):
    p = model.predict_proba(texts)[:, column]
    return np.log(p) - np.log1p(-p)


def with_changed_weights(model, change):
    changed = copy.deepcopy(model)
    with torch.no_grad():
        change(changed.network_)
    return changed


@pytest.mark.parametrize("name", [*ENCODERS[1:], "three", "labels"])
def test_occlusion_is_the_answer_with_the_word_and_without(models, name):
    model = models[name]
    for column, target in enumerate(model.classes_):
        found = explain(model, TEXT, target=target)
        expected = log_odds(model, [TEXT], column) - log_odds(model, without_each(TEXT), column)
        assert found.target == target
        assert np.allclose(found.table["occlusion"], expected, rtol=0, atol=ATOL)
        assert np.isclose(found.output, log_odds(model, [TEXT], column)[0], rtol=0, atol=ATOL)
        assert np.isclose(found.answer, model.predict_proba([TEXT])[0, column], atol=1e-6)


def lost_to_zeros(model):
    """What the answer of the second class loses as zeros stand for each word of TEXT."""
    blank = [
        with_changed_weights(model, lambda network, row=row: network.inputs.weight[row].zero_())
        for row in model.vocabulary_.ids_of(TEXT.split())
    ]
    return log_odds(model, [TEXT], 1) - [log_odds(one, [TEXT], 1)[0] for one in blank]


@pytest.mark.parametrize("name", ["mean", "smooth", "concat"])
def test_where_a_network_averages_the_others_keep_their_weight(models, name):
    found = explain(models[name], TEXT, target="pos")
    assert np.allclose(found.table["occlusion"], lost_to_zeros(models[name]), rtol=0, atol=ATOL)


def test_a_word_of_both_classes_says_nothing_in_a_mean():
    rng = np.random.default_rng(0)
    fill = ["the", "film", "was", "a", "story", "with", "people"]
    texts = [
        " ".join(rng.permutation([["good", "bad"][row % 2], *rng.choice(fill, 5)]))
        for row in range(400)
    ]
    model = TextClassifier(encoder="mean", max_epochs=10, wide=None, n_threads=1, random_state=0)
    found = explain(model.fit(texts, ["p", "n"] * 200), "a good film", target="p")
    of = found.table.set_index("token")["occlusion"]
    assert abs(of["film"]) < 0.1 * of["good"]
    assert np.allclose(of, found.table.set_index("token")["integrated_gradients"], atol=1e-6)


def test_a_regressor_is_explained_in_the_units_of_its_target(models):
    model = models["number"]
    found = explain(model, TEXT)
    expected = model.predict([TEXT]) - model.predict(without_each(TEXT))
    assert np.allclose(found.table["occlusion"], expected, rtol=0, atol=ATOL * model.scale_)
    assert found.answer == found.output
    assert np.isclose(found.output, model.predict([TEXT])[0], rtol=0, atol=ATOL * model.scale_)
    assert found.verdict.startswith("the prediction is")


def test_integrated_gradients_of_a_linear_network_are_its_weights_times_its_input(models):
    model = models["mean"]
    weights = {name: value.astype(float) for name, value in model.weights_by_name().items()}
    vectors = weights["embedding"][model.vocabulary_.ids_of(TEXT.split())]  # (T, D)
    between = weights["head.W"][1] - weights["head.W"][0]
    found = explain(model, TEXT, target="pos")
    assert np.allclose(
        found.table["integrated_gradients"], vectors @ between / len(vectors), atol=1e-12
    )
    assert np.isclose(found.baseline, weights["head.b"][1] - weights["head.b"][0], atol=1e-12)


@pytest.mark.parametrize("name", [*ENCODERS, "three", "labels", "number"])
def test_integrated_gradients_sum_to_the_change_from_a_text_of_zeros(models, name):
    model = models[name]
    blank = with_changed_weights(model, lambda network: network.inputs.weight.zero_())
    found = explain(model, TEXT)
    if name == "number":
        baseline, unit = blank.predict([TEXT])[0], model.scale_
    else:
        column = list(model.classes_).index(found.target)
        baseline, unit = log_odds(blank, [TEXT], column)[0], 1.0
    change = found.output - baseline
    assert np.isclose(found.baseline, baseline, rtol=0, atol=rounding(8, units=8))
    total = found.table["integrated_gradients"].sum()
    assert abs(total - change) <= 1e-3 * max(unit, abs(change)) + 1e-5
    assert np.isclose(found.completeness_gap, total - change, rtol=0, atol=ATOL)


def test_integrated_gradients_equal_a_plain_riemann_sum(models):
    network = copy.deepcopy(models["smooth"].network_).double()
    ids = torch.from_numpy(models["smooth"].vocabulary_.ids_of(TEXT.split()).copy())
    x = network.inputs.weight[ids]
    total = torch.zeros_like(x)
    for point in torch.linspace(0, 1, 401).double()[:-1] + 1 / 800:
        scaled = (point * x).requires_grad_()
        logits = network.head(network.read(scaled[None], torch.tensor([len(x)])))[0]
        total += torch.autograd.grad(logits[1] - logits[0], scaled)[0] / 400
    found = explain(models["smooth"], TEXT, target="pos")
    expected = (x * total).sum(1).numpy()
    assert np.allclose(found.table["integrated_gradients"], expected, atol=1e-5)
    assert abs(expected).max() > 0.1


def test_steep_networks_keep_their_attributions(models):
    """On vectors so long, the answer changes in a billionth of the path: it is cut finer there."""
    steep = with_changed_weights(models["rnn"], lambda network: network.inputs.weight.mul_(1e9))
    steeper = with_changed_weights(models["rnn"], lambda network: network.inputs.weight.mul_(1e12))
    found, expected = explain(steep, TEXT), explain(steeper, TEXT)
    assert abs(found.completeness_gap) < 2e-3
    assert found.n_points < 1000
    gradients = expected.table["integrated_gradients"]
    assert np.allclose(found.table["integrated_gradients"], gradients, atol=1e-2)
    assert abs(gradients).max() > 0.3


class Jump(torch.nn.Module):
    """States that jump where an input passes a threshold."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.out_dim = input_size

    def forward(self, x, lengths):
        return x + (x > 0.01)


def test_an_answer_that_jumps_is_warned_about():
    model = TextClassifier(encoder=Jump, pooling="mean", **SMALL).fit(TEXTS, LABELS)
    with pytest.warns(UserWarning, match="points: .*go by the column occlusion"):
        found = explain(model, TEXT, target="pos")
    total = found.table["integrated_gradients"].sum()
    assert np.isclose(found.completeness_gap, total - (found.output - found.baseline))
    assert abs(found.completeness_gap) > 1e-3
    assert "integrated gradients are incomplete" in found.verdict
    assert np.allclose(found.table["occlusion"], lost_to_zeros(model), rtol=0, atol=ATOL)


def test_the_verdict_names_the_strongest_tokens(models):
    found = explain(models["gru"], TEXT, target="neg")
    left_out = found.table["occlusion"]
    for word, place in (("supported", left_out.argmax()), ("opposed", left_out.argmin())):
        assert f"{word} most by {found.table['token'][place]!r} (step {place + 1}," in found.verdict


def concordance(table):
    """Lin's coefficient, by hand."""
    one, other = table["occlusion"], table["integrated_gradients"]
    apart = (one.mean() - other.mean()) ** 2
    return 2 * one.cov(other, ddof=0) / (one.var(ddof=0) + other.var(ddof=0) + apart)


def test_the_verdict_says_whether_the_two_agree(models):
    agreeing = explain(models["mean"], TEXT, target="pos")
    assert concordance(agreeing.table) == pytest.approx(1.0)
    assert "integrated gradients agree (concordance 1.00)" in agreeing.verdict
    differing = explain(models["three"], "good good good bad", target="pos")
    gradients = differing.table["integrated_gradients"]
    strongest = differing.table["token"][gradients.abs().argmax()]
    share = concordance(differing.table)
    assert share < 0.5
    expected = f"do not agree (concordance {share:.2f}, their strongest is {strongest!r})"
    assert expected in differing.verdict


def test_two_that_differ_in_size_do_not_agree():
    step = np.array([0.0, 1.0, 2.0, 3.0])
    assert lin_concordance(step, step) == pytest.approx(1.0)
    for other in (step - 9, 9 * step, -step):
        assert lin_concordance(step, other) < 0.5


def test_words_with_a_twin_are_moved_by_none(models):
    found = explain(models["max"], "good good good bad bad bad", target="pos")
    assert not found.table["occlusion"].any()
    assert found.table["integrated_gradients"].any()
    assert "moved by no token" in found.verdict


def test_rounding_is_no_attribution():
    model = TextClassifier(
        encoder="gru", hidden_size=4, max_epochs=2, wide=None, random_state=1
    ).fit(
        ["so good a film", "so bad a film", "good and long", "bad and long"] * 10,
        ["pos", "neg"] * 20,
    )
    left_out = explain(model, "good zzz a qqq film so so").table["occlusion"].abs()
    assert not ((left_out > 0) & (left_out < 1e-14)).any()


def test_the_default_target_is_the_predicted_one(models):
    for text in ("good", "bad"):
        assert explain(models["mean"], text).target == models["mean"].predict([text])[0]
    probabilities = models["labels"].predict_proba([TEXT])[0]
    expected = models["labels"].classes_[probabilities.argmax()]
    assert explain(models["labels"], TEXT).target == expected


def test_a_single_token_is_held_against_an_empty_text(models):
    model = models["bilstm"]
    found = explain(model, "good", target="pos")
    expected = log_odds(model, ["good"], 1) - log_odds(model, [""], 1)
    assert np.allclose(found.table["occlusion"], expected, rtol=0, atol=ATOL)


def test_what_was_cut_plays_no_part():
    model = TextClassifier(encoder="gru", max_length=3, **SMALL).fit(TEXTS, LABELS)
    found = explain(model, "so good and bad", target="neg")
    texts = ["so good and", "good and", "so and", "so good"]
    whole, *parts = log_odds(model, texts, 0)
    assert np.allclose(found.table["occlusion"], whole - np.array(parts), rtol=0, atol=ATOL)
    assert "1 more tokens were not read: raise max_length=3" in found.verdict


def test_an_unusable_target_or_text_is_refused(models):
    with pytest.raises(ValueError, match="target='good' is not among the classes; .* 'neg', 'pos'"):
        explain(models["rnn"], TEXT, target="good")
    with pytest.raises(ValueError, match="a regressor has one answer"):
        explain(models["number"], TEXT, target=3)
    with pytest.raises(ValueError, match="has no tokens"):
        explain(models["rnn"], "")


def test_the_model_and_the_random_states_stay_as_they_are(models):
    model = models["tcn"]
    before = {name: value.clone() for name, value in model.network_.state_dict().items()}
    torch_state = torch.get_rng_state()
    assert explain(model, TEXT).table.equals(explain(model, TEXT).table)
    after = model.network_.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert not any(weight.requires_grad for weight in model.network_.parameters())
    assert not model.network_.training
    assert torch.equal(torch.get_rng_state(), torch_state)


def test_bars_and_marks_are_the_attributions(models):
    found = explain(models["gru"], TEXT)
    axes = found.plot().axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    assert np.allclose(widths, found.table["occlusion"])
    (marks,) = [line for line in axes.lines if len(line.get_xdata()) == 7]
    assert np.allclose(marks.get_xdata(), found.table["integrated_gradients"])
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["the", "plot", "is", "so", "bad", "(xyzzy)", "good"]
    # In grey too, a bar for and one against look different.
    filled = {tuple(bar.get_facecolor()) for bar in axes.patches if bar.get_width() > 0}
    hollow = {tuple(bar.get_facecolor()) for bar in axes.patches if bar.get_width() < 0}
    assert len(filled) == len(hollow) == 1 and filled != hollow


def test_a_long_text_is_drawn_as_lines_with_bars_by_side(models):
    found = explain(models["gru"], "the plot is good and so bad " * 9)
    figure = found.plot()
    figure.savefig(io.BytesIO(), dpi=40)
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == found.table["token"].tolist()
    left_out = found.table["occlusion"].to_numpy()
    for text, bar, value in zip(axes.texts, axes.patches, left_out, strict=True):
        if abs(value) >= 0.04 * abs(left_out).max():
            ends = sorted([bar.get_y(), bar.get_y() + bar.get_height()])
            line, length = text.get_position()[1], 0.3 * abs(value) / abs(left_out).max()
            # Above the text, which is where the axis has lower numbers, or below it.
            above, below = [line - 0.2 - length, line - 0.2], [line + 0.2, line + 0.2 + length]
            assert np.allclose(ends, above if value > 0 else below)


def test_of_a_very_long_text_the_telling_stretch_is_drawn(models):
    found = explain(models["max"], "the " * 700 + "good " + "the " * 20, target="pos")
    figure = found.plot()
    tokens = [text.get_text() for text in figure.axes[0].texts]
    assert len(tokens) == 400 and "good" in tokens
    assert "of 721" in figure.axes[0].get_xlabel()


# But for the one that tells of a font.
@pytest.mark.filterwarnings("ignore:no font that matplotlib knows")
@pytest.mark.parametrize(
    "text", ["bad", "$a_b$ \\frac{1}{2} 好 👩‍👩‍👧 supercalifragilisticexpialidocious" * 9]
)
@pytest.mark.parametrize("name", ["mean", "number"])
def test_awkward_texts_are_drawn_without_a_warning(models, name, text):
    figure = explain(models[name], text).plot()
    figure.savefig(io.BytesIO(), dpi=40)
    assert figure.get_suptitle()


def test_hashed_ngrams_are_steps_of_their_own():
    exact, hashed = (
        TextClassifier(encoder="mean", ngram_range=(1, 2), hash_buckets=buckets, **SMALL)
        for buckets in (None, 5000)
    )
    steps = [explain(model.fit(TEXTS, LABELS), TEXT).table for model in (exact, hashed)]
    assert steps[0]["token"].tolist() == steps[1]["token"].tolist()
    assert steps[1]["token"].tolist()[-1] == "xyzzy good"
    probabilities = log_odds(hashed, [TEXT], 1)
    assert np.isfinite(probabilities).all()
    assert (steps[1]["occlusion"] != 0).any()
    cut = TextClassifier(
        encoder="mean", ngram_range=(1, 2), hash_buckets=50, max_length=3, **SMALL
    ).fit(TEXTS, LABELS)
    shown = explain(cut, TEXT).table["token"].tolist()
    assert shown == ["the", "plot", "is", "the plot", "plot is"]


@pytest.mark.parametrize("name", ["gru", "mean"])
def test_of_a_long_text_words_are_left_out_by_stretches(models, name):
    words = (TEXT.split() * 150)[:1_000]
    found = explain(models[name], " ".join(words), target="pos")
    assert found.verdict.endswith("; tokens were left out 3 at a time")
    assert abs(found.completeness_gap) < 1e-3 * max(1, abs(found.output - found.baseline))
    occlusion = found.table["occlusion"].to_numpy()
    for start in (0, 501, 999):  # the last stretch is one word
        own = occlusion[start : start + 3]
        assert (own == own[0]).all()
        if name == "gru":
            rest = " ".join(words[:start] + words[start + 3 :])
            answers = log_odds(models[name], [" ".join(words), rest], 1)
            assert own.sum() == pytest.approx(answers[0] - answers[1], abs=ATOL)
    short = explain(models[name], " ".join(words[:400]), target="pos")
    assert "were left out" not in short.verdict
