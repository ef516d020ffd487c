import io

import numpy as np
import pandas as pd
import pytest

from textseq.figures import figure_style, new_figure
from textseq.inspection.token_labels import figure_width, label_tokens, token_label

ODD = ["$a$", "\\frac{1}{2}", "a_b", "x" * 80, "👩‍👩‍👧", "好看", " ", "\n", "‍", "עברית", "é", "ไทย"]


def labelled(tokens, importance=None, known=True):
    importance = np.ones(len(tokens)) if importance is None else importance
    table = pd.DataFrame({"token": tokens, "known": known})
    with figure_style():
        figure = new_figure(2.0, "Tokens", figure_width(len(tokens)))
        axes = figure.add_subplot()
        label_tokens(axes, table, importance)
    figure.savefig(io.BytesIO(), dpi=60)
    return axes


def test_odd_tokens_are_drawn_with_one_warning():
    with pytest.warns(UserWarning, match="no font that matplotlib knows has") as told:
        labels = [label.get_text() for label in labelled(ODD).get_xticklabels()]
    assert len(told) == 1
    assert labels[:3] == ["$a$", "\\frac{1}{2}", "a_b"]
    assert all(labels)


def test_white_space_is_seen_and_long_tokens_are_cut():
    with figure_style():
        assert token_label(" ") == token_label("\n") == "␣"
        assert token_label("x" * 80) == "x" * 13 + "…"
        assert token_label("x" * 80, known=False) == "(" + "x" * 13 + "…)"


@pytest.mark.parametrize("n_tokens", [1, 9, 10, 60])
def test_up_to_sixty_tokens_are_all_named(n_tokens):
    tokens = [f"word{number}" for number in range(n_tokens)]
    axes = labelled(tokens)
    assert sorted(axes.get_xticks()) == list(range(n_tokens))
    assert len(axes.get_xticklabels()) == n_tokens
    assert axes.get_xlabel() == "token, in reading order"


def test_of_very_many_tokens_the_important_are_named_apart():
    importance = np.random.default_rng(0).random(400)
    tokens = [f"word{number}" for number in range(400)]
    axes = labelled(tokens, importance)
    places = np.sort(axes.get_xticks())
    assert importance.argmax() in places
    assert importance[places.astype(int)].mean() > 0.7
    assert 35 < len(places) < 80
    # A label is 8 points high, of 72 an inch.
    inches = axes.get_window_extent().width / axes.figure.dpi
    assert np.diff(places).min() * inches / 400 > 8 / 72
    assert f"{len(places)} of 400 are named" in axes.get_xlabel()
    texts = {label.get_text() for label in axes.get_xticklabels()}
    assert texts == {tokens[place] for place in places}


def test_unknown_tokens_stand_in_parentheses_and_the_axis_says_so():
    axes = labelled(["so", "xyzzy"], known=[True, False])
    assert {label.get_text() for label in axes.get_xticklabels()} == {"so", "(xyzzy)"}
    assert "in parentheses: unknown to the model" in axes.get_xlabel()


def test_no_figure_is_wider_than_a_screen():
    assert figure_width(1) < figure_width(60) <= figure_width(5_000) <= 11
