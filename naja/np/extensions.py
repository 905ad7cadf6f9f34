"""Numba's `numba.np.extensions`: what NumPy has no function for."""

import numpy as np

from naja.extending import register_jitable

__all__ = ["cross2d"]


@register_jitable
def cross2d(a, b):
    """Return the cross product of vectors of two components, which is a number.

    Parameters
    ----------
    a, b : array_like
        Numbers; the last axis has two items, the others broadcast.

    Returns
    -------
    scalar or ndarray
        ``a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]``.

    Raises
    ------
    ValueError
        If the last axes do not have two items.
    """
    x, y = np.asarray(a), np.asarray(b)
    if x.ndim == 0 or y.ndim == 0 or x.shape[-1] != 2 or y.shape[-1] != 2:
        raise ValueError(
            "Incompatible dimensions for 2D cross product\n(dimension must be 2 for both inputs)"
        )
    return np.multiply(x[..., 0], y[..., 1]) - np.multiply(x[..., 1], y[..., 0])
