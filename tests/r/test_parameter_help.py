"""Help of parameters for R, out of their declarations."""

import pytest

from textseq.estimators.load import KINDS, kind_named
from textseq.r.parameter_help import parameter_help


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_is_told_in_words_of_r(kind):
    table = parameter_help([kind])
    assert table["parameter"].tolist() == list(kind_named(kind)().get_params(deep=False))
    assert table["allowed"].str.len().min() > 3 and table["description"].str.len().min() > 7
    for word in ("None", "True", "False", "bool", "nn.Module", "callable", "RandomState"):
        assert not table["allowed"].str.contains(rf"\b{word}\b").any(), word


def test_what_is_told_of_another_estimator_is_told_whole():
    own = parameter_help(["SeriesRegressor"]).set_index("parameter")
    other = parameter_help(["TextClassifier"]).set_index("parameter")
    assert own.loc["clip_grad_norm", "description"] == other.loc["clip_grad_norm", "description"]
    assert own.loc["clip_grad_norm", "allowed"] == "number or NULL"
