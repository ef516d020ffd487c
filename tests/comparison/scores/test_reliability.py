"""Whether a comparison's probabilities hold."""

import dataclasses

import numpy as np
import pytest
from comparisons import make_comparison
from drawn import texts_of

from textseq.comparison.scores.reliability import reliability_plot, with_confidence


def sure_comparison(confidence):
    """A comparison whose bilstm gives each of its answers the same probability."""
    comparison = make_comparison()
    models = []
    for model in comparison.models:
        given = None
        if model.name in ("bilstm", "majority"):
            given = np.where(
                model.predictions[..., None] == np.arange(2), confidence, 1 - confidence
            )
        models.append(dataclasses.replace(model, probabilities=given))
    return dataclasses.replace(comparison, models=tuple(models))


def test_the_error_is_how_far_confidence_is_from_accuracy():
    comparison = sure_comparison(0.95)
    bilstm, tfidf = (
        next(model for model in comparison.models if model.name.startswith(name))
        for name in ("bilstm", "tf-idf")
    )
    assert comparison.calibration_error(bilstm) == pytest.approx(0.95 - bilstm.scores.mean())
    assert np.isnan(comparison.calibration_error(tfidf))
    column = comparison.table.set_index("model")["calibration_error"]
    assert column["bilstm"] == pytest.approx(comparison.calibration_error(bilstm))


def test_models_that_tell_texts_apart_by_probabilities_are_drawn():
    comparison = sure_comparison(0.95)
    (model,) = with_confidence(comparison)
    assert model.name == "bilstm"
    figure = reliability_plot(comparison, model)
    points = figure.axes[0].collections[0].get_offsets()
    np.testing.assert_allclose(points, [[0.95, model.scores.mean()]], atol=1e-6)
    off = 100 * abs(0.95 - model.scores.mean())
    assert f"bilstm: {off:.1f} points off" in texts_of(figure)


@pytest.mark.parametrize("kind", ["regression", "multilabel"])
def test_numbers_and_several_labels_have_none(kind):
    comparison = make_comparison(kind)
    assert with_confidence(comparison) == []
    assert "calibration_error" not in comparison.table
