"""The rows that a caller asks a comparison for, each with its name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from textseq.estimators.base import TrainedEstimator

# Parameters that tell nothing of how well a model answers, or differ from seed to seed.
_UNTOLD = {"encoder", "random_state", "n_threads", "device", "verbose"}


def named_rows(encoders: Any) -> Iterable[tuple[str, Any]]:
    """Yield each row's name and what the caller gave for it.

    Estimators of the package need no name: theirs tells how they differ.
    """
    if isinstance(encoders, str | TrainedEstimator):
        encoders = [encoders]
    if isinstance(encoders, Mapping):
        yield from encoders.items()
        return
    encoders = list(encoders)
    alike = _alike([item for item in encoders if isinstance(item, TrainedEstimator)])
    for item in encoders:
        if isinstance(item, Mapping):
            yield from item.items()
        elif isinstance(item, str):
            yield item, item
        elif isinstance(item, TrainedEstimator):
            yield row_name(item, alike), item
        else:
            raise ValueError(f"give the row {item!r} a name: {{'my row': estimator}}")


def row_name(estimator: TrainedEstimator, untold: Collection[str] = ()) -> str:
    """Return what an estimator without a name is called: its encoder, and what was changed.

    Examples
    --------
    >>> from textseq import SequenceTagger
    >>> row_name(SequenceTagger("linear", encoder="gru", random_state=1))
    'gru (head=linear)'
    """
    changed = _changed(estimator)
    told = [
        # Of what is no plain value, such as word vectors, the name is enough.
        f"{name}={value}" if isinstance(value, str | int | float) else name
        for name, value in changed.items()
        if name not in untold
    ]
    encoder = str(estimator.get_params(deep=False)["encoder"])
    return f"{encoder} ({', '.join(told)})" if told else encoder


def _alike(estimators: list[TrainedEstimator]) -> list[str]:
    """Return the parameters that were changed alike in several, which tell none from another."""
    changed = [_changed(estimator) for estimator in estimators]
    if len(changed) < 2:
        return []
    first, *others = changed
    return [
        name
        for name, value in first.items()
        if all(name in other and repr(other[name]) == repr(value) for other in others)
    ]


def _changed(estimator: TrainedEstimator) -> dict[str, Any]:
    given, usual = (model.get_params(deep=False) for model in (estimator, type(estimator)()))
    return {
        name: value
        for name, value in given.items()
        if name not in _UNTOLD and repr(value) != repr(usual[name])
    }
