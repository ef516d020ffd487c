"""The models of a comparison of scores, written as the rows of a table."""

from __future__ import annotations

import numpy as np

from textseq.comparison.scores.costs import COSTS
from textseq.comparison.scores.result import Comparison
from textseq.comparison.wording import count_text, mean_text, score_text, seconds_text


def row_texts(comparison: Comparison) -> list[dict[str, str]]:
    """Write the figures of every model, best first."""
    return [
        {
            "name": model.name,
            "kind": model.kind,
            "score": score_text(model.scores),
            **{name: mean_text(scores) for name, scores in model.measures.items()},
            "auc": "" if model.aucs is None else score_text(model.aucs),
            "network": "–" if model.network_scores is None else score_text(model.network_scores),
            "train": seconds_text(float(np.mean(model.fit_seconds))),
            "predict": f"{model.predict_microseconds:,.0f}",
            "parameters": count_text(model.n_parameters),
            "seeds": str(len(model.scores)),
            **{cost.name: cost.text(model) for cost in COSTS},
        }
        for model in comparison.ranked
    ]
