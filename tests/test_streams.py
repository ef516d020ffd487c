"""Running text cut into rows: every token is said once, in order, by the stream it belongs to."""

import numpy as np
import pytest

from textseq.ragged import Ragged
from textseq.streams import NextTokens, in_order, joined


def said_by(rows, stream):
    read, said, lengths, streams = rows.arrays()[0]
    own = np.flatnonzero(streams == stream)
    return [
        np.concatenate([part[row, : lengths[row]] for row in own]).tolist() for part in (read, said)
    ]


def test_each_text_is_a_row_that_starts_and_ends_at_a_mark():
    rows = NextTokens.of_texts(Ragged.from_rows([[5, 6], [], [7]]), mark=2)
    read, said, lengths, _ = rows.arrays()[0]
    assert read.tolist() == [[2, 5, 6], [2, 0, 0], [2, 7, 0]]
    assert said.tolist() == [[5, 6, 2], [2, 0, 0], [7, 2, 0]]
    assert lengths.tolist() == [3, 1, 2]
    assert rows.n_steps == 6
    alone = rows.take(np.array([2]))
    assert alone.arrays()[0][0].tolist() == [[2, 7]]
    # Weights are shares of all rows' tokens, also when some are taken.
    assert rows.take(np.array([0])).weights.tolist() == [1.5]
    assert rows.weights.tolist() == [1.5, 0.5, 1.0]


def test_texts_are_joined_by_marks():
    assert joined(Ragged.from_rows([]), mark=2).tolist() == [2]
    assert joined(Ragged.from_rows([[], [3]]), mark=2).tolist() == [2, 2, 3, 2]


@pytest.mark.parametrize("n_streams", [1, 3, 4, 7])
def test_streams_say_every_token_once(n_streams):
    ids = np.arange(100, 161)
    rows = NextTokens.side_by_side(ids, n_streams)
    together = [said_by(rows, stream) for stream in range(n_streams)]
    assert sum((read for read, _ in together), []) == ids[:-1].tolist()
    assert sum((said for _, said in together), []) == ids[1:].tolist()
    assert np.ptp(rows.lengths) <= 1


@pytest.mark.parametrize("steps", [1, 4, 8, 15, 100])
def test_windows_go_on_batch_after_batch(steps):
    ids = np.arange(100, 161)
    streams = NextTokens.side_by_side(ids, 4)
    windows = streams.windows(steps)
    batches = in_order(windows.lengths, 4)
    assert len(windows) == 4 * len(batches)
    for batch in batches:
        assert windows.streams[batch].tolist() == [0, 1, 2, 3]
        assert np.ptp(windows.lengths[batch]) == 0
    for stream in range(4):
        assert said_by(windows, stream) == said_by(streams, stream)
    assert windows.n_steps == 60
