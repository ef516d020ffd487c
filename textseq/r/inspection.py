"""What the instruments find in a model, for R."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

import textseq
from textseq.checks import check_choice
from textseq.estimators.forecasting.forecaster import Forecaster
from textseq.estimators.sequence.estimator import SequenceEstimator
from textseq.estimators.sequence.text import TextEstimator
from textseq.inspection.by_hand import StepByStep
from textseq.inspection.result import Inspection
from textseq.inspection.rows import prepared_copy
from textseq.inspection.spectrum import GateKey
from textseq.inspection.steps import SeriesSteps, Steps
from textseq.message_language import number_of
from textseq.r.models import data_values, estimator_of, model_of, option_values
from textseq.series.panel import read_panel

INSTRUMENTS = (
    "explain",
    "find_learning_rate",
    "gradient_flow",
    "hidden_states",
    "order_matters",
    "recurrent_spectrum",
    "saturation",
    "step_by_step",
)
OF_UNTRAINED = ("find_learning_rate", "gradient_flow")
"""Those that may look at a network before it is trained."""


def inspect(
    instrument: list[str],
    id: list[str],
    data: dict[str, Any] | None,
    options: dict[str, Any] | None,
) -> dict[str, Any]:
    """Look at an open model with an instrument.

    Parameters
    ----------
    instrument : list of one str
        One of ``INSTRUMENTS``.
    id : list of one str
        Of the model.
    data : dict or None
        What the instrument looks at, by name: ``X`` and ``y``, or one ``sequence``.
    options : dict or None
        Its other arguments.

    Returns
    -------
    dict
        As ``findings``.
    """
    check_choice("instrument", instrument[0], INSTRUMENTS)
    values = data_values(data)
    if isinstance(values.get("sequence"), list):  # a text; a series is an array
        (values["sequence"],) = values["sequence"]
    look = getattr(textseq, instrument[0])
    return findings(look(model_of(id[0]), **values, **option_values(options)))


def inspect_untrained(
    instrument: list[str],
    kind: list[str],
    data: dict[str, Any],
    columns: dict[str, Any] | None,
    parameters: dict[str, Any] | None,
    options: dict[str, Any] | None,
) -> dict[str, Any]:
    """Look at a network that is to be trained on the data.

    Parameters
    ----------
    instrument : list of one str
        One of ``OF_UNTRAINED``.
    kind : list of one str
        Name of the estimator.
    data : dict
        ``X`` and, but for a forecaster, ``y``.
    columns : dict or None
        A forecaster's, by the names of ``read_panel``'s arguments.
    parameters : dict or None
        Of the estimator.
    options : dict or None
        The instrument's other arguments.

    Returns
    -------
    dict
        As ``findings``.
    """
    check_choice("instrument", instrument[0], OF_UNTRAINED)
    model: Any = estimator_of(kind[0], parameters)
    values = data_values(data)
    if isinstance(model, Forecaster):
        values["X"] = read_panel(values["X"], **option_values(columns), fill_gaps=model.fill_gaps)
    if instrument[0] == "gradient_flow":
        model, _ = prepared_copy(model, values["X"], values.get("y"))
        model.network_.requires_grad_(False).eval()
    look = getattr(textseq, instrument[0])
    return findings(look(model, **values, **option_values(options)))


def weights(id: list[str]) -> dict[str, Any]:
    """Return the weights of an open model.

    Parameters
    ----------
    id : list of one str
        Of the model.

    Returns
    -------
    dict
        ``weights`` by name; ``tokens``, what the rows of the embedding stand for, or None.

    Raises
    ------
    ValueError
        If the model's weights have no names.
    """
    model = model_of(id[0])
    if not isinstance(model, SequenceEstimator):
        raise ValueError(
            f"a {type(model).__name__} has no weights by name; take a text or series "
            "classifier or regressor"
        )
    named, tokens = model.weights_by_name(), None
    if isinstance(model, TextEstimator) and model.encoding_.hashed is None:
        tokens = list(model.vocabulary_.tokens)
    return {"weights": named, "tokens": tokens}


def findings(found: Inspection) -> dict[str, Any]:
    """Return what an instrument found, in forms that R has.

    Parameters
    ----------
    found : Inspection

    Returns
    -------
    dict
        Its fields by name, and ``message``, what its figure says.

    Examples
    --------
    >>> from textseq import TextClassifier, recurrent_spectrum
    >>> model = TextClassifier(encoder="rnn", hidden_size=2, max_epochs=1, random_state=0)
    >>> found = findings(recurrent_spectrum(model.fit(["so good", "so bad"] * 10, [1, 0] * 10)))
    >>> list(found)
    ['table', 'verdict', 'eigenvalues', 'singular_values', 'memory', 'message']
    >>> found["eigenvalues"].columns.tolist()
    ['layer', 'direction', 'gate', 'real', 'imaginary']
    """
    fields = {field.name: _for_r(getattr(found, field.name)) for field in dataclasses.fields(found)}
    if isinstance(found, StepByStep):
        fields["units"] = [number_of(unit) for unit in found.units]
    return fields | {"message": found.message()}


def _for_r(value: Any) -> Any:
    if isinstance(value, SeriesSteps):
        return {"words": dataclasses.asdict(value.words), "scaled": value.scaled}
    if isinstance(value, Steps):
        return {"words": dataclasses.asdict(value.words)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, Mapping) and any(isinstance(name, tuple) for name in value):
        return pd.concat([_keyed(key, numbers) for key, numbers in value.items()])
    return value


def _keyed(key: GateKey, numbers: np.ndarray) -> pd.DataFrame:
    """Return the numbers that belong to a layer, direction and gate, a row each."""
    columns = {"real": numbers.real, "imaginary": numbers.imag}
    if not np.iscomplexobj(numbers):
        columns = {"value": numbers}
    frame = pd.DataFrame(columns)
    for column, (name, value) in enumerate(zip(("layer", "direction", "gate"), key, strict=True)):
        frame.insert(column, name, value)
    return frame
