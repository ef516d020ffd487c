"""``compare`` of taggers, translators and language models, end to end."""

import dataclasses

import joblib
import numpy as np
import pandas as pd
import pytest
from compared_sequences import LANGUAGE, TAGGER, TRANSLATOR, pairs, tagged, texts
from pages import HOSTILE, check_markup, show
from sacrebleu.metrics import BLEU
from sklearn.base import BaseEstimator, clone

from textseq import Comparison, Seq2Seq, SequenceTagger, compare
from textseq.comparison.sequences.disagreements import disagreements
from textseq.estimators.language.ngram import NgramLanguageModel

# Of networks that have hardly learned, which the result does not depend on.
pytestmark = pytest.mark.filterwarnings("ignore:.* answers end where they would have gone on")

ROWS = {"tags": tagged(), "texts": pairs(), "language": (texts(), None)}
TEMPLATES = {"tags": TAGGER, "texts": TRANSLATOR, "language": LANGUAGE}
CHEAP = {
    "tags": ["commonest tag of a word"],
    "texts": ["copy of the source", "nearest source"],
    "language": ["Kneser-Ney n-grams"],
}
TASKS = list(TEMPLATES)


@pytest.fixture(autouse=True, scope="module")
def without_crfsuite():
    """Rows are the same whether it is installed or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textseq.comparison.sequences.tags.can_be_fitted", lambda: False)
        yield


def compared(task, rows=("gru",), **given):
    X, y = ROWS[task]
    return compare(X, y, list(rows), **{"estimator": TEMPLATES[task], "n_seeds": 2} | given)


@pytest.fixture(scope="module")
def results():
    return {task: compared(task, ["gru", "lstm"]) for task in TASKS}


def untimed(comparison):
    timed = ["train_seconds", "predict_microseconds", "disk_bytes"]
    return comparison.table.set_index("model").sort_index().drop(columns=timed)


@pytest.mark.parametrize("task", TASKS)
def test_cheap_rows_stand_beside_networks(results, task):
    comparison = results[task]
    assert [model.name for model in comparison.models] == [*CHEAP[task], "gru", "lstm"]
    assert comparison.task == task
    assert comparison.table["seeds"].tolist().count(2) == 2
    assert len(comparison.pairs) == len(comparison.models) * (len(comparison.models) - 1) / 2
    shown = str(comparison)
    assert all(name.split(" ")[0] in shown for name in CHEAP[task]) and "difference" in shown


@pytest.mark.parametrize("task", TASKS)
def test_comparisons_repeat_to_the_last_bit_side_by_side_and_from_a_folder(results, task, tmp_path):
    first, fitted = results[task], []
    again = compared(task, ["gru", "lstm"], checkpoint=tmp_path / "fits")
    kept = compared(
        task, ["gru", "lstm"], checkpoint=tmp_path / "fits",
        on_fit=lambda *fit: fitted.append(fit),
    )  # fmt: skip
    with joblib.parallel_config("loky", n_jobs=2):
        beside = compared(task, ["gru", "lstm"])
    assert fitted == []
    for other in (again, kept, beside):
        assert untimed(other).equals(untimed(first))
        assert other.pairs.equals(first.pairs)
        assert other.predictions.equals(first.predictions)
    # A fit that is over is not taken for one of other rows.
    with pytest.raises(ValueError, match="its data were others|rows .* were others"):
        compare(
            ROWS[task][0][:40], None if task == "language" else ROWS[task][1][:40], ["gru"],
            estimator=TEMPLATES[task], checkpoint=tmp_path / "fits",
        )  # fmt: skip


@pytest.mark.parametrize("task", TASKS)
def test_json_holds_all_of_it(results, task, tmp_path):
    comparison = results[task]
    read = Comparison.from_json(comparison.to_json(tmp_path / "c.json"))
    assert read.table.equals(comparison.table) and read.pairs.equals(comparison.pairs)
    pd.testing.assert_frame_equal(read.predictions, comparison.predictions, check_dtype=False)
    assert read.headline == comparison.headline and read.task == task
    assert disagreements(read) == disagreements(comparison)
    page, other = (found.to_html(tmp_path / "p.html").read_text() for found in (comparison, read))
    assert page.count("<svg") == other.count("<svg") >= 4


def test_tags_by_hand():
    X = [["a", "b"], ["a", "c"], ["b", "b"], ["a"]]
    y = [["X", "Y"], ["X", "Z"], ["Y", "Z"], ["Y"]]
    test = ([["a", "b", "d"], ["b"]], [["X", "Z", "X"], ["Y"]])
    found = compare(X, y, [], test=test)
    # X of a, Y of b; of an unknown word, of one small letter, the commonest: X, met first.
    predictions = found.predictions
    assert predictions["prediction"].tolist() == ["X", "Y", "Y", "Y"]
    assert predictions[["row", "step"]].to_numpy().tolist() == [[0, 0], [0, 1], [0, 2], [1, 0]]
    assert found.best.scores.tolist() == [0.5]


def test_translations_by_hand():
    X, y = ["a b c d e", "v w x y z"], ["A B C D E", "V W X Y Z"]
    asked = (["a b c d f", "v w x y"], ["A B C D E", "V W X X Z"])
    found = compare(X, y, [], estimator=Seq2Seq(), test=asked)
    nearest = next(model for model in found.models if model.name == "nearest source")
    assert nearest.predictions.tolist() == [["A B C D E", "V W X Y Z"]]
    assert nearest.measures["exact_match"].tolist() == [0.5]
    expected = BLEU().corpus_score(["A B C D E", "V W X Y Z"], [asked[1]]).score
    assert nearest.scores == pytest.approx([expected])
    assert found.metric == "bleu" and found.best is nearest


def test_scores_are_those_of_fits_by_hand():
    X, y = tagged(60)
    asked = tagged(20)
    found = compare(X, y, ["gru"], estimator=TAGGER, test=asked, n_seeds=1, random_state=5)
    model = clone(TAGGER).set_params(encoder="gru", random_state=5).fit(X, y)
    row = next(row for row in found.models if row.kind == "network")
    assert row.scores == pytest.approx([model.span_f1(*asked)], abs=1e-12)
    assert row.measures["accuracy"] == pytest.approx([model.score(*asked)], abs=1e-12)
    book, other = texts(60), texts(30)
    said = compare(book, encoders=["gru"], estimator=LANGUAGE, test=other, n_seeds=1)
    model = clone(LANGUAGE).set_params(encoder="gru", random_state=0).fit(book)
    assert said.models[1].scores == pytest.approx([-model.score(other)], rel=1e-6)
    ngrams = NgramLanguageModel("char", order=7).fit(book)
    assert said.models[0].scores == pytest.approx([-ngrams.score(other)], rel=1e-9)
    assert said.best is min(said.models, key=lambda model: model.scores.mean())


def test_estimators_are_rows_and_any_other_that_answers():
    class Outside(BaseEstimator):
        """Says O throughout, and reads lists alone."""

        def fit(self, X, y):
            assert all(isinstance(row, list) for row in X)
            return self

        def predict(self, X):
            return [["O"] * len(row) for row in X]

    X, y = tagged()
    linear = SequenceTagger("linear", embedding_dim=8, max_epochs=1, hidden_size=8, n_threads=1)
    found = compare(X, y, [linear, TAGGER, {"outside": Outside()}], n_seeds=1, scoring="accuracy")
    assert [model.name for model in found.models][1:] == [
        "bilstm (head=linear, max_epochs=1)", "bilstm (max_epochs=2)", "outside",
    ]  # fmt: skip
    truth = found.predictions[found.predictions["model"] == "outside"]["truth"]
    assert found.metric == "accuracy"
    assert found.models[3].scores == pytest.approx([(truth == "O").mean()])


def test_folds_and_groups():
    folds = compared("tags", [], cv=4)
    assert folds.receipt["folds"] == 4 and len(folds.texts) == 80
    groups = np.arange(80) // 8
    grouped = compared("tags", [], groups=groups, test=0.3)
    (whole,) = {len(grouped.texts) % 8}
    assert whole == 0
    # Sources that are the same stand on one side, whatever their targets.
    X, y = pairs(20)
    doubled = compare(X * 2, y * 2, [], estimator=TRANSLATOR)
    assert not any("also occur in training" in line for line in doubled.warnings)
    assert len(doubled.texts) == 8


def test_a_network_below_a_cheap_row_is_told():
    X, y = tagged(120)
    found = compare(X, y, ["gru"], estimator=clone(TAGGER).set_params(max_epochs=1), n_seeds=2)
    assert found.best.name == CHEAP["tags"][0]
    (told,) = [line for line in found.warnings if "cheap row" in line]
    assert told.startswith("gru does worse than the cheap row commonest tag of a word: span F1")


def test_test_rows_that_were_trained_on_are_told():
    X, y = tagged(20)
    found = compare(X, y, [], test=(X[:10], y[:10]))
    assert found.warnings[0].startswith("10 of 10 test sentences (100.0 %) also occur in training")


@pytest.mark.parametrize(
    ("task", "given", "message"),
    [
        ("tags", {"scoring": "bleu"}, "choose from: span_f1, accuracy"),
        ("tags", {"baselines": "r"}, "use True or False"),
        ("tags", {"test": 0.2, "cv": 2}, "not both"),
        ("language", {"rows": [{"mine": TAGGER}]}, "no task in common"),
        ("language", {"rows": [{"mine": 3}]}, "an estimator with fit and score_samples, got 3"),
        ("tags", {"test": tuple("abcd")}, "got a tuple of 4"),
        ("tags", {"rows": ["gru", "gru"]}, "two rows are named 'gru'"),
        ("tags", {"rows": ["mean"]}, "mean"),
    ],
)
def test_what_cannot_be_compared_is_refused(task, given, message):
    with pytest.raises(ValueError, match=message):
        compared(task, **given)


@pytest.mark.parametrize("task", TASKS)
def test_pages_hold_every_part_and_escape_it(results, task, tmp_path):
    comparison = results[task]
    names = dict(zip([model.name for model in comparison.models], HOSTILE, strict=False))
    models = tuple(
        dataclasses.replace(model, name=names[model.name]) for model in comparison.models
    )
    pairs_ = comparison.pairs.astype(object).replace({"first": names, "second": names})
    texts_ = tuple(HOSTILE[row % len(HOSTILE)] for row in range(len(comparison.texts)))
    hostile = dataclasses.replace(comparison, models=models, pairs=pairs_, texts=texts_)
    for found in (comparison, hostile):
        text = found.to_html(tmp_path / "page.html").read_text()
        check_markup(text)
        assert ("Which tags are confused" in text) == (task == "tags")
        assert "disagree most" in text and "approximate randomisation" in text
    assert ("less is better" in text) == (task == "language")
    assert f"{comparison.metric}".replace("_", " ")[:3].lower() in comparison._repr_html_().lower()


@pytest.mark.parametrize("task", TASKS)
def test_a_browser_shows_the_page_without_asking_for_anything(results, task, tmp_path, browser):
    path = results[task].to_html(tmp_path / "page.html")
    for width in (400, 1280):
        console, requested = show(browser, path, width)
        assert console == [] and requested == [path.as_uri()]
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width
