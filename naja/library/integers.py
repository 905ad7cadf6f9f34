"""Methods of int and float that give or take bytes and digits: to_bytes, from_bytes, as_integer_ratio, fromhex."""

from naja import types
from naja.errors import TypingError
from naja.extending import overload, overload_method
from naja.library import kinds


def _check_order(byteorder):
    if byteorder != "little" and byteorder != "big":
        raise ValueError("byteorder must be either 'little' or 'big'")
    return byteorder == "big"


def _octets(x, length, byteorder, signed):
    big = _check_order(byteorder)
    if length < 0:
        raise ValueError("length argument must be non-negative")
    if x < 0 and not signed:
        raise OverflowError("can't convert negative int to unsigned")
    made = bytearray(length)
    for i in range(length):
        octet = (x >> min(8 * i, 63)) & 255
        made[length - 1 - i if big else i] = octet
    bits = 8 * length - (1 if signed else 0)
    rest = x >> max(min(bits, 63), 0)
    if (rest != 0 and rest != -1) or (bits <= 0 and x != 0 and x != -1):
        raise OverflowError("int too big to convert")
    if rest == -1 and x >= 0:
        raise OverflowError("int too big to convert")
    return bytes(made)


@overload_method(types.Integer, "to_bytes")
def _to_bytes(x, length=1, byteorder="big", signed=False):
    if x.signed:
        return lambda x, length=1, byteorder="big", signed=False: _octets(x, length, byteorder, signed)

    def to_bytes(x, length=1, byteorder="big", signed=False):
        big = _check_order(byteorder)
        if length < 0:
            raise ValueError("length argument must be non-negative")
        made = bytearray(length)
        for i in range(length):
            octet = (x >> (8 * i)) & 255 if i < 8 else 0
            made[length - 1 - i if big else i] = octet
        bits = 8 * length - (1 if signed else 0)
        if x and (bits <= 0 or (bits < 64 and x >> bits)):
            raise OverflowError("int too big to convert")
        return bytes(made)

    return to_bytes


@overload(int.from_bytes)
def _from_bytes(bytes, byteorder="big", signed=False):
    is_bytes = isinstance(bytes, types.Bytes | types.ByteArray | types.Array | types.List | types.UniTuple)
    if not is_bytes:
        raise TypingError(f"int.from_bytes takes bytes, not {bytes}")

    def from_bytes(bytes, byteorder="big", signed=False):
        big = _check_order(byteorder)
        n = len(bytes)
        is_negative = signed and n > 0 and bytes[0 if big else n - 1] >= 128
        fill = 255 if is_negative else 0
        x = 0
        for i in range(n):
            octet = int(bytes[n - 1 - i if big else i])
            if i < 8:
                x |= octet << (8 * i)
            elif octet != fill:
                raise OverflowError("int.from_bytes: the number does not fit 64 bits")
        if is_negative and n < 8:
            x |= -1 << (8 * n)
        if (x < 0) != is_negative:
            raise OverflowError("int.from_bytes: the number does not fit 64 bits")
        return x

    return from_bytes


@overload_method(types.Integer, "as_integer_ratio")
def _as_integer_ratio(x):
    return lambda x: (x, 1)


@overload(float.fromhex)
def _fromhex(string):
    if not isinstance(kinds.plain(string), types.UnicodeType):
        raise TypingError(f"float.fromhex takes a str, not {string}")

    def fromhex(string):
        text = string.strip().lower()
        sign = 1.0
        if text[:1] == "-":
            sign = -1.0
        if text[:1] == "-" or text[:1] == "+":
            text = text[1:]
        if text in ("inf", "infinity"):
            return sign * float("inf")
        if text == "nan":
            return float("nan")
        if text[:2] == "0x":
            text = text[2:]
        exponent = 0
        at = text.find("p")
        if at >= 0:
            exponent = int(text[at + 1 :])
            text = text[:at]
        mantissa, sticky, shift, ndigits, behind = 0, 0, 0, 0, False
        for c in text:
            if c == "." and not behind:
                behind = True
                continue
            digit = "0123456789abcdef".find(c)
            if digit < 0:
                raise ValueError("invalid hexadecimal floating-point string")
            ndigits += 1
            if mantissa < 1 << 56:
                mantissa = (mantissa << 4) | digit
                shift -= 4 if behind else 0
            else:
                sticky |= digit
                shift += 0 if behind else 4
        if ndigits == 0:
            raise ValueError("invalid hexadecimal floating-point string")
        result = sign * _scaled(mantissa, sticky, exponent + shift)
        if result - result != 0.0:
            raise OverflowError("hexadecimal value too large to represent as a float")
        return result

    return fromhex


def _scaled(mantissa, sticky, exponent):
    """mantissa * 2**exponent, rounded once, to even; `sticky`: something smaller is left."""
    if mantissa == 0:
        return 0.0
    nbits = 0
    while mantissa >> nbits:
        nbits += 1
    keep = 53
    if exponent + nbits - 1 < -1022:
        keep = 53 - (-1022 - (exponent + nbits - 1))
    if keep < 0:
        return 0.0
    drop = nbits - keep
    if drop > 0:
        half = 1 << (drop - 1)
        rest = mantissa & ((half << 1) - 1)
        mantissa >>= drop
        exponent += drop
        if rest > half or (rest == half and (sticky or mantissa & 1)):
            mantissa += 1
    result = float(mantissa)
    while exponent > 1000:
        result *= 2.0**1000
        exponent -= 1000
    while exponent < -1000:
        result *= 2.0**-1000
        exponent += 1000
    return result * 2.0**exponent
