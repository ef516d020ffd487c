"""Models of texts that start from a table of subwords, and read by its tokenizer."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from subword_tables import minilm_folder

from textseq import (
    LanguageModel,
    MeanEmbedder,
    SequenceTagger,
    TextClassifier,
    TextRegressor,
    Tokenizer,
    compare,
    explain,
    load_model,
    load_vectors,
    order_matters,
)

RNG = np.random.default_rng(0)
LABELS = RNG.choice(["neg", "pos"], 80)
OPENINGS = {"neg": ["an awful", "a dreadful"], "pos": ["a wonderful", "an excellent"]}
TEXTS = [f"{RNG.choice(OPENINGS[label])} film, unaffably made 🙂" for label in LABELS]
QUICK = {"hidden_size": 8, "random_state": 0, "n_threads": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return minilm_folder(tmp_path_factory.mktemp("static") / "minilm")


@pytest.fixture(scope="module")
def table(folder):
    return load_vectors(folder)


@pytest.mark.parametrize("encoder", ["mean", "max", "gru", "tcn"])
def test_every_encoder_reads_it(table, encoder):
    options = {"learning_rate": 0.05, "max_epochs": 20}
    model = TextClassifier(encoder=encoder, vectors=table, **options, **QUICK)
    model = model.fit(TEXTS, LABELS)
    assert model.score(TEXTS, LABELS) > 0.95
    assert model.tokenizer_.subwords is table.tokenizer.subwords
    assert model.fitted_parameters_["tokenizer"] == "subword"
    assert model.vocabulary_.tokens == ("<pad>", "<unk>", *table.words)
    assert model.vocabulary_["wonderful"] == 2 + int(table.vectors.lookup(["wonderful"])[0])


def test_a_network_starts_from_the_means_of_the_table(table):
    model = TextClassifier(encoder="mean", vectors=table, **QUICK)
    network = model.prepare(TEXTS, LABELS).network
    weight = network.inputs.weight.detach().numpy()
    np.testing.assert_array_equal(weight[2:], table.matrix)
    assert not weight[:2].any()
    # What can't be spelt counts among the tokens of a text: only texts without are the same.
    texts = [text.removesuffix(" 🙂") for text in TEXTS]
    fitted = TextClassifier(encoder="mean", vectors=table, freeze_vectors=True, **QUICK)
    expected = MeanEmbedder(table).fit(texts).transform(texts)
    found = fitted.fit(TEXTS, LABELS).transform(texts)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "share"),
    [
        ({}, 0.0),
        ({"validation_fraction": 0.25}, 0.25),
        ({"scoring": "f1_macro"}, 0.1),
        ({"patience": 3}, 0.1),
        ({"calibrate": True}, 0.1),
        ({"wide": "auto"}, 0.1),
        ({"recipe": "plain"}, 0.1),
        ({"encoder": "gru"}, 0.1),
    ],
)
def test_its_mean_by_itself_learns_from_all_rows_unless_some_must_choose(table, options, share):
    texts, labels = TEXTS * 3, list(LABELS) * 3
    options = {"encoder": "mean", "max_epochs": 2, "wide": None, **options, **QUICK}
    model = TextClassifier(vectors=table, **options).fit(texts, labels)
    assert model.fitted_parameters_["validation_fraction"] == share
    assert ("validation_score" in model.history_) == (share > 0)
    if not share:
        assert model.receipt_["best_epoch"] == 2
    model.set_params(warm_start=True).fit(texts, labels)
    assert model.fitted_parameters_["validation_fraction"] == share
    assert ("validation_score" in model.history_) == (share > 0)


def test_its_mean_learns_by_a_recipe_of_its_own(table):
    options = {"vectors": table, **QUICK}
    mean = TextClassifier(encoder="mean", **options)
    prepared = mean.prepare(TEXTS, LABELS)
    assert mean.fitted_parameters_["head_sizes"] == (512,)
    assert mean.fitted_parameters_["normalization"] == "l2"
    assert mean.fitted_parameters_["max_epochs"] == 30  # 12,000 rows are seen, within bounds
    # The table's numbers, with the zeros of <pad> and <unk> among them, say how fast it learns.
    numbers = prepared.network.inputs.weight.detach().numpy()
    rate = mean.training_options(0).table_rate
    assert rate == pytest.approx(8 / 3 * np.sqrt(np.square(numbers).mean()), rel=1e-5)
    of_ten = TextClassifier(encoder="mean", **options)
    of_ten.prepare(TEXTS, np.arange(80) % 10)
    assert of_ten.training_options(0).table_rate == pytest.approx(2 * rate, rel=1e-5)
    gru = TextClassifier(encoder="gru", **options)
    gru.prepare(TEXTS, LABELS)
    assert gru.fitted_parameters_["head_sizes"] == ()
    assert gru.fitted_parameters_["normalization"] is None
    assert gru.training_options(0).table_rate == 0.5
    # Vectors of its tokens that start from nothing learn as others do.
    anew = TextClassifier(encoder="mean", tokenizer=table.tokenizer, **QUICK)
    anew.prepare(TEXTS, LABELS)
    assert anew.fitted_parameters_["head_sizes"] == ()
    assert anew.training_options(0).table_rate == 1.0
    frozen = TextClassifier(encoder="mean", freeze_vectors=True, **options)
    frozen.prepare(TEXTS, LABELS)
    assert frozen.training_options(0).table_rate == 0.0


def test_a_path_is_enough(folder, table):
    by_path, by_table = (
        TextClassifier(encoder="mean", vectors=vectors, **QUICK).fit(TEXTS, LABELS)
        for vectors in (str(folder), table)
    )
    np.testing.assert_array_equal(by_path.predict_proba(TEXTS), by_table.predict_proba(TEXTS))


OPENING = """
import sys
from textseq import load_model
print(load_model(sys.argv[1]).predict_proba(["a wonderful film", "awful 🙂"]).tolist())
"""


def test_a_file_needs_nothing_else(tmp_path):
    table = load_vectors(minilm_folder(tmp_path / "minilm"))
    model = TextClassifier(encoder="gru", vectors=table, max_epochs=1, **QUICK).fit(TEXTS, LABELS)
    path = model.save(tmp_path / "film.textseq")
    for file in (tmp_path / "minilm").iterdir():
        file.unlink()
    ran = subprocess.run(
        [sys.executable, "-c", OPENING, path], capture_output=True, text=True, check=True
    )
    said = model.predict_proba(["a wonderful film", "awful 🙂"]).tolist()
    assert ran.stdout == f"{said}\n"
    opened = load_model(path)
    assert opened.tokenizer_.to_dict() == model.tokenizer_.to_dict()
    assert opened.vocabulary_ == model.vocabulary_


@pytest.mark.parametrize("encoder", ["mean", "gru"])
def test_a_text_scores_the_same_alone_and_in_a_batch(table, encoder):
    model = TextClassifier(encoder=encoder, vectors=table, max_epochs=1, **QUICK)
    model.fit(TEXTS, LABELS)
    texts = ["a film", "", "long " * 300, *TEXTS[:5]]
    together = model.predict_proba(texts)
    for row, text in enumerate(texts):
        np.testing.assert_allclose(model.predict_proba([text])[0], together[row], atol=1e-5)


def test_pairs_and_numbers(table):
    pairs = [(text, text.upper()) for text in TEXTS]
    model = TextRegressor(encoder="mean", vectors=table, max_epochs=2, **QUICK)
    assert model.fit(pairs, np.arange(80.0)).predict(pairs).shape == (80,)


def test_runs_of_tokens_are_hashed(table):
    model = TextClassifier(
        encoder="mean", vectors=table, ngram_range=(1, 2), hash_buckets=500, max_epochs=2, **QUICK
    )
    model.fit(TEXTS, LABELS)
    assert len(model.network_.inputs.weight) == len(table) + 2 + 500


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tokenizer": "char"}, "tokenizer='char', but vectors='minilm' bring a tokenizer of"),
        ({"tokenizer": Tokenizer()}, r"tokenizer=Tokenizer\('word'"),
        ({"lowercase": False}, "lowercase=False, but"),
        ({"min_df": 2}, "min_df=2, but .* all of whose tokens are known; leave min_df out"),
        ({"max_features": 100}, "max_features=100, but"),
        ({"ngram_range": (1, 2)}, r"ngram_range=\(1, 2\), but"),
        ({"representation": "onehot"}, "vectors are embeddings, but representation='onehot'"),
    ],
)
def test_what_the_table_decides_is_refused_before_training(table, given, message, monkeypatch):
    model = TextClassifier(encoder="mean", vectors=table, **given)
    monkeypatch.setattr(TextClassifier, "_train", lambda *_: pytest.fail("trained"))
    with pytest.raises(ValueError, match=message):
        model.fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match=message):
        model.check_parameters()


def test_its_own_tokenizer_may_be_named(table):
    model = TextClassifier(table.tokenizer, encoder="mean", vectors=table, max_epochs=1, **QUICK)
    clone(model).fit(TEXTS, LABELS)


@pytest.mark.parametrize(
    ("model", "data", "reader"),
    [
        (SequenceTagger(max_epochs=1), ([["a", "b"]] * 20, [["x", "y"]] * 20), "a tagger"),
        (LanguageModel("word", max_epochs=1), (["a b c"] * 20,), "a language model"),
    ],
    ids=["tagger", "language"],
)
def test_what_reads_other_tokens_refuses_it(folder, model, data, reader):
    model = model.set_params(vectors=str(folder))
    with pytest.raises(ValueError, match=f"'minilm' are a table of subwords, .*, and {reader}"):
        model.fit(*data)


def test_a_fit_goes_on_and_hands_on(table):
    model = TextClassifier(encoder="gru", vectors=table, max_epochs=1, warm_start=True, **QUICK)
    again = model.fit(TEXTS, LABELS).fit(TEXTS[:60], LABELS[:60])
    assert again.tokenizer_.kind == "subword"
    other = TextClassifier(encoder="gru", pretrained=again, max_epochs=1, random_state=0)
    other.fit(TEXTS, LABELS)
    assert other.vocabulary_.tokens == model.vocabulary_.tokens
    assert other.tokenizer_.subwords is again.tokenizer_.subwords


def test_instruments_show_its_tokens(table):
    model = TextClassifier(encoder="gru", vectors=table, learning_rate=0.05, **QUICK)
    model.fit(TEXTS, LABELS)
    shown = explain(model, "an awful film, unaffably 🙂")
    assert "##ffa" in shown.table["token"].tolist()
    assert order_matters(model, TEXTS, LABELS).words.shuffled == "tokens"


def test_a_comparison_reads_by_a_table_where_one_is_given(table):
    rows = [
        {"static": {"encoder": "mean", "vectors": table}},
        {"words": {"encoder": "mean"}},
        {"mine": {"encoder": "mean", "vectors": "glove.6B.50d.top20k"}},
    ]
    template = TextClassifier(max_epochs=2, **QUICK)
    found = compare(TEXTS, LABELS, rows, estimator=template, n_seeds=1, baselines=False)
    kinds = {model.name: model.parameters["tokenizer"] for model in found.models}
    assert kinds["static"] == "subword" and kinds["mine"] == "word"
    assert "'word'" in kinds["words"]  # the tokens that were cut once


def test_a_comparison_of_a_table_cuts_once_for_all_rows(table, folder):
    template = TextClassifier(max_epochs=2, **QUICK)
    one, other = (
        compare(TEXTS, LABELS, ["mean", "gru"], estimator=template, vectors=vectors, n_seeds=1)
        for vectors in (table, str(folder))
    )
    assert [model.name for model in one.models][3:] == ["mean", "gru"]
    for model, same in zip(one.models, other.models, strict=True):
        np.testing.assert_array_equal(model.scores, same.scores)
    for model in one.models[3:]:
        assert model.parameters["tokenizer"] == "subword"
