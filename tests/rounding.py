"""How far apart results in float32 may lie that are the same but for rounding."""

import numpy as np
import torch

UNIT = float(np.finfo(np.float32).eps)


def rounding(*terms, units=8):
    """Return the largest difference that rounding explains, as an absolute bound.

    float32 keeps 24 bits: numbers near 8 are rounded by up to 5e-7 wherever they are added, and
    processors add in orders of their own. So a bound is a few ``units`` in the last place of the
    largest of the ``terms``: what is held to it, and what that was summed from where this is
    larger. No bound of a test in float32 is a number written down. That the arithmetic is the
    same is shown by twins in float64, which keep tight bounds of their own.
    """
    return units * UNIT * max(_largest(term) for term in terms)


def _largest(term):
    values = term.detach().numpy() if isinstance(term, torch.Tensor) else np.asarray(term)
    return float(np.abs(values, dtype=np.float64).max(initial=0.0))
