"""Units of ``numpy.datetime64`` and ``numpy.timedelta64``, and how they convert.

Units are strings; the empty one is the generic unit.  Years and months are a family of their own.
"""

import math

import numpy as np

#: Units from coarse to fine.
DATETIME_UNITS = {
    unit: code
    for code, unit in zip(
        (0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14),
        ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", ""),
        strict=False,
    )
}

#: The number that stands for not-a-time.
NAT = np.timedelta64("nat").astype(np.int64)

_STEPS = {"Y": 12, "W": 7, "D": 24, "h": 60, "m": 60} | dict.fromkeys(
    ("s", "ms", "us", "ns", "ps", "fs"), 1000
)
_ORDER = tuple(DATETIME_UNITS)
_DAYS_IN_400_YEARS = 400 * 365 + 97


def _is_calendar(unit):
    return unit in ("Y", "M")


def same_kind(src, dest):
    """Whether both units are dates (weeks and days among them), or both are times of day."""
    dates = ("Y", "M", "W", "D")
    return src == dest or (src in dates) == (dest in dates)


def can_cast_timedelta_units(src, dest):
    """Whether each timedelta in one unit is a whole number of the other."""
    if dest == src or src == "":
        return True
    return (
        dest != "" and _is_calendar(src) == _is_calendar(dest) and DATETIME_UNITS[src] < DATETIME_UNITS[dest]
    )


def get_timedelta_conversion_factor(src_unit, dest_unit):
    """How many of the second unit make one of the first; None if no whole number does."""
    if src_unit == dest_unit or src_unit == "":
        return 1
    if not can_cast_timedelta_units(src_unit, dest_unit):
        return None
    return math.prod(_STEPS[unit] for unit in _ORDER[_ORDER.index(src_unit) : _ORDER.index(dest_unit)])


def get_datetime_timedelta_conversion(datetime_unit, timedelta_unit):
    """What a datetime and a timedelta must be multiplied by to be in one unit.

    Parameters
    ----------
    datetime_unit, timedelta_unit : str

    Returns
    -------
    tuple
        The unit, the factor of the datetime, the factor of the timedelta; a year has 365.2425 days.

    Raises
    ------
    RuntimeError
        If the timedelta counts months or years and the datetime does not.
    """
    if datetime_unit == "" or timedelta_unit == "":
        return datetime_unit, 1, 1
    if _is_calendar(datetime_unit) == _is_calendar(timedelta_unit):
        factor = get_timedelta_conversion_factor(datetime_unit, timedelta_unit)
        if factor is not None:
            return timedelta_unit, factor, 1
        return datetime_unit, 1, get_timedelta_conversion_factor(timedelta_unit, datetime_unit)
    if not _is_calendar(datetime_unit):
        raise RuntimeError(
            f"cannot combine datetime64({datetime_unit!r}) and timedelta64({timedelta_unit!r})"
        )
    periods = 400 if datetime_unit == "Y" else 4800
    if timedelta_unit == "W":
        return "W", _DAYS_IN_400_YEARS, periods * 7
    return timedelta_unit, _DAYS_IN_400_YEARS * get_timedelta_conversion_factor("D", timedelta_unit), periods


def combine_datetime_timedelta_units(datetime_unit, timedelta_unit):
    """The unit of the sum of a datetime and a timedelta; None if they have none."""
    if datetime_unit == "" or timedelta_unit == "":
        return datetime_unit or timedelta_unit
    if _is_calendar(timedelta_unit) and not _is_calendar(datetime_unit):
        return None
    return max(datetime_unit, timedelta_unit, key=DATETIME_UNITS.get)


def get_best_unit(unit_a, unit_b):
    """The finer of two units of one family; None if they are of two."""
    if can_cast_timedelta_units(unit_a, unit_b):
        return unit_b
    return unit_a if can_cast_timedelta_units(unit_b, unit_a) else None
