"""What rows are called."""

import pytest

from textseq import SequenceTagger
from textseq.comparison.named_rows import named_rows


def test_estimators_are_named_by_what_tells_them_apart():
    rows = [
        SequenceTagger(max_epochs=3, n_threads=1),
        SequenceTagger("linear", max_epochs=3, random_state=4),
        {"mine": SequenceTagger()},
        "gru",
    ]
    assert [name for name, _ in named_rows(rows)] == [
        "bilstm", "bilstm (head=linear)", "mine", "gru",
    ]  # fmt: skip


def test_a_lone_estimator_is_a_row():
    ((name, row),) = named_rows(SequenceTagger("linear", encoder="gru", hidden_size=8))
    assert name == "gru (head=linear, hidden_size=8)" and row.hidden_size == 8


def test_what_has_no_name_is_refused():
    with pytest.raises(ValueError, match="give the row 3 a name"):
        list(named_rows([3]))
