"""Arguments that choose an implementation, given at run time: ``np.sort(a, axis)``, ``np.convolve(a, v, mode)``.

Implementations are made for a known axis, mode or kind.  Where the program knows it at run time only, the answer is a
function that compares it with everything it may be and calls again with that constant.  The table below says which
arguments can be known so late; what changes the type of the result by its value cannot.
"""

from naja import types
from naja.library import kinds, low
from naja.library.written import call_text, parameter_names, written

_AXIS = "axis"  # what an argument may be: an axis of the first array, or one of these groups of spellings
_KINDS = (("quicksort", "quick", "heapsort", "heap"), ("stable", "mergesort"))
_SELECT = (("introselect",),)
_SIDES = (("left",), ("right",))
_MODES = (("full",), ("same",), ("valid",))
_METHODS = tuple(
    (name,)
    for name in (
        "linear lower higher midpoint nearest inverted_cdf averaged_inverted_cdf closest_observation "
        "interpolated_inverted_cdf hazen weibull median_unbiased normal_unbiased".split()
    )
)
_ORDERS = (("C",), ("F",), ("A",), ("K",))
_BOUNDS = (("raise",), ("wrap",), ("clip",))
_BITS = (("big",), ("little",))
_FLAG = "flag"

# By function: its parameters in order, and what those may be that can be known late.
_TABLE = {
    "numpy.sort": ("a axis kind order", {"axis": _AXIS, "kind": _KINDS}),
    "numpy.argsort": ("a axis kind order", {"axis": _AXIS, "kind": _KINDS}),
    "ndarray.sort": ("self axis kind order", {"axis": _AXIS, "kind": _KINDS}),
    "ndarray.argsort": ("self axis kind order", {"axis": _AXIS, "kind": _KINDS}),
    "numpy.partition": ("a kth axis kind order", {"axis": _AXIS, "kind": _SELECT}),
    "numpy.argpartition": ("a kth axis kind order", {"axis": _AXIS, "kind": _SELECT}),
    "ndarray.partition": ("self kth axis kind order", {"axis": _AXIS, "kind": _SELECT}),
    "ndarray.argpartition": ("self kth axis kind order", {"axis": _AXIS, "kind": _SELECT}),
    "numpy.searchsorted": ("a v side sorter", {"side": _SIDES}),
    "ndarray.searchsorted": ("self v side sorter", {"side": _SIDES}),
    "numpy.convolve": ("a v mode", {"mode": _MODES}),
    "numpy.correlate": ("a v mode", {"mode": _MODES}),
    "numpy.median": ("a axis", {"axis": _AXIS}),
    "numpy.nanmedian": ("a axis", {"axis": _AXIS}),
    "numpy.trapezoid": ("y x dx axis", {"axis": _AXIS}),
    "numpy.diff": ("a n axis", {"axis": _AXIS}),
    "numpy.gradient": ("f", {"axis": _AXIS}),
    "numpy.unwrap": ("p discont axis", {"axis": _AXIS}),
    "numpy.cross": ("a b axisa axisb axisc axis", {"axis": _AXIS}),
    "numpy.apply_along_axis": ("func1d axis arr", {"axis": _AXIS}),
    "numpy.packbits": ("a axis bitorder", {"axis": _AXIS, "bitorder": _BITS}),
    "numpy.unpackbits": ("a axis count bitorder", {"axis": _AXIS, "bitorder": _BITS}),
    "numpy.take": ("a indices axis out mode", {"mode": _BOUNDS}),
    "numpy.put": ("a ind v mode", {"mode": _BOUNDS}),
    "numpy.choose": ("a choices out mode", {"mode": _BOUNDS}),
    "numpy.ravel_multi_index": ("multi_index dims mode order", {"mode": _BOUNDS, "order": _ORDERS[:2]}),
    "numpy.unravel_index": ("indices shape order", {"order": _ORDERS[:2]}),
    "numpy.pad": (
        "array pad_width mode",
        {"mode": (("constant",), ("edge",), ("reflect",), ("symmetric",), ("wrap",), ("empty",))},
    ),
    "numpy.meshgrid": ("", {"indexing": (("xy",), ("ij",))}),
    "numpy.intersect1d": ("ar1 ar2 assume_unique", {"assume_unique": _FLAG}),
    "numpy.unique": ("ar return_index return_inverse return_counts axis", {"axis": _AXIS}),
    "numpy.setdiff1d": ("ar1 ar2 assume_unique", {"assume_unique": _FLAG}),
    "numpy.setxor1d": ("ar1 ar2 assume_unique", {"assume_unique": _FLAG}),
    "numpy.isin": ("element test_elements assume_unique invert", {"assume_unique": _FLAG, "invert": _FLAG}),
    "numpy.angle": ("z deg", {"deg": _FLAG}),
    "numpy.linspace": ("start stop num endpoint", {"endpoint": _FLAG}),
    "numpy.geomspace": ("start stop num endpoint", {"endpoint": _FLAG}),
    "numpy.logspace": ("start stop num endpoint", {"endpoint": _FLAG}),
    "numpy.linalg.norm": ("x ord axis keepdims", {"axis": _AXIS}),
    "numpy.linalg.eigh": ("a UPLO", {"UPLO": (("L", "l"), ("U", "u"))}),
    "numpy.linalg.eigvalsh": ("a UPLO", {"UPLO": (("L", "l"), ("U", "u"))}),
}
for _name in ("percentile", "quantile", "nanpercentile", "nanquantile"):
    _TABLE[f"numpy.{_name}"] = (
        "a q axis out overwrite_input method keepdims",
        {"axis": _AXIS, "method": _METHODS},
    )

_made = {}


def constant_text(t):
    """The Python text of an argument whose type says its value (numbers, strings, None, tuples of these), or None.

    Parameters
    ----------
    t : Type

    Returns
    -------
    str or None
    """
    if isinstance(t, types.Literal):
        return repr(t.literal_value)
    if isinstance(t, types.NoneType):
        return "None"
    if isinstance(t, types.BaseTuple):
        items = [constant_text(item) for item in t]
        if all(items):
            return f"({''.join(f'{item}, ' for item in items)})"
    return None


def _candidates(t, choices, arguments):
    """The constants that an argument of type `t` may stand for, each with the text of its test; None: it is known."""
    if choices is _AXIS:
        arrays = [a for a in arguments if kinds.is_array(a)]
        if t.kind != "INT" or not arrays or arrays[0].ndim == 0:
            return None
        return [(i, f"place == {i}") for i in range(arrays[0].ndim)]
    if choices is _FLAG:
        return [(True, "{0}"), (False, "not {0}")] if t.kind == "BOOL" else None
    if t.kind != "STR":
        return None
    return [(group[0], " or ".join(f"{{0}} == {word!r}" for word in group)) for group in choices]


def _late(name, arguments, keyword_names):
    """Position, name and candidates of an argument that is known too late, or None."""
    positional, choices = _TABLE[name]
    names = positional.split()[: len(arguments) - len(keyword_names)]
    names += [""] * (len(arguments) - len(keyword_names) - len(names)) + list(keyword_names)
    for i, parameter in enumerate(names):
        if parameter in choices:
            found = _candidates(arguments[i], choices[parameter], arguments)
            if found:
                return i, parameter, found
    return None


def _text(name, parameters, keyword_names, passed, late):
    """The text of a function that tells the candidates apart."""
    i, parameter, candidates = late
    ndim = len(candidates)

    def call(constant):
        return call_text(name, parameters, keyword_names, [*passed[:i], repr(constant), *passed[i + 1 :]])

    lines = [f"def f({', '.join(parameters)}):"]
    if type(candidates[0][0]) is int:
        lines.append(f"    place = checked_axis({parameters[i]}, {ndim})")
        *first, (last, _) = candidates
        for constant, test in first:
            lines += [f"    if {test}:", f"        return {call(constant)}"]
        lines.append(f"    return {call(last)}")
    else:
        for constant, test in candidates:
            lines += [f"    if {test.format(parameters[i])}:", f"        return {call(constant)}"]
        if candidates[0][0] is True:
            return "\n".join(lines) + "\n"
        words = ", ".join(repr(constant) for constant, _ in candidates)
        message = f"{name.replace('numpy', 'np')}: {parameter} must be one of {words}"
        lines.append(f"    raise ValueError({message!r})")
    return "\n".join(lines) + "\n"


def implementation(name, function, arguments, keyword_names):
    """Return a function that tells apart what an argument may be and calls `function` with constants, or None.

    Parameters
    ----------
    name : str
        The function's name in the library.
    function : callable or None
        None for a method.
    arguments : tuple of Type
        Types of the arguments, constants as literals, those given by keyword last.
    keyword_names : tuple of str

    Returns
    -------
    function or None
    """
    if name not in _TABLE:
        return None
    late = _late(name, arguments, keyword_names)
    if late is None:
        return None
    key = name, arguments, keyword_names
    if key not in _made:
        parameters = parameter_names(arguments, keyword_names)
        passed = [constant_text(t) or p for p, t in zip(parameters, arguments, strict=True)]
        text = _text(name, parameters, keyword_names, passed, late)
        _made[key] = written(__name__, text, function=function, checked_axis=low.checked_axis)
    return _made[key]
