"""Distributions of scipy.stats: their densities, distribution functions and quantiles, without the interpreter.

A distribution is a row of formulas in the standardised variable, of which the methods are written as Python text.  What
cases there are (arguments that are no parameters, values outside of the support) is that of SciPy's generic methods
(scipy/stats/_distn_infrastructure.py); special functions are SciPy's own.  Results agree with SciPy's to about 1e-13; densities at
infinity are 0.
"""

import numpy as np
import scipy.special

from naja.library.distributions import check_number

_LOG_ROOT = 0.9189385332046727  # log(sqrt(2 pi))
_ROOT = 2.5066282746310002  # sqrt(2 pi)


class Row:
    """A distribution.

    Parameters
    ----------
    check : str
        What the shape parameters must fulfil.
    support : tuple of str
        Where the standardised variable lies.
    **formulas : str
        Expressions in `x` (in `q` for quantiles) and the parameters, by method; "log" of another one where it is missing.
    """

    def __init__(self, check, support, **formulas):
        self.check, self.support, self.formulas = check, support, formulas

    def formula(self, method):
        """The formula of a method; from that of its logarithm, or of what it is one minus, if there is no other."""
        f = self.formulas
        if method in f:
            return f[method]
        if method in ("pdf", "pmf"):
            return f"np.exp({f['log' + method]})"
        if method.startswith("log"):
            return f"np.log({self.formula(method[3:])})"
        if method == "sf":
            return f"1.0 - ({f['cdf']})"
        if method == "isf" and "ppf" in f:
            return f["ppf"].replace("q", "(1.0 - q)")
        return None


_REALS, _POSITIVE, _UNIT = ("-np.inf", "np.inf"), ("0.0", "np.inf"), ("0.0", "1.0")

# -1 / tan(pi q) without cancellation
_COTANGENT = "(-1.0 / np.tan(np.pi * q) if q < 0.25 else 1.0 / np.tan(np.pi * (1.0 - q)) if q > 0.75 else np.tan(np.pi * q - np.pi / 2.0))"

CONTINUOUS = {
    "norm": Row(
        "True", _REALS, logpdf=f"-x * x / 2.0 - {_LOG_ROOT}", pdf=f"np.exp(-x * x / 2.0) / {_ROOT}", cdf="sc.ndtr(x)",
        logcdf="sc.log_ndtr(x)", sf="sc.ndtr(-x)", logsf="sc.log_ndtr(-x)", ppf="sc.ndtri(q)", isf="-sc.ndtri(q)",
    ),
    "uniform": Row("True", _UNIT, pdf="1.0", logpdf="0.0", cdf="x", sf="1.0 - x", ppf="q", isf="1.0 - q"),
    "expon": Row(
        "True", _POSITIVE, logpdf="-x", logcdf="(np.log(-np.expm1(-x)) if x < 0.7 else np.log1p(-np.exp(-x)))",
        cdf="-np.expm1(-x)", sf="np.exp(-x)", logsf="-x", ppf="-np.log1p(-q)", isf="-np.log(q)",
    ),
    "gamma": Row(
        "a > 0", _POSITIVE, logpdf="sc.xlogy(a - 1.0, x) - x - sc.gammaln(a)", cdf="sc.gammainc(a, x)", sf="sc.gammaincc(a, x)",
        ppf="sc.gammaincinv(a, q)", isf="sc.gammainccinv(a, q)",
    ),
    "beta": Row(
        "a > 0 and b > 0", _UNIT, logpdf="sc.xlog1py(b - 1.0, -x) + sc.xlogy(a - 1.0, x) - sc.betaln(a, b)",
        cdf="sc.betainc(a, b, x)", sf="sc.betaincc(a, b, x)", ppf="sc.betaincinv(a, b, q)", isf="sc.betainccinv(a, b, q)",
    ),
    "t": Row(
        "df > 0", _REALS,
        logpdf="sc.gammaln((df + 1.0) / 2.0) - sc.gammaln(df / 2.0) - 0.5 * np.log(df * np.pi) - (df + 1.0) / 2.0 * np.log1p(x * x / df)",
        cdf="sc.stdtr(df, x)", sf="sc.stdtr(df, -x)", ppf="sc.stdtrit(df, q)", isf="-sc.stdtrit(df, q)",
    ),
    "chi2": Row(
        "df > 0", _POSITIVE, logpdf="sc.xlogy(df / 2.0 - 1.0, x) - x / 2.0 - sc.gammaln(df / 2.0) - np.log(2.0) * df / 2.0",
        cdf="sc.chdtr(df, x)", sf="sc.chdtrc(df, x)", ppf="2.0 * sc.gammaincinv(df / 2.0, q)", isf="sc.chdtri(df, q)",
    ),
    "f": Row(
        "dfn > 0 and dfd > 0", _POSITIVE,
        logpdf="dfd / 2.0 * np.log(dfd) + dfn / 2.0 * np.log(dfn) + sc.xlogy(dfn / 2.0 - 1.0, x) "
        "- ((dfn + dfd) / 2.0 * np.log(dfd + dfn * x) + sc.betaln(dfn / 2.0, dfd / 2.0))",
        cdf="sc.fdtr(dfn, dfd, x)", sf="sc.fdtrc(dfn, dfd, x)", ppf="sc.fdtri(dfn, dfd, q)",
    ),
    "lognorm": Row(
        "s > 0", _POSITIVE,
        logpdf=f"(-np.log(x) ** 2 / (2.0 * s * s) - np.log(s * x * {_ROOT}) if x != 0.0 else -np.inf)",
        cdf="sc.ndtr(np.log(x) / s)", logcdf="sc.log_ndtr(np.log(x) / s)", sf="sc.ndtr(-np.log(x) / s)",
        logsf="sc.log_ndtr(-np.log(x) / s)", ppf="np.exp(s * sc.ndtri(q))", isf="np.exp(s * -sc.ndtri(q))",
    ),
    "laplace": Row(
        "True", _REALS, pdf="0.5 * np.exp(-np.abs(x))", cdf="(1.0 - 0.5 * np.exp(-x) if x > 0.0 else 0.5 * np.exp(x))",
        sf="(0.5 * np.exp(-x) if x > 0.0 else 1.0 - 0.5 * np.exp(x))",
        ppf="(-np.log(2.0 * (1.0 - q)) if q > 0.5 else np.log(2.0 * q))", isf="(np.log(2.0 * (1.0 - q)) if q > 0.5 else -np.log(2.0 * q))",
    ),
    "logistic": Row(
        "True", _REALS, logpdf="-np.abs(x) - 2.0 * np.log1p(np.exp(-np.abs(x)))", cdf="sc.expit(x)", logcdf="sc.log_expit(x)",
        sf="sc.expit(-x)", logsf="sc.log_expit(-x)", ppf="sc.logit(q)", isf="-sc.logit(q)",
    ),
    "cauchy": Row(
        "True", _REALS, pdf="1.0 / np.pi / (1.0 + x * x)", cdf="np.arctan2(1.0, -x) / np.pi", sf="np.arctan2(1.0, x) / np.pi",
        ppf=_COTANGENT, isf=f"-({_COTANGENT})",
    ),
    "weibull_min": Row(
        "c > 0", _POSITIVE, pdf="c * x ** (c - 1.0) * np.exp(-(x**c))", logpdf="np.log(c) + sc.xlogy(c - 1.0, x) - x**c",
        cdf="-np.expm1(-(x**c))", sf="np.exp(-(x**c))", logsf="-(x**c)", ppf="(-np.log1p(-q)) ** (1.0 / c)",
        isf="(-np.log(q)) ** (1.0 / c)",
    ),
    "pareto": Row(
        "b > 0", ("1.0", "np.inf"), pdf="b * x ** (-b - 1.0)", cdf="1.0 - x**-b", sf="x**-b", ppf="(1.0 - q) ** (-1.0 / b)",
        isf="q ** (-1.0 / b)",
    ),
    "rayleigh": Row(
        "True", _POSITIVE, pdf="x * np.exp(-0.5 * x * x)", logpdf="np.log(x) - 0.5 * x * x", cdf="-np.expm1(-0.5 * x * x)",
        sf="np.exp(-0.5 * x * x)", logsf="-0.5 * x * x", ppf="np.sqrt(-2.0 * np.log1p(-q))", isf="np.sqrt(-2.0 * np.log(q))",
    ),
    "gumbel_r": Row(
        "True", _REALS, logpdf="-x - np.exp(-x)", cdf="np.exp(-np.exp(-x))", logcdf="-np.exp(-x)", sf="-np.expm1(-np.exp(-x))",
        ppf="-np.log(-np.log(q))", isf="-np.log(-np.log1p(-q))",
    ),
    "halfnorm": Row(
        "True", _POSITIVE, pdf="np.sqrt(2.0 / np.pi) * np.exp(-x * x / 2.0)", logpdf="0.5 * np.log(2.0 / np.pi) - x * x / 2.0",
        cdf="sc.erf(x / np.sqrt(2.0))", sf="2.0 * sc.ndtr(-x)", ppf="sc.ndtri((1.0 + q) / 2.0)", isf="-sc.ndtri(q / 2.0)",
    ),
}  # fmt: skip

_FROM_ZERO = ("0.0", "np.inf")
DISCRETE = {
    "poisson": Row(
        "mu >= 0", _FROM_ZERO, logpmf="sc.xlogy(x, mu) - sc.gammaln(x + 1.0) - mu", cdf="sc.pdtr(x, mu)", sf="sc.pdtrc(x, mu)",
    ),
    "binom": Row(
        "n >= 0 and np.floor(n) == n and 0 <= p <= 1", ("0.0", "n"),
        logpmf="sc.gammaln(n + 1.0) - (sc.gammaln(x + 1.0) + sc.gammaln(n - x + 1.0)) + sc.xlogy(x, p) + sc.xlog1py(n - x, -p)",
        cdf="sc.bdtr(x, n, p)", sf="sc.bdtrc(x, n, p)",
    ),
    "bernoulli": Row("0 <= p <= 1", _UNIT, pmf="(p if x == 1.0 else 1.0 - p)", cdf="(1.0 - p if x < 1.0 else 1.0)"),
    "geom": Row(
        "0 < p <= 1", ("1.0", "np.inf"), pmf="(1.0 - p) ** (x - 1.0) * p", logpmf="sc.xlog1py(x - 1.0, -p) + np.log(p)",
        cdf="-np.expm1(np.log1p(-p) * x)", sf="np.exp(x * np.log1p(-p))",
    ),
}  # fmt: skip

# The body of a method for one value: what is checked in which order is SciPy's.
_BODIES = {
    "pdf": """
    x = (x - loc) / scale
    if x != x:
        return np.nan
    if not low <= x <= high or np.isinf(x):
        return {outside}
    return {result}""",
    "cdf": """
    x = (x - loc) / scale
    if x != x:
        return np.nan
    if not x > low:
        return {below}
    if not x < high:
        return {above}
    return {formula}""",
    "ppf": """
    if q == {at_low}:
        return low * scale + loc
    if q == {at_high}:
        return high * scale + loc
    if not 0.0 < q < 1.0:
        return np.nan
    return ({formula}) * scale + loc""",
    "pmf": """
    x = x - loc
    if x != x:
        return np.nan
    if not low <= x <= high or np.floor(x) != x:
        return {outside}
    return {result}""",
    "dcdf": """
    x = x - loc
    if x != x:
        return np.nan
    if not x >= low:
        return {below}
    if not x < high:
        return {above}
    x = np.floor(x)
    return {formula}""",
}
_KINDS = {
    "pdf": ("pdf", {"outside": "0.0", "result": "({formula}) / scale"}),
    "logpdf": ("pdf", {"outside": "-np.inf", "result": "({formula}) - np.log(scale)"}),
    "cdf": ("cdf", {"below": "0.0", "above": "1.0"}),
    "logcdf": ("cdf", {"below": "-np.inf", "above": "0.0"}),
    "sf": ("cdf", {"below": "1.0", "above": "0.0"}),
    "logsf": ("cdf", {"below": "0.0", "above": "-np.inf"}),
    "ppf": ("ppf", {"at_low": "0.0", "at_high": "1.0"}),
    "isf": ("ppf", {"at_low": "1.0", "at_high": "0.0"}),
    "pmf": ("pmf", {"outside": "0.0", "result": "min(max({formula}, 0.0), 1.0)"}),
    "logpmf": ("pmf", {"outside": "-np.inf", "result": "{formula}"}),
}

_TEXT = """
def one({names}):
    low, high = {low}, {high}
    if not ({check}){scaled}:
        return np.nan{body}

def many({names}):
    extents = np.broadcast_shapes({shapes})
    out = np.empty(extents, np.float64)
    flat = out.reshape(out.size)
    {runs}
    for i in range(flat.size):
        flat[i] = one({items})
    return out

def factory({parameters}):
    arrays = [check_number(t, name, {what!r}, True) for t, name in zip(({values}), {shown!r})]
    if any(arrays):
        def method({parameters}):
            return many({names})
    else:
        def method({parameters}):
            return one({floats})
    return method
"""


def _factory(name, method, shapes, row, is_discrete):
    formula = row.formula(method)
    kind, words = _KINDS[method]
    if formula is None:
        return None
    body = _BODIES["dcdf" if is_discrete and kind == "cdf" else kind]
    filled = {key: text.format(formula=formula) for key, text in words.items()}
    first = "q" if kind == "ppf" else "x"
    public = {"pmf": "k", "logpmf": "k"}.get(method, "k" if is_discrete else first)
    names = [first, *shapes, "loc", *([] if is_discrete else ["scale"])]
    shown = [public, *names[1:]]
    defaults = {"loc": "loc=0.0", "scale": "scale=1.0"}
    text = _TEXT.format(
        names=", ".join(names),
        low=row.support[0],
        high=row.support[1],
        check=row.check,
        scaled="" if is_discrete else " or not scale > 0.0",
        body=body.format(formula=formula, **filled),
        shapes="".join(f"np.shape({n}), " for n in names),
        runs="; ".join(f"run_{n} = np.ravel(np.broadcast_to({n}, extents))" for n in names),
        items=", ".join(f"np.float64(run_{n}[i])" for n in names),
        floats=", ".join(f"np.float64({n})" for n in shown),
        parameters=", ".join(defaults.get(n, n) for n in shown),
        values="".join(n + ", " for n in shown),
        what=f"scipy.stats.{name}.{method}",
        shown=tuple(shown),
    )
    text = text.replace(f"return many({', '.join(names)})", f"return many({', '.join(shown)})")
    space = {"np": np, "sc": scipy.special, "check_number": check_number, "__name__": __name__}
    exec(compile(text, f"<{__name__}>", "exec"), space)
    return space["factory"]


_made = {}


def candidates(distribution, method):
    """Return what serves a method of a distribution object of scipy.stats.

    Parameters
    ----------
    distribution : scipy.stats.rv_continuous or scipy.stats.rv_discrete
    method : str

    Returns
    -------
    list
        Entries as of `naja.extending`; none if the interpreter has to do it.
    """
    name, cls = getattr(distribution, "name", None), type(distribution)
    is_discrete = name in DISCRETE
    row = (DISCRETE if is_discrete else CONTINUOUS).get(name)
    if row is None or method not in _KINDS or cls.__module__.partition(".")[0] != "scipy":
        return []
    if (name, method) not in _made:
        shapes = [s.strip() for s in (distribution.shapes or "").split(",") if s.strip()]
        factory = _factory(name, method, shapes, row, is_discrete)
        _made[name, method] = [] if factory is None else [(factory, False)]
    return _made[name, method]
