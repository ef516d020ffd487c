"""LanguageModel: what it says of texts, alone or together, fitted here or there."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from rounding import rounding
from safetensors import safe_open
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from textseq import (
    LanguageModel,
    ModelFileError,
    Tokenizer,
    WordVectors,
    load_model,
    load_sample,
)

ENCODERS = ["lstm", "gru", "rnn", "janet", "tcn"]
PORTUGUESE = load_sample("dom_casmurro")
TEXTS = PORTUGUESE[:4000].split("\n")
HELD_OUT = PORTUGUESE[6000:8000].split("\n")


def small(level="char", **parameters):
    sizes = dict(embedding_dim=8, hidden_size=10, max_epochs=2, batch_size=4,
                 truncated_bptt_steps=16, n_threads=1, random_state=0)  # fmt: skip
    return LanguageModel(level, **sizes | parameters)


@pytest.fixture(scope="module")
def model():
    return small(dropout=0.1).fit(TEXTS)


def said_step_by_step(model, text):
    """Sum log p of a text's tokens, read one by one."""
    vocabulary, end = model.vocabulary_, 2
    ids = [end, *vocabulary.encode(model.tokenizer_.tokenize([text]))[0], end]
    total, states = 0.0, None
    with torch.no_grad():
        for read, said in zip(ids, ids[1:], strict=False):
            after, states = model.network_.next_token(torch.tensor([[read]]), states)
            total += float(after[0, said])
    return total


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("level", ["char", "word", "bpe"])
def test_scores_are_sums_of_log_probabilities(level, encoder):
    model = small(level, encoder=encoder, max_epochs=1).fit(TEXTS)
    texts = [HELD_OUT[0], "", "Capitu, olhos de ressaca. \U0001f600"]
    scores = model.score_samples(texts)
    for text, score in zip(texts, scores, strict=True):
        assert score == pytest.approx(said_step_by_step(model, text), rel=1e-6)


def test_a_text_scores_the_same_alone_and_in_any_batch(model):
    texts = [*HELD_OUT, "", "x", PORTUGUESE[:30_000]]
    together = model.score_samples(texts)
    alone = np.concatenate([model.score_samples([text]) for text in texts])
    n_tokens = np.array([len(text) + 1 for text in texts])
    assert (np.abs(together - alone) / n_tokens).max() < 1e-6
    shuffled = model.set_params(n_threads=2).score_samples(texts[::-1])[::-1]
    assert (np.abs(together - shuffled) / n_tokens).max() < 1e-6


def test_perplexity_and_bits_follow_from_scores(model):
    scores = model.score_samples(HELD_OUT)
    n_characters = sum(map(len, HELD_OUT))
    n_tokens = n_characters + len(HELD_OUT)  # characters, and each text's end
    assert model.perplexity(HELD_OUT) == pytest.approx(math.exp(-scores.sum() / n_tokens))
    bits = -scores.sum() / math.log(2) / n_characters
    assert model.bits_per_character(HELD_OUT) == pytest.approx(bits)
    assert model.perplexity(HELD_OUT) < len(model.vocabulary_) / 2


@pytest.mark.parametrize("encoder", ENCODERS)
def test_every_encoder_learns_what_repeats(encoder):
    # The tcn sees 13 characters, and the others learn in a few windows.
    model = small(encoder=encoder, num_layers=2, max_epochs=20, learning_rate=0.03,
                  hidden_size=16, dropout=0, hidden_dropout=0, truncated_bptt_steps=24,
                  validation_fraction=0).fit(["abcd" * 300])  # fmt: skip
    assert model.perplexity(["abcd" * 200]) < 1.2
    assert model.generate("abcd" * 5 + "ab", 8, temperature=0) == "cdabcdab"


def test_few_passes_over_a_short_text_say_more_than_how_often_letters_come():
    """By the default streams and windows; 32 streams of 64 steps reach 4.13 bits."""
    sizes = dict(hidden_size=64, num_layers=1, n_threads=1, random_state=0)
    model = LanguageModel("char", max_epochs=3, **sizes).fit([PORTUGUESE[:60_000]])
    assert model.bits_per_character([PORTUGUESE[60_000:65_000]]) == pytest.approx(2.90, abs=0.15)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_same_seed_and_threads_repeat_to_the_bit(n_threads):
    parameters = dict(n_threads=n_threads, weight_dropout=0.2, input_dropout=0.2,
                      embedding_dropout=0.2)  # fmt: skip
    first, second = (small(**parameters).fit(TEXTS) for _ in range(2))
    assert first.receipt_["weights_sha256"] == second.receipt_["weights_sha256"]
    assert (first.score_samples(HELD_OUT) == second.score_samples(HELD_OUT)).all()
    other = small(**parameters | {"random_state": 1}).fit(TEXTS)
    assert other.receipt_["weights_sha256"] != first.receipt_["weights_sha256"]


def test_threads_change_nothing_but_rounding():
    plain = dict(dropout=0, hidden_dropout=0, num_layers=2)
    losses = [small(n_threads=n, **plain).fit(TEXTS).history_["loss"] for n in (1, 2, 3)]
    assert np.allclose(losses[0], losses[1], rtol=0, atol=1e-4)
    assert np.allclose(losses[0], losses[2], rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "parameters",
    [
        *({"encoder": name} for name in ENCODERS),
        {"representation": "onehot"},
        {"level": "word", "softmax": "adaptive", "min_count": 2},
        {"level": "bpe"},
        {"connections": "dense", "num_layers": 2, "normalization": "layer"},
        {"level": Tokenizer("char", lowercase=True)},
    ],
    ids=str,
)
def test_a_loaded_model_is_the_same_to_the_bit(tmp_path, parameters):
    model = small(**parameters | {"max_epochs": 1}).fit(TEXTS)
    path = model.save(tmp_path / "m.textseq")
    loaded = load_model(path)
    assert (loaded.score_samples(HELD_OUT) == model.score_samples(HELD_OUT)).all()
    assert loaded.generate("O", 20, random_state=1) == model.generate("O", 20, random_state=1)
    assert loaded.vocabulary_ == model.vocabulary_ and loaded.receipt_ == model.receipt_
    pd.testing.assert_frame_equal(loaded.history_, model.history_)
    assert loaded.save(tmp_path / "again").read_bytes() == path.read_bytes()


def test_tied_weights_are_one_tensor_in_the_file_and_after_loading(tmp_path):
    model = small("word", tie_weights=True, max_epochs=1).fit(TEXTS)
    path = model.save(tmp_path / "m.textseq")
    with safe_open(path, "numpy") as stored:
        shapes = {name: stored.get_slice(name).get_shape() for name in stored.keys()}  # noqa: SIM118
    size = [len(model.vocabulary_), 8]
    assert [name for name, shape in shapes.items() if shape == size] == ["inputs.weight"]
    network = load_model(path).network_
    before = network.next_token(torch.tensor([[2, 5]]))[0]
    network.inputs.weight[7] += 1  # neither read here, ...
    after = network.next_token(torch.tensor([[2, 5]]))[0]
    assert before[0, 7] != after[0, 7]  # ... but scored


def split(text):
    return text.split()


@pytest.mark.parametrize("level", [split, Tokenizer(split)])
def test_a_function_for_a_tokenizer_is_handed_back(level, tmp_path):
    model = small(level, max_epochs=1).fit(TEXTS)
    path = model.save(tmp_path / "m.textseq")
    with pytest.raises(ModelFileError, match="function"):
        load_model(path)
    loaded = load_model(path, tokenizer=split)
    assert (loaded.score_samples(HELD_OUT) == model.score_samples(HELD_OUT)).all()


def test_texts_that_are_cut_already_keep_their_case_and_their_unknown_words():
    """As WikiText and the Penn Treebank are published."""
    model = small(str.split, max_epochs=1).fit(["The <unk> N of Mr. <unk> 's @-@ offer"] * 30)
    assert set(model.vocabulary_.tokens[3:]) == {"The", "N", "of", "Mr.", "'s", "@-@", "offer"}
    cut = ["The other N", "The <unk> N"]
    assert np.ptp(model.score_samples(cut)) == 0
    assert "<unk>" not in model.generate("The", 50, random_state=0)


def test_an_adaptive_softmax_is_taken_for_many_words(tmp_path):
    words = [" ".join(f"w{number}" for number in range(start, 6000, 3)) for start in range(3)]
    sizes = dict(max_epochs=1, validation_fraction=0, embedding_dim=4, hidden_size=4)
    model = small("word", **sizes).fit(words)
    assert model.fitted_parameters_["softmax"] == "adaptive"
    assert model.architecture_["cutoffs"] == [2000]
    full = small("word", softmax="full", **sizes).fit(words)
    assert full.architecture_["cutoffs"] == []
    ids = torch.tensor([[2, 5, 5000]])
    assert model.network_.next_token(ids)[0].exp().sum().item() == pytest.approx(
        1, rel=0, abs=rounding(1, units=32)
    )


def test_greedy_text_is_the_likeliest_token_each_time(model):
    said = model.generate("Uma noite", 30, temperature=0)
    ids = [2, *model.vocabulary_.encode(model.tokenizer_.tokenize(["Uma noite"]))[0]]
    for character in said:
        after = model.network_.next_token(torch.tensor([ids]))[0][0].clone()
        after[:2] = -torch.inf
        ids.append(int(after.argmax()))
        assert model.vocabulary_.tokens[ids[-1]] == character
    assert model.generate("Uma noite", 30, top_k=1) == said
    assert model.generate("Uma noite", 30, top_p=1e-9) == said


def test_text_repeats_by_its_seed_and_is_streamed(model):
    pieces = []
    said = model.generate("Um", 40, random_state=3, stream=pieces.append)
    assert "".join(pieces) == said and len(pieces) > 1
    assert model.generate("Um", 40, random_state=3) == said
    assert model.generate("Um", 40, random_state=4) != said
    assert len(model.generate(PORTUGUESE[:50_000], 5, random_state=0)) <= 5


def test_unknown_words_are_never_said():
    model = small("word", min_count=6, max_epochs=3, learning_rate=0.02).fit(TEXTS)
    texts = [model.generate("o", 100, random_state=seed) for seed in range(5)]
    assert not any("<" in text for text in texts)
    # Although there is hardly a likelier word.
    after = model.network_.next_token(torch.tensor([[2]]))[0][0]
    assert int((after > after[1]).sum()) < 3


def test_a_text_ends_by_itself_and_at_a_stop():
    model = small(max_epochs=200, batch_size=1, learning_rate=0.02, hidden_size=16, dropout=0,
                  hidden_dropout=0, validation_fraction=0).fit(["ab\ncd"] * 5)  # fmt: skip
    assert model.generate("", 100, temperature=0) == "ab\ncd"
    assert model.generate("a", 100, temperature=0, stop="\n") == "b"
    assert model.generate("", 100, temperature=0, stop=["d", "b"]) == "a"


def test_validation_texts_choose_the_epoch(model):
    assert model.receipt_["validation_tokens"] > 300
    assert model.receipt_["validation_score"] == -model.history_["validation_loss"].min()
    given = small().fit(TEXTS, validation_data=HELD_OUT)
    # Streams begin anew within texts, so that their loss is near the texts' own, not equal.
    loss = math.log(given.perplexity(HELD_OUT))
    assert given.receipt_["validation_rows"] == len(HELD_OUT)
    assert given.history_["validation_loss"].min() == pytest.approx(loss, abs=0.05)
    assert small(validation_fraction=0).fit(TEXTS).receipt_["validation_score"] is None


def test_labels_are_left_out_and_validate_nothing():
    texts = [*TEXTS, *TEXTS]
    labels = ["pos", "neg"] * len(TEXTS)
    alone = small(max_epochs=1).fit(texts)
    for fitted in (
        small(max_epochs=1).fit(texts, labels),
        make_pipeline(small(max_epochs=1)).fit(texts, np.array(labels))[-1],
    ):
        assert fitted.receipt_["weights_sha256"] == alone.receipt_["weights_sha256"]
        assert fitted.receipt_["validation_tokens"] == alone.receipt_["validation_tokens"] > 100
    for held_out in (HELD_OUT, "a text", 3):
        with pytest.raises(ValueError, match="name them: validation_data="):
            small().fit(texts, held_out)
    with pytest.raises(TypeError, match="positional"):
        small().fit(texts, labels, HELD_OUT)


@pytest.mark.parametrize("softmax", ["full", "adaptive"])
@pytest.mark.parametrize("representation", ["embedding", "onehot"])
def test_a_pretrained_model_goes_on_with_new_words(tmp_path, representation, softmax):
    many = dict(max_features=None, representation=representation)
    first = small("word", softmax=softmax, **many).fit([*TEXTS, "w " * 10])
    path = first.save(tmp_path / "m.textseq")
    new = ["um palavrão inaudito", *TEXTS[:5]]
    going_on = dict(pretrained=path, max_epochs=1, learning_rate=1e-12, weight_decay=0)
    still = LanguageModel(**going_on, n_threads=1, random_state=0).fit(new)
    known, grown = len(first.vocabulary_), len(still.vocabulary_)
    assert still.vocabulary_.tokens[:known] == first.vocabulary_.tokens and grown > known
    assert "inaudito" in still.vocabulary_ and still.fitted_parameters_["hidden_size"] == 10
    for name, weight in first.network_.state_dict().items():
        own = still.network_.state_dict()[name]
        kept = own[tuple(slice(size) for size in weight.shape)]
        assert torch.allclose(kept, weight, rtol=0, atol=rounding(weight)), name
        if own.shape[0] == grown:
            assert torch.allclose(
                own[known:], weight.mean(0).expand_as(own[known:]), rtol=0, atol=rounding(weight)
            )
    # Given as itself, it stays as it is, also where parameters are copied.
    follower = clone(small("word", pretrained=first)).fit(TEXTS)
    scratch = small("word", max_features=None).fit(TEXTS)
    assert follower.perplexity(TEXTS) < scratch.perplexity(TEXTS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level", "bpe"),
        ("level", str.split),
        ("level", Tokenizer("char", lowercase=True)),
        ("encoder", "tcn"),
        ("hidden_size", 11),
        ("hidden_size", (10, 10)),
        ("num_layers", 3),
        ("embedding_dim", 9),
        ("lowercase", True),
        ("softmax", "adaptive"),
        ("representation", "onehot"),
        ("tie_weights", True),
        ("activation", "relu"),
        ("connections", "dense"),
        ("normalization", "layer"),
        ("init", "orthogonal"),
        ("init_gain", 2.0),
        ("weight_dropout", 0.5),
    ],
    ids=str,
)
def test_what_contradicts_a_pretrained_model_is_refused(name, value):
    first = small(encoder="tcn" if name == "weight_dropout" else "gru", max_epochs=1).fit(TEXTS)
    with pytest.raises(ValueError, match=f"{name}=.*(pretrained model has|start anew|lacks)"):
        LanguageModel(pretrained=first, n_threads=1, **{name: value}).fit(TEXTS)


def test_what_agrees_with_a_pretrained_model_may_be_said(tmp_path):
    first = small(encoder="gru", hidden_size=(10, 12), max_epochs=1).fit(TEXTS)
    path = first.save(tmp_path / "m.textseq")
    said = {"level": first.tokenizer_, "encoder": "gru", "hidden_size": (10, 12),
            "lowercase": False}  # fmt: skip
    for start in (first, path):
        agreeing = LanguageModel(pretrained=start, **said, max_epochs=1, n_threads=1).fit(TEXTS)
        silent = LanguageModel(pretrained=start, max_epochs=1, n_threads=1).fit(TEXTS)
        for model in (agreeing, silent):
            chosen = model.fitted_parameters_
            assert chosen["encoder"] == "gru" and chosen["hidden_size"] == (10, 12)
            assert chosen["level"] == "char" and chosen["lowercase"] is False
            assert chosen["pretrained"] == first.receipt_["weights_sha256"]
            assert chosen["batch_size"] > 1


VECTORS = WordVectors.train(TEXTS, dim=6, min_count=1, epochs=1, random_state=0)


@pytest.mark.parametrize("sizes", [{}, {"tie_weights": False}], ids=str)
def test_embeddings_start_from_vectors(sizes, tmp_path):
    options = dict(vectors=VECTORS.save(tmp_path / "v") or tmp_path / "v", max_features=99)
    frozen = small("word", freeze_vectors=True, **options | sizes).fit(TEXTS)
    table, words = frozen.network_.inputs.weight, frozen.vocabulary_.tokens
    known = [number for number, word in enumerate(words) if word in VECTORS]
    assert len(words) == 102 and len(known) > 90
    assert all(np.array_equal(table[n].numpy(), VECTORS[words[n]]) for n in known)
    assert frozen.fitted_parameters_["embedding_dim"] == 6
    again = load_model(frozen.save(tmp_path / "model"))
    assert (again.score_samples(HELD_OUT) == frozen.score_samples(HELD_OUT)).all()

    moved = small("word", **options | sizes).fit(TEXTS).network_.inputs.weight
    assert 0 < (moved - table)[known].abs().max() < 1
    assert frozen.history_["loss"].iloc[1] < frozen.history_["loss"].iloc[0]


def test_what_was_decided_is_told(model):
    chosen = model.fitted_parameters_
    assert chosen["lowercase"] is False and chosen["min_count"] == 1
    assert chosen["hidden_size"] == 10 and chosen["num_layers"] == 2
    assert not any(isinstance(item, str) and item == "auto" for name, item in chosen.items()
                   if name != "device")  # fmt: skip
    assert model.architecture_["hidden_dropout"] == chosen["hidden_dropout"]


def test_onehot_needs_no_table():
    model = small(representation="onehot", max_epochs=1).fit(TEXTS)
    assert model.network_.inputs.weight is None
    assert "output.weight" in model.network_.state_dict()


@pytest.mark.parametrize(
    ("parameters", "texts", "message"),
    [
        ({}, "a text", "texts is a single string; pass a list"),
        ({}, [], "texts is empty"),
        ({"level": "word"}, ["", " "], "no text has a token"),
        ({"level": "bpe"}, [""], "no text has a token"),
        ({}, [("a b", "c d")], "texts holds two texts a row"),
        ({}, [("a", "b")], "texts holds lists of tokens.*those of level=str.split"),
        ({"level": "chars"}, TEXTS, "did you mean 'char'"),
        ({"level": 3}, TEXTS, "unknown level 3"),
        ({"encoder": "mean"}, TEXTS, "encoder='mean' can't say what comes next"),
        ({"encoder": "bilstm"}, TEXTS, "choose from: rnn, lstm, gru, janet, tcn"),
        ({"representation": "integer"}, TEXTS, "unknown representation 'integer'"),
        ({"softmax": "half"}, TEXTS, "unknown softmax 'half'"),
        ({"weight_dropout": 1.0}, TEXTS, "weight_dropout must be a number at least 0 and under 1"),
        ({"encoder": "tcn", "weight_dropout": 0.5}, TEXTS, "drops recurrent weights"),
        ({"truncated_bptt_steps": None}, TEXTS, "name the steps of a window"),
        ({"hidden_size": 0}, TEXTS, "hidden_size must be a whole number of at least 1"),
        ({"pretrained": 3}, TEXTS, "pretrained must be a LanguageModel or a path"),
        ({"tie_weights": "yes"}, TEXTS, "tie_weights must be True or False, got 'yes'"),
        ({"vectors": VECTORS, "level": "char"}, TEXTS, "but level='char'; leave one of"),
        ({"level": "word", "vectors": VECTORS, "representation": "onehot"}, TEXTS, "'onehot'; le"),
        ({"level": "word", "vectors": VECTORS, "pretrained": "m"}, TEXTS, "brings its own; leave"),
        ({"freeze_vectors": True}, TEXTS, "no vectors to freeze"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(parameters, texts, message):
    with pytest.raises(ValueError, match=message):
        small(**parameters).fit(texts)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prompt": 5}, "prompt must be a string or a list of strings, got int"),
        ({"prompt": ["a", None]}, "prompt must be a string or a list of strings, and has None"),
        ({"n_drafts": 0}, "n_drafts must be a whole number of at least 1"),
        ({"repetition_penalty": 0}, "repetition_penalty must be a number above 0"),
        ({"no_repeat_ngram_size": 0}, "no_repeat_ngram_size must be a whole number of at least 1"),
        (
            {"n_drafts": 2, "stream": print},
            "stream hands on one text as it is said, and there are 2",
        ),
        ({"temperature": -1}, "temperature must be a number at least 0"),
        ({"top_k": 0}, "top_k must be a whole number of at least 1"),
        ({"top_p": 0}, "top_p must be a share above 0 and at most 1"),
        ({"top_p": 1.5}, "top_p must be a share above 0 and at most 1"),
        ({"max_new_tokens": 0}, "max_new_tokens must be a whole number of at least 1"),
        ({"stop": ""}, "stop='' stands before every text"),
        ({"stop": [".", ""]}, "stop='' stands before every text"),
        ({"stop": 5}, "stop must be a string, or a list of them, got 5"),
    ],
    ids=str,
)
def test_what_can_not_be_drawn_is_said(model, options, message):
    with pytest.raises(ValueError, match=message):
        model.generate(**options)


def test_bits_of_nothing(model):
    with pytest.raises(ValueError, match="no characters"):
        model.bits_per_character([""])
