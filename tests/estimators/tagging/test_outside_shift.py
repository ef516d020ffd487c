"""How "O" is weighed for the F1 of spans, once the tagger has learned."""

import numpy as np
import pytest

from textseq import SequenceTagger, load_model

SMALL = dict(hidden_size=8, embedding_dim=6, max_epochs=3, random_state=0, n_threads=1)


def rare_spans(n, seed):
    """Rows in which "maybe" is a span once in four times, and nothing tells when."""
    rng = np.random.default_rng(seed)
    X = [["so", "maybe", "it", "is"] for _ in range(n)]
    y = [["O", "B-x" if rng.random() < 0.25 else "O", "O", "O"] for _ in range(n)]
    return X, y


def test_what_is_rare_and_hard_to_tell_is_answered_where_that_pays():
    X, y = rare_spans(800, 0)
    model = SequenceTagger(**SMALL).fit(X, y, validation_data=rare_spans(800, 1))
    plain = SequenceTagger(scoring=None, **SMALL).fit(X, y, validation_data=rare_spans(800, 1))
    # A quarter is under one half: what is most probable finds nothing; all found have F1 0.4.
    assert plain.span_f1(*rare_spans(400, 2)) == 0
    assert model.span_f1(*rare_spans(400, 2)) == pytest.approx(0.4, abs=0.05)
    assert model.receipt_["outside_shift"] < 0 and "outside_shift" not in plain.receipt_


def test_the_shift_is_part_of_the_weights(tmp_path):
    rows = rare_spans(800, 0), rare_spans(800, 1)
    model = SequenceTagger(**SMALL).fit(*rows[0], validation_data=rows[1])
    opened = load_model(model.save(tmp_path / "m.textseq"))
    assert opened.predict(rows[1][0][:3]) == model.predict(rows[1][0][:3])
    again = SequenceTagger(**SMALL).fit(
        *rows[0], validation_data=rows[1], checkpoint=tmp_path / "c"
    )
    done = SequenceTagger(**SMALL).fit(*rows[0], validation_data=rows[1], checkpoint=tmp_path / "c")
    hashes = {one.receipt_["weights_sha256"] for one in (model, again, done)}
    assert len(hashes) == 1 and done.receipt_["outside_shift"] == model.receipt_["outside_shift"]


def test_few_spans_tell_nothing():
    # 75 spans or so to learn what is done with them.
    model = SequenceTagger(**SMALL).fit(*rare_spans(800, 0), validation_data=rare_spans(300, 1))
    assert model.receipt_["outside_shift"] == 0
