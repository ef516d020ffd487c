"""Text beside columns: one estimator reads both, and they meet at the head."""

import io
import multiprocessing
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from model_folder import write_model
from rounding import rounding
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from textseq import TextClassifier, TextRegressor, load_model
from textseq.files import ModelFileError, read_model
from textseq.files import write_model as write_file
from textseq.inspection.attribution import explain
from textseq.inspection.by_hand import step_by_step
from textseq.inspection.word_order import order_matters

WORDS = np.array(["a", "film", "was", "story", "with", "people", "and", "some", "music", "long"])


def table(n, seed=0):
    """A frame whose label a word, a number and a category tell, each a third of it."""
    rng = np.random.default_rng(seed)
    good = rng.random(n) < 0.5
    price = rng.lognormal(3, 1, n)
    store = rng.choice(["north", "south", "west"], n, p=[0.5, 0.25, 0.25])
    words = rng.choice(WORDS, (n, 6))
    words[:, 2:5] = np.where(good, "good", "bad")[:, None]
    votes = good + (price > np.e**3) + (store == "north") * 1.0
    frame = pd.DataFrame({
        "text": [" ".join(row) for row in words],
        "price": price,
        "store": pd.Categorical(store),
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), "D"),
        "new": rng.random(n) < 0.5,
    })  # fmt: skip
    return frame, np.where(votes >= 2, "yes", "no")


def small(kind=TextClassifier, **parameters):
    defaults = dict(encoder="mean", embedding_dim=8, hidden_size=8, random_state=0, n_threads=1)
    return kind(**defaults | {"wide": None} | parameters)


@pytest.fixture(scope="module")
def fitted():
    return small().fit(*table(600))


def shuffled(frame, seed=0):
    """Columns of other rows beside each text."""
    order = np.random.default_rng(seed).permutation(len(frame))
    others = frame.drop(columns="text").iloc[order].reset_index(drop=True)
    return pd.concat([frame[["text"]].reset_index(drop=True), others], axis=1)


@pytest.mark.parametrize("encoder", ["mean", "gru"])
def test_columns_that_decide_the_label_add_and_shuffled_ones_do_not(encoder):
    (X, y), (T, z) = table(600), table(1000, seed=1)
    options = dict(encoder=encoder, embedding_dim=50, hidden_size=32, max_epochs=15)
    both = small(**options).fit(X, y)
    alone = small(**options).fit(X["text"], y)
    noise = small(**options).fit(shuffled(X), y)
    right = [
        both.predict(T) == z,
        alone.predict(T["text"]) == z,
        noise.predict(shuffled(T, 1)) == z,
    ]
    scores = np.mean(right, axis=1)
    assert scores[0] > 0.88 and scores[0] > scores[1] + 0.12
    # Noise in the place of columns tells nothing: no better, and worse by rounding of luck alone.
    error = np.std(right[2].astype(float) - right[1]) / np.sqrt(len(z))
    assert scores[2] <= scores[1] + 3 * error
    # A model that reads columns leans on them.
    assert np.mean(both.predict(shuffled(T)) == z) < scores[0] - 0.12


def test_without_columns_nothing_changes():
    X, y = table(100)
    models = [
        small(max_epochs=2).fit(own, y) for own in (X["text"], X[["text"]], X["text"].tolist())
    ]
    assert len({model.receipt_["weights_sha256"] for model in models}) == 1
    assert "n_columns" not in models[0].architecture_
    assert "beside" not in models[0].encoding_.to_dict()


def test_a_row_scores_the_same_in_any_batch_order_of_columns_and_library(fitted):
    X, _ = table(300, seed=2)
    together = fitted.predict_proba(X)
    alone = np.concatenate([fitted.predict_proba(X[row : row + 1]) for row in range(40)])
    assert np.abs(alone - together[:40]).max() <= rounding(alone)
    turned = X[["new", "store", "text", "day", "price"]].assign(label="no")
    assert np.array_equal(fitted.predict_proba(turned), together)
    plain = X.assign(store=X["store"].astype(str)).to_dict("list")
    polars = pl.DataFrame(plain | {"day": [day.to_pydatetime() for day in X["day"]]})
    assert np.array_equal(fitted.predict_proba(polars), together)


def test_missing_values_and_new_levels_are_legal(fitted):
    X, _ = table(4, seed=3)
    X = X.assign(price=[np.nan, 1e9, -np.inf, 5.0], store=["new", None, "north", "west"],
                 day=pd.NaT, new=None)  # fmt: skip
    assert np.isfinite(fitted.predict_proba(X)).all()
    gaps, y = table(300)
    gaps.loc[::5, "price"] = np.nan
    gaps.loc[::3, "store"] = None
    gaps.loc[::2, "day"] = pd.NaT
    model = small(max_epochs=3).fit(gaps, y)
    assert np.isfinite(model.predict_proba(X)).all()
    # What was not seen to be missing is the average of what was seen.
    row = X[3:4].assign(store="never", day=pd.NaT, new=None)
    assert not fitted.encoding_.numbers(fitted.encoding_.rows(row))[:, 8:].any()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda X: X.drop(columns="store"), "X has no column 'store'"),
        (lambda X: X["text"], "the model reads the columns 'price', 'store', 'day', 'new' beside"),
        (lambda X: X["text"].tolist(), "X is a list of texts alone; pass a frame"),
        (lambda X: X.assign(price="dear"), "'price' of X is a category, such as 'dear', but a num"),
        (lambda X: X.assign(day=1.0), "column 'day' of X is a number, such as 1.0, but a date"),
    ],
)
def test_other_columns_than_were_learned_from_are_refused_by_name(fitted, change, said):
    X, _ = table(5)
    for method in (fitted.predict, fitted.predict_proba, fitted.transform, fitted.predict_set):
        with pytest.raises(ValueError, match=said):
            method(change(X))


def test_one_file_holds_the_columns_too(fitted, tmp_path):
    X, y = table(50, seed=4)
    model = load_model(fitted.save(tmp_path / "a.textseq"))
    assert np.array_equal(model.predict_proba(X), fitted.predict_proba(X))
    assert model.score(X, y) == fitted.score(X, y)
    for copied in (pickle.loads(pickle.dumps(fitted)), load_model(model.save(tmp_path / "b"))):
        assert np.array_equal(copied.predict_proba(X), fitted.predict_proba(X))
    features = load_model(_features(fitted, tmp_path))
    assert np.array_equal(features.transform(X), fitted.transform(X))


def _features(model, folder):
    return model.save(folder / "features.textseq", features_only=True)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda header: header["encoding"].pop("beside"),
        lambda header: header["encoding"]["beside"]["means"].pop(),
        lambda header: header["encoding"]["beside"]["codes"][0].update(knots=[2.0, 1.0]),
        lambda header: header["encoding"]["beside"]["kinds"].update(price="colour"),
        lambda header: header["network"].pop("n_columns"),
        lambda header: header["network"].update(n_columns=1),
    ],
)
def test_a_file_whose_columns_do_not_go_together_is_refused(fitted, spoil):
    buffer = io.BytesIO()
    fitted.save(buffer)
    kind, header, arrays = read_model(buffer.getvalue())
    spoil(header)
    changed = io.BytesIO()
    write_file(changed, kind, header, arrays)
    with pytest.raises(ModelFileError):
        load_model(changed.getvalue())


def _answer(model, X, queue):
    queue.put(model.predict_proba(X))


def test_a_forked_process_scores_the_same(fitted):
    X, _ = table(30)
    plain = X.assign(store=X["store"].astype(str)).to_dict("list")
    polars = pl.DataFrame(plain | {"day": [day.to_pydatetime() for day in X["day"]]})
    for frame in (X, polars):
        queue = multiprocessing.get_context("fork").Queue()
        process = multiprocessing.get_context("fork").Process(
            target=_answer, args=(fitted, frame, queue)
        )
        process.start()
        found = queue.get(timeout=60)
        process.join()
        assert np.array_equal(found, fitted.predict_proba(frame))


def test_columns_are_learned_of_the_training_rows_alone():
    X, y = table(200)
    rows = np.arange(200)
    extreme = X.assign(price=np.where(rows >= 150, 1e6, np.minimum(X["price"], 100)))
    weights = (rows < 150).astype(float)
    given = (extreme[150:], y[150:])
    fits = [
        small(max_epochs=1).fit(extreme, y, sample_weight=weights, validation_data=given),
        small(max_epochs=1).fit(extreme[:150], y[:150], validation_data=given),
    ]
    for model in fits:
        price = model.encoding_.beside.codes[0]
        assert price.column == "price" and price.knots[-1] <= 100
    assert fits[0].receipt_["weights_sha256"] == fits[1].receipt_["weights_sha256"]
    # Those that the fit itself sets aside are not learned from, either: the others average to 0.
    prepared = small(validation_fraction=0.25).prepare(X, y)
    assert len(prepared.validation) == 50
    assert np.abs(prepared.rows.columns.mean(0)).max() < 1e-6
    assert np.abs(prepared.validation.columns.mean(0)).max() > 1e-3


def test_named_texts_may_be_two_and_other_strings_are_categories():
    X, y = table(200)
    X = X.assign(store=X["store"].astype(str), title=X["text"].str[:9])
    with pytest.raises(ValueError, match="say which hold texts"):
        small().fit(X, y)
    pair = small(max_epochs=2, text_columns=["text", "title"]).fit(X, y)
    assert pair.encoding_.n_fields == 2 and pair.encoding_.beside.kinds["store"] == "category"
    turned = X[X.columns[::-1]]
    assert np.array_equal(pair.predict_proba(turned), pair.predict_proba(X))
    one = small(max_epochs=2, text_columns="text").fit(X[["text", "title"]], y)
    assert one.encoding_.beside.kinds == {"title": "category"}
    alone = small(max_epochs=2, text_columns="text").fit(X[["text"]], y)
    assert alone.encoding_.beside is None
    assert np.array_equal(alone.predict_proba(X), alone.predict_proba(X["text"]))


@pytest.mark.parametrize("columns", ["", ["a", "a"], ["a", "b", "c"], 3, [1]])
def test_text_columns_that_name_nothing_are_refused(columns):
    X, y = table(20)
    with pytest.raises(ValueError, match="text_columns must name one column|no column ''"):
        small(text_columns=columns).fit(X, y)


def test_numbers_and_several_labels_are_told_by_columns_too():
    (X, y), (T, z) = table(400), table(200, seed=1)
    options = dict(max_epochs=10)
    numbers = small(TextRegressor, **options).fit(X, np.log(X["price"]) + (y == "yes"))
    assert numbers.score(T, np.log(T["price"]) + (z == "yes")) > 0.8
    assert numbers.predict(T, level=80).shape == (200, 3)

    def labels(frame):
        return np.stack([frame["price"] > 20, frame["store"] == "north"], axis=1).astype(int)

    assert small(**options).fit(X, labels(X)).score(T, labels(T)) > 0.9


def test_a_wide_path_stands_beside_columns():
    (X, y), (T, z) = table(600), table(500, seed=1)
    model = small(wide="ngrams", max_epochs=8).fit(X, y)
    assert model.wide_ is not None and model.score(T, z) > 0.88
    whole = model.outputs_of(
        model.whole_ids(T), model.encoding_.numbers(model.encoding_.rows(T))
    ).sum(0)
    assert np.array_equal(model.answers(whole), model.predict_proba(T))
    assert model.without_wide().predict_proba(T).shape == (500, 2)


def test_a_second_fit_goes_on_with_the_columns_of_the_first():
    X, y = table(200)
    model = small(max_epochs=2, warm_start=True).fit(X, y)
    first = model.encoding_.beside
    model.fit(X.assign(price=X["price"] * 100)[X.columns[::-1]], y)
    assert model.encoding_.beside is first and len(model.history_) == 2
    with pytest.raises(ValueError, match="X has no column 'price'"):
        model.fit(X.drop(columns="price"), y)


def test_it_works_within_scikit_learn():
    X, y = table(200)
    search = GridSearchCV(small(max_epochs=1), {"embedding_dim": [4, 8]}, cv=2).fit(X, y)
    assert search.predict(X).shape == (200,)
    assert clone(small(text_columns=["text"])).text_columns == ["text"]
    seen = []

    def scoring(estimator, own, truth):
        seen.append(own)
        return float(np.mean(estimator.predict(own) == truth))

    small(max_epochs=1, scoring=scoring).fit(X, y)
    assert list(seen[0]) == list(X) and len(seen[0]) == 20


def test_hidden_layers_and_a_frozen_transformer_read_columns(tmp_path):
    (X, y), (T, z) = table(400), table(300, seed=1)
    hidden = small(head_sizes=(32,), max_epochs=15).fit(X, y)
    assert hidden.score(T, z) > 0.8
    write_model(tmp_path / "model", "bert")
    frozen = TextClassifier(
        encoder="transformer", pretrained=tmp_path / "model", unfreeze="none", max_epochs=3,
        random_state=0, n_threads=1, wide=None,
    ).fit(X, y)  # fmt: skip
    first = frozen.predict_proba(T)
    assert frozen.score(T, z) > 0.6
    again = load_model(frozen.save(tmp_path / "a.textseq", pretrained_weights=False))
    assert np.array_equal(again.predict_proba(T), first)


@pytest.mark.parametrize("encoder", ["mean", "gru"])
def test_instruments_read_the_columns(encoder):
    X, y = table(300)
    model = small(encoder=encoder, max_epochs=5).fit(X, y)
    found = explain(model, X[:1], target="yes")
    assert abs(found.completeness_gap) < 1e-3
    assert found.columns["column"].tolist() == ["price", "store", "day", "new"]
    changed = found.output - found.baseline
    parts = found.columns["integrated_gradients"].sum() + found.table["integrated_gradients"].sum()
    assert np.isclose(parts, changed, atol=1e-3)
    # Nothing is hidden above the columns: what one adds is what the answer loses without it.
    binary = found.columns
    assert np.allclose(binary["occlusion"], binary["integrated_gradients"], atol=1e-3)
    assert "of the columns" in found.verdict
    with pytest.raises(ValueError, match="pass a frame"):
        explain(model, X["text"][0])
    with pytest.raises(ValueError, match="X has 2 rows; pass one"):
        explain(model, X[:2])
    assert order_matters(model, X, y, n_shuffles=1).score == model.score(X, y)
    if encoder == "gru":
        by_hand = step_by_step(model, X[:1])
        assert by_hand.difference < 1e-5
        assert f"{model.encoding_.n_columns} numbers of columns" in by_hand.equations
