"""Seq2Seq's manners: what it takes, what it says, what it repeats."""

import copy
import pickle
import unicodedata
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from rounding import rounding
from sklearn.base import clone
from torch import nn

from textseq import Seq2Seq, WordVectors, load_model, load_sample
from textseq.estimators.seq2seq.encoding import groups_of, read_source
from textseq.files import ModelFileError
from textseq.nn import attention, attention_blocks
from textseq.nn.token_decoder import BEGIN, END

VECTORS = WordVectors(["go", "run", "!"], np.eye(3))
ENCODERS = ["mean", "rnn", "lstm", "gru", "janet", "tcn", "birnn", "bilstm", "bigru", "bijanet"]


def small(source="text", **parameters):
    defaults = dict(
        hidden_size=12, embedding_dim=10, max_epochs=2, batch_size=32, random_state=0, n_threads=2
    )
    return Seq2Seq(source, **defaults | parameters)


def apt(source="text", **parameters):
    """One that learns a little set by heart."""
    quick = dict(
        hidden_size=48, embedding_dim=32, max_epochs=20, batch_size=8, learning_rate=1e-2,
        dropout=0.0, embedding_dropout=0.0, validation_fraction=0.0,
    )  # fmt: skip
    return small(source, **quick | parameters)


def quietly(ask, *given, **options):
    """Ask without the warnings of unknown words and answers that are cut."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ask(*given, **options)


@pytest.fixture(scope="module")
def pairs():
    sample = load_sample("eng_fra").iloc[1000:1300]
    return sample["eng"].tolist(), sample["fra"].tolist()


@pytest.fixture(scope="module")
def model(pairs):
    return apt(max_epochs=8).fit(*(part[:120] for part in pairs))


def frames(n=40, seed=0):
    """Three tones of unequal lengths each series, and their names in order."""
    rng, X, y = np.random.default_rng(seed), [], []
    for _ in range(n):
        names = rng.choice(["low", "mid", "high"], rng.integers(1, 4)).tolist()
        parts = []
        for name in names:
            level = {"low": -1.0, "mid": 0.0, "high": 1.0}[name]
            parts.append(np.stack([np.full(4, level), rng.normal(size=4)]))
        X.append(np.concatenate(parts, axis=1))
        y.append(names)
    return X, y


@pytest.mark.parametrize("encoder", ENCODERS)
def test_a_source_is_translated_alike_alone_in_a_batch_and_beside_long_ones(pairs, encoder):
    src, tgt = pairs[0][:60], pairs[1][:60]
    model = small(encoder=encoder, max_epochs=1).fit(src, tgt)
    src = ["", *src[:20]]
    together = model.score_samples(src, tgt[:21])
    beside = model.score_samples([*src, "go " * 80], [*tgt[:21], "va " * 90])[:-1]
    assert np.abs(beside - together).max() < rounding(together)
    alone = [model.score_samples([s], [t])[0] for s, t in zip(src, tgt, strict=False)]
    assert np.abs(alone - together).max() < rounding(together)
    for beams in (1, 3):
        # One epoch teaches no end.
        said = quietly(model.predict, [*src, "go " * 80], beams)[:-1]
        assert said == [quietly(model.predict, [one], beams)[0] for one in src]


def test_the_sample_is_learned(pairs):
    src, references = pairs[0][:60], pairs[1][:60]
    model = apt(max_epochs=30).fit(src, references)
    known = model.bleu(src, references)
    assert known.score > 60
    assert "case:lc" in known.signature and known.text.startswith(f"BLEU|{known.signature}")
    assert model.score(src, references) == known.score
    assert model.chrf(src, references).score > 60


def test_lists_of_symbols_come_back_as_lists():
    X, y = frames()
    model = apt("series", encoder="lstm", max_epochs=30).fit(X, y)
    said = model.predict(X)
    assert np.mean([a == b for a, b in zip(said, y, strict=True)]) > 0.9
    assert model.fitted_parameters_["attention"] == "additive"
    assert model.attention_map(X[0]).source == [str(n) for n in range(1, X[0].shape[1] + 1)]
    assert model.bleu(X, y).signature.count("tok:none") == 1


def test_missing_values_of_series_are_told_apart():
    X, y = frames()
    gaps = [np.where([[False], [True]] & (np.arange(x.shape[1]) % 3 == 0), np.nan, x) for x in X]
    model = small("series", encoder="gru").fit(gaps, y)
    assert model.encoding_.source.n_inputs == 3
    assert all(isinstance(row, list) for row in model.predict(gaps))


def test_series_with_more_channels_than_steps_are_warned_of():
    X = np.random.default_rng(0).normal(size=(8, 30, 2))
    with pytest.warns(UserWarning, match=r"src is read as series of 30 channels and at most 2 st"):
        small("series", encoder="gru", max_epochs=1).fit(X, ["a"] * 8)


def test_a_vector_is_described_in_words():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4))
    y = ["a big one" if row[0] > 0 else "small" for row in X]
    model = apt("vector").fit(X, y)
    assert np.mean(np.array(model.predict(X)) == np.array(y)) > 0.9
    assert model.fitted_parameters_["attention"] is None
    with pytest.raises(ValueError, match="has no attention"):
        model.attention_map(X[0])
    with pytest.raises(AttributeError, match="sources are no texts"):
        model.vocabulary_  # noqa: B018
    with pytest.raises(ValueError, match="shape \\(n, features\\)"):
        model.predict(X[0])


def test_tokens_in_tokens_out():
    src = [["a", "b c"], ["b c"], []] * 20
    tgt = [["X", "Y Z"], ["Y Z"], []] * 20
    model = apt().fit(src, tgt)
    assert model.predict([["a", "b c"], [], ["b c"]]) == [["X", "Y Z"], [], ["Y Z"]]
    with pytest.warns(UserWarning, match="words that training had not: 2, in 1 of 1 sources, such"):
        assert model.predict([["nothing", "known"]])[0] is not None


def test_each_side_has_its_tokenizer(pairs):
    model = small(tokenizer="char", target_tokenizer="word", max_epochs=1).fit(*pairs)
    assert model.tokenizer_.kind == "char" and model.target_tokenizer_.kind == "word"
    assert model.target_vocabulary_.tokens[:4] == ("<pad>", "<unk>", "<bos>", "<eos>")
    assert "<bos>" not in model.vocabulary_.tokens
    both = small(tokenizer="bpe", max_epochs=1).fit(*pairs)
    assert both.tokenizer_ is not both.target_tokenizer_


def test_what_was_never_in_a_target_is_never_said(pairs):
    model = small(max_features=30, max_epochs=2, unknown="never").fit(*pairs)
    words = {token for text in pairs[1] for token in text}
    answers = quietly(model.predict, ["what is that", "zzz qqq", ""])
    said = " ".join(answers + quietly(model.predict, pairs[0], 3))
    assert words and not {"<unk>", "<pad>", "<bos>", "<eos>"} & set(said.split())


def test_log_probabilities_are_of_the_whole_target(pairs, model):
    src, tgt = pairs[0][:30], pairs[1][:30]
    found = model.score_samples(src, tgt)
    assert found.shape == (30,) and found.dtype == np.float64 and (found < 0).all()
    plain = copy.deepcopy(model).set_params(length_penalty=0.0)
    greedy, wide = plain.predict(src, beam_size=1), plain.predict(src, beam_size=6)
    assert model.score_samples(src, wide).sum() > model.score_samples(src, greedy).sum()
    # All that can be said first, and <unk>, <bos> and <pad>, add up to 1 with what follows.
    empty = model.score_samples(src[:1], [""])[0]
    assert 0 < np.exp(empty) < 1


def test_an_attention_map_is_what_the_decoder_weighed(model):
    found = model.attention_map("I zzz it.")
    assert found.source == ["i", "zzz", "it", "."]
    assert found.output[-1] == "<eos>" and len(found.output) > 1
    assert found.weights.shape == (len(found.output), 4)
    assert found.weights.sum(1) == pytest.approx(1.0, rel=0, abs=rounding(1))
    said = model.target_vocabulary_.ids_of(found.output[:-1])
    assert [model.encoding_.write(said, {})] == quietly(
        model.predict, ["I zzz it."], unknown="never"
    )
    figure = found.plot()
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == found.source
    assert [label.get_text() for label in axes.get_yticklabels()] == found.output
    assert np.array_equal(axes.images[0].get_array(), found.weights)
    assert axes.images[0].get_cmap().name == "Greys"
    assert str(found).count("\n") == len(found.output) - 1
    assert model.attention_map("").weights.shape[1] == 0


def test_a_saved_model_says_the_same(model, pairs, tmp_path):
    opened = load_model(model.save(tmp_path / "m.textseq"))
    assert opened.predict(pairs[0][:40], 3) == model.predict(pairs[0][:40], 3)
    assert np.array_equal(
        opened.score_samples(*(part[:9] for part in pairs)),
        model.score_samples(*(part[:9] for part in pairs)),
    )
    assert opened.get_params() == model.get_params()
    assert opened.fitted_parameters_ == model.fitted_parameters_
    assert pickle.loads(pickle.dumps(model)).predict(["go."]) == model.predict(["go."])


def cut_at_spaces(text):
    return text.split()


def cut_into_letters(text):
    return list(text)


class Averager(nn.Module):
    """A caller's encoder: each state the mean of the steps so far."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.map, self.out_dim = nn.Linear(input_size, hidden_size), hidden_size

    def forward(self, x, lengths):
        counts = torch.arange(1, x.shape[1] + 1)[:, None]
        return self.map(x.cumsum(1) / counts)


def test_a_callers_own_code_is_handed_back(pairs, tmp_path):
    own = dict(tokenizer=cut_at_spaces, target_tokenizer=cut_into_letters, encoder=Averager)
    model = small(**own).fit(*pairs)
    path = model.save(tmp_path / "m.textseq")
    opened, some = load_model(path, **own), (pairs[0][:5], pairs[1][:5])
    assert quietly(opened.predict, some[0]) == quietly(model.predict, some[0])
    assert np.array_equal(opened.score_samples(*some), model.score_samples(*some))
    with pytest.raises(ModelFileError, match="was made from the function"):
        load_model(path)


def test_series_and_vectors_are_saved_with_their_scales(tmp_path):
    X, y = frames()
    model = small("series", encoder="tcn").fit(X, y)
    assert load_model(model.save(tmp_path / "s.textseq")).predict(X) == model.predict(X)
    X = np.random.default_rng(0).normal(size=(30, 3))
    model = small("vector").fit(X, ["a b"] * 30)
    assert load_model(model.save(tmp_path / "v.textseq")).predict(X) == model.predict(X)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_the_same_seed_and_threads_repeat_to_the_bit(pairs, n_threads):
    fits = [
        small(n_threads=n_threads, teacher_forcing=0.8).fit(*(part[:80] for part in pairs))
        for _ in range(2)
    ]
    first, second = (fit.network_.state_dict() for fit in fits)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert fits[0].receipt_["weights_sha256"] == fits[1].receipt_["weights_sha256"]


@pytest.fixture(scope="module", params=["additive", "dot"])
def long(request):
    """Letters whose attention goes beyond one block, and a model of them with its parameters."""
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("abcde"), n)) for n in rng.integers(0, 220, 12)]
    options = dict(tokenizer="char", attention=request.param, batch_size=12)
    return texts, options, small(**options).fit(texts, texts[::-1])


def test_long_pairs_repeat_to_the_bit_and_score_alike_alone_and_in_a_batch(long):
    texts, options, model = long
    again = small(**options).fit(texts, texts[::-1])
    assert again.receipt_["weights_sha256"] == model.receipt_["weights_sha256"]
    together = model.score_samples(texts, texts)
    assert np.array_equal(together, again.score_samples(texts, texts))
    for text, score in zip(texts, together, strict=True):
        assert model.score_samples([text], [text])[0] == pytest.approx(
            score, rel=0, abs=rounding(together)
        )


def test_the_map_in_blocks_is_that_of_each_step_by_itself(monkeypatch, long):
    texts, model = long[0], copy.deepcopy(long[2])
    with torch.no_grad():
        model.network_.decoder.bias[END] = -9.0  # it talks as long as it may
    monkeypatch.setattr(attention, "SMALL", -1)
    monkeypatch.setattr(attention_blocks, "BLOCK", 2**13)
    found = model.attention_map(max(texts, key=len))
    assert len(found.output) > 100
    network, source = model.network_, model.rows([max(texts, key=len)]).arrays()[0]
    with torch.no_grad():
        states, memory = network.read(*map(torch.from_numpy, source))
        word = torch.tensor([[BEGIN]])
        for token, expected in zip(found.output, found.weights, strict=True):
            _, weights, states = network.decoder(word, memory, states)
            assert np.abs(weights[0, 0].numpy() - expected).max() < rounding(1)
            word = torch.tensor([[model.target_vocabulary_.tokens.index(token)]])


def test_the_same_source_is_never_on_both_sides_of_the_validation_split():
    src = [f"text {number // 3}" for number in range(600)]
    groups = groups_of(read_source("text", src))
    assert all(len(set(part)) == 1 for part in groups.reshape(200, 3)) and len(set(groups)) == 200
    model = small(max_epochs=1).fit(src, [f"{number}" for number in range(600)])
    assert model.receipt_["validation_rows"] == 60 and model.receipt_["rows"] == 540
    # A validation source holds a number that no training source has.
    assert len(model.vocabulary_) == 2 + 1 + 180


def test_two_texts_a_row_are_both_read(tmp_path):
    people, places = ["ana", "bob", "eve"], ["rome", "oslo", "lima"]
    # Neither text alone tells the answer.
    asked = {"who is there ?": 0, "where is it ?": 2}
    rows = [(q, f"{who} in {at} .") for q in asked for who in people for at in places] * 6
    answers = [context.split()[asked[question]] for question, context in rows]
    model = apt().fit(rows, answers)
    assert np.mean(np.array(model.predict(rows)) == answers) > 0.9
    assert "<sep>" in model.vocabulary_
    assert not any(" " in word for word in model.vocabulary_.tokens)
    assert model.encoding_.source_form == "pairs"
    seen = model.attention_map(rows[0])
    assert " ".join(seen.source) == "who is there ? <sep> ana in rome ."
    assert model.attention_map([rows[0]]).source == seen.source
    frame = pd.DataFrame(rows, columns=["question", "context"])
    named = small(max_epochs=2).fit(frame, answers)
    opened = load_model(named.save(tmp_path / "pairs.textseq"))
    turned = frame[["context", "question"]]
    for other in (named, opened):
        expected = other.score_samples(frame, answers)
        assert np.array_equal(other.score_samples(turned, answers), expected)
        assert np.array_equal(other.score_samples(rows, answers), expected)
    with pytest.raises(ValueError, match="tgt has two texts a row.*and a target is one"):
        small().fit(answers, rows)
    with pytest.raises(ValueError, match="the columns 'q', 'c', 'x'; pass one column"):
        small().fit(pd.DataFrame([["a", "b", "c"]], columns=["q", "c", "x"]), ["a"])
    # Answers to the same pair stay on one side of the split.
    groups = groups_of(read_source("text", rows))
    assert len(set(groups)) == 18 and np.array_equal(groups[:18], groups[18:36])


def test_one_text_in_a_list_is_one_text(model, pairs):
    text = pairs[0][0]
    alone = model.attention_map(text)
    for form in ([text], (text,), np.array([text]), pd.Series([text], index=[4])):
        seen = model.attention_map(form)
        assert seen.source == alone.source == list(model.tokenizer_.tokenize(text).distinct)
        assert np.array_equal(seen.weights, alone.weights)
    words = small(max_epochs=1).fit([["a", "b"], ["b"]] * 8, [["c"], ["d"]] * 8)
    for form in (["a", "b"], ("a", "b"), [["a", "b"]], np.array(["a", "b"])):
        assert words.attention_map(form).source == ["a", "b"]


def test_whole_numbers_are_ids_on_both_sides():
    ids = [[3, 17], [17, 4, 3], [4]] * 8
    words = [[str(number) for number in row] for row in ids]
    model, twin = small(max_epochs=1).fit(ids, ids), small(max_epochs=1).fit(words, words)
    assert model.receipt_["weights_sha256"] == twin.receipt_["weights_sha256"]
    assert model.predict(ids) == model.predict(words) == twin.predict(words)
    assert np.array_equal(model.score_samples(ids, ids), twin.score_samples(words, words))
    assert model.bleu(ids, ids).score == twin.bleu(words, words).score


def test_references_come_in_the_forms_of_targets(model, pairs):
    src, tgt = pairs[0][:10], pairs[1][:10]
    expected = model.bleu(src, tgt).score
    for make in (tuple, np.array, pd.Series, pl.Series, pd.DataFrame, pa.array):
        assert model.bleu(src, make(tgt)).score == expected
    several = [[text, text + " !"] for text in tgt]
    expected = model.bleu(src, several).score
    for make in (tuple, np.array, pd.Series, pl.Series, pd.DataFrame, pa.array):
        assert model.bleu(src, make(several)).score == expected
    apart = [unicodedata.normalize("NFD", text) for text in tgt]
    assert model.bleu(src, apart).score == model.bleu(src, tgt).score
    with pytest.raises(ValueError, match="tgt holds lists of single words"):
        model.bleu(src, [text.split() for text in tgt])


def test_several_references_count(model, pairs):
    src = pairs[0][:10]
    said = model.predict(src)
    lists = [[one] if number % 2 else ["no such words", one] for number, one in enumerate(said)]
    assert model.bleu(src, lists).score == pytest.approx(100)
    assert model.bleu(src, [row[:1] for row in lists]).score < 90


def test_parameters_are_scikit_learns():
    model = Seq2Seq("vector", beam_size=4)
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(beam_size=2).beam_size == 2


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (dict(source="image"), "unknown source 'image'; choose from: "),
        (dict(attention="none"), "'none'; choose from: auto, additive, dot, or None"),
        (dict(attention="dott"), "did you mean 'dot'"),
        (dict(attention="dot", encoder="mean"), "attention='dot' needs a state a step"),
        (dict(attention="dot", source="vector"), "source='vector' gives one vector"),
        (dict(decoder="tcn"), "unknown decoder 'tcn'"),
        (dict(teacher_forcing=1.5), r"teacher_forcing must be in \[0, 1\], got 1.5"),
        (dict(label_smoothing=1.0), "label_smoothing must be a number at least 0 and under 1"),
        (dict(length_penalty=-1), "length_penalty must be a number at least 0"),
        (dict(beam_size=0), "beam_size must be a whole number of at least 1"),
        (dict(unknown="coppy"), "unknown unknown 'coppy'; did you mean 'copy'"),
        (dict(scoring="blue"), "unknown scoring 'blue'; did you mean 'bleu'"),
        (dict(freeze_vectors=True), "freeze_vectors=True has no vectors to freeze"),
        (dict(source="vector", vectors=VECTORS), "but source='vector'; leave vectors=None, or"),
        (dict(encoder="bitcn"), "unknown encoder 'bitcn'"),
    ],
)
def test_bad_parameters_name_the_value(parameters, message):
    with pytest.raises(ValueError, match=message):
        Seq2Seq(**parameters).fit(["a"], ["b"])


def test_bad_data_says_what_to_do(model):
    with pytest.raises(ValueError, match="src has 2 rows but tgt has 1"):
        small().fit(["a", "b"], ["c"])
    with pytest.raises(ValueError, match="src is a single string"):
        small().fit("a text", "b")
    with pytest.raises(ValueError, match=r"tgt\[1\] is 'x', a text, but tgt\[0\] is a list"):
        small().fit(["a", "b"], [["c"], "x"])
    with pytest.raises(ValueError, match="beam_size must be a whole number"):
        model.predict(["go"], beam_size=0)
    with pytest.raises(ValueError, match="src has 1 rows but tgt has 2"):
        model.bleu(["go"], ["b", "c"])
