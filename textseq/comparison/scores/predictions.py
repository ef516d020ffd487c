"""What all models of a comparison answered, as one frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from textseq.comparison.scores.result import Comparison


def predictions_frame(comparison: Comparison) -> pd.DataFrame:
    """Return ``Comparison.predictions``."""
    n_test = len(comparison.texts)
    seeds = comparison.receipt["seeds"]
    runs = [(model, place) for model in comparison.models for place in range(len(model.scores))]
    columns = {
        "model": np.repeat([model.name for model, _ in runs], n_test),
        "seed": np.repeat([seeds[place] for _, place in runs], n_test),
        "row": np.tile(np.arange(n_test), len(runs)),
    }
    truth = np.concatenate([comparison.targets] * len(runs))
    found = np.concatenate([model.predictions[place] for model, place in runs])
    names = np.array(comparison.classes, dtype=object)
    if comparison.task == "labels":
        columns |= {f"truth_{name}": truth[:, place] for place, name in enumerate(names)}
        columns |= {f"prediction_{name}": found[:, place] for place, name in enumerate(names)}
    elif comparison.task == "classes":
        columns |= {"truth": names[truth], "prediction": names[found]}
    else:
        columns |= {"truth": truth, "prediction": found}
    shares = np.concatenate(
        [
            np.full((n_test, len(names)), np.nan)
            if model.probabilities is None
            else model.probabilities[place]
            for model, place in runs
        ]
    )
    columns |= {f"proba_{name}": shares[:, place] for place, name in enumerate(names)}
    return pd.DataFrame(columns)
