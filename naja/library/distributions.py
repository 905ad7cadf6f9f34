"""The table of NumPy's distributions: parameters, what they must fulfil, and what is drawn.

np.random's functions (`random_numpy`) and Generator's methods (`random_generator`) are made of its rows, as Python text
with the right parameter names, because both differ only in where numbers come from and which draw they name.
"""

import numpy as np

from naja import types
from naja.errors import TypingError
from naja.library import kinds, low

# What a parameter must fulfil: the test that fails and NumPy's words.
_REFUSED = {
    "not negative": ("np.signbit({0}) and {0} == {0}", "{0} < 0"),
    "positive": ("{0} <= 0", "{0} <= 0"),
    "probability": ("not 0 <= {0} <= 1", "{0} < 0, {0} > 1 or {0} is NaN"),
    "positive probability": ("not 0 < {0} <= 1", "{0} <= 0, {0} > 1 or {0} contains NaNs"),
    "probability below 1": ("not 0 <= {0} < 1", "{0} < 0, {0} >= 1 or {0} is NaN"),
    "above 1": ("not {0} > 1", "{0} <= 1 or {0} is NaN"),
    "count": ("{0} < 0", "{0} < 0"),
}
_LARGEST_LAM = np.iinfo(np.int64).max - np.sqrt(np.iinfo(np.int64).max) * 10


class Distribution:
    """A row of the table.

    Parameters
    ----------
    name : str
    parameters : str
        As in a ``def``; those named `n...` of discrete distributions are integers (`integers`).
    conditions : tuple of str or None
        By parameter: a key of what is refused, or nothing.
    legacy : str
        What np.random draws: a row of random.def; Generator draws `name`.
    result : str
        "float64" or "int64".
    tests : tuple of (str, str, str)
        Further tests after the conditions: expression, class and text of the error.
    arguments : str, optional
        What is passed to the draw, if not the parameters.
    integers : str
        Names of the parameters that are integers.
    """

    def __init__(
        self,
        name,
        parameters,
        conditions,
        legacy=None,
        result="float64",
        tests=(),
        arguments=None,
        integers="",
    ):
        self.name, self.parameters, self.conditions = name, parameters, conditions
        self.legacy, self.result, self.tests = legacy or name, result, tests
        self.names = [one.split("=")[0].strip() for one in parameters.split(",")] if parameters else []
        self.arguments = arguments or ", ".join(self.names)
        self.integers = integers.split()

    def statements(self):
        """The lines that convert and test the parameters."""
        for name in self.names:
            yield f"{name} = np.{'int64' if name in self.integers else 'float64'}({name})"
        tests = [
            (_REFUSED[condition][0].format(name), "ValueError", _REFUSED[condition][1].format(name))
            for name, condition in zip(self.names, self.conditions, strict=True)
            if condition
        ]
        for refused, error, text in (*self.tests, *tests) if self.integers else (*tests, *self.tests):
            yield f"if {refused}: raise {error}({text!r})"


_LOCATED = ("loc=0.0, scale=1.0", (None, "not negative"))
_LAM_TESTS = (
    ("not lam >= 0", "ValueError", "lam < 0 or lam is NaN"),
    (f"lam > {_LARGEST_LAM!r}".replace("np.float64", ""), "ValueError", "lam value too large"),
)
_TRIANGLE = (
    ("left > mode", "ValueError", "left > mode"),
    ("mode > right", "ValueError", "mode > right"),
    ("left == right", "ValueError", "left == right"),
)

TABLE = [
    Distribution("beta", "a, b", ("positive", "positive"), "legacy_beta"),
    Distribution("exponential", "scale=1.0", ("not negative",), "legacy_exponential"),
    Distribution("gamma", "shape, scale=1.0", ("not negative", "not negative"), "legacy_gamma"),
    Distribution("f", "dfnum, dfden", ("positive", "positive"), "legacy_f"),
    Distribution(
        "noncentral_f", "dfnum, dfden, nonc", ("positive", "positive", "not negative"), "legacy_noncentral_f"
    ),
    Distribution("chisquare", "df", ("positive",), "legacy_chisquare"),
    Distribution(
        "noncentral_chisquare", "df, nonc", ("positive", "not negative"), "legacy_noncentral_chisquare"
    ),
    Distribution("standard_cauchy", "", (), "legacy_standard_cauchy"),
    Distribution("standard_t", "df", ("positive",), "legacy_standard_t"),
    Distribution("vonmises", "mu, kappa", (None, "not negative"), "legacy_vonmises"),
    Distribution("pareto", "a", ("positive",), "legacy_pareto"),
    Distribution("weibull", "a", ("not negative",), "legacy_weibull"),
    Distribution("power", "a", ("positive",), "legacy_power"),
    Distribution("laplace", *_LOCATED),
    Distribution("gumbel", *_LOCATED),
    Distribution("logistic", *_LOCATED),
    Distribution("normal", *_LOCATED, "legacy_normal"),
    Distribution("lognormal", "mean=0.0, sigma=1.0", (None, "not negative"), "legacy_lognormal"),
    Distribution("rayleigh", "scale=1.0", ("not negative",), "legacy_rayleigh"),
    Distribution("wald", "mean, scale", ("positive", "positive"), "legacy_wald"),
    Distribution("triangular", "left, mode, right", (None, None, None), tests=_TRIANGLE),
    Distribution("poisson", "lam=1.0", (None,), result="int64", tests=_LAM_TESTS),
    Distribution("zipf", "a", ("above 1",), "legacy_zipf", "int64"),
    Distribution("logseries", "p", ("probability below 1",), "legacy_logseries", "int64"),
    Distribution("geometric", "p", ("positive probability",), "legacy_geometric", "int64"),
    Distribution("binomial", "n, p", ("count", "probability"), "legacy_binomial", "int64", integers="n"),
]
# What only np.random has in this form, and what only Generator has.
LEGACY = [
    Distribution("random_sample", "", (), "uniform01"),
    Distribution("standard_normal", "", (), "legacy_gauss"),
    Distribution("standard_exponential", "", (), "legacy_standard_exponential"),
    Distribution("standard_gamma", "shape", ("not negative",), "legacy_standard_gamma"),
    Distribution(
        "uniform", "low=0.0, high=1.0", (None, None), "uniform", arguments="low, high - low",
        tests=(("not np.isfinite(high - low)", "OverflowError", "Range exceeds valid bounds"),),
    ),
    Distribution(
        "negative_binomial", "n, p", ("positive", "probability"), "legacy_negative_binomial", "int64"
    ),
    Distribution(
        "hypergeometric", "ngood, nbad, nsample", ("count", "count", None), "legacy_hypergeometric", "int64",
        tests=(
            ("ngood + nbad < nsample", "ValueError", "ngood + nbad < nsample"),
            ("nsample < 1", "ValueError", "nsample < 1 or nsample is NaN"),
        ),
        integers="ngood nbad nsample",
    ),
]  # fmt: skip
MODERN = [
    Distribution(
        "uniform", "low=0.0, high=1.0", (None, None), arguments="low, high - low",
        tests=(
            ("not np.isfinite(high - low)", "OverflowError", "high - low range exceeds valid bounds"),
            ("np.signbit(high - low)", "ValueError", "high - low < 0"),
        ),
    ),
    Distribution(
        "negative_binomial", "n, p", ("positive", "positive probability"), result="int64",
        tests=(("n != n", "ValueError", "n must not be NaN"),),
    ),
    Distribution(
        "hypergeometric", "ngood, nbad, nsample", ("count", "count", "count"), result="int64",
        tests=(
            ("ngood >= 1000000000 or nbad >= 1000000000", "ValueError", "both ngood and nbad must be less than 1000000000"),
            ("ngood + nbad < nsample", "ValueError", "ngood + nbad < nsample"),
        ),
        integers="ngood nbad nsample",
    ),
]  # fmt: skip


def check_number(t, name, what, arrays_too=False):
    """Raise TypingError unless an argument is a real number (or an array of them); tell if it is an array."""
    is_list = kinds.is_sequence(t) and (
        isinstance(t, types.LiteralList) or not isinstance(t, types.BaseTuple)
    )
    is_array = arrays_too and (
        kinds.is_array(t) or (is_list and kinds.is_array_like(t))
    )  # Numba refuses tuples
    if is_array and not kinds.is_array(t):
        t = kinds.scalar_type(t)
    if not (kinds.is_number(t) or is_array) or kinds.is_complex(t):
        raise TypingError(
            f"{what}: Argument {name} is not one of the expected type(s): a real number"
            f"{' or an array of them' if arrays_too else ''}, but of type {t}"
        )
    return is_array


def check_size(t, what):
    """Raise TypingError unless an argument is a shape: None, an integer or a tuple of them; tell if it is None."""
    if kinds.is_none(t):
        return True
    items = t if isinstance(t, (types.BaseTuple, tuple)) else (t,)
    if not all(kinds.is_integer(item) for item in items):
        raise TypingError(
            f"{what}(): size should be int or tuple of ints or None, got {t}"
            if what.startswith("np.random.")
            else f"{what}: Argument size is not one of the expected type(s): an integer, a tuple of integers or "
            f"None, but of type {t}"
        )
    return False


_TEXT = """
def make(is_single, of_arrays):
    if of_arrays:
        if is_single:
            def shape_of(size, {names_text}):
                return np.broadcast_shapes({shapes})
        else:
            def shape_of(size, {names_text}):
                return np.empty(size, np.bool_).shape

        def {name}({head}size=None):
            {source}
            extents = shape_of(size, {names_text})
            out = np.empty(extents, np.{result})
            flat = out.reshape(out.size)
            {runs}
            for i in range(flat.size):
                {items}
                {nested}
            for i in range(flat.size):
                {items}
                flat[i] = raw.random_draw(source, {draw!r}{arguments})
            return out
    elif is_single:
        def {name}({head}size=None):
            {source}
            {body}
            return raw.random_draw(source, {draw!r}{arguments})
    else:
        def {name}({head}size=None):
            {source}
            {body}
            out = np.empty(size, np.{result})
            raw.random_fill(source, {draw!r}, out{arguments})
            return out
    return {name}

def factory({head}size=None):
    arrays = [check_number(t, name, {what!r}, True) for t, name in zip(({values}), {names!r})]
    return make(check_size(size, {what!r}), any(arrays))
"""


def factory(row, draw, what, module, receiver="", source="source = raw.random_source(0)"):
    """The factory of an overload that draws from a distribution.

    Parameters
    ----------
    row : Distribution
    draw : str
        A row of random.def.
    what : str
        Name for errors.
    module : str
        Name of the library's module that registers it.
    receiver : str
        Name of the first parameter, for methods.
    source : str
        The statement that gives `source`.

    Returns
    -------
    function
    """
    head = ", ".join(filter(None, (receiver, row.parameters))) + ", "
    text = _TEXT.format(
        name=row.name,
        head=head if len(head) > 2 else "",
        source=source,
        body="\n            ".join(row.statements()) or "pass",
        nested="\n                ".join(row.statements()) or "pass",
        names_text=", ".join(row.names),
        shapes="".join(f"np.asarray({p}).shape, " for p in row.names),
        runs="; ".join(f"run_{p} = np.ravel(np.broadcast_to(np.asarray({p}), extents))" for p in row.names)
        or "pass",
        items="; ".join(
            f"{p} = np.{'int64' if p in row.integers else 'float64'}(run_{p}[i])" for p in row.names
        )
        or "pass",
        draw=draw,
        arguments="".join(", " + one for one in (row.arguments,) if one),
        result=row.result,
        values="".join(name + ", " for name in row.names),
        names=tuple(row.names),
        what=what,
    ).replace("\n            pass", "")
    space = {"np": np, "raw": low, "check_number": check_number, "check_size": check_size, "__name__": module}
    exec(text, space)
    return space["factory"]
