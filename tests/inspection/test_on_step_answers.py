"""Gradients, saturation and spectra of networks that answer step by step."""

import numpy as np
import pytest
import torch
from step_models import OWN_TAGS, ROWS, TAGS, TEXTS, language_model, tagger, translator
from torch import nn

from textseq import TextClassifier
from textseq.inspection.by_hand import step_by_step
from textseq.inspection.gradient_flow import gradient_flow
from textseq.inspection.saturation import saturation
from textseq.inspection.spectrum import recurrent_spectrum
from textseq.inspection.unroll import in_double_precision
from textseq.training.outputs import as_tensors


class Nudged(nn.Module):
    """A part that changes one unit of the state of one cell after one step."""

    def __init__(self, part, cell, step, unit, by):
        super().__init__()
        self.part, self.place, self.unit, self.by = part, (cell, step), unit, by

    def forward(self, x, lengths, run=None):
        self.n_cells, self.goes_on = 0, run
        return self.part(x, lengths, self.run)

    def run(self, cell, x):
        start = None if self.goes_on is None else self.goes_on.begin()
        state, outputs = cell.initial_state(x) if start is None else start, []
        for step in range(x.shape[1]):
            state, _ = cell.step(x[:, step], state)
            if self.place == (self.n_cells, step):
                change = torch.zeros_like(state[0])
                change[:, self.unit] = self.by
                state = (state[0] + change, *state[1:])
            outputs.append(state[0])
        if self.goes_on is not None:
            self.goes_on.end(state)
        self.n_cells += 1
        return torch.stack(outputs, dim=1)


def norm_by_differences(model, rows, answer, part, cell, step, loss=None):
    """The norm of d(loss of an answer)/dh of one cell after one step, of a single row."""
    network, inputs = in_double_precision(model.network_), as_tensors(rows)
    loss = loss or (lambda twin: twin.step_losses(inputs)[0][0, answer])
    changes = []
    for unit in range(3):
        up, down = (
            float(
                loss(
                    network.with_parts(
                        lambda name, own, by=by, unit=unit: (
                            Nudged(own, cell, step, unit, by) if name == part else own
                        )
                    )
                )
            )
            for by in (1e-5, -1e-5)
        )
        changes.append((up - down) / 2e-5)
    return np.linalg.norm(changes)


def matches(table, norms, column="gradient"):
    assert len(norms) == len(table)
    assert table[column].to_numpy() == pytest.approx(norms, rel=1e-4, abs=1e-10)
    assert max(norms) > 1e-8


@pytest.mark.parametrize("head", ["crf", "linear"])
@pytest.mark.parametrize("encoder", ["bilstm", "birnn", "gru"])
def test_a_taggers_gradients_are_those_of_the_tag_of_the_step_read_last(head, encoder):
    model = tagger(head=head, encoder=encoder)
    if head == "crf":
        nn.init.normal_(model.network_.tags.transitions)
    row, tags = ["a", "b", "c", "d"], [["O", "O", "A", "A"]]
    found = gradient_flow(model, [row], tags).table
    rows = model.rows([row], tags)
    for cell, (direction, own) in enumerate(found.groupby("direction", sort=False)):
        answer = 3 if direction == "forward" else 0
        norms = [
            norm_by_differences(model, rows, answer, "encoder", cell, 3 - far)
            for far in own["steps_before_end"]
        ]
        matches(own, norms)
        assert own["sentences"].tolist() == [1] * 4


@pytest.mark.parametrize("encoder", ["lstm", "janet"])
@pytest.mark.parametrize("options", [{}, dict(num_layers=2, tie_weights=False)])
def test_a_language_models_gradients_are_those_of_the_last_token_of_a_window(encoder, options):
    model = language_model(encoder=encoder, **options)
    found = gradient_flow(model, "a b c").table
    rows = model.rows("a b c")
    for layer, own in found.groupby("layer"):
        norms = [
            norm_by_differences(model, rows, 3, "encoder", layer - 1, 3 - far)
            for far in own["steps_before_end"]
        ]
        matches(own, norms)


def test_a_language_model_is_looked_at_window_by_window():
    model = language_model(truncated_bptt_steps=4)
    found = gradient_flow(model, [" ".join(["a"] * 9)])  # ten tokens said: 4, 4 and 2
    assert found.length == 4
    assert found.table["windows"].tolist() == [3, 3, 2, 2]
    assert saturation(model, [" ".join(["a"] * 9)]).over_time["windows"].max() == 3


def parted(model, rows, answer):
    """The loss of a target token whose source comes through the decoder's first state alone."""
    network, (source, (ids, _)) = in_double_precision(model.network_), as_tensors(rows)
    _, memory = network.read(*source)
    before = torch.cat([torch.tensor([2]), ids[:-1]])[None]

    def loss(twin):
        features, _, _ = network.decoder(before, memory, twin.read(*source)[0])
        return -network.decoder.logits(features)[0, answer].log_softmax(0)[ids[answer]]

    return loss


@pytest.mark.parametrize("attention", ["additive", "dot", None])
@pytest.mark.parametrize("encoder", ["lstm", "bigru"])
def test_a_targets_gradients_come_to_its_source_and_its_own_beginning(attention, encoder):
    model = translator(encoder=encoder, attention=attention)
    source, target = ["a b c d"], ["b c f"]
    found, rows = gradient_flow(model, source, target), model.rows(source, target)
    # The target's last token before its end is its third, the source has four steps.
    for cell, (direction, own) in enumerate(found.table.groupby("direction", sort=False)):
        decodes = direction == "decoder"
        part, number, last = ("decoder", 0, 2) if decodes else ("encoder", cell, 3)
        places = [(part, number, last - far) for far in own["steps_before_end"]]
        matches(own, [norm_by_differences(model, rows, 2, *place) for place in places])
        if decodes:
            assert own[["start_gradient", "first_gradient"]].isna().all(axis=None)
            continue
        matches(own, [norm_by_differences(model, rows, 0, *place) for place in places],
                "first_gradient")  # fmt: skip
        loss = parted(model, rows, 2)
        matches(own, [norm_by_differences(model, rows, 2, *place, loss) for place in places],
                "start_gradient")  # fmt: skip
    alone = "; the target's gradient comes to the source through the decoder's first state alone"
    assert (alone in found.verdict) == (attention is None)
    assert ("attention brings" in found.verdict) == (attention is not None)
    labels = [text.get_text() for text in found.plot().axes[0].get_legend().get_texts()]
    assert ("by the decoder's start" in labels) == (attention is not None)


def test_attention_is_the_shorter_way():
    """Bahdanau's point: the source's first token hardly hears of the target without it."""
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(list("abcdefgh"), 20)) for _ in range(30)]
    ratios = {}
    for attention in ("additive", None):
        model = translator(texts, texts, encoder="rnn", attention=attention, hidden_size=8)
        table = gradient_flow(model, texts, texts).table
        own = table[table["direction"] == "forward"].set_index("steps_before_end")["gradient"]
        ratios[attention] = own[19] / own[0]
    assert ratios["additive"] > 0.1 > 1e-2 > ratios[None]


def test_an_encoder_without_states_leaves_the_decoder():
    model = translator(encoder="mean")
    assert gradient_flow(model, TEXTS, TEXTS).table["direction"].unique().tolist() == ["decoder"]
    assert saturation(model, TEXTS).table["direction"].unique().tolist() == ["decoder"]
    assert recurrent_spectrum(model).table["direction"].unique().tolist() == ["decoder"]


def test_padding_and_company_change_no_gradient():
    model, long = translator(encoder="gru"), "a b c d e f a b c d e f"
    alone = gradient_flow(model, ["a b"], ["c a f"]).table
    both = gradient_flow(model, ["a b", long], ["c a f", long]).table
    of_long = gradient_flow(model, [long], [long]).table
    key = ["direction", "steps_before_end"]
    mean = (alone.set_index(key)["gradient"] + of_long.set_index(key)["gradient"]) / 2
    joint = both.set_index(key)["gradient"]
    shared = mean.dropna().index
    # A source of two steps, a target of three: both rows have so many.
    assert len(shared) == 5
    assert joint[shared].to_numpy() == pytest.approx(mean[shared].to_numpy(), rel=1e-9)


def test_saturation_counts_what_the_cells_let_through():
    model = tagger(encoder="gru")
    network = in_double_precision(model.network_)
    rows = model.rows(ROWS[:1])
    ids, offsets = map(torch.from_numpy, rows.arrays()[0])
    x, _ = network.embed(ids, offsets)
    cell, state, update = network.encoder.layers[0].forwards, None, []
    state = cell.initial_state(x)
    for step in x[0]:
        state, gates = cell.step(step[None], state)
        update.append(float(gates["update"].mean()))
    table = saturation(model, ROWS[:1]).table.set_index("gate")
    assert table["activity"]["update"] == pytest.approx(np.mean(update), rel=1e-4)


@pytest.mark.filterwarnings("ignore:.*would have gone on")
def test_saturation_lets_a_decoder_read_the_models_own_answers():
    model = translator(learning_rate=0.01, max_epochs=5)
    said = model.predict(TEXTS, beam_size=1)
    rows, own = model.rows(TEXTS, said), model.answered_rows(model.rows(TEXTS))
    assert own.fields[1].to_lists() == rows.fields[1].to_lists()
    over_time = saturation(model, TEXTS).over_time
    decoder = over_time[over_time["direction"] == "decoder"]
    assert decoder["step"].max() == rows.fields[1].lengths.max()


def test_tags_are_no_part_of_what_saturates():
    model = tagger()
    assert model.answered_rows(model.rows(ROWS)).tags.to_lists() == [
        [model.classes_.tolist().index(tag) for tag in tags] for tags in model.predict(ROWS)
    ]
    assert saturation(model, ROWS).table.shape[0] == 10


def test_spectra_are_of_encoder_and_decoder():
    model = translator(encoder="birnn")
    found = recurrent_spectrum(model)
    assert found.table["direction"].tolist() == ["forward", "backward", "decoder"]
    cell = model.network_.decoder.layers.layers[0].forwards
    radius = np.abs(np.linalg.eigvals(cell.weights[1].detach().numpy())).max()
    assert found.table["radius"][2] == pytest.approx(radius, rel=1e-4)
    assert (1, "decoder", "hidden") in found.eigenvalues


def test_what_is_missing_or_unfit_is_said():
    for model, X in ((tagger(), ROWS), (translator(), TEXTS)):
        with pytest.raises(ValueError, match="y is missing, and without it there is no loss"):
            gradient_flow(model, X)
    for model, row in ((tagger(), ROWS[0]), (language_model(), "a b"), (translator(), "a b")):
        with pytest.raises(ValueError, match="which answers step by step, and not a whole row"):
            step_by_step(model, row)
    with pytest.raises(ValueError, match="none of the 2 sentences in X has a token"):
        saturation(tagger(), [[], []])
    with pytest.raises(ValueError, match="encoder='tcn' does not carry a state"):
        gradient_flow(tagger(encoder="tcn"), ROWS, TAGS)
    with pytest.raises(TypeError, match="answers whole rows, not their steps"):
        model = TextClassifier(encoder="mean", random_state=0, max_epochs=1)
        model.fit(TEXTS, [0, 1] * 20).network_.step_losses([])


def test_remedies_name_what_the_models_have():
    rng = np.random.default_rng(0)
    rows = [list(rng.choice(list("abc"), 40)) for _ in range(10)]
    texts = [" ".join(row) for row in rows]
    tags = [[word.upper() for word in row] for row in rows]
    options = dict(encoder="rnn", init_gain=0.3)
    found = gradient_flow(tagger(rows, tags, **options), rows, tags)
    assert found.kind == "vanishing"
    assert "pooling" not in found.verdict and "gated encoder" in found.verdict
    found = gradient_flow(language_model(texts, **options), texts)
    assert found.kind == "vanishing" and "pooling" not in found.verdict
    found = gradient_flow(translator(texts, texts, attention=None, **options), texts, texts)
    assert found.kind == "vanishing" and 'attention="additive", which hands' in found.verdict
    found = gradient_flow(translator(texts, texts, **options), texts, texts)
    assert 'attention="additive" still hands each step a gradient' in found.verdict


def test_looking_changes_no_model():
    for model, X, y in ((tagger(tags=OWN_TAGS), ROWS, OWN_TAGS), (translator(), TEXTS, TEXTS),
                        (language_model(), TEXTS, None)):  # fmt: skip
        before = {name: weight.clone() for name, weight in model.network_.state_dict().items()}
        gradient_flow(model, X, y)
        saturation(model, X)
        after = model.network_.state_dict()
        assert all(torch.equal(weight, after[name]) for name, weight in before.items())
        assert not model.network_.training
