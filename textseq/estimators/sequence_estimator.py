"""What the estimators share that answer a whole sequence by labels or a number."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from textseq.batches import SequenceData
from textseq.estimators.trained_estimator import TrainedEstimator
from textseq.nn.named_weights import named_weights
from textseq.nn.network import SequenceNetwork
from textseq.training.devices import computing
from textseq.training.objectives import OBJECTIVES, Objective
from textseq.training.outputs import network_outputs


class SequenceEstimator(TrainedEstimator):
    """Base of the classifiers and regressors, of texts and of series."""

    network_kind = SequenceNetwork
    random_state: Any

    @abstractmethod
    def _check_parameters(self) -> tuple[Any, bool]:
        """Check all parameters; return the encoder without shorthand, and whether bidirectional."""

    @abstractmethod
    def _rows(self, X: Any) -> SequenceData:
        """Return what the network reads of X."""

    @abstractmethod
    def _learn_targets(self, y: Any, n_rows: int) -> np.ndarray:
        """Check the targets of ``fit``, remember what they are, return them as numbers."""

    def _scale_targets(self, targets: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return learned targets in the units that those of the training rows have."""
        return targets

    @abstractmethod
    def _targets_to_json(self) -> dict[str, Any]:
        """Return what ``_learn_targets`` and ``_scale_targets`` remember, JSON-able."""

    @abstractmethod
    def _targets_from_json(self, stored: dict[str, Any]) -> None:
        """Take back what ``_targets_to_json`` gave."""

    @abstractmethod
    def _encode_targets(self, y: Any, n_rows: int) -> np.ndarray:
        """Turn other targets into numbers as ``_learn_targets`` chose."""

    @abstractmethod
    def _target_kind(self) -> tuple[str, int]:
        """Return the key in OBJECTIVES and the number of outputs."""

    @abstractmethod
    def _answers(self, outputs: np.ndarray) -> np.ndarray:
        """Turn outputs (n, n_outputs) into probabilities or numbers of the same shape."""

    def _row_weights(self, targets: np.ndarray) -> np.ndarray | None:
        return None

    def _objective(self) -> Objective:
        return OBJECTIVES[self._target_kind()[0]]

    def _outputs(self, X: Any) -> np.ndarray:
        """Return the network's outputs (n, n_outputs) as float64."""
        check_is_fitted(self, "network_")
        with computing(self.network_, self.device, self._threads()) as team:
            outputs = network_outputs(self.network_, self._rows(X), team)
        return outputs.astype(np.float64)

    def weights_by_name(self) -> dict[str, np.ndarray]:
        """Return copies of the fitted weights under the names they have in the equations.

        Returns
        -------
        dict of str to ndarray
            ``embedding`` (V, D); ``layer1.W_xh`` (H, D), ``layer1.W_hh`` (H, H), ``layer1.b``
            (H,) and so on for each layer and gate, ``layer1.backward.W_xh`` for the other
            direction; ``head.W`` (n_outputs, H) and ``head.b``.

        Examples
        --------
        >>> from textseq import TextClassifier
        >>> model = TextClassifier(encoder="rnn", hidden_size=2, max_epochs=1, random_state=0)
        >>> model = model.fit(["so good", "so bad"] * 10, [1, 0] * 10)
        >>> {name: weight.shape for name, weight in model.weights_by_name().items()}
        {'embedding': (5, 100), 'layer1.W_xh': (2, 100), 'layer1.W_hh': (2, 2), 'layer1.b': (2,), \
'head.W': (2, 2), 'head.b': (2,)}
        """
        check_is_fitted(self, "network_")
        named = named_weights(self.network_)
        return {name: weight.detach().numpy().copy() for name, weight in named.items()}

    def transform(self, X: Any) -> np.ndarray:
        """Return the vectors that the output layer reads.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        ndarray of shape (n, n_features), float32
            The encoder's pooled states; for pairs u, v, |u - v| and u * v side by side.
        """
        check_is_fitted(self, "network_")
        data = self._rows(X)
        with computing(self.network_, self.device, self._threads()) as team:
            return network_outputs(self.network_, data, team, SequenceNetwork.vectors)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of ``transform``'s columns."""
        check_is_fitted(self, "network_")
        prefix = type(self).__name__.lower()
        width = self.network_.head.in_features
        return np.array([f"{prefix}{column}" for column in range(width)], dtype=object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.random_state is None
        return tags
