import random

import numpy as np

from textseq.labels.edit_distance import edit_distance


def test_edit_distance_is_that_of_the_table():
    draw = random.Random(0)
    for _ in range(300):
        first, second = (draw.choices("abc", k=draw.randrange(9)) for _ in range(2))
        table = np.zeros((len(first) + 1, len(second) + 1), dtype=int)
        table[:, 0], table[0] = range(len(first) + 1), range(len(second) + 1)
        for i, one in enumerate(first, 1):
            for j, other in enumerate(second, 1):
                table[i, j] = min(
                    table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (one != other)
                )
        assert edit_distance(first, second) == table[-1, -1]
