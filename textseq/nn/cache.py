"""What a language model has said before in states like the present one, said again."""

from __future__ import annotations

import torch
from torch import Tensor

# How much likelier tokens are that were said in like states, and what the cache counts for.
SHARPNESS, SHARE = 0.5, 0.1


class ContinuousCache:
    """The last states and what was said after each, whose share in each probability is a tenth.

    p(w) = (1 - share) p_network(w) + share p_cache(w), and p_cache(w) is the sum over the steps i
    before that said w of exp(sharpness h_t h_i), over the sum of all.

    Parameters
    ----------
    size : int
        Steps that are kept.

    References
    ----------
    Grave, Joulin & Usunier (2017), "Improving Neural Language Models with a Continuous Cache",
    equations 2 and 3.

    Examples
    --------
    >>> cache, said = ContinuousCache(size=2), torch.tensor([4, 5, 4])
    >>> log_p = cache.mixed(torch.full((3,), 0.5).log(), torch.zeros(3, 8), said)
    >>> [round(p, 2) for p in log_p.exp().tolist()]
    [0.5, 0.45, 0.5]
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._states: Tensor | None = None
        self._said: Tensor | None = None

    def mixed(self, log_p: Tensor, states: Tensor, said: Tensor) -> Tensor:
        """Return log p (n,) of what is said after states (n, H), and keep both.

        Parameters
        ----------
        log_p : Tensor of shape (n,)
            By the network.
        states : Tensor of shape (n, H)
            In the order of reading, each a step behind the one before.
        said : Tensor of shape (n,), int64
        """
        keys = states if self._states is None else torch.cat([self._states, states])
        values = said if self._said is None else torch.cat([self._said, said])
        # (n, kept + n): each step looks at the ``size`` steps before it.
        place = torch.arange(len(keys), device=keys.device)
        now = place[len(keys) - len(states) :, None]
        seen = (place < now) & (place >= now - self.size)
        scores = (SHARPNESS * (states @ keys.t())).masked_fill(~seen, -torch.inf)
        # The first step of all sees none, and has no softmax.
        shares = scores.softmax(1).masked_fill(~seen, 0.0)
        found = (shares * (values == said[:, None])).sum(1, dtype=torch.float64)
        weight = SHARE * seen.any(1)
        self._states, self._said = keys[-self.size :], values[-self.size :]
        return ((1 - weight) * log_p.double().exp() + weight * found).log()
