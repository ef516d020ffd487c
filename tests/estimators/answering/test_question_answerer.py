import numpy as np
import pandas as pd
import pytest

from textseq import QuestionAnswerer, Tokenizer, load_model, make_stories
from textseq.estimators.answering.rows import AnsweringRows
from textseq.ragged import Ragged

PAIR = ["question", "passage"]
SMALL = {"hidden_size": 8, "embedding_dim": 8, "n_passes": 1, "n_threads": 1, "random_state": 0}
STORIES = make_stories(300, random_state=0)
ROWS = [
    ("Who met Ana?", "Bob Silva met Ana. Ana ran."),
    ("Who ran?", "Bob Silva met Ana. Ana ran."),
] * 15
ANSWERS = ["Bob Silva", "Ana"] * 15


@pytest.fixture(scope="module")
def fitted():
    return QuestionAnswerer(max_epochs=12, n_threads=1, random_state=0).fit(
        STORIES[PAIR], STORIES["answer"]
    )


def test_where_people_are_is_learned(fitted):
    fresh = make_stories(200, random_state=1)
    assert fitted.score(fresh[PAIR], fresh["answer"]) > 0.8
    assert fitted.f1(fresh[PAIR], fresh["answer"]) == fitted.score(fresh[PAIR], fresh["answer"])
    assert fitted.receipt_["score_name"] == "exact match"


def test_answers_of_several_words_are_parts_of_the_passage():
    model = QuestionAnswerer(**SMALL, max_epochs=30, learning_rate=0.02).fit(ROWS, ANSWERS)
    assert model.fitted_parameters_["max_answer_length"] == 2
    assert model.predict(ROWS[:2]) == ["Bob Silva", "Ana"]
    for (_, passage), [one] in zip(ROWS[:2], model.predict_spans(ROWS[:2]), strict=True):
        assert passage[one.start : one.end] == one.text
    # Two occurrences of one answer count together.
    several = model.predict_spans(ROWS[:1], n_best=99)[0]
    texts = [one.text.lower() for one in several]
    assert len(set(texts)) == len(texts) and sum(one.probability for one in several) > 0.999
    assert sorted(several, key=lambda one: -one.probability) == several


def test_an_answer_by_its_place_means_that_occurrence():
    places = [(0, 9) if answer == "Bob Silva" else (14, 17) for answer in ANSWERS]
    model = QuestionAnswerer(**SMALL, max_epochs=30, learning_rate=0.02).fit(ROWS, places)
    assert model.predict_spans(ROWS[1:2])[0][0][:3] == ("Ana", 14, 17)
    assert model.score(ROWS, places) == 1


@pytest.mark.parametrize(
    "form",
    [
        lambda rows: rows,
        lambda rows: np.array(rows),
        lambda rows: pd.DataFrame(rows, columns=PAIR),
        lambda rows: [list(row) for row in rows],
    ],
    ids=["pairs", "array", "frame", "lists"],
)
def test_rows_come_in_the_forms_of_pairs_of_texts(form):
    models = [
        QuestionAnswerer(**SMALL, max_epochs=1).fit(rows, ANSWERS) for rows in (ROWS, form(ROWS))
    ]
    sums = {model.receipt_["weights_sha256"] for model in models}
    assert len(sums) == 1


def test_columns_are_told_by_their_names(fitted):
    turned = STORIES[["passage", "question"]].head(20)
    assert fitted.predict(turned) == fitted.predict(STORIES[PAIR].head(20))


def test_the_same_row_has_the_same_answer_in_any_batch(fitted):
    rows = STORIES[PAIR].head(40)
    together = fitted.predict_spans(rows)
    for row in (0, 17, 39):
        (alone,) = fitted.predict_spans(rows.iloc[[row]])
        assert alone[0][:3] == together[row][0][:3]
        assert alone[0].probability == pytest.approx(together[row][0].probability, abs=1e-6)


def test_fits_repeat_and_files_hold_all(fitted, tmp_path):
    again = QuestionAnswerer(max_epochs=12, n_threads=1, random_state=0).fit(
        STORIES[PAIR], STORIES["answer"]
    )
    assert again.receipt_["weights_sha256"] == fitted.receipt_["weights_sha256"]
    opened = load_model(fitted.save(tmp_path / "m.textseq"))
    assert opened.predict_spans(STORIES[PAIR]) == fitted.predict_spans(STORIES[PAIR])
    assert opened.get_params() == fitted.get_params()


def test_attention_tells_of_each_sentence(fitted):
    seen_passage = "Mary went to the garden. John went to the office."
    seen = fitted.attention(("Where is Mary?", seen_passage))
    assert seen.words.shape == (12, 4) and seen.passes.shape == (3, 2)
    np.testing.assert_allclose(seen.words.sum(1), 1, rtol=1e-5)
    assert (seen.passes >= 0).all() and (seen.passes.sum(1) <= 1 + 1e-6).all()
    assert seen.sentence_texts == ["mary went to the garden .", "john went to the office ."]
    assert seen.by_sentence.shape == (2, 4)
    assert str(seen).count("pass ") == 3
    spans = fitted.predict_spans([("Where is Mary?", seen_passage)], n_best=12)[0]
    first = sum(one.probability for one in spans if one.start < len("Mary went to the garden."))
    np.testing.assert_allclose(seen.answers, [first, 1 - first], atol=1e-6)
    assert str(seen).endswith(f"answer: mary went to the garden . ({first:.2f})")
    assert len(seen.plot().axes) == 2
    with pytest.raises(ValueError, match="attention is of one row, and X has 2"):
        fitted.attention(STORIES[PAIR].head(2))


def test_short_passages_come_first_and_all_in_the_end():
    lengths = [5, 1, 4, 2, 3, 6, 7, 8, 9, 10]
    rows = AnsweringRows(
        Ragged.from_rows([[2]] * 10),
        Ragged.from_rows([[2]]),
        Ragged.from_rows([[0] * length for length in lengths]),
        Ragged.from_rows([[0.0] * length for length in lengths], dtype=np.float32),
    )
    first = rows.drawn(np.random.default_rng(0), 0.0)
    assert len(first) == 10 and set(first.lengths.tolist()) == {1}
    half = rows.drawn(np.random.default_rng(0), 0.4)
    assert half.lengths.max() == 5 and len(set(half.lengths.tolist())) == 5
    assert rows.drawn(np.random.default_rng(0), 0.6) is rows


def test_a_tokenizer_of_the_callers_own_goes_back_in(tmp_path):
    model = QuestionAnswerer(tokenizer=str.split, lowercase=False, **SMALL, max_epochs=1)
    model.fit(ROWS, ["Bob Silva", "ran."] * 15)
    opened = load_model(model.save(tmp_path / "m.textseq"), tokenizer=str.split)
    assert opened.predict(ROWS[:2]) == model.predict(ROWS[:2])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"encoder": "mean"}, "encoder='mean' makes one vector of a whole row"),
        ({"tokenizer": "char"}, "tokenizer='char' cuts words into parts"),
        ({"tokenizer": Tokenizer("bpe")}, "tokenizer='bpe' cuts words into parts"),
        ({"hidden_size": 5}, "hidden_size=5 gives states of 10 numbers, which 4 heads share"),
        ({"max_answer_length": 1}, r"y\[0\] is an answer of 2 tokens, and max_answer_length=1"),
        ({"n_passes": -1}, "n_passes must be a whole number of at least 0"),
    ],
)
def test_parameters_are_refused_before_training(given, message):
    with pytest.raises(ValueError, match=message):
        QuestionAnswerer(**SMALL | given).fit(ROWS, ANSWERS)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["one text"] * 30, "X must hold a question and a passage in each row"),
        ([("Who?", " ")] + ROWS[1:], "the passage in row 0 of X is empty"),
    ],
)
def test_rows_that_are_none_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        QuestionAnswerer(**SMALL).fit(rows, ANSWERS)


def test_empty_questions_and_unknown_words_have_answers(fitted):
    found = fitted.predict([("", "Mary went to the garden."), ("Xyz?", "Qwe rty")])
    assert len(found) == 2 and found[1] in ("Qwe", "rty")
