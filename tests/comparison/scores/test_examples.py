import dataclasses

import numpy as np
from comparisons import make_comparison

from textseq.comparison.scores.examples import hardest_examples


def small(targets, *predictions, kind="binary", texts=None):
    comparison = make_comparison(kind, n_models=2 + len(predictions))
    models = tuple(
        dataclasses.replace(model, predictions=np.asarray(rows))
        for model, rows in zip(comparison.models[2:], predictions, strict=True)
    )
    texts = texts or tuple(f"text {i}" for i in range(len(targets)))
    return dataclasses.replace(
        comparison, models=models, targets=np.asarray(targets), texts=tuple(texts)
    )


def test_hardest_first_and_only_where_models_disagree():
    comparison = small(
        [0, 0, 1, 1],
        [[0, 0, 1, 0]],  # mean
        [[0, 1, 1, 0]],  # lstm
        [[0, 1, 0, 0]],  # bilstm
    )
    examples = hardest_examples(comparison)
    assert [example.text for example in examples] == ["text 1", "text 2"]
    right, wrong = examples[0].predictions
    assert (right.label, right.right, right.models) == ("negative", True, ("mean",))
    assert (wrong.label, wrong.right, wrong.models) == ("positive", False, ("lstm", "bilstm"))
    assert examples[0].truth == "negative"


def test_seeds_that_disagree_are_counted():
    comparison = small([0, 1], [[0, 1], [0, 0], [0, 1]], [[1, 0], [1, 0], [1, 1]])
    by_text = {example.text: example for example in hardest_examples(comparison)}
    predictions = by_text["text 0"].predictions
    assert [prediction.models for prediction in predictions] == [("mean",), ("lstm",)]
    predictions = by_text["text 1"].predictions
    assert [prediction.models for prediction in predictions] == [("mean 2/3",), ("lstm 2/3",)]


def test_a_model_that_always_says_the_same_is_left_out():
    comparison = small([0, 1, 1], [[0, 0, 0]], [[0, 1, 0]], [[1, 1, 0]])
    (example,) = hardest_examples(comparison)
    assert example.text == "text 0"
    assert [prediction.models for prediction in example.predictions] == [("lstm",), ("bilstm",)]


def test_no_two_models_to_disagree():
    assert hardest_examples(small([0, 1], [[0, 1]])) == ()
    assert hardest_examples(small([0, 1], [[0, 1]], [[0, 1]])) == ()


def test_no_more_than_asked_for():
    assert len(hardest_examples(make_comparison(), 5)) == 5


def test_labels_are_sets():
    comparison = small(
        [[1, 1, 0, 0, 0], [0, 0, 0, 0, 0]],
        [[[1, 1, 0, 0, 0], [0, 0, 0, 0, 1]]],
        [[[0, 0, 0, 0, 0], [0, 0, 0, 0, 1]]],
        kind="multilabel",
    )
    (example,) = hardest_examples(comparison)
    assert example.truth == "joy, anger"
    assert [prediction.label for prediction in example.predictions] == ["joy, anger", "no label"]


def test_numbers_farthest_apart():
    comparison = small([1.0, 2.0], [[1.0, 5.0]], [[1.1, 2.5]], kind="regression")
    example = hardest_examples(comparison)[0]
    assert (example.text, example.truth) == ("text 1", "2")
    assert [
        (prediction.label, prediction.right, prediction.models)
        for prediction in example.predictions
    ] == [
        ("2.5", None, ("lstm",)),
        ("5", None, ("mean",)),
    ]


def test_long_texts_are_shortened():
    comparison = small([0, 1], [[0, 1]], [[1, 0]], texts=["word " * 500, ""])
    texts = {example.text for example in hardest_examples(comparison)}
    assert max(map(len, texts)) <= 320
    assert "" in texts
