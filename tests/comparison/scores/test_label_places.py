import numpy as np

from textseq.comparison.scores.label_places import Box, place_labels

SIZE = (300.0, 180.0)


def test_a_name_turns_to_the_side_that_has_room():
    right, left = place_labels(np.array([[10.0, 90], [290.0, 90]]), ["lstm", "gru"], SIZE, [])
    assert (right.align, left.align) == ("left", "right")
    assert right.dx == -left.dx == 8


def test_a_name_stands_off_the_line_where_it_can():
    mark = np.array([[10.0, 90.0]])
    (place,) = place_labels(mark, ["lstm"], SIZE, [Box(0, 89, 300, 91)])
    assert abs(place.dy) == 11 and not place.is_far
    # Where lines are everywhere, the nearest place has to do.
    (place,) = place_labels(mark, ["lstm"], SIZE, [Box(-999, -999, 999, 999)])
    assert place.dy == 0


def test_a_name_far_from_its_mark_is_led_back_to_it():
    marks = np.array([[150.0 + x, 90.0 + y] for x in (-9, 0, 9) for y in (-9, 0, 9)])
    places = place_labels(marks, [f"model {i}" for i in range(9)], SIZE, [])
    assert any(place.is_far for place in places)
    assert all(place.is_far == (abs(place.dy) > 11) for place in places)


def test_a_name_too_long_for_the_axes_still_has_a_place():
    (place,) = place_labels(np.array([[150.0, 90.0]]), ["x" * 100], SIZE, [])
    assert place.dy == 0
