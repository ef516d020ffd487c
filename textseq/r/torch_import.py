"""PyTorch within R's process, with the matrix products of its own."""

from __future__ import annotations

import ctypes
import os
import sys

# Of the library of matrix products (BLAS), in single and double precision.
_PRODUCTS = ("sgemm_", "dgemm_")


def import_torch() -> None:
    """Import torch such that it calls its own matrix products, not those that R was linked to.

    Both libraries have functions of the same names, and Linux takes the first that was loaded:
    R's, which on Debian are the reference ones, more than ten times slower.

    Examples
    --------
    >>> import_torch()
    >>> "torch" in sys.modules or not hasattr(ctypes.CDLL(None), "sgemm_")
    True
    """
    # glibc alone has the flag; elsewhere names are bound to the library they come from, or else
    # torch takes what there is. An allocator that was preloaded has to stay the only one.
    if "torch" in sys.modules or not hasattr(os, "RTLD_DEEPBIND") or os.environ.get("LD_PRELOAD"):
        return
    process = ctypes.CDLL(None)
    if not any(hasattr(process, name) for name in _PRODUCTS):
        return
    flags = sys.getdlopenflags()
    sys.setdlopenflags(os.RTLD_NOW | os.RTLD_DEEPBIND)
    try:
        import torch  # noqa: F401
    finally:
        sys.setdlopenflags(flags)
