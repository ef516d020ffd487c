"""The wide path: n-grams straight to the outputs, beside a network."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from model_folder import write_model
from rounding import rounding

from textseq import TextClassifier, TextRegressor, load_model
from textseq.estimators.sequence import wide_path
from textseq.estimators.sequence.wide_path import Shares, WidePath, find_shares
from textseq.inspection.attribution import explain
from textseq.inspection.gradient_flow import gradient_flow
from textseq.inspection.word_order import order_matters
from textseq.ragged import Ragged
from textseq.text.ngram_features import NgramFeatures
from textseq.training.objectives import OBJECTIVES
from textseq.training.ratio_regression import fit_weights

FILL = ["the", "film", "was", "a", "story", "with", "people", "and", "some", "music"]


def corpus(n, seed=0):
    """Whether "not good" or "good not" stands in a text: pairs of words tell, words do not."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["neg", "pos"], n)
    marks = np.where(labels == "neg", "not good", "good not")
    before, behind = rng.choice(FILL, (2, n, 6))
    rows = zip(before, marks, behind, strict=True)
    return [" ".join([*a, mark, *b]) for a, mark, b in rows], labels


def small(kind=TextClassifier, **parameters):
    defaults = dict(encoder="mean", embedding_dim=8, max_epochs=3, random_state=0, n_threads=1)
    return kind(**defaults | {"wide": "ngrams"} | parameters)


@pytest.fixture(scope="module")
def fitted():
    return small().fit(*corpus(600))


def test_features_weigh_as_their_definition_says():
    ids = Ragged.from_rows([[5, 6, 5], [5, 6], [7, 6], [7]])
    features, own = NgramFeatures.learn(ids, n_tokens=9, longest=2, min_df=2)
    # Tokens 5, 6 and 7 and the pair "5 6" are in two texts at least.
    assert features.ids[:3].tolist() == [5, 6, 7] and len(features) == 4
    df = np.array([2, 3, 2, 2])
    idf = np.log(5 / (1 + df)) + 1
    tf = np.array([[2, 1, 0, 1], [1, 1, 0, 1], [0, 1, 1, 0], [0, 0, 1, 0]])
    weights = np.where(tf > 0, 1 + np.log(np.maximum(tf, 1)), 0) * np.sqrt(idf)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    assert np.allclose(own.toarray(), weights, atol=1e-6)
    assert np.array_equal(features.transform(ids).toarray(), own.toarray())
    assert not features.transform(Ragged.from_rows([[8, 4], []])).nnz


def test_of_too_many_features_the_commonest_are_kept():
    ids = Ragged.from_rows([[5, 6, 5], [5, 6], [7, 6], [7]])
    every, _ = NgramFeatures.learn(ids, n_tokens=9, longest=2, min_df=2)
    features, own = NgramFeatures.learn(ids, n_tokens=9, longest=2, min_df=2, most=2)
    assert features.ids.tolist() == [5, 6]
    assert np.isin(features.ids, every.ids).all()
    assert np.array_equal(features.transform(ids).toarray(), own.toarray())


def test_memory_bounds_texts_weights_and_what_is_answered_at_once(monkeypatch):
    texts, labels = corpus(600)
    whole = small().fit(texts, labels)
    monkeypatch.setattr(wide_path, "CHUNK", 100)
    np.testing.assert_allclose(
        whole._outputs(texts), small().fit(texts, labels)._outputs(texts), rtol=0, atol=1e-6
    )
    monkeypatch.setattr(wide_path, "MOST_WEIGHTS", 60)
    assert len(small().fit(texts, labels).wide_.features) == 30
    monkeypatch.undo()
    # 540 training texts of 15 tokens: a third of them may be learned of, 60 more have chosen.
    monkeypatch.setattr(wide_path, "MOST_RUNS", 2 * 180 * 14)
    seen = []
    fit_weights = wide_path.fit_weights
    monkeypatch.setattr(
        wide_path, "fit_weights", lambda X, *more: seen.append(X.shape[0]) or fit_weights(X, *more)
    )
    model = small().fit(texts, labels)
    assert seen == [180, 240]
    assert model.score(*corpus(200, seed=1)) > 0.9


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_ngrams_counted_some_at_a_time_are_those_of_all(longest, monkeypatch):
    rng = np.random.default_rng(0)
    rows = [rng.integers(2, 50, rng.integers(12)).tolist() for _ in range(500)]
    ids = Ragged.from_rows(rows)
    learned = NgramFeatures.learn(ids, n_tokens=50, longest=longest, min_df=2, most=400)
    monkeypatch.setattr("textseq.text.ngram_features.COUNTED_TOGETHER", 37)
    features, weights = NgramFeatures.learn(ids, n_tokens=50, longest=longest, min_df=2, most=400)
    assert features.ids.tolist() == learned[0].ids.tolist()
    assert features.idf.tolist() == learned[0].idf.tolist()
    dense = learned[1].toarray()
    assert (weights.toarray() == dense).all() and (features.transform(ids).toarray() == dense).all()
    # By hand: in how many texts each token occurs.
    df = Counter(token for row in rows for token in set(row))
    singles = features.ids < 50
    expected = [np.log(501 / (1 + df[token])) + 1 for token in features.ids[singles]]
    assert features.idf[singles] == pytest.approx(expected)


def test_pieces_of_a_text_share_no_ngram():
    ids = Ragged.from_rows([[5, 6], [5, 6], [6]])
    features, _ = NgramFeatures.learn(ids, n_tokens=9, longest=2, min_df=2)
    pieces = Ragged.from_rows([[5], [6], [5, 6]])
    found = features.transform(pieces, np.array([0, 0, 1])).toarray()
    assert found.shape == (2, 3)
    assert found[0, 2] == 0 and found[1, 2] > 0
    assert (found[:, :2] > 0).all()


def test_it_tells_order_that_the_mean_can_not(fitted):
    test = corpus(300, seed=1)
    assert fitted.score(*test) > 0.95
    with pytest.warns(UserWarning, match="than luck explains"):
        alone = small(wide=None, max_epochs=20).fit(*corpus(600))
    assert alone.score(*test) < 0.65
    assert fitted.fitted_parameters_["wide"] == "ngrams"
    assert fitted.receipt_["wide"]["wide"] > fitted.receipt_["wide"]["network"]


def test_it_reads_beyond_max_length():
    texts, labels = corpus(600)
    model = small(max_length=3).fit(texts, labels)
    assert model.score(*corpus(300, seed=1)) > 0.95


@pytest.mark.parametrize("encoder", ["mean", "gru"])
def test_same_text_same_score(encoder):
    model = small(encoder=encoder, hidden_size=4).fit(*corpus(300))
    texts = [*corpus(20, seed=2)[0], "", "never seen words", " ".join(FILL * 60)]
    together = model.predict_proba(texts)
    alone = np.concatenate([model.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(together, alone, rtol=0, atol=rounding(1))


def test_one_file_holds_it(fitted, tmp_path):
    texts = corpus(50, seed=3)[0]
    opened = load_model(fitted.save(tmp_path / "m"))
    assert (opened.predict_proba(texts) == fitted.predict_proba(texts)).all()
    assert opened.wide_.shares == fitted.wide_.shares
    vectors = load_model(fitted.save(tmp_path / "v", features_only=True))
    assert vectors.wide_ is None
    assert (vectors.transform(texts) == fitted.transform(texts)).all()


def test_a_file_whose_arrays_do_not_go_together_is_refused(fitted):
    path = fitted.wide_
    stored, arrays = path.to_dict(), path.arrays()
    assert WidePath.from_file(stored, arrays, 2).shares == path.shares
    with pytest.raises(ValueError, match="do not go together"):
        WidePath.from_file(stored, arrays | {"wide.idf": path.features.idf[1:]}, 2)
    with pytest.raises(ValueError, match="do not go together"):
        WidePath.from_file(stored, arrays, 3)
    for name, wrong in (("mass", path.curvature.mass[1:]), ("variances", -np.ones(2, "f4"))):
        with pytest.raises(ValueError, match="the curvature of the wide path does not go with"):
            WidePath.from_file(stored, arrays | {f"wide.{name}": wrong}, 2)
    # Files of before have none.
    plain = {name: arrays[f"wide.{name}"] for name in ("ids", "idf", "weights", "bias")}
    old = WidePath.from_file(stored, {f"wide.{name}": own for name, own in plain.items()}, 2)
    assert old.curvature is None and not old.among(path.features, np.arange(len(path.features))
                                                   ).curvature.mass.any()  # fmt: skip
    with pytest.raises(ValueError, match="n-grams of 1000000000 tokens"):
        WidePath.from_file(stored | {"longest": 10**9}, arrays, 2)


def test_fits_repeat(fitted):
    again = small().fit(*corpus(600))
    assert again.receipt_["weights_sha256"] == fitted.receipt_["weights_sha256"]


def test_three_classes_several_labels_and_numbers():
    texts, labels = corpus(600)
    third = np.array(["film" in text.split()[:2] for text in texts])
    three = np.where(third, "film", labels)
    assert small().fit(texts, three).score(texts, three) > 0.8
    several = np.stack([labels == "pos", labels == "neg", third], axis=1).astype(int)
    model = small().fit(texts, several)
    assert (model.predict(texts)[:, :2] == several[:, :2]).mean() > 0.95
    numbers = np.where(labels == "pos", 30.0, 10.0)
    regressor = small(TextRegressor).fit(texts, numbers)
    assert regressor.score(*corpus(300, seed=1)[:1], np.where(
        corpus(300, seed=1)[1] == "pos", 30.0, 10.0)) > 0.8  # fmt: skip


def test_given_validation_rows_choose_the_shares_and_teach_nothing():
    train, held_out = corpus(300), corpus(100, seed=5)
    model = small().fit(*train, validation_data=held_out)
    assert model.receipt_["validation_score"] == model.score(*held_out)
    # A word that only the validation texts have is no feature.
    texts = [f"{text} zebra zebra" for text in held_out[0]]
    other = small().fit(*train, validation_data=(texts, held_out[1]))
    assert len(other.wide_.features) == len(model.wide_.features)


def test_weights_of_rows_count_in_both():
    texts, labels = corpus(400)
    flipped = np.where(np.arange(400) < 200, labels, np.where(labels == "pos", "neg", "pos"))
    weights = np.where(np.arange(400) < 200, 20.0, 1.0)
    model = small().fit(texts, flipped, sample_weight=weights)
    assert model.score(*corpus(200, seed=6)) > 0.9


def test_shares_go_where_validation_rows_say():
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 2, 400)
    good = np.stack([1 - targets, targets], 1) * 2.0 + rng.normal(0, 1, (400, 2))
    noise = rng.normal(0, 1, (400, 2))
    shares = find_shares(good, noise, targets, None, OBJECTIVES["classes"], "classes")
    assert shares.network > 0.5 > 0.2 > shares.wide
    few = find_shares(good[:2], noise[:2], targets[:2], None, OBJECTIVES["classes"], "classes")
    assert abs(few.wide - 0.5) < 0.3


def test_a_class_without_rows_and_texts_without_features():
    ids = Ragged.from_rows([[5], [6], [7]])
    features, texts = NgramFeatures.learn(ids, n_tokens=9, longest=1, min_df=2)
    assert len(features) == 0
    path = WidePath(features, *fit_weights(texts, np.array([0, 0, 1]), "classes", 3))
    outputs = path.outputs(ids)
    assert outputs.shape == (3, 3) and np.isfinite(outputs).all()
    assert outputs[0].argmax() == 0 and outputs[0].argmin() == 2
    numbers = WidePath(features, *fit_weights(texts, np.array([1.0, 3, 5]), "number", 1))
    assert np.allclose(numbers.outputs(ids), 3)


def test_what_can_not_be_is_refused():
    texts, labels = corpus(40)
    pairs = list(zip(texts, texts, strict=True))
    with pytest.raises(ValueError, match="reads one text a row"):
        small().fit(pairs, labels)
    with pytest.raises(ValueError, match="unknown wide .deep."):
        small(wide="deep").fit(texts, labels)
    with pytest.raises(ValueError, match="makes tokens of n-grams"):
        small(ngram_range=(1, 2)).fit(texts, labels)


@pytest.mark.parametrize("encoder", ["mean", "gru"])
def test_it_is_the_default_of_single_texts(encoder):
    texts, labels = corpus(60)
    pairs = list(zip(texts, texts, strict=True))
    quick = {"encoder": encoder, "hidden_size": 4, "max_epochs": 1, "n_threads": 1}

    def chosen(X, **parameters):
        model = TextClassifier(**quick | parameters).fit(X, labels)
        assert (model.wide_ is None) == (model.fitted_parameters_["wide"] is None)
        return model.fitted_parameters_["wide"]

    assert chosen(texts) == "ngrams"
    assert chosen(pairs) is None
    assert chosen(texts, recipe="plain") is None
    assert chosen(texts, recipe="plain", wide="ngrams") == "ngrams"
    assert chosen(texts, wide=None) is None
    if encoder == "mean":
        assert chosen(texts, ngram_range=(1, 2)) is None
        assert chosen(texts, ngram_range=(1, 2), hash_buckets=100) == "ngrams"


def test_a_second_fit_goes_on_with_the_path_that_is_there():
    texts, labels = corpus(300)
    model = small(warm_start=True).fit(texts, labels)
    path, before = model.wide_, model.predict_proba(texts)
    model.set_params(learning_rate=1e-9, max_epochs=1).fit(texts[:50], labels[:50])
    # 50 rows are too few to choose the shares anew, and say what the path knows already.
    assert model.wide_.shares == path.shares
    assert (model.wide_.features.ids == path.features.ids).all()
    assert 0 < abs(model.predict_proba(texts) - before).max() < 0.1


def test_the_same_rows_again_tell_the_path_nothing_new():
    texts, labels = corpus(300)
    model = small(warm_start=True).fit(texts, labels)
    weights, shares = model.wide_.weights / model.wide_.shares.wide, model.wide_.shares
    for _ in range(2):
        model.set_params(learning_rate=1e-9, max_epochs=1).fit(texts, labels)
        np.testing.assert_allclose(
            model.wide_.weights / model.wide_.shares.wide, weights, rtol=1e-3
        )
        np.testing.assert_allclose(model.wide_.shares, shares, rtol=0.05)
        assert "data_sets" not in model.receipt_
    more = corpus(300, seed=1)
    for _ in range(2):
        model.fit(*more)
        assert model.receipt_["data_sets"] == 2
    assert model.fit(texts, labels).receipt_["data_sets"] == 3


@pytest.mark.parametrize("encoder", ["mean", "gru"])
def test_explain_adds_up_and_names_ngrams(encoder):
    model = small(encoder=encoder, hidden_size=4, max_length=8).fit(*corpus(600))
    text = "the film was not good and the people music some story a good not"
    found = explain(model, text, target="neg")
    logits = model._outputs([text])[0]
    assert found.output == pytest.approx(logits[0] - logits[1], abs=1e-5)
    assert abs(found.completeness_gap) < 1e-3
    table = found.ngrams.set_index("ngram")["attribution"]
    assert table.index[0] in ("not good", "good not")
    assert table["not good"] > 0 > table["good not"]
    of = found.table.set_index("token")["integrated_gradients"]
    assert of["not"] + of["good"] > 0


def test_ngrams_are_named_as_the_path_knows_them():
    texts, labels = corpus(400)
    rare = [f"{text} word{row}" for row, text in enumerate(texts)]
    model = small(min_df=2).fit(rare, labels)
    found = explain(model, "film xyzzy was not good").ngrams["ngram"].tolist()
    assert "<unk>" in found and not any("xyzzy" in ngram for ngram in found)


def test_what_a_token_adds_is_lost_without_it(fitted):
    text = "the film was not good"
    found = explain(fitted, text, target="neg").table.set_index("token")["occlusion"]
    assert isinstance(found, pd.Series) and found["good"] > 0 and found["not"] > 0
    assert found[["not", "good"]].min() > found[["the", "film", "was"]].abs().max()


def test_shuffling_tells_what_each_part_uses(fitted):
    found = order_matters(fitted, *corpus(200, seed=4))
    assert found.drop > 0.2 and found.beyond_noise
    assert found.table["wide"][0] > 0.95 > found.table["wide"][1]
    assert found.table["network"].nunique() == 1
    assert "it uses order, by its n-grams; alone, " in found.verdict
    assert "the wide path goes from" in found.verdict
    # A network that never saw the pairs within its reach does no better than the mean.
    blind = small(encoder="gru", max_length=1).fit(*corpus(600))
    verdict = order_matters(blind, *corpus(200, seed=4)).verdict
    assert "by its n-grams; encoder='mean' would have that too" in verdict
    nothing = order_matters(fitted, *corpus(12, seed=4)).verdict
    assert "encoder='mean' is cheaper" not in nothing


def test_each_part_of_a_regressor_is_scored_in_the_units_of_the_target():
    texts, labels = corpus(600)
    numbers = np.where(labels == "pos", 30.0, 10.0)
    model = small(TextRegressor).fit(texts, numbers)
    # A halved path alone answers as it did before it was halved.
    found = order_matters(model, texts[:200], numbers[:200]).table["wide"]
    path = model.wide_
    model.wide_ = path.sharing(Shares(1.0, 0.5))
    assert model.wide_.shares.wide == 0.5 * path.shares.wide
    halved = order_matters(model, texts[:200], numbers[:200]).table["wide"]
    assert found[0] > 0.8
    np.testing.assert_allclose(halved, found, atol=1e-5)


@pytest.mark.parametrize("unfreeze", ["none", "all"])
def test_it_stands_beside_a_transformer(tmp_path, unfreeze):
    texts, labels = corpus(200)
    write_model(tmp_path, "bert")
    model = TextClassifier(
        encoder="transformer", pretrained=tmp_path, unfreeze=unfreeze, wide="ngrams",
        max_epochs=1, random_state=0, n_threads=1,
    ).fit(texts, labels)  # fmt: skip
    expected = model._network_outputs(model.rows(texts)) + model.wide_.outputs(
        *model.whole_ids(texts)
    )
    np.testing.assert_allclose(model._outputs(texts), expected, rtol=0, atol=1e-5)
    file = tmp_path / "m.textseq"
    # A frozen transformer's weights may stay in its folder, those of the path may not.
    for elsewhere in [{}, {"pretrained_weights": False}] if unfreeze == "none" else [{}]:
        again = load_model(model.save(file, **elsewhere))
        np.testing.assert_allclose(again._outputs(texts), expected, rtol=0, atol=1e-5)
    assert model.receipt_["wide"]["features"] > 10


def test_gradients_are_those_of_the_network_by_itself():
    texts, labels = corpus(300)
    options = {"encoder": "gru", "hidden_size": 4, "max_epochs": 2}
    both, alone = (small(wide=wide, **options).fit(texts, labels) for wide in ("ngrams", None))
    found, expected = (
        gradient_flow(model, texts[:50], labels[:50]).table for model in (both, alone)
    )
    pd.testing.assert_frame_equal(found, expected, rtol=1e-4)


def test_shares_are_what_outputs_were_multiplied_by():
    path = WidePath(
        NgramFeatures(1, 9, np.array([5]), np.ones(1, np.float32)),
        np.array([[2.0]], dtype=np.float32), np.array([1.0], dtype=np.float32),
    )  # fmt: skip
    half = path.sharing(Shares(0.25, 0.5))
    assert half.outputs(Ragged.from_rows([[5]])).tolist() == [[1.5]]
    assert half.shares == Shares(0.25, 0.5)
