"""Against R itself: what Rscript prints for the same rows and folds."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.model_selection import KFold, StratifiedKFold

from textseq import SeriesClassifier, TextClassifier, compare
from textseq.comparison.scores.r_baselines import (
    GlmClassifier,
    GlmnetClassifier,
    GlmnetRegressor,
    GlmRegressor,
)

R_CODE = """
suppressPackageStartupMessages(library(glmnet))
rows <- read.csv(commandArgs(TRUE))
x <- as.matrix(rows[c("a", "b", "c")])
two <- factor(rows$two)
show <- function(name, values) cat(name, formatC(c(values), digits = 17), "\\n")
glm_fit <- glm(two ~ x, family = binomial())
show("glm-two", fitted(glm_fit))
show("glm-number", fitted(glm(rows$number ~ x)))
lasso <- function(y, family) {
  cv.glmnet(x, y, family = family, foldid = rows[[paste0("fold_", family)]], alpha = 0.5)
}
answer <- function(y, family) predict(lasso(y, family), x, s = "lambda.min", type = "response")
show("glmnet-two", answer(two, "binomial"))
show("glmnet-three", answer(factor(rows$three), "multinomial"))
show("glmnet-number", answer(rows$number, "gaussian"))
"""
RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3)) * [1, 5, 0.1]
NOISY = X @ [1.0, 0.1, -3.0] + RNG.normal(size=90)
TARGETS = {
    "two": np.where(NOISY > 0, "yes", "no"),
    "three": np.array(["a", "b", "c"])[(NOISY > -1).astype(int) + (NOISY > 1)],
    "number": NOISY,
}


@pytest.fixture(scope="module")
def by_r(tmp_path_factory):
    columns = dict(zip("abc", X.T, strict=True)) | TARGETS
    for family, y, kind in (
        ("gaussian", NOISY, KFold),
        ("binomial", TARGETS["two"], StratifiedKFold),
        ("multinomial", TARGETS["three"], StratifiedKFold),
    ):
        fold = np.zeros(len(y), int)
        for number, (_, rows) in enumerate(kind(5, shuffle=True, random_state=0).split(X, y)):
            fold[rows] = number + 1
        columns[f"fold_{family}"] = fold
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    rows = zip(*([repr(v) if isinstance(v, float) else str(v) for v in column.tolist()]
                 for column in columns.values()), strict=True)  # fmt: skip
    path.write_text("\n".join([",".join(columns), *map(",".join, rows)]))
    out = subprocess.run(
        ["Rscript", "-e", R_CODE, path], capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in out.stdout.splitlines()]
    return {name: np.array(values, dtype=np.float64) for name, *values in lines}


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("glm-two", GlmClassifier()),
        ("glm-number", GlmRegressor()),
        ("glmnet-two", GlmnetClassifier()),
        ("glmnet-three", GlmnetClassifier()),
        ("glmnet-number", GlmnetRegressor()),
    ],
)
def test_answers_are_those_of_r(by_r, name, model, form):
    y = TARGETS[name.split("-")[1]]
    model = clone(model).fit(form(X), y)
    if name.endswith("number"):
        ours = model.predict(form(X))
    else:
        ours = model.predict_proba(form(X))
        assert (model.predict(form(X)) == model.classes_[ours.argmax(1)]).all()
        ours = ours[:, 1] if name.endswith("two") else ours.ravel(order="F")
    np.testing.assert_allclose(ours, by_r[name], rtol=1e-6, atol=1e-8)


def test_glm_reads_the_first_directions_of_many_features():
    wide = np.hstack([X, RNG.normal(size=(90, 40)) * 1e-3])
    model = GlmRegressor().fit(wide, NOISY)
    assert model.coef_.shape == (1, 43) and np.linalg.matrix_rank(model.coef_) == 1
    narrow = GlmRegressor().fit(X, NOISY).predict(X)
    assert np.corrcoef(model.predict(wide), narrow)[0, 1] > 0.95


@pytest.mark.filterwarnings("ignore:R's glm. glm.fit. algorithm did not converge")
def test_what_r_says_reaches_python():
    with pytest.warns(UserWarning, match="R's glm: .*numerically 0 or 1 occurred"):
        GlmClassifier().fit(np.arange(20.0)[:, None], np.arange(20) > 9)
    with pytest.raises(
        ValueError, match=r"R's glmnet failed: .*x should be a matrix with 2 or more"
    ):
        GlmnetRegressor().fit(X[:, :1], NOISY)
    with pytest.raises(ValueError, match="glm has no family for three classes"):
        GlmClassifier().fit(X, TARGETS["three"])


def texts_of(n=120):
    rng = np.random.default_rng(1)
    words = [["bad", "dull", "film"], ["good", "fine", "film"], ["red", "blue", "film"]]
    classes = rng.integers(0, 3, n)
    noisy = np.where(rng.random(n) < 0.3, rng.integers(0, 3, n), classes)
    return [" ".join(rng.choice(words[c], 4)) for c in noisy], classes, noisy


@pytest.mark.filterwarnings("ignore:R's glm")
@pytest.mark.parametrize("task", ["two", "three", "labels", "number"])
def test_rows_of_a_comparison(task):
    texts, classes, noisy = texts_of()
    y = {
        "two": np.array(["neg", "pos", "pos"])[classes],
        "three": np.array(["neg", "pos", "col"])[classes],
        "labels": np.stack([classes == 0, classes > 1], 1).astype(int),
        "number": noisy + 0.5,
    }[task]
    rows = {"none": {"encoder": "mean", "max_epochs": 1, "hidden_size": 4, "n_threads": 1}}
    first, again = (compare(texts, y, rows, n_seeds=1, baselines="r") for _ in range(2))
    table = first.table.set_index("model")
    score = table[first.metric]
    nothing = "mean target" if task == "number" else "majority class"
    for name in ("R glm", "R glmnet"):
        assert table.loc[name, "kind"] == "baseline" and table.loc[name, "seeds"] == 1
        assert table.loc[name, "parameters"] > 5 and score[name] > score[nothing]
    pairs = zip(first.models, again.models, strict=True)
    assert all(np.array_equal(one.predictions, two.predictions) for one, two in pairs)


@pytest.mark.filterwarnings("ignore:R's glm")
def test_rows_of_a_comparison_of_series():
    rng = np.random.default_rng(0)
    y = np.where(rng.random(80) < 0.5, "up", "down")
    X = rng.normal(size=(80, 1, 8)) + 0.5 * (y == "up")[:, None, None] * np.arange(8)
    network = SeriesClassifier(max_epochs=1, hidden_size=4, n_threads=1)
    found = compare(X, y, ["gru"], estimator=network, n_seeds=1, baselines="r")
    score = found.table.set_index("model")["accuracy"]
    assert score["R glm"] > 0.8 and score["R glmnet"] > 0.8 and len(score) == 8


def test_what_is_missing_is_named():
    known = "use True, False, 'fast' or 'r'"
    with pytest.raises(ValueError, match=f"baselines='s' is not known; {known}"):
        compare(*texts_of()[:2], ["mean"], estimator=TextClassifier(), baselines="s")
    code = (
        "from textseq import compare; "
        "compare(['a b', 'c d'] * 10, ['x', 'y'] * 10, ['mean'], baselines='r')"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"R_LIBS_SITE": "/nowhere"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    last = out.stderr.splitlines()[-1]
    assert last.startswith("ImportError: R has no package glmnet, which baselines='r' needs")
