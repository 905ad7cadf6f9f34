"""The two programs naja starts from: what they give, and how long it takes.

Run with ``make demo``.  First calls include compilation; the cache is off, so that they always do.
"""

import time

import numpy as np

from naja import njit, prange


@njit(cache=False)
def sum_array(arr):
    """Sum of an array; one call of np.sum."""
    return np.sum(arr)


@njit(parallel=True, cache=False)
def sum_squares(arr):
    """Sum of squares; a parallel loop with a reduction."""
    result = 0.0
    for i in prange(arr.shape[0]):
        result += arr[i] ** 2
    return result


def clock(function, *args, seconds=0.5):
    """Least time of one call in milliseconds, over about `seconds` of calls."""
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        function(*args)
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def row(name, compiled, numpy_function, data):
    """Run one program and return its line of the table."""
    start = time.perf_counter()
    result = compiled(data)
    first = (time.perf_counter() - start) * 1e3
    difference = abs(result - numpy_function(data))
    steady, reference = clock(compiled, data), clock(numpy_function, data)
    return f"{name:12} {result:18.6f} {difference:12.3g} {first:10.2f} {steady:10.3f} {reference:10.3f}"


def main():
    """Print the table."""
    rng = np.random.default_rng(1)
    print(
        f"{'program':12} {'result':>18} {'off NumPy by':>12} {'first, ms':>10} {'then, ms':>10} {'NumPy, ms':>10}"
    )
    print(row("sum_array", sum_array, np.sum, rng.random(10**6)))
    print(row("sum_squares", sum_squares, lambda a: np.sum(a**2), rng.random(10**7)))


if __name__ == "__main__":
    main()
