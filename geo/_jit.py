"""Compile numeric kernels with numba, cached on disk where a disk can be written.

numba keeps its cache beside the module, else in the user's cache folder; where neither can be written it
raises at decoration. The product must still start there, so the kernel is then compiled anew per process.
"""

from collections.abc import Callable
from typing import Any

import numba


def jit(function: Callable[..., Any]) -> Any:
    """Compile ``function`` in nopython mode without the GIL and without fast-math, cached if possible."""
    try:
        return numba.njit(function, cache=True, nogil=True, fastmath=False)
    except RuntimeError:  # "no locator available": the folder and the user's cache are read-only
        return numba.njit(function, nogil=True, fastmath=False)
