"""Messages in the reader's own language."""

from __future__ import annotations

import threading

import pytest

from textseq.message_language import in_r_words, number_of, speaking_r, written


def test_values_are_written_as_r_has_them():
    values = [None, True, 0.5, 3, 'a "b"', [1, 2.5], (), ["a", None], {"x": 1}, float("nan")]
    assert [written(value) for value in values] == [repr(value) for value in values]
    with speaking_r():
        assert [written(value) for value in values] == [
            "NULL", "TRUE", "0.5", "3", '"a \\"b\\""', "c(1, 2.5)", "c()", 'list("a", NULL)',
            "c(x = 1)", "NaN",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("python", "r"),
    [
        ("init='chrono' is for cells with gates", 'init = "chrono" is for cells with gates'),
        ("level=0.9 is a share; pass level=[90]", "level = 0.9 is a share; pass level = c(90)"),
        ("max_length=None, or 1e-3 or None", "max_length = NULL, or 1e-3 or NULL"),
        ("pass weights: vectors=...", "pass weights: vectors = ..."),
        ("the model's label 'None' isn't \"True\"", "the model's label 'None' isn't \"True\""),
        ("use TextRegressor, or Seq2Seq(h=2)", "use text_regressor(), or seq2seq(h = 2)"),
        ("TransformerEmbedder(device='x')", 'embed_transformer(device = "x")'),
        ("ApiEmbedder needs it", "embed_api() needs it"),
        ("Checkpoint(path, any_threads=True)", "textseq_checkpoint(path, any_threads = TRUE)"),
        (
            "which holds the texts; name it: text=...",
            "which holds the texts; fit by a formula, which names it",
        ),
        ("id_col='store' is no column", 'id_col = "store" is no column'),
        ("f(x)=x and a=b and version=1.2.3", "f(x)=x and a=b and version=1.2.3"),
        ("dim=-1.5e-07; of {'a': 1}", "dim = -1.5e-07; of {'a': 1}"),
    ],
)
def test_messages_write_what_python_has_as_r_does(python, r):
    assert in_r_words(python) == r


def test_an_error_within_ends_r_as_well():
    with pytest.raises(ValueError, match="inner"), speaking_r():
        raise ValueError("inner")
    assert number_of(0) == 0 and written(None) == "None"


def test_other_threads_count_from_0():
    seen = []
    with speaking_r():
        thread = threading.Thread(target=lambda: seen.append(number_of(2)))
        thread.start()
        thread.join()
        seen.append(number_of(2))
    assert seen == [2, 3]
