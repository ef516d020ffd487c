"""TextClassifier's manners: what it takes, what it gives, what it repeats."""

import copy
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from rounding import rounding
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from textseq import TextClassifier, Tokenizer, WordVectors, ragged
from textseq.nn.recurrent import Recurrent
from textseq.text import hashed_ngrams
from textseq.training import bag_step, optimizers
from textseq.training.cores import available_cores

ENCODERS = [
    "mean", "max", "rnn", "lstm", "gru", "janet", "tcn", "birnn", "bilstm", "bigru", "bijanet",
]  # fmt: skip
VECTORS = WordVectors(["good", "bad"], np.eye(2, dtype=np.float32))
WORDS = ["alpha", "beta", "gamma", "delta", "omega", "not", "good", "bad", "film", "plot"]


def corpus(n=120, seed=0):
    """Texts whose label is whether "good" comes before "bad": order decides."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(n):
        words = list(rng.choice(WORDS[:6], size=rng.integers(0, 12)))
        label = int(rng.integers(2))
        places = sorted(rng.integers(0, len(words) + 1, size=2))
        order = ["bad", "good"] if label else ["good", "bad"]
        for place, word in zip(reversed(places), order, strict=True):
            words.insert(place, word)
        texts.append(" ".join(words))
        labels.append(["neg", "pos"][label])
    return texts, labels


def small(**parameters):
    defaults = dict(hidden_size=6, embedding_dim=5, max_epochs=2, random_state=0, n_threads=2)
    defaults |= {"wide": None}
    return TextClassifier(**defaults | parameters)


@pytest.fixture(scope="module")
def data():
    return corpus()


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_text_scores_the_same_alone_in_a_batch_and_beside_long_texts(data, encoder):
    model = small(encoder=encoder, hidden_size=32, embedding_dim=50).fit(*data)
    texts = (data[0] * 3)[:256] + [""]
    together = model.predict_proba(texts)
    beside = model.predict_proba([*texts, "good " * 350])[:-1]
    for size in (1, 2, 7, 64):
        parts = [model.predict_proba(texts[i : i + size]) for i in range(0, 70, size)]
        assert np.abs(np.concatenate(parts)[:70] - together[:70]).max() < rounding(1)
    assert np.abs(beside - together).max() < rounding(1)
    assert np.abs(model.predict_proba([""]) - together[-1]).max() < rounding(1)


@pytest.mark.parametrize(
    "parameters",
    [
        dict(encoder="mean"),
        dict(encoder="max"),
        dict(encoder="bilstm"),
        dict(encoder="janet", num_layers=2, normalization="batch", connections="dense"),
        dict(encoder="tcn", head_sizes=(4,), normalization="layer", schedule="plateau"),
        dict(encoder="rnn", representation="onehot", init="orthogonal", truncated_bptt_steps=3),
    ],
    ids=str,
)
def test_the_same_seed_and_threads_repeat_to_the_last_bit(data, parameters):
    first, second = (small(**parameters).fit(*data) for _ in range(2))
    other = small(**parameters, random_state=1).fit(*data)
    checksums = [model.receipt_["weights_sha256"] for model in (first, second, other)]
    assert checksums[0] == checksums[1] != checksums[2]


def test_the_callers_random_states_are_left_alone(data):
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    states = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    small(encoder="lstm", random_state=None).fit(*data)
    assert torch.equal(torch.random.get_rng_state(), states[0])
    assert (np.random.get_state()[1] == states[1]).all()  # noqa: NPY002


def test_learns_order_where_the_mean_can_not():
    train, test = corpus(1500, seed=1), corpus(300, seed=2)
    lstm = TextClassifier(encoder="lstm", embedding_dim=16, hidden_size=24, max_epochs=15,
                          learning_rate=1e-2, random_state=0).fit(*train)  # fmt: skip
    with pytest.warns(UserWarning, match="than luck explains"):
        mean = TextClassifier(encoder="mean", wide=None, random_state=0).fit(*train)
    assert lstm.score(*test) > 0.95
    assert mean.score(*test) < 0.65


@pytest.mark.parametrize(
    "kind", [list, tuple, np.array, pd.Series, pl.Series, lambda x: pd.DataFrame({"t": x})]
)
def test_all_forms_of_texts_and_labels_agree(data, kind):
    model = small(encoder="mean").fit(*data)
    labels = data[1] if kind in (list, tuple) else kind(data[1])
    other = small(encoder="mean").fit(kind(data[0]), labels)
    assert (other.predict_proba(kind(data[0])) == model.predict_proba(data[0])).all()
    assert other.classes_.tolist() == ["neg", "pos"]


@pytest.mark.parametrize(
    "labels", [[0, 1, 7], [True, False], [1.0, 2.0], ["a", "b", "c", "d"], [-3, 10**12]]
)
def test_labels_of_any_type_come_back(labels):
    y = np.array(labels)[np.arange(40) % len(labels)]
    model = small(encoder="mean").fit([f"w{i % len(labels)}" for i in range(40)], y)
    assert model.predict(["w0"]).dtype == y.dtype
    assert set(model.predict([f"w{i}" for i in range(40)])) <= set(labels)
    assert np.allclose(model.predict_proba(["w0", "x", ""]).sum(1), 1)


def test_multilabel_indicators(data):
    texts = data[0]
    y = np.array([["good" in t, "alpha" in t, "beta" in t] for t in texts]).astype(int)
    model = small(encoder="mean", max_epochs=60, learning_rate=0.05).fit(
        texts, pd.DataFrame(y, columns=["good", "alpha", "beta"])
    )
    assert model.classes_.tolist() == ["good", "alpha", "beta"]
    assert model.predict_proba(texts).shape == (len(texts), 3)
    assert model.predict(texts).shape == y.shape
    assert model.score(texts, y) > 0.8


def test_pairs_share_an_encoder_and_are_compared():
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(8)]
    pairs = [tuple(rng.choice(words, 2)) for _ in range(600)]
    pairs += [(w, w) for w in words] * 40
    same = [str(u == v) for u, v in pairs]
    model = TextClassifier(encoder="mean", embedding_dim=16, dropout=0.0, embedding_dropout=0.0,
                           random_state=0, max_epochs=30).fit(pairs, same)  # fmt: skip
    assert model.score(pairs, same) > 0.95
    assert model.transform(pairs[:3]).shape == (3, 64)
    frame = pd.DataFrame(pairs, columns=["u", "v"])
    assert (model.predict(frame) == model.predict(pairs)).all()
    with pytest.raises(ValueError, match="fitted on 2 text column"):
        model.predict(["one"])


def test_unseen_words_keep_their_pretrained_vectors():
    words = ["good", "great", "bad", "awful", "film", "<unk>"]
    matrix = np.array([[3, 0], [3, 0.1], [-3, 0], [-3, 0.1], [0, 1], [0, 0]], dtype=np.float32)
    vectors = WordVectors(words, matrix)
    texts, labels = ["good film", "bad film"] * 60, ["pos", "neg"] * 60
    model = small(vectors=vectors, encoder="mean", max_epochs=20).fit(texts, labels)
    assert "great" in model.vocabulary_ and model.vocabulary_["great"] != 1
    row = model.network_.inputs.weight[model.vocabulary_["great"]].numpy()
    assert (row == matrix[1]).all()
    assert model.predict(["great", "awful"]).tolist() == ["pos", "neg"]
    frozen = small(vectors=vectors, encoder="lstm", freeze_vectors=True).fit(texts, labels)
    row = frozen.network_.inputs.weight[frozen.vocabulary_["good"]].numpy()
    assert (row == matrix[0]).all()
    tuned = small(vectors=vectors, encoder="lstm").fit(texts, labels)
    assert (tuned.network_.inputs.weight[tuned.vocabulary_["good"]].numpy() != matrix[0]).any()


def test_history_and_receipt(data):
    model = small(encoder="gru", max_epochs=3).fit(*corpus(400))
    assert list(model.history_) == [
        "epoch", "loss", "validation_loss", "validation_score", "gradient_norm",
        "clipped_share", "learning_rate", "seconds", "tokens_per_second",
    ]  # fmt: skip
    assert len(model.history_) == 3 and (model.history_["tokens_per_second"] > 0).all()
    receipt = model.receipt_
    best = model.history_.iloc[receipt["best_epoch"] - 1]
    assert receipt["validation_score"] == best["validation_score"]
    assert model.history_["validation_score"].max() == receipt["validation_score"]
    assert receipt["seed"] == 0 and receipt["n_threads"] == min(2, available_cores())
    assert receipt["rows"] == 360 and receipt["validation_rows"] == 40


def test_patience_stops_early_and_the_best_epoch_stays():
    texts, labels = corpus(400)
    with pytest.warns(UserWarning, match="than luck explains"):  # a mean knows no order
        model = small(encoder="mean", max_epochs=50, patience=2).fit(texts, labels)
    epochs = len(model.history_)
    assert epochs < 50 and epochs - model.receipt_["best_epoch"] == 2


def test_given_validation_data_chooses_the_epoch(data):
    held_out = corpus(50, seed=9)
    model = small(encoder="mean").fit(*data, validation_data=held_out)
    assert model.receipt_["validation_rows"] == 50
    assert model.receipt_["validation_score"] == pytest.approx(model.score(*held_out))


# The classes have the same text.
@pytest.mark.filterwarnings("ignore:no more of the validation rows are answered right than luck")
def test_class_weight_lifts_the_rare_class():
    texts = ["good"] * 20 + ["good"] * 180
    labels = ["rare"] * 20 + ["common"] * 180
    plain = small(encoder="mean", max_epochs=30).fit(texts, labels)
    balanced = small(encoder="mean", class_weight="balanced", max_epochs=30).fit(texts, labels)
    heavy = small(encoder="mean", class_weight={"rare": 1000}, max_epochs=30).fit(texts, labels)
    rare = [model.predict_proba(["good"])[0, 1] for model in (plain, balanced, heavy)]
    assert rare[0] < 0.3 < rare[1] < 0.7 < rare[2]


def test_class_weights_count_in_the_validation_score_and_its_name(data):
    held_out = corpus(60, seed=9)
    model = small(encoder="mean", class_weight={"pos": 10}).fit(*data, validation_data=held_out)
    weights = np.where(np.array(held_out[1]) == "pos", 10, 1)
    score = model.score(*held_out, sample_weight=weights)
    assert model.receipt_["score_name"] == "weighted accuracy"
    assert model.receipt_["validation_score"] == pytest.approx(score)
    assert abs(score - model.score(*held_out)) > 0.05
    assert small(encoder="mean").fit(*data).receipt_["score_name"] == "accuracy"


def test_scikit_learn_manners(data):
    model = small(encoder="mean")
    assert clone(model).get_params() == model.get_params()
    assert cross_val_score(model, *data, cv=3).shape == (3,)
    search = GridSearchCV(model, {"encoder": ["mean", "lstm"], "hidden_size": [3]}, cv=2)
    assert search.fit(*data).best_params_["encoder"] in ("mean", "lstm")
    pipeline = make_pipeline(small(encoder="gru"), LogisticRegression())
    assert pipeline.fit(*data).predict(data[0][:3]).shape == (3,)
    assert len(pipeline[0].get_feature_names_out()) == pipeline[-1].n_features_in_
    fitted = model.fit(*data)
    for twin in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert (twin.predict_proba(data[0]) == fitted.predict_proba(data[0])).all()


def test_frozen_word_vectors_are_not_copied_by_clone():
    vectors = WordVectors(["a"], np.ones((1, 3), dtype=np.float32))
    assert clone(small(vectors=vectors)).vectors is vectors


@pytest.mark.parametrize("tokenizer", ["char", "bpe", str.split])
def test_other_tokenizers(data, tokenizer):
    model = small(tokenizer=tokenizer, encoder="gru").fit(*data)
    assert model.predict(data[0]).shape == (120,)


def test_a_piece_of_no_training_text_says_nothing_and_is_known(data):
    model = small(tokenizer="bpe", encoder="mean").fit(*data)
    ids = model.encoding_.ids(["Ω 🙂 quixotic"]).fields[0].values
    assert (ids > 1).all()
    unmet = model.encoding_.vocabulary.counts == 0
    assert unmet[ids].any()
    assert not model.network_.inputs.weight[np.flatnonzero(unmet)].any()


def test_no_more_pieces_are_learned_than_the_vocabulary_may_hold():
    texts = [f"o gato subiu no telhado número {number} e viu a lua" for number in range(400)]
    model = small(tokenizer="bpe", encoder="mean", max_features=300).fit(texts, [0, 1] * 200)
    assert len(model.tokenizer_.pieces) == 300
    assert len(model.vocabulary_) == 302
    # The bytes are the fewest.
    few = small(tokenizer="bpe", encoder="mean", max_features=9).fit(texts, [0, 1] * 200)
    assert len(few.vocabulary_) == 258


def test_a_class_of_the_callers_own_as_encoder(data):
    class Doubled(Recurrent):
        def __init__(self, input_size, hidden_size):
            super().__init__("gru", input_size, 2 * hidden_size)

    assert small(encoder=Doubled).fit(*data).transform(["good"]).shape == (1, 12)


BAD = [
    (dict(encoder="lstmm"), "unknown encoder 'lstmm'; did you mean 'lstm'"),
    (dict(encoder="mean", bidirectional=True), "can't be bidirectional"),
    (dict(encoder=3), "name or an nn.Module class, got 3"),
    (dict(pooling="middle"), "unknown pooling 'middle'"),
    (dict(optimizer="adan"), "unknown optimizer 'adan'"),
    (dict(schedule="steep"), "unknown schedule 'steep'"),
    (dict(hidden_size=0), "hidden_size must be a whole number of at least 1, got 0"),
    (dict(max_epochs=2.5), "max_epochs must be a whole number"),
    (dict(dropout=1.0), "dropout must be a number at least 0 and under 1, got 1.0"),
    (dict(learning_rate=0), "learning_rate must be a number above 0, got 0"),
    (dict(tokenizer="words"), "words"),
    (dict(ngram_range=(1, 2)), "goes with encoder='mean' or 'max' only"),
    (dict(encoder="mean", hash_buckets=100), "ngram_range=.1, 1. has none"),
    (dict(encoder="mean", hash_buckets=100, ngram_range=(2, 2)), r"use ngram_range=\(1, 2\)"),
    (dict(encoder="mean", hash_buckets=0, ngram_range=(1, 2)), "hash_buckets must be a whole"),
    (dict(encoder="mean", hash_buckets=2**33, ngram_range=(1, 2)), "is more than 4294967296"),
    (dict(encoder="tcn", bidirectional=True), "choose from: birnn, bilstm, bigru, bijanet"),
    (dict(representation="one-hot"), "unknown representation 'one-hot'; did you mean 'onehot'"),
    (dict(connections="skip"), "unknown connections 'skip'"),
    (dict(normalization="none"), "unknown normalization 'none'"),
    (dict(activation="gelu"), "unknown activation 'gelu'"),
    (dict(init="large"), "unknown init 'large'"),
    (dict(init_gain=0), "init_gain must be a number above 0, got 0"),
    (dict(init="chrono", encoder="rnn"), "a forget gate, which encoder='rnn' lacks"),
    (dict(head_sizes=128), "head_sizes must be a tuple of sizes such as .128,., got 128"),
    (dict(head_sizes=(8, 0)), "a size in head_sizes must be a whole number of at least 1, got 0"),
    (dict(head_dropout="auto"), "head_dropout must be a number"),
    (dict(truncated_bptt_steps=0), "truncated_bptt_steps must be a whole number"),
    (dict(vectors=VECTORS, representation="onehot"), "leave one of the two out"),
    (dict(class_weight={"x": 2}), "class_weight names 'x'"),
    (dict(class_weight="heavy"), "'heavy'"),
    (dict(random_state="a"), "random_state"),
]


@pytest.mark.parametrize(("parameters", "message"), BAD)
def test_bad_parameters_name_the_value(data, parameters, message):
    with pytest.raises(ValueError, match=message):
        small(**parameters).fit(*data)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([], [], "empty"),
        (["a", None, "b"], [0, 1, 0], "row 1|X\\[1\\]|1"),
        (["a", float("nan")], [0, 1], "nan"),
        (["a", "b"], ["x", "x"], r"only one class \('x'\)"),
        (["a", "b", "c"], [0, 1], "X has 3 rows but y has 2"),
        (["a", "b"], [0, None], "y\\[1\\] is missing"),
        (["a", "b"], [0.0, float("nan")], "y\\[1\\] is missing"),
        ("a text", [0], "list"),
        ([1, 2], [0, 1], "string|text"),
        (["a", "b"], [[0, 2], [1, 1]], "but holds 2; .* indicator"),
        (["a", "b"], None, "y is None"),
    ],
)
def test_bad_data_says_what_to_do(X, y, message):
    with pytest.raises(ValueError, match=message):
        small().fit(X, y)


def test_a_new_class_among_validation_rows_is_told():
    with pytest.raises(ValueError, match="y holds 'other', a label"):
        small().fit(["a", "b"], ["x", "z"], validation_data=(["a"], ["other"]))


def test_whole_floats_are_taken_as_counts(data):
    assert len(small(max_epochs=2.0, hidden_size=4.0, encoder="gru").fit(*data).history_) == 2


def test_nothing_but_empty_texts():
    with pytest.warns(UserWarning, match="no training text has a token"):
        model = small(encoder="bilstm").fit(["", " "] * 20, ["a", "b"] * 20)
    assert np.isfinite(model.predict_proba(["", "new words"])).all()


def test_one_hot_rows_teach_and_the_number_of_a_token_does_not():
    """Whether one of many odd words stands in the text: hard to tell from their numbers."""
    rng = np.random.default_rng(0)
    words = np.array([f"w{number}" for number in rng.permutation(40)])
    texts = [" ".join(rng.choice(words, 6)) for _ in range(800)]
    kinds = {word: int(word[1:]) % 2 for word in words}
    labels = [int(sum(kinds[word] for word in text.split()) >= 3) for text in texts]
    shared = dict(encoder="gru", hidden_size=16, max_epochs=12, learning_rate=1e-2, random_state=0)
    shared |= {"wide": None}
    number, row = (TextClassifier(representation=kind, **shared) for kind in ("integer", "onehot"))
    with pytest.warns(UserWarning, match="than luck explains"):
        number.fit(texts[:600], labels[:600])
    row.fit(texts[:600], labels[:600])
    scores = [model.score(texts[600:], labels[600:]) for model in (row, number)]
    assert scores[0] > 0.9 > 0.8 > scores[1]


def test_a_one_hot_row_of_very_many_numbers_is_refused():
    texts, labels = [f"w{n} x{n}" for n in range(5000)], [0, 1] * 2500
    with pytest.raises(ValueError, match="set max_features=4998 or less"):
        small(representation="onehot").fit(texts, labels)
    with pytest.warns(UserWarning, match="than luck explains"):  # no word stands in two texts
        small(representation="onehot", max_features=20, encoder="mean").fit(texts, labels)


def test_chrono_units_start_to_remember_the_longest_training_text(data):
    model = small(encoder="janet", init="chrono", hidden_size=200, learning_rate=1e-9)
    memory = np.exp(model.fit(*data).weights_by_name()["layer1.b_f"])
    longest = max(len(text.split()) for text in data[0])
    assert longest - 4 < memory.max() < longest and memory.min() < 3


def test_weights_by_name_recompute_the_prediction(data):
    model = small(encoder="rnn", pooling="last", head_sizes=(3,)).fit(*data)
    w = model.weights_by_name()
    h = np.zeros(6)
    for token in ["good", "alpha", "bad"]:
        x = w["embedding"][model.vocabulary_[token]]
        h = np.tanh(w["layer1.W_xh"] @ x + w["layer1.W_hh"] @ h + w["layer1.b"])
    hidden = np.maximum(w["head.hidden1.W"] @ h + w["head.hidden1.b"], 0)
    logits = w["head.W"] @ hidden + w["head.b"]
    expected = np.exp(logits) / np.exp(logits).sum()
    assert np.allclose(
        model.predict_proba(["good alpha bad"])[0], expected, rtol=0, atol=rounding(1)
    )
    w["head.b"][:] = 9  # copies: the model stays
    assert np.allclose(
        model.predict_proba(["good alpha bad"])[0], expected, rtol=0, atol=rounding(1)
    )


def test_batch_statistics_reach_the_prediction(data):
    model = small(encoder="lstm", normalization="batch").fit(*data)
    norm = model.network_.encoder.norms[0]
    assert (norm.running_mean != 0).all() and (norm.running_variance != 1).all()


def test_sgd_with_momentum_and_a_clipped_norm_as_the_material_has_it(data):
    model = small(encoder="lstm", optimizer="sgd", learning_rate=0.01, momentum=0.9,
                  clip_grad_norm=1.0).fit(*data)  # fmt: skip
    assert np.isfinite(model.history_["loss"]).all()
    assert model.history_["clipped_share"].between(0, 1).all()
    tight = small(encoder="lstm", clip_grad_norm=1e-6).fit(*data)
    assert (tight.history_["clipped_share"] == 1).all()
    free = small(encoder="lstm", clip_grad_norm=None).fit(*data)
    assert (free.history_["clipped_share"] == 0).all()


def test_plateau_lowers_the_rate_once_the_loss_stands_still(data):
    model = small(encoder="mean", schedule="plateau", learning_rate=1e-12, max_epochs=6).fit(*data)
    assert model.history_["learning_rate"].iloc[-1] < 1e-12


def test_frozen_vectors_are_no_parameters(data):
    frozen = small(encoder="mean", vectors=VECTORS, freeze_vectors=True).fit(*data)
    assert frozen.n_parameters_ == 2 * 2 + 2
    n_tokens = len(frozen.vocabulary_)
    assert small(encoder="mean", vectors=VECTORS).fit(*data).n_parameters_ == 6 + 2 * n_tokens
    one_hot = small(encoder="mean", representation="onehot").fit(*data)
    assert one_hot.n_parameters_ == 2 * len(one_hot.vocabulary_) + 2


HASHED = dict(
    encoder="mean", ngram_range=(1, 2), hash_buckets=5000, embedding_dim=16, max_epochs=30
)


def test_hashed_bigrams_know_neighbours_that_words_alone_do_not():
    pairs = [("not good", "neg"), ("good not", "pos"), ("so bad", "neg"), ("bad so", "pos")]
    texts, labels = map(list, zip(*pairs * 20, strict=True))
    words = small(encoder="mean", max_epochs=30).fit(texts, labels)
    hashed = small(**HASHED).fit(texts, labels)
    assert words.score(texts, labels) == 0.5
    assert hashed.score(texts, labels) == 1.0
    assert hashed.vocabulary_.tokens[2:] == words.vocabulary_.tokens[2:]
    assert hashed.weights_by_name()["embedding"].shape == (len(words.vocabulary_) + 5000, 16)
    assert hashed.n_parameters_ == 16 * (len(words.vocabulary_) + 5000) + 2 * 17


@pytest.mark.parametrize("encoder", ["mean", "max"])
def test_hashed_ngrams_score_the_same_alone_and_repeat(data, encoder):
    model, again = (small(**HASHED | dict(encoder=encoder, max_epochs=2)) for _ in range(2))
    texts = [*data[0][:20], "", "never seen words"]
    together = model.fit(*data).predict_proba(texts)
    alone = np.concatenate([model.predict_proba([text]) for text in texts])
    assert np.abs(together - alone).max() < rounding(1)
    assert np.array_equal(together, again.fit(*data).predict_proba(texts))


def test_an_ngram_that_training_did_not_hold_says_nothing():
    model = small(**HASHED).fit(["good film", "bad film"] * 30, ["pos", "neg"] * 30)
    table = model.weights_by_name()["embedding"][len(model.vocabulary_) :]
    assert np.count_nonzero(table.any(axis=1)) == 2


def test_max_length_counts_single_tokens():
    model = small(**HASHED | dict(max_length=2)).fit(*corpus())
    assert model.encoding_.ids(["alpha beta gamma delta"]).lengths.tolist() == [3]


def test_hashing_needs_a_tokenizer_of_single_tokens():
    model = small(**HASHED | dict(tokenizer=Tokenizer("word", ngram_range=(1, 2))))
    with pytest.raises(ValueError, match="makes n-grams of single tokens"):
        model.fit(*corpus())


@pytest.mark.parametrize("dropouts", [{}, dict(embedding_dropout=0.3, dropout=0.5)])
def test_without_a_compiler_a_bag_is_the_same_to_rounding(data, dropouts, monkeypatch):
    model, plain = (small(**HASHED | dropouts | dict(max_epochs=3)) for _ in range(2))
    model.fit(*data)
    for module in (ragged, hashed_ngrams, bag_step, optimizers):
        monkeypatch.setattr(module, "kernels", lambda: None)
    difference = plain.fit(*data).predict_proba(data[0]) - model.predict_proba(data[0])
    assert np.abs(difference).max() < 1e-4
