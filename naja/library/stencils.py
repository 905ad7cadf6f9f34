"""The loops of stencils, written as text for the types of a call.

For ``smooth(a, b, w, out=None)`` of two axes, where `a` and `b` have relative indices::

    low, high = how far the kernel looks, per axis (low <= 0 <= high)
    x = a new array, or out
    x[border] = cval
    for i0 in prange(begin0, end0):
        for i1 in range(begin1, end1):
            x[i0, i1] = kernel(a at (i0, i1), b at (i0, i1), w)

With the modes that continue the array, a second nest of loops goes over the elements that the first has left out; there
the kernel is compiled for places whose indices are brought back into the array.
"""

import operator
from collections import namedtuple

from naja import bridge, prange, stencils, types
from naja.errors import NumbaTypeError, NumbaValueError
from naja.extending import overload
from naja.library import low
from naja.library.kinds import is_array, is_none, value
from naja.library.written import written

# An option whose value is part of the value that is called: `stencil` in compiled code.
_CARRIED = object()

# ---- what is asked for --------------------------------------------------------------------------------------------------


class _Plan:
    """A call of a stencil.

    Parameters
    ----------
    kernel : function or None
        None: it is part of the value that is called.
    parameters : tuple of str
        Names of the kernel's parameters.
    mode, standard
        Options of `naja.stencil`.
    neighborhood, offsets : sequence, object or None
        Numbers per axis, or `_CARRIED`.
    cval : number, object or None
        None: the user gave none; or `_CARRIED`.
    args : tuple of types.Type
    out : types.Type or None
    """

    def __init__(self, kernel, parameters, mode, standard, neighborhood, offsets, cval, args, out):
        self.kernel, self.mode, self.neighborhood, self.offsets, self.cval = (
            kernel,
            mode,
            neighborhood,
            offsets,
            cval,
        )
        self.args, self.out = args, None if is_none(out) else out
        self.names = [f"x{i}" for i in range(len(args))]
        self._check_arguments(parameters, standard)
        self.relative = [i for i, t in enumerate(args) if is_array(t) and parameters[i] not in standard]
        self.ndim = args[0].ndim
        self._check_arrays()

    def _check_arguments(self, parameters, standard):
        if "out" in parameters:
            raise NumbaValueError("Cannot use the reserved word 'out' in stencil kernels.")
        if len(parameters) != len(self.args):
            raise NumbaTypeError(
                f"the stencil kernel takes {len(parameters)} arguments, but {len(self.args)} were given"
            )
        if set(standard) - set(parameters):
            raise NumbaValueError(
                "Standard indexing requested for an array name not present in the stencil kernel definition."
            )
        if parameters and parameters[0] in standard:
            raise NumbaValueError(
                "The first argument to a stencil kernel must use relative indexing, not standard indexing."
            )
        if not self.args or not is_array(self.args[0]):
            raise NumbaTypeError("The first argument to a stencil kernel must be an array.")

    def _check_arrays(self):
        if not self.ndim:
            raise NumbaValueError("a stencil needs an array of at least one dimension")
        for i in self.relative:
            if self.args[i].ndim != self.ndim:
                raise NumbaValueError(
                    "Secondary stencil array does not have same number of dimensions as the first stencil input."
                )
        for given in (self.neighborhood, self.offsets):
            if isinstance(given, (tuple, list)) and len(given) != self.ndim:
                raise NumbaValueError(
                    f"{len(given)} dimensional neighborhood specified for {self.ndim} dimensional input array"
                )
        if self.out is not None and (not is_array(self.out) or self.out.ndim != self.ndim):
            raise NumbaValueError(
                f"out= of a stencil must be an array of {self.ndim} dimensions, not {self.out}"
            )


def of_object(stencil, *args, out=None):
    """Write the function that a call of a `naja.stencils.StencilFunc` stands for.

    Parameters
    ----------
    stencil : StencilFunc
    *args : types.Type
        Types of the arguments.
    out : types.Type, optional

    Returns
    -------
    function
    """
    code = stencil.py_func.__code__
    options = stencil.options
    plan = _Plan(
        stencil.kernel,
        code.co_varnames[: code.co_argcount],
        stencil.mode,
        stencils.names_of(options.get("standard_indexing")),
        stencil.neighborhood,
        options.get("index_offsets"),
        options.get("cval"),
        args,
        out,
    )
    return _write(plan)


# ---- text ---------------------------------------------------------------------------------------------------------------


def _words(parts):
    return "(" + "".join(f"{part}, " for part in parts) + ")"


def _axes(plan, prefix):
    return [f"{prefix}{k}" for k in range(plan.ndim)]


def _call(plan, place):
    """The call of the kernel; `place` makes the text of a place of an array's name."""
    args = [place(x) if i in plan.relative else x for i, x in enumerate(plan.names)]
    return ", ".join(args)


def _extent_lines(plan):
    """Names l0, h0, ...: how far the kernel looks; o0, ...: what is added to indices."""
    lines = []
    zeros = _words("0" for _ in range(plan.ndim))
    if plan.neighborhood is None:
        places = _call(plan, lambda x: f"low.relative({x}, {zeros}, {zeros}, {zeros})")
        lines.append(f"extent = low.stencil_extent(kernel, {places})")
    for k in range(plan.ndim):
        if plan.neighborhood is None:
            lines.append(f"l{k}, h{k} = extent[{2 * k}], extent[{2 * k + 1}]")
        else:
            source = "self.neighborhood" if plan.neighborhood is _CARRIED else repr(plan.neighborhood)
            lines.append(f"l{k}, h{k} = min({source}[{k}][0], 0), max({source}[{k}][1], 0)")
        if plan.offsets:
            source = "self.index_offsets" if plan.offsets is _CARRIED else repr(tuple(plan.offsets))
            lines.append(f"o{k} = {source}[{k}]")
    return lines


def _shape_lines(plan):
    lines = []
    for k in range(plan.ndim):
        lines.append(f"n{k} = x0.shape[{k}]")
    for i in plan.relative[1:]:
        smaller = " or ".join(f"x{i}.shape[{k}] < n{k}" for k in range(plan.ndim))
        lines += [
            f"if {smaller}:",
            "    raise ValueError('Secondary stencil array has some dimension smaller than the same dimension in the "
            "first stencil input.')",
        ]
    if plan.out is not None:
        smaller = " or ".join(f"out.shape[{k}] < n{k}" for k in range(plan.ndim))
        lines += [
            f"if {smaller}:",
            "    raise ValueError('out= of a stencil has some dimension smaller than the same dimension of the first "
            "stencil input')",
        ]
    for k in range(plan.ndim):
        lines.append(f"b{k} = min(-l{k}, n{k})")
        lines.append(f"e{k} = max(b{k}, n{k} - h{k})")
    return lines


def _border_lines(plan):
    """Fill what the kernel cannot compute, side by side."""
    if plan.mode != "constant" or (plan.out is not None and plan.cval is None):
        return []
    source = "self.cval" if plan.cval is _CARRIED else "0" if plan.cval is None else "cval"
    lines = [f"fill = low.stencil_cval(x, {source})"]
    for k in range(plan.ndim):
        before = ", ".join(
            [f":n{a}" for a in range(k)] + [f":b{k}"] + [f":n{a}" for a in range(k + 1, plan.ndim)]
        )
        behind = before.replace(f":b{k}", f"e{k}:n{k}")
        lines += [f"x[{before}] = fill", f"x[{behind}] = fill"]
    return lines


def _place(plan):
    made = "relative" if plan.neighborhood is None else "within"
    index = _axes(plan, "i")
    if plan.offsets:
        index = [f"{i} + o{k}" for k, i in enumerate(index)]
        low_, high = ([f"{side}{k} - o{k}" for k in range(plan.ndim)] for side in "lh")
    else:
        low_, high = _axes(plan, "l"), _axes(plan, "h")
    return lambda x: f"low.{made}({x}, {_words(index)}, {_words(low_)}, {_words(high)})"


def _inner_lines(plan):
    lines = []
    for k in range(plan.ndim):
        loop = "prange" if k == 0 else "range"
        lines.append("    " * k + f"for i{k} in {loop}(b{k}, e{k}):")
    at = _words(_axes(plan, "i"))
    lines.append("    " * plan.ndim + f"low.stencil_put(x, {at}, kernel({_call(plan, _place(plan))}))")
    return lines


def _outer_lines(plan):
    """The elements near the border, for modes that continue the array."""
    mode = stencils.MODES[plan.mode]
    if mode is None:
        return []
    lines, last = [], plan.ndim - 1
    index = [f"i{k} + o{k}" if plan.offsets else f"i{k}" for k in range(plan.ndim)]
    places = _call(plan, lambda x: f"low.bordered({x}, {_words(index)}, {mode})")
    for k in range(last):
        loop = "prange" if k == 0 else "range"
        lines.append("    " * k + f"for i{k} in {loop}(n{k}):")
    pad = "    " * last
    inside = " and ".join(f"b{k} <= i{k} < e{k}" for k in range(last)) or "True"
    lines += [
        f"{pad}stop = b{last} if {inside} else n{last}",
        f"{pad}for side in range(2):",
        f"{pad}    for i{last} in range(0 if side == 0 else max(stop, e{last}), stop if side == 0 else n{last}):",
        f"{pad}        low.stencil_put(x, {_words(_axes(plan, 'i'))}, kernel({places}))",
    ]
    return lines


def _write(plan):
    self_ = "self, " if plan.kernel is None else ""
    lines = [f"def f({self_}{', '.join(plan.names)}, out=None):"]
    body = ["kernel = self.kernel"] if plan.kernel is None else []
    body += _extent_lines(plan) + _shape_lines(plan)
    zeros = _words("0" for _ in range(plan.ndim))
    made = "relative" if plan.neighborhood is None else "within"
    places = _call(plan, lambda x: f"low.{made}({x}, {zeros}, {zeros}, {zeros})")
    body.append("x = out" if plan.out is not None else f"x = low.stencil_new(kernel, x0, {places})")
    body += _border_lines(plan) + _inner_lines(plan) + _outer_lines(plan) + ["return x"]
    names = {"low": low, "prange": prange, "cval": plan.cval}
    if plan.kernel is not None:
        names["kernel"] = plan.kernel
    return written(__name__, "\n".join(lines + ["    " + line for line in body]), **names)


# ---- stencils that compiled code makes ----------------------------------------------------------------------------------

# What stencil(...) is in compiled code: a class for each mode and choice of arguments with standard indexing, since
# text does not survive in the types of a tuple's items.
_classes = {}


def _class_of(mode, standard, waits):
    key = mode, standard, waits
    if key not in _classes:
        fields = "neighborhood cval index_offsets" + ("" if waits else " kernel")
        made = namedtuple("stencil", fields)
        made.__module__ = __name__
        made.mode, made.standard, made.waits = mode, standard, waits
        made.__naja_content__ = (mode, standard, waits)
        _classes[key] = made
    return _classes[key]


def _texts(given):
    """The constant or constants that standard_indexing is."""
    if is_none(given):
        return ()
    if isinstance(given, types.BaseTuple):
        return tuple(value(t, "stencil: standard_indexing") for t in given)
    return (value(given, "stencil: standard_indexing"),)


@overload(stencils.stencil, prefer_literal=True)
def _stencil(func_or_mode="constant", **options):
    callable_ = isinstance(func_or_mode, types.Callable)
    mode = "constant" if callable_ else value(func_or_mode, "stencil: mode")
    stencils.check_options(mode, options)
    made = _class_of(mode, _texts(options.get("standard_indexing")), not callable_)
    names = [name for name in ("neighborhood", "cval", "index_offsets") if name in options]
    given = ", ".join(name if name in names else "None" for name in ("neighborhood", "cval", "index_offsets"))
    parameters = "".join(f", {name}=None" for name in options)
    kernel = ", func_or_mode" if callable_ else ""
    text = f"def f(func_or_mode='constant'{parameters}):\n    return made({given}{kernel})\n"
    return written(__name__, text, made=made)


@overload(low.call_value)
def _call_value(value, *args, out=None):
    cls = getattr(value, "instance_class", None)
    if getattr(cls, "__module__", None) != __name__ or not isinstance(value, types.NamedTuple):
        return None
    fields = dict(zip(cls._fields, value, strict=True))
    if cls.waits:
        made = _class_of(cls.mode, cls.standard, False)
        return lambda value, kernel: made(value.neighborhood, value.cval, value.index_offsets, kernel)
    kernel = fields["kernel"]
    neighborhood, offsets = fields["neighborhood"], fields["index_offsets"]
    if not is_none(neighborhood) and len(neighborhood) != args[0].ndim:
        raise NumbaValueError(
            f"{len(neighborhood)} dimensional neighborhood specified for {args[0].ndim} dimensional input array"
        )
    plan = _Plan(
        None,
        _parameters(kernel),
        cls.mode,
        cls.standard,
        None if is_none(neighborhood) else _CARRIED,
        None if is_none(offsets) else _CARRIED,
        None if is_none(fields["cval"]) else _CARRIED,
        args,
        out,
    )
    return _write(plan)


def _parameters(kernel):
    """Names of the parameters of a function's type."""
    found = kernel.object  # of a closure: its code
    code = getattr(getattr(found, "py_func", found), "__code__", found)
    return code.co_varnames[: code.co_argcount]


# ---- slices of relative arrays ------------------------------------------------------------------------------------------


def _cut_function(index, low_, high, axis):
    """Where a slice begins, relative to the element at hand, and how many elements it has."""
    start = low_ if index.start is None else index.start
    stop = high + 1 if index.stop is None else index.stop
    stop = max(start, stop)
    if start < low_ or stop > high + 1:
        raise IndexError("a slice in a stencil kernel is outside of the neighborhood")
    return start, stop - start


def _check_function(index, low_, high):
    if index < low_ or index > high:
        raise IndexError("a stencil index is outside of the neighborhood")
    return index


@overload(operator.getitem)
def _getitem(place, index):
    if getattr(place, "instance_class", None) is not low.Neighborhood:
        return None
    parts = list(index) if isinstance(index, types.BaseTuple) else [index]
    lines, shape, strides = ["def f(place, index):", "    address = low.place_address(place)"], [], []
    for k, part in enumerate(parts):
        given = f"index[{k}]" if isinstance(index, types.BaseTuple) else "index"
        bounds = f"place.low[{k}], place.high[{k}]"
        if isinstance(part, types.SliceType):
            lines.append(f"    s{k}, n{k} = cut({given}, {bounds}, {k})")
            shape.append(f"n{k}")
            strides.append(f"place.strides[{k}]")
        else:
            lines.append(f"    s{k} = check({given}, {bounds})")
        lines.append(f"    address += s{k} * place.strides[{k}]")
    lines.append(f"    return strided(address, {_words(shape)}, {_words(strides)}, place.dtype)")
    return written(
        __name__, "\n".join(lines), low=low, strided=bridge.strided, cut=_cut_function, check=_check_function
    )
