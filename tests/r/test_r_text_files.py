"""Texts in files for R: told from texts, fitted to, answered and scored as rows in memory are."""

import numpy as np
import polars as pl
import pytest

from textseq import TextClassifier
from textseq.corpus import target_codes
from textseq.corpus.source import TextSource
from textseq.r import bridge
from textseq.r.text_files import files_by_handle, names_files, targets_of
from textseq.r.wire import decode, encode

ROWS = pl.DataFrame(
    {
        "review": ["a good film", "a bad film"] * 20,
        "label": ["pos", "neg"] * 20,
        "stars": [5, 1] * 20,
        "good": [True, False] * 20,
    }
)
TINY = {"encoder": ["mean"], "random_state": [1.0], "n_threads": [1.0], "max_epochs": [2.0]}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "reviews.csv"
    ROWS.write_csv(path)
    return path


def handle(path, texts=None, target=None):
    return {"path": [str(path)], "texts": texts, "target": target}


def kept_at(path):
    described = {"path": [str(path)], "every_minutes": [5.0], "any_threads": [False]}
    return {"textseq_checkpoint": described}


def reply_to(name, **arguments):
    return bridge.call(name, encode(arguments))


def called(name, **arguments):
    reply = reply_to(name, **arguments)
    assert "error" not in reply, reply["error"]
    return decode(reply["value"])


def fit_arguments(path, texts, target, kind="TextClassifier", **parameters):
    data = {"X": {"textseq_files": handle(path, texts, target)}, "validation_data": None}
    return {"kind": kind, "data": data, "options": None, "parameters": TINY | parameters}


def refusal(path, texts, target, **parameters):
    return reply_to("fit", **fit_arguments(path, texts, target, **parameters))["error"]["message"]


def test_a_path_is_told_from_a_text(tmp_path):
    assert names_files(["new.parquet"]) and names_files(["new/*.csv.gz"])
    assert names_files([f"{tmp_path}/"])
    for text in ("good", "see what is in data.csv", str(tmp_path), "and/", ""):
        assert not names_files([text])


def test_files_are_opened_by_the_columns_that_are_named(csv):
    source = files_by_handle(handle(csv, ["review"], ["label"]))
    assert isinstance(source, TextSource)
    assert (source.texts, source.target) == (("review",), "label")
    # A model may know the name of its column of texts.
    assert files_by_handle(handle(csv)) == csv


def test_a_fit_to_files_is_that_to_their_rows(csv):
    found = called("fit", **fit_arguments(csv, ["review"], ["label"]))
    model = TextClassifier(encoder="mean", random_state=1, n_threads=1, max_epochs=2)
    model.fit(ROWS["review"], ROWS["label"])
    sha256 = model.receipt_["weights_sha256"]
    assert found["receipt"]["weights_sha256"] == [sha256] and found["classes"] == ["neg", "pos"]
    answered = {"X": {"textseq_files": handle(csv, ["review"])}}
    probabilities = called(
        "ask", id=found["id"], method="predict_proba", data=answered, options=None
    )
    np.testing.assert_array_equal(probabilities, model.predict_proba(ROWS["review"]))
    scored = {"X": {"textseq_files": handle(csv, ["review"], ["label"])}}
    table = called("evaluate", id=found["id"], data=scored).set_index("metric")
    assert table.loc["accuracy", "score"] == model.score(ROWS["review"], ROWS["label"])
    assert set(table["n"]) == {40}


def test_a_model_of_texts_without_names_reads_the_column_that_is_named(csv):
    model = TextClassifier(encoder="mean", random_state=1, n_threads=1, max_epochs=2)
    model.fit(ROWS["review"].to_list(), ROWS["label"].to_list())
    source = files_by_handle(handle(csv, ["review"], ["label"]))
    np.testing.assert_array_equal(model.predict(source), model.predict(ROWS["review"]))


def test_names_of_labels_find_those_of_files(csv):
    weighed = fit_arguments(csv, ["review"], ["stars"], class_weight={"5": [3.0]})
    found = called("fit", **weighed)
    assert found["classes"].tolist() == [1, 5]
    assert "names 'z'" in refusal(csv, ["review"], ["label"], class_weight={"z": [3.0]})


def test_what_can_be_refused_is_before_anything_is_read(csv, cache, tmp_path):
    assert "encoder" in refusal(csv, ["review"], ["label"], encoder=["lsmt"])
    arguments = fit_arguments(csv, ["review"], ["label"])
    error = reply_to("fit", **arguments, checkpoint=kept_at(tmp_path / "nowhere" / "run.ckpt"))
    assert "there is no folder" in error["error"]["message"]
    assert not cache.exists()


def test_columns_beside_the_texts_are_refused(csv, tmp_path):
    parquet = tmp_path / "reviews.parquet"
    ROWS.with_columns(pl.col("label").cast(pl.Categorical)).write_parquet(parquet)
    for path, column, holds in (
        (csv, "stars", "numbers"),
        (parquet, "stars", "numbers"),
        (parquet, "good", "Boolean"),
        (parquet, "label", "Categorical"),
    ):
        message = refusal(path, ["review", column], ["label" if column != "label" else "good"])
        assert f"column '{column}' holds {holds}" in message
        assert "read the rows into a data frame" in message
    assert "column 'stars' holds numbers" in refusal(parquet, ["stars"], ["label"])
    # A factor is a column of texts if it stands alone, and so is one of numbers written as text.
    assert called("fit", **fit_arguments(parquet, ["label"], ["good"]))["classes"].dtype == bool
    assert called("fit", **fit_arguments(csv, ["stars"], ["label"]))["classes"] == ["neg", "pos"]


def test_the_word_na_is_told_of(csv, tmp_path):
    path = tmp_path / "lacking.csv"
    path.write_text(csv.read_text().replace("pos", "NA"))
    reply = reply_to("fit", **fit_arguments(path, ["review"], ["label"]))
    messages = [warning["message"] for warning in reply["warnings"]]
    assert any("NA in column 'label' is read as a label" in message for message in messages)


def test_targets_of_files_are_compared_to_classes(csv, tmp_path):
    def targets(path, target, classes):
        return list(targets_of(files_by_handle(handle(path, ["review"], [target])), classes))

    assert targets(csv, "label", np.array(["neg", "pos"])) == ROWS["label"].to_list()
    assert targets(csv, "stars", None) == ROWS["stars"].to_list()
    path = tmp_path / "written_by_r.csv"
    path.write_text("review,good\na,TRUE\nb,FALSE\nc,maybe\n")
    assert targets(path, "good", np.array([False, True])) == ["True", "False", "maybe"]


def test_what_to_do_is_told_in_words_of_r(csv, tmp_path, monkeypatch):
    message = refusal(csv, ["review"], ["label"], tokenizer=["bpe"])
    assert message.endswith('tokenizer = text_tokenizer("bpe", texts)')
    found = called("fit", **fit_arguments(csv, ["review"], ["label"]))

    def unread(path, texts=None):
        data = {"X": {"textseq_files": handle(path, texts)}}
        asked = {"id": found["id"], "method": "predict", "data": data, "options": None}
        return reply_to("ask", **asked)["error"]["message"]

    path = tmp_path / "numbers.parquet"
    ROWS.select(review="stars").write_parquet(path)
    assert unread(path, ["review"]).endswith("name the column of texts in the formula")
    monkeypatch.setattr(target_codes, "MOST_LABELS", 1)
    message = refusal(csv, ["review"], ["stars"])
    assert message.endswith("text_regressor(), else name the column of labels in the formula")


def test_a_fit_of_r_goes_on_with_the_seed_that_was_drawn_first(csv, tmp_path):
    kept = kept_at(tmp_path / "run.ckpt")

    def fitted(seed, seed_is_drawn):
        arguments = fit_arguments(csv, ["review"], ["label"], random_state=[float(seed)])
        return reply_to("fit", **arguments, checkpoint=kept, seed_is_drawn=[seed_is_drawn])

    first = decode(fitted(1, True)["value"])
    again = decode(fitted(2, True)["value"])
    assert again["receipt"]["seed"].tolist() == [1]
    assert again["history"]["seconds"].tolist() == first["history"]["seconds"].tolist()
    assert "random_state was 1 and is 2" in fitted(2, False)["error"]["message"]
