import gc

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from textseq import marks
from textseq.marks import Grid, Marks, keep_grid, keep_marks, marks_of


def test_marks_are_kept_in_order_with_what_all_share():
    axes = Figure().add_subplot()
    keep_marks(axes, {"rows": "training", "loss": [0.5, 0.4]}, [1, 2], [0.5, 0.4])
    keep_marks(axes, pd.DataFrame({"loss": [0.3]}), 1, 0.3, size=(0, [0.1]), spans=True)
    first, second = marks_of(axes)
    assert isinstance(first, Marks) and isinstance(second, Marks)
    assert first.values["rows"].tolist() == ["training"] * 2
    assert first.y.tolist() == [0.5, 0.4] and not first.spans and not first.width.any()
    assert second.values["loss"].tolist() == [0.3] and second.spans
    assert second.height.tolist() == [0.1]


def test_a_map_is_kept_whole():
    axes = Figure().add_subplot()
    keep_grid(axes, "state", np.eye(2), {"unit": [5, 3]}, {"token": ["a", "b"]})
    (grid,) = marks_of(axes)
    assert isinstance(grid, Grid)
    assert grid.rows["unit"].tolist() == [5, 3] and grid.cells.tolist() == [[1, 0], [0, 1]]


def test_marks_go_with_their_figure():
    axes = Figure().add_subplot()
    assert marks_of(axes) == []
    gc.collect()
    before = len(marks._kept)
    keep_marks(axes, {"a": 1}, 0, 0)
    assert len(marks._kept) == before + 1
    del axes
    gc.collect()
    assert len(marks._kept) == before
