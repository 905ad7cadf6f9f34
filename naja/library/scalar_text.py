"""Numbers from texts and ratios, and their digits: complex(str), float.as_integer_ratio, math.fsum, np.base_repr."""

import math

import numpy as np

from naja import types
from naja.extending import overload, overload_method
from naja.library import kinds


def _part_end(text, first):
    """Where the number that begins at `first` ends: at a sign that is not an exponent's, or at a j."""
    i = first + 1
    while i < len(text):
        c = text[i]
        if c in ("j", "J") or (c in ("+", "-") and text[i - 1] not in ("e", "E")):
            break
        i += 1
    return i


def _imaginary(text):
    if text in ("", "+"):
        return 1.0
    return -1.0 if text == "-" else float(text)


@overload(complex)
def _complex(real, imag=0):
    """`complex` of a str: "1+2j", "-j", "nan", "(3)"."""
    if not isinstance(kinds.plain(real), types.UnicodeType):
        return None

    def complex_of_text(real, imag=0):
        text = real.strip()
        if len(text) > 1 and text[0] == "(" and text[-1] == ")":
            text = text[1:-1].strip()
        if not text or " " in text:
            raise ValueError("complex() arg is a malformed string")
        end = _part_end(text, 0)
        if text[0] in ("j", "J"):
            end = 0
        if end == len(text):
            return complex(float(text), 0.0)
        if text[end] in ("j", "J"):
            if end + 1 != len(text):
                raise ValueError("complex() arg is a malformed string")
            return complex(0.0, _imaginary(text[:end]))
        if text[-1] not in ("j", "J"):
            raise ValueError("complex() arg is a malformed string")
        return complex(float(text[:end]), _imaginary(text[end:-1]))

    return complex_of_text


@overload_method(types.Float, "as_integer_ratio")
def _as_integer_ratio(x):
    """`float.as_integer_ratio`, where both numbers fit 64 bits."""

    def as_integer_ratio(x):
        if math.isnan(x):
            raise ValueError("cannot convert NaN to integer ratio")
        if math.isinf(x):
            raise OverflowError("cannot convert Infinity to integer ratio")
        fraction, exponent = math.frexp(x)
        while fraction != math.floor(fraction) and exponent > -2000:
            fraction *= 2.0
            exponent -= 1
        numerator, denominator = int(fraction), 1
        if exponent > 62 or exponent < -62 or (exponent > 0 and abs(fraction) * 2.0**exponent >= 2.0**63):
            raise OverflowError("the integer ratio does not fit 64 bits")
        if exponent > 0:
            numerator <<= exponent
        else:
            denominator <<= -exponent
        return numerator, denominator

    return as_integer_ratio


@overload(math.fsum)
def _fsum(seq):
    """`math.fsum`: Shewchuk's exact partial sums, rounded once at the end."""

    def fsum(seq):
        partials = [0.0]
        partials.clear()
        special, infinities, is_finite = 0.0, 0.0, True
        for item in seq:
            x = float(item)
            if not math.isfinite(x):
                special += x
                if math.isinf(x):
                    infinities += x
                is_finite = False
                continue
            n = 0
            for k in range(len(partials)):
                y = partials[k]
                if abs(x) < abs(y):
                    x, y = y, x
                high = x + y
                low = y - (high - x)
                if low != 0.0:
                    partials[n] = low
                    n += 1
                x = high
            if not math.isfinite(x):
                raise OverflowError("intermediate overflow in fsum")
            while len(partials) > n:
                partials.pop()
            partials.append(x)
        if math.isnan(infinities):
            raise ValueError("-inf + inf in fsum")
        if not is_finite:
            return special
        return _rounded(partials)

    return fsum


@overload(math.prod)
def _prod(iterable, *, start=1):
    """`math.prod` of what has no row: anything that a loop can walk through."""

    def prod(iterable, *, start=1):
        product = start
        for x in iterable:
            product = product * x
        return product

    return prod


@overload_method(types.Float, "hex")
def _hex(x):
    """`float.hex`, of a float64."""

    def hex_of(x):
        if not math.isfinite(x):
            return str(x)
        sign = "-" if math.copysign(1.0, x) < 0.0 else ""
        if x == 0.0:
            return sign + "0x0.0p+0"
        fraction, exponent = math.frexp(abs(x))
        exponent -= 1
        if exponent < -1022:  # a subnormal number
            fraction = math.ldexp(fraction, exponent + 1022)
            exponent = -1022
        whole = int(fraction * 2.0)
        bits = int((fraction * 2.0 - whole) * 4503599627370496.0)
        digits = hex(bits)[2:]
        return f"{sign}0x{whole}.{'0' * (13 - len(digits))}{digits}p{exponent:+d}"

    return hex_of


def _rounded(partials):
    """The sum of partial sums that do not overlap, rounded to even once."""
    n = len(partials)
    if n == 0:
        return 0.0
    n -= 1
    high, low = partials[n], 0.0
    while n > 0:
        x = high
        n -= 1
        y = partials[n]
        high = x + y
        low = y - (high - x)
        if low != 0.0:
            break
    if n > 0 and ((low < 0.0 and partials[n - 1] < 0.0) or (low > 0.0 and partials[n - 1] > 0.0)):
        y = low * 2.0
        x = high + y
        if y == x - high:
            high = x
    return high


# ---- digits ----------------------------------------------------------------------------------------------------------

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@overload(np.base_repr)
def _base_repr(number, base=2, padding=0):
    """`numpy.base_repr`."""
    if not kinds.is_integer(number):
        return None

    def base_repr(number, base=2, padding=0):
        if base > 36:
            raise ValueError("Bases greater than 36 not handled in base_repr.")
        if base < 2:
            raise ValueError("Bases less than 2 not handled in base_repr.")
        rest, digits = abs(number), ""
        while rest:
            digits = _DIGITS[rest % base] + digits
            rest //= base
        if padding > 0:
            digits = "0" * padding + digits
        if number < 0:
            digits = "-" + digits
        return digits if digits else "0"

    return base_repr


@overload(np.binary_repr)
def _binary_repr(num, width=None):
    """`numpy.binary_repr`: of a negative number with a width, its two's complement."""
    if not kinds.is_integer(num):
        return None
    if kinds.is_none(width):
        return lambda num, width=None: np.base_repr(num)

    def fill(digits, with_, width):
        if width < len(digits):
            raise ValueError(
                "Insufficient bit width=" + str(width) + " provided for binwidth=" + str(len(digits))
            )
        return with_ * (width - len(digits)) + digits

    def binary_repr(num, width=None):
        if num == 0:
            return "0" * (width if width else 1)
        if num > 0:
            return fill(np.base_repr(num), "0", width)
        n, rest = 1, num  # the fewest bits that hold it
        while rest < -1:
            rest >>= 1
            n += 1
        digits = ""
        for i in range(n):
            digits = ("1" if num >> i & 1 else "0") + digits
        return fill(digits, "1", width)

    return binary_repr
