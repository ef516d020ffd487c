"""Models that start from others: what is handed on, what learns when, one file for all."""

import numpy as np
import pytest
import torch
from rounding import rounding
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from textseq import LanguageModel, TextClassifier, TextRegressor, Tokenizer, load_model
from textseq.estimators.encoding.pretrained import Pretrained

UNLABELLED = ["the film was a good one", "a bad film it was", "the plot was so so"] * 20
TEXTS = ["the film was splendid", "a dreadful plot", "splendid", "it was a dreadful film"] * 15
LABELS = ["praise", "blame", "praise", "blame"] * 15
QUICK = dict(n_threads=1, random_state=0, max_epochs=2, validation_fraction=0.0)


def language_model(**parameters):
    sizes = dict(embedding_dim=8, hidden_size=6, max_epochs=2, random_state=0, n_threads=1)
    return LanguageModel(**sizes | parameters).fit(UNLABELLED)


@pytest.fixture(scope="module")
def lm():
    return language_model(num_layers=2)


def tuned(pretrained, **parameters):
    return TextClassifier(pretrained=pretrained, **QUICK | parameters).fit(TEXTS, LABELS)


def changed(model, pretrained):
    """Return the layer groups whose weights are no longer the pretrained model's."""
    own, given = model.network_, pretrained.network_
    n_known = len(pretrained.vocabulary_)
    pairs = {"table": [(own.inputs.weight[:n_known], given.inputs.weight)]}
    for number, (layer, source) in enumerate(
        zip(own.encoder.layers, given.encoder.layers, strict=True), start=1
    ):
        pairs[f"layer{number}"] = list(zip(layer.parameters(), source.parameters(), strict=True))
    return {
        name
        for name, group in pairs.items()
        if not all(torch.equal(mine, theirs) for mine, theirs in group)
    }


def test_known_words_keep_their_ids_and_vectors_and_new_ones_get_the_mean(lm):
    model = tuned(lm, unfreeze="none")
    before, after = lm.vocabulary_, model.vocabulary_
    assert after.tokens[: len(before)] == before.tokens
    assert set(after.tokens[len(before) :]) == {"splendid", "dreadful"}
    assert after.specials == ("<pad>", "<unk>", "<eos>")
    table, known = model.network_.inputs.weight, lm.network_.inputs.weight
    assert torch.equal(table[: len(before)], known)
    words = known[len(before.specials) :]
    assert torch.allclose(
        table[len(before) :], words.mean(0).expand(2, -1), rtol=0, atol=rounding(words)
    )
    assert changed(model, lm) == set()
    assert table.data_ptr() != known.data_ptr()


def test_counts_are_the_new_texts(lm):
    vocabulary = tuned(lm).vocabulary_
    assert vocabulary.counts[vocabulary["film"]] == 30
    assert vocabulary.document_counts[vocabulary["splendid"]] == 30
    assert vocabulary.counts[vocabulary["good"]] == 0
    assert vocabulary.n_documents == 60


def test_the_architecture_is_the_pretrained_ones(lm):
    model = tuned(lm)
    assert (model.encoder, model.hidden_size) == ("lstm", 128)
    settled = model.fitted_parameters_
    assert (settled["hidden_size"], settled["num_layers"], settled["embedding_dim"]) == (6, 2, 8)
    assert settled["pooling"] == "concat" and model.network_.head.in_features == 3 * 6
    assert model.transform(TEXTS[:3]).shape == (3, 18)
    assert len(model.get_feature_names_out()) == 18


@pytest.mark.parametrize(
    ("epochs", "groups"),
    [(1, set()), (2, {"layer2"}), (3, {"layer2", "layer1"}), (4, {"layer2", "layer1", "table"})],
)
def test_gradual_unfreezing_opens_one_more_layer_each_epoch(lm, epochs, groups):
    assert changed(tuned(lm, max_epochs=epochs), lm) == groups


def test_all_at_once(lm):
    assert changed(tuned(lm, max_epochs=1, unfreeze="all"), lm) == {"layer2", "layer1", "table"}
    assert changed(tuned(lm, unfreeze="all", freeze_vectors=True), lm) == {"layer2", "layer1"}


def test_the_head_starts_on_standardized_vectors(lm):
    model = tuned(lm, max_epochs=1, learning_rate=1e-9)
    vectors, weights = model.transform(TEXTS), model.weights_by_name()
    weight, bound = weights["head.W"], weights["head.W"].shape[1] ** -0.5
    assert np.abs(weight).max() > 1.5 * bound > np.abs(weight * vectors.std(0)).max()
    assert np.abs(vectors.mean(0) @ weight.T + weights["head.b"]).max() < 1.001 * bound


@pytest.mark.parametrize("options", [{}, {"head_sizes": (5,)}, {"unfreeze": "none"}], ids=str)
def test_what_validated_standardized_predicts_the_same_folded(lm, options):
    model = TextClassifier(pretrained=lm, wide=None, **QUICK | options)
    model.fit(TEXTS, LABELS, validation_data=(TEXTS[:20], LABELS[:20]))
    best = model.history_.loc[model.receipt_["best_epoch"] - 1]
    probabilities = model.predict_proba(TEXTS[:20])
    truth = np.array(LABELS[:20])[:, None] == model.classes_
    assert -np.log(probabilities[truth]).mean() == pytest.approx(best["validation_loss"], rel=1e-4)
    names = model.network_.state_dict()
    assert set(names) == set(TextClassifier(**QUICK).fit(TEXTS, LABELS).network_.state_dict()) | {
        name for name in names if ".layers.1." in name or ".hidden." in name
    }


def test_lower_layers_learn_more_slowly(lm):
    known = lm.network_.inputs.weight
    far, near = (
        tuned(lm, unfreeze="all", rate_decay=decay, max_epochs=1).network_.inputs.weight[
            : len(known)
        ]
        - known
        for decay in (1.0, 10.0)
    )
    assert near.abs().max() < far.abs().max() / 100


def test_the_pretrained_model_stays_as_it_was(lm):
    before = {name: weight.clone() for name, weight in lm.network_.state_dict().items()}
    tuned(lm, unfreeze="all")
    assert all(torch.equal(before[name], w) for name, w in lm.network_.state_dict().items())


def test_the_same_seed_gives_the_same_weights(lm):
    first, second = (tuned(lm, n_threads=2, max_epochs=4) for _ in range(2))
    assert first.receipt_["weights_sha256"] == second.receipt_["weights_sha256"]


def test_classifiers_and_regressors_hand_on_too(tmp_path):
    first = TextClassifier(encoder="bigru", hidden_size=5, embedding_dim=4, **QUICK)
    first.fit(UNLABELLED, [0, 1, 0] * 20)
    second = TextRegressor(pretrained=first, unfreeze="none", **QUICK)
    second.fit(TEXTS, np.arange(60.0))
    third = TextClassifier(encoder="bigru", pretrained=second.save(tmp_path / "second"), **QUICK)
    third.set_params(unfreeze="none").fit(TEXTS, LABELS)
    for model in (second, third):
        assert changed(model, first) == set()
        assert model.architecture_["bidirectional"] and model.architecture_["encoder"] == "gru"
    assert third.vocabulary_ == second.vocabulary_


def test_a_mean_of_word_vectors_hands_on_too():
    first = TextClassifier(encoder="mean", ngram_range=(1, 2), **QUICK)
    first.fit(UNLABELLED, [0, 1, 0] * 20)
    model = tuned(first, max_epochs=1)
    n_known = len(first.vocabulary_)
    assert torch.equal(model.network_.inputs.weight[:n_known], first.network_.inputs.weight)
    assert "dreadful plot" in model.vocabulary_
    assert not torch.equal(
        tuned(first).network_.inputs.weight[:n_known], first.network_.inputs.weight
    )


def test_a_mean_of_word_vectors_is_standardized_as_well():
    first = TextClassifier(encoder="mean", **QUICK).fit(UNLABELLED, [0, 1, 0] * 20)
    still = dict(unfreeze="all", dropout=0, embedding_dropout=0, learning_rate=1e-9)
    model = TextClassifier(encoder="mean", pretrained=first, **QUICK | still)
    history = model.fit(TEXTS, LABELS, validation_data=(TEXTS, LABELS)).history_
    assert history["loss"].tolist() == pytest.approx(history["validation_loss"].tolist(), rel=1e-5)


def test_pairs_of_texts(lm):
    pairs = list(zip(TEXTS, reversed(TEXTS), strict=True))
    model = TextClassifier(pretrained=lm, **QUICK).fit(pairs, LABELS)
    assert model.predict_proba(pairs).shape == (60, 2)


def test_one_file_holds_all_of_it(lm, tmp_path):
    path = lm.save(tmp_path / "language")
    model = tuned(path)
    saved = model.save(tmp_path / "model")
    path.unlink()
    loaded = load_model(saved)
    assert (loaded.predict_proba(TEXTS) == model.predict_proba(TEXTS)).all()
    assert loaded.fitted_parameters_["pretrained"] == lm.receipt_["weights_sha256"]
    assert load_model(tuned(lm).save(saved)).pretrained is None


def test_features_only(lm, tmp_path):
    model = tuned(lm, head_sizes=(16,))
    whole = model.save(tmp_path / "whole")
    path = model.save(tmp_path / "features", features_only=True)
    assert path.stat().st_size < whole.stat().st_size
    assert b"praise" in whole.read_bytes() and b"praise" not in path.read_bytes()
    assert (model.predict(TEXTS) == load_model(whole).predict(TEXTS)).all()

    features = load_model(path)
    assert (features.transform(TEXTS) == model.transform(TEXTS)).all()
    for method in (features.predict, features.predict_proba):
        with pytest.raises(ValueError, match="features_only=True and has nothing to predict with"):
            method(TEXTS)
    again = load_model(features.save(tmp_path / "again"))
    assert (again.transform(TEXTS) == model.transform(TEXTS)).all()

    started = tuned(path, unfreeze="none")
    assert changed(started, model) == set()
    assert started.predict(TEXTS[:2]).shape == (2,)


def test_clone_keeps_the_fitted_model(lm):
    model = clone(TextClassifier(pretrained=lm, **QUICK))
    assert model.pretrained is lm and not hasattr(model, "network_")
    assert clone(tuned(lm)).get_params(deep=False) == model.get_params(deep=False)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"hidden_size": 64}, "hidden_size=64, but the pretrained model has hidden_size=6; leave"),
        ({"encoder": "bilstm"}, "bidirectional=True, but the pretrained model has bidirection"),
        ({"encoder": "gru"}, "encoder='gru', but the pretrained model has encoder='lstm'"),
        ({"num_layers": 1}, "num_layers=1, but"),
        ({"tokenizer": "char"}, "tokenizer='char', but the pretrained model has tokenizer='word'"),
        ({"tokenizer": Tokenizer(lowercase=False)}, "tokenizer=Tokenizer"),
        ({"lowercase": False}, "lowercase=False, but"),
        ({"vectors": "glove.txt"}, "vectors='glove.txt' is for embeddings or an encoder that"),
        ({"init": "orthogonal"}, "init='orthogonal' is for"),
        ({"unfreeze": "slowly"}, "unknown unfreeze 'slowly'"),
        ({"rate_decay": 0.5}, "rate_decay must be a number at least 1, got 0.5"),
    ],
    ids=str,
)
def test_what_says_otherwise_is_refused(lm, parameters, words):
    with pytest.raises(ValueError, match=words):
        tuned(lm, **parameters)


def test_what_says_the_same_is_not(lm):
    same = dict(encoder="lstm", hidden_size=6, num_layers=2, tokenizer=lm.tokenizer_)
    assert tuned(lm, **same).architecture_["hidden_size"] == 6


def test_layers_of_several_widths_are_handed_on(tmp_path):
    lm = language_model(hidden_size=(6, 5, 4))
    path = lm.save(tmp_path / "language")
    for source in (lm, path):
        model = tuned(source, hidden_size=(6, 5, 4), unfreeze="none")
        assert changed(model, lm) == set()
        assert model.fitted_parameters_["hidden_size"] == (6, 5, 4)
        assert model.network_.head.in_features == 3 * 4
    again = load_model(model.save(tmp_path / "model"))
    assert (again.predict_proba(TEXTS) == model.predict_proba(TEXTS)).all()
    assert tuned(again, max_epochs=1).architecture_["hidden_size"] == [6, 5, 4]
    with pytest.raises(ValueError, match=r"but the pretrained model has hidden_size=\(6, 5, 4\)"):
        tuned(lm, hidden_size=(6, 5))


def test_what_can_hand_nothing_on_is_refused():
    with pytest.raises(NotFittedError):
        Pretrained.of(LanguageModel())
    with pytest.raises(ValueError, match=r"pretrained must be a fitted LanguageModel.*got 7"):
        tuned(7)
    onehot = TextClassifier(representation="onehot", **QUICK).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="no embeddings to hand on"):
        tuned(onehot)
    hashed = TextClassifier(encoder="mean", ngram_range=(1, 2), hash_buckets=50, **QUICK)
    with pytest.raises(ValueError, match="hash_buckets"):
        tuned(hashed.fit(TEXTS, LABELS))
    with pytest.raises(ValueError, match="mogrifier=2, steps that only a LanguageModel takes"):
        tuned(language_model(mogrifier=2))


def test_without_pretrained_nothing_is_frozen():
    options = TextClassifier(**QUICK).fit(TEXTS, LABELS).training_options(0)
    assert (options.unfreeze, options.rate_decay) == ("all", 1.0)
