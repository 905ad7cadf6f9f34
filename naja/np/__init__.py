"""Numba's `numba.np`: what concerns NumPy."""
