"""SequenceTagger and the spans that tags mark: which tags it answers, what it tells of spans."""

import warnings

import numpy as np
import pytest
import torch
from tagged_spans import marked

from textseq import ModelFileError, SequenceTagger, load_model, spans_of
from textseq.labels.spans import allowed_moves

SMALL = dict(hidden_size=8, embedding_dim=6, max_epochs=2, random_state=0, n_threads=1)
WORDS = ["so", "it", "is", "the", "old", "sea", "ships"]


def marked_rows(scheme="IOB2", n=60):
    """Rows of words and tags that have little to do with each other."""
    rng = np.random.default_rng(0)
    y = [marked(scheme, rng) for _ in range(n)]
    return [rng.choice(WORDS, len(row)).tolist() for row in y], y


def breaks(rows, scheme):
    """Count the moves of rows that a scheme does not allow."""
    tags = sorted({tag for row in rows for tag in row} | {"O"})
    allowed = allowed_moves(tags, scheme)
    place = {tag: number for number, tag in enumerate(tags)}
    return sum(
        not allowed[place[before], place[behind]]
        for row in rows
        for before, behind in zip(["O", *row], [*row, "O"], strict=True)
    )


@pytest.mark.parametrize("head", ["crf", "linear"])
@pytest.mark.parametrize("scheme", ["IOB1", "IOB2", "IOE2", "IOBES", "BILOU"])
def test_answers_follow_the_scheme_of_the_tags(head, scheme, tmp_path):
    X, y = marked_rows(scheme)
    model = SequenceTagger(head, **SMALL).fit(X, y)
    assert model.fitted_parameters_["tag_scheme"] == scheme
    rng = np.random.default_rng(1)
    asked = [rng.choice([*WORDS, "new"], size).tolist() for size in rng.integers(1, 30, 200)]
    # Weights that have learned nothing: any tag may be the most probable.
    generator = torch.Generator().manual_seed(0)
    for weights in model.network_.parameters():
        weights.data.normal_(0, 2, generator=generator)
    free = SequenceTagger(head, tag_scheme=None, **SMALL).fit(X, y)
    free.network_.load_state_dict(model.network_.state_dict())
    said = model.predict(asked)
    assert breaks(free.predict(asked), scheme) > 20
    assert breaks(said, scheme) == 0
    assert said == [model.predict([row])[0] for row in asked]
    # Read strictly, spans are those of conlleval.
    assert model.predict_spans(asked) == spans_of(said) == spans_of(said, scheme)
    opened = load_model(model.save(tmp_path / "m.textseq"))
    assert opened.predict(asked) == said
    # Probabilities know nothing of it.
    for own, other in zip(model.predict_proba(asked), free.predict_proba(asked), strict=True):
        assert np.array_equal(own, other)


def test_the_same_weights_are_learned_with_a_scheme_and_without():
    X, y = marked_rows()
    fitted = [
        SequenceTagger(tag_scheme=scheme, validation_fraction=0.0, **SMALL).fit(X, y)
        for scheme in ("auto", None, "IOB2")
    ]
    assert len({model.receipt_["weights_sha256"] for model in fitted}) == 1


@pytest.mark.parametrize("tags", [["verb", "noun"], [1, 2], ["B-x", "NOUN-x"]])
def test_tags_of_no_scheme_may_follow_each_other(tags):
    model = SequenceTagger(**SMALL).fit([["a", "b"], ["b"]] * 20, [tags, tags[1:]] * 20)
    assert model.fitted_parameters_["tag_scheme"] is None
    assert "allowed_moves" not in model.architecture_
    with pytest.raises(ValueError, match="predict_spans is of spans, .* has no such letter"):
        model.predict_spans([["a"]])
    with pytest.raises(ValueError, match="scoring='span_f1' is of spans"):
        SequenceTagger(scoring="span_f1", **SMALL).fit([["a", "b"]] * 20, [tags] * 20)
    with pytest.raises(ValueError, match="tag_scheme='IOB2' has no tag"):
        SequenceTagger(tag_scheme="IOB2", **SMALL).fit([["a", "b"]] * 20, [tags] * 20)


def test_a_scheme_that_a_row_breaks_may_be_named():
    X, y = marked_rows()
    y[3] = ["I-P"] * len(y[3])
    assert SequenceTagger(**SMALL).fit(X, y).fitted_parameters_["tag_scheme"] is None
    named = SequenceTagger(tag_scheme="IOB2", **SMALL).fit(X, y)
    assert breaks(named.predict(X), "IOB2") == 0
    with pytest.raises(ValueError, match="unknown tag_scheme 'BIO'"):
        SequenceTagger(tag_scheme="BIO", **SMALL).fit(X, y)


def test_a_file_of_moves_between_other_tags_is_refused(tmp_path):
    model = SequenceTagger(**SMALL).fit(*marked_rows())
    model.architecture_["allowed_moves"].pop()
    with pytest.raises(ModelFileError, match="allowed_moves"):
        load_model(model.save(tmp_path / "m.textseq"))


def test_spans_are_told_and_reported_by_type():
    names = {"Ana": ["B-P"], "Lee": ["I-P"], "Rome": ["B-L"], "saw": ["O"]}
    X = [["Ana", "Lee", "saw", "Rome"], ["Rome", "saw", "Ana"]] * 20
    y = [[tag for word in row for tag in names[word]] for row in X]
    model = SequenceTagger(**SMALL | dict(max_epochs=30, learning_rate=0.02)).fit(X, y)
    assert model.predict_spans([X[0], [], X[1]]) == [[("P", 0, 2), ("L", 3, 4)], [],
                                                      [("L", 0, 1), ("P", 2, 3)]]  # fmt: skip
    table = model.span_report(X, y)
    assert table["type"].tolist() == ["L", "P", "micro avg", "macro avg"]
    assert table["support"].tolist() == [40, 40, 80, 80] and (table["f1"] == 1).all()
    assert model.span_f1(X, y) == 1.0
    assert (model.span_report(X, y, "IOB2") == table).all(axis=None)
    with pytest.raises(ValueError, match="unknown scheme"):
        model.span_report(X, y, "IOB")
    assert model.predict_spans([]) == []


@pytest.mark.parametrize("head", ["crf", "linear"])
def test_the_f1_of_spans_chooses_the_epoch(head):
    X, y = marked_rows(n=120)
    options = SMALL | dict(max_epochs=5, learning_rate=0.03, head=head)
    held_out = X[80:], y[80:]
    model = SequenceTagger(scoring="span_f1", **options).fit(X[:80], y[:80], held_out)
    assert model.receipt_["score_name"] == "span_f1"
    found = model.history_["validation_score"]
    assert model.receipt_["validation_score"] == found.max()
    # One number a validation row is summed, whatever batches they are in.
    assert model.span_f1(*held_out) == pytest.approx(found.max(), abs=1e-12)
    by_steps = SequenceTagger(scoring=None, **options).fit(X[:80], y[:80], held_out)
    assert (model.history_["loss"] == by_steps.history_["loss"]).all()
    assert by_steps.score(*held_out) == pytest.approx(by_steps.history_["validation_score"].max())
    assert model.network_.counter is None
    again = SequenceTagger(**options).fit(X[:80], y[:80], held_out)
    assert again.fitted_parameters_["scoring"] == "span_f1"
    assert again.receipt_["weights_sha256"] == model.receipt_["weights_sha256"]


def test_tags_of_no_spans_are_scored_step_by_step():
    X, y = marked_rows()
    for tags, held_out, fraction in (
        (y, ([["so"]], [["O"]]), 0.1),
        (y, None, 0.0),
        ([["verb" if tag == "O" else "noun" for tag in row] for row in y], None, 0.1),
    ):
        model = SequenceTagger(validation_fraction=fraction, **SMALL).fit(X, tags, held_out)
        assert model.fitted_parameters_["scoring"] is None
        assert model.receipt_["score_name"] == "token accuracy"


def test_span_f1_needs_validation_rows_with_spans():
    X, y = marked_rows()
    scored = SequenceTagger(scoring="span_f1", **SMALL)
    with pytest.raises(ValueError, match="the validation rows mark none"):
        scored.fit(X, y, ([["so"]], [["O"]]))
    scored.set_params(validation_fraction=0.0)
    with pytest.warns(UserWarning, match="too few rows to choose the epoch by scoring='span_f1'"):
        scored.fit(X, y)
    with pytest.raises(ValueError, match="unknown scoring 'f1'"):
        SequenceTagger(scoring="f1", **SMALL).fit(X, y)


def test_class_weights_weigh_steps():
    X, y = [["a", "b", "c", "d"]] * 60, [["O", "O", "O", "B-x"], ["O"] * 4, ["O"] * 4] * 20
    options = SMALL | dict(max_epochs=15, learning_rate=0.02, head="linear")
    plain = SequenceTagger(**options).fit(X, y)
    assert {tag for row in plain.predict(X) for tag in row} == {"O"}
    for weight in ("balanced", {"B-x": 9.0}):
        held_out = X[:9], y[:9]
        weighed = SequenceTagger(class_weight=weight, **options).fit(X, y, held_out)
        assert weighed.predict(X[:1]) == [["O", "O", "O", "B-x"]]
        assert weighed.receipt_["score_name"] == "weighted token accuracy"
        assert weighed.network_.class_weights is None
    # 33 steps of O, 3 of B-x; of these 24 + 3 + 3 are right, and a B-x counts for 9.
    assert weighed.receipt_["validation_score"] == pytest.approx((27 + 27) / (33 + 27))
    ones = SequenceTagger(class_weight={"O": 1.0}, **options).fit(X, y)
    assert np.allclose(ones.predict_proba(X)[0], plain.predict_proba(X)[0], atol=1e-5)
    with pytest.raises(ValueError, match="class_weight='balanced' weighs steps, and head='crf'"):
        SequenceTagger(class_weight="balanced", **SMALL).fit(X, y)
    with pytest.raises(ValueError, match="class_weight names 'B-y'"):
        SequenceTagger(class_weight={"B-y": 2.0}, **options).fit(X, y)
    with pytest.raises(ValueError, match="class_weight is 0 for the tag of every step"):
        SequenceTagger(class_weight={"B-x": 0.0, "O": 0}, **options).fit(X, y)


def test_spans_of_frames_have_places_too():
    rng = np.random.default_rng(0)
    rows = [rng.normal(size=(2, 6)) for _ in range(40)]
    tags = [["B-up" if value > 0 else "O" for value in row[0]] for row in rows]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = SequenceTagger(**SMALL | dict(max_epochs=10)).fit(rows, tags)
    assert model.predict_spans(rows) == spans_of(model.predict(rows))
