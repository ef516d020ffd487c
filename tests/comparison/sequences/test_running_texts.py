"""Running texts: counts are what a language model itself scores by."""

import numpy as np
import polars as pl
import pytest
from compared_sequences import LANGUAGE, texts
from sklearn.base import clone

from textseq.comparison.scores.run import Run
from textseq.comparison.sequences.running_texts import RunningTexts, cut_into_passages


@pytest.mark.parametrize("level", ["char", "word"])
def test_scores_are_the_models_own(level):
    # A fifth of its words are unknown to it, and are spelt.
    model = clone(LANGUAGE).set_params(level=level, max_features=9, random_state=0).fit(texts())
    asked = [*texts(), "Zoë <unk> went."]
    rows = RunningTexts.read(asked, None, LANGUAGE)
    run = Run(rows.answers(model, rows.texts), None, None, None, 0.0, 0.0,
              **rows.about(model, rows.texts))  # fmt: skip
    counts = rows.counts(run, {}).sum(0)
    scores = {measure.name: float(measure.score(counts)) for measure in rows.measures}
    assert scores["bits_per_character"] == pytest.approx(-model.score(asked), rel=1e-6)
    assert scores["perplexity"] == pytest.approx(model.perplexity(asked), rel=1e-6)
    assert scores["nats_per_token"] == pytest.approx(np.log(scores["perplexity"]))
    assert run.spelt.sum() > 0 and rows.predictions(run).sum() < run.predictions.sum()


def test_long_texts_are_cut_at_lines_and_tested_on_their_end():
    book = "\n".join(f"line {number} of a book" for number in range(2_000))
    rows = RunningTexts.read(book, None, LANGUAGE)
    assert rows.unit == "passage" and "".join(rows.texts) == book
    assert all(text.endswith("\n") for text in rows.texts[:-1])
    ((train, test),) = rows.splits(0.2)
    assert (np.concatenate([train, test]) == np.arange(len(rows))).all()
    assert len(test) == round(0.2 * len(rows))


def test_short_texts_stay_whole_and_what_has_no_space_is_cut():
    assert RunningTexts.read(texts(), None, LANGUAGE).splits(0.2) is None
    parts = cut_into_passages(pl.Series(["x" * 1_000]))
    assert parts.str.len_chars().to_list() == [200] * 5


def test_rows_that_read_other_tokens_are_told():
    def run(tokens, spelt):
        return Run(np.zeros(1), None, None, None, 0.0, 0.0, token_counts=np.array([tokens]),
                   spelt=np.array([spelt]))  # fmt: skip

    rows = RunningTexts.read(["a text"], None, LANGUAGE)
    assert rows.warnings({"a": [run(3, 0.0)], "b": [run(3, 0.0)]}) == []
    for other in (run(4, 0.0), run(3, 1.0)):
        (told,) = rows.warnings({"a": [run(3, 0.0)], "b": [other]})
        assert told.startswith("rows read other tokens")


def test_labels_are_refused():
    with pytest.raises(ValueError, match="y is of no use to language models"):
        RunningTexts.read(["a text"], ["pos"], LANGUAGE)
