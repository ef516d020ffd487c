"""A tagger that starts from a fitted model of texts."""

import numpy as np
import pytest
from sklearn.base import clone

from textseq import LanguageModel, SequenceTagger, TextClassifier, load_model

WORDS = ["so", "it", "is", "the", "old", "sea", "ships"]
SMALL = dict(max_epochs=2, random_state=0, n_threads=1)
SIZES = dict(hidden_size=8, embedding_dim=6)


def rows(n=60, seed=0):
    rng = np.random.default_rng(seed)
    X = [rng.choice([*WORDS, "new", "Ana"], rng.integers(1, 9)).tolist() for _ in range(n)]
    return X, [["B-x" if word in ("sea", "Ana") else "O" for word in row] for row in X]


def language(level="word", lowercase=False, **parameters):
    texts = [" ".join(np.random.default_rng(1).choice(WORDS, 400))]
    options = SIZES | SMALL | dict(num_layers=2, truncated_bptt_steps=16, max_epochs=1)
    return LanguageModel(level, lowercase=lowercase, **options | parameters).fit(texts)


@pytest.fixture(scope="module")
def model():
    return language()


def test_it_starts_from_vocabulary_vectors_and_encoder(model, tmp_path):
    X, y = rows()
    tagger = SequenceTagger(pretrained=model, **SMALL)
    prepared = tagger.prepare(X, y)
    network, source = prepared.network, model.network_
    n_known = len(model.vocabulary_)
    assert np.array_equal(network.inputs.weight[:n_known].detach(), source.inputs.weight)
    assert {"new", "Ana"} == set(tagger.vocabulary_.tokens[n_known:])
    for name, weight in source.encoder.state_dict().items():
        assert np.array_equal(network.encoder.state_dict()[name], weight), name
    chosen = tagger.fitted_parameters_
    assert (chosen["encoder"], chosen["bidirectional"], chosen["num_layers"]) == ("lstm", False, 2)
    assert (chosen["unfreeze"], chosen["rate_decay"]) == ("all", 1.0)
    assert chosen["pretrained"] == model.receipt_["weights_sha256"]

    fitted = SequenceTagger(pretrained=model, **SMALL | dict(max_epochs=8)).fit(X, y)
    assert fitted.score(*rows(seed=1)) > 0.8
    path = model.save(tmp_path / "language.textseq")
    for other in (clone(fitted), SequenceTagger(pretrained=path, **SMALL | dict(max_epochs=8))):
        again = other.fit(X, y).receipt_["weights_sha256"]
        assert again == fitted.receipt_["weights_sha256"]
    opened = load_model(fitted.save(tmp_path / "tagger.textseq"))
    assert opened.predict(X) == fitted.predict(X)


def test_rare_words_that_the_model_knows_are_learned_from(model):
    X = [[word, "new"] for word in WORDS] + [["new", f"name{number}"] for number in range(40)]
    y = [["O", "B-x"]] * len(X)
    tagger = SequenceTagger(pretrained=model, validation_fraction=0.0, **SMALL)
    rows, vocabulary = tagger.prepare(X, y).rows, tagger.vocabulary_
    assert vocabulary.counts[vocabulary.ids_of(WORDS)].tolist() == [1] * len(WORDS)
    # Those that it does not know teach what unknown words are.
    names = vocabulary.ids_of([f"name{number}" for number in range(40)])
    read = rows.inputs.inputs.values
    assert sorted(read[rows.unknown_shares == 0.5]) == sorted(names)
    assert not rows.unknown_shares[np.isin(read, vocabulary.ids_of(WORDS))].any()


def test_a_frozen_encoder_stays_as_it_was(model):
    tagger = SequenceTagger(pretrained=model, unfreeze="none", **SMALL).fit(*rows())
    for name, weight in model.network_.encoder.state_dict().items():
        assert np.array_equal(tagger.network_.encoder.state_dict()[name], weight), name
    assert tagger.network_.tags.transitions.abs().sum() > 0


def test_words_are_lowered_as_the_model_has_them():
    tagger = SequenceTagger(pretrained=language(lowercase=True), **SMALL).fit(*rows())
    assert tagger.fitted_parameters_["lowercase"] and "ana" in tagger.vocabulary_
    assert tagger.predict([["SEA"]]) == tagger.predict([["sea"]])


def test_a_classifier_and_a_model_of_characters_hand_on_too():
    X, y = rows()
    texts, labels = [" ".join(row) for row in X], ["a" if "sea" in row else "b" for row in X]
    options = SIZES | SMALL | dict(encoder="gru", lowercase=False, wide=None)
    classifier = TextClassifier(**options).fit(texts, labels)
    tagger = SequenceTagger(pretrained=classifier, **SMALL).fit(X, y)
    assert tagger.fitted_parameters_["encoder"] == "gru"
    characters = language("char")
    letters = [list("".join(row)) for row in X]
    marks = [["I"] * len(row) for row in letters]
    for row in marks:
        row[0] = "B"
    assert SequenceTagger(pretrained=characters, **SMALL).fit(letters, marks).predict(letters[:1])
    with pytest.raises(ValueError, match="reads characters, and a token of X is"):
        SequenceTagger(pretrained=characters, **SMALL).fit(X, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (dict(hidden_size=16), "hidden_size=16, but the pretrained model has hidden_size=8"),
        (dict(encoder="gru"), "encoder='gru', but the pretrained model has encoder='lstm'"),
        (dict(encoder="bilstm", bidirectional=True), "bidirectional=True, but the pretrained"),
        (dict(init="orthogonal"), "init='orthogonal' is for embeddings or an encoder"),
    ],
    ids=str,
)
def test_what_contradicts_it_is_refused(model, parameters, message):
    with pytest.raises(ValueError, match=message):
        SequenceTagger(pretrained=model, **SMALL | parameters).fit(*rows())


def test_what_can_not_hand_on_is_refused(model):
    X, y = rows()
    with pytest.raises(ValueError, match="pretrained must be a fitted LanguageModel"):
        SequenceTagger(pretrained=SequenceTagger(**SMALL).fit(X, y), **SMALL).fit(X, y)
    with pytest.raises(ValueError, match="pretrained are of tokens, but X holds frames"):
        SequenceTagger(pretrained=model, **SMALL).fit([np.zeros((2, 3))] * 9, [["a", "b", "a"]] * 9)
