"""Rung 2: library functions written in Python for the compiler.

Each module here registers implementations with the public `overload` and its kin; none is imported before compiled
code uses a function of it.  The index below says which module has which name: functions by their dotted name,
methods as ``"ndarray.sort"``, attributes as ``"ndarray.name@"``.  A test checks that index and modules agree.

How such code is compiled: with NumPy's error model (a division by zero gives inf or nan), without fast math, and
without index checks, whatever the caller's options are.  An index that comes from the caller's data must therefore be
tested before it is used.  Tracebacks do not show these functions: an error points at the caller's line.

To add a function: write it in the module that fits, under ``@overload(np.name, prefer_literal=True)``, add its name
to the index below, and test it against NumPy in ``tests/test_library_<module>.py``.
"""

from importlib import import_module

# Names by module.  Read once, into INDEX: a name may be in several modules, for different types.
_NAMES = {
    "reductions": (
        "naja.library.low.as_kind naja.library.low.check_extent naja.library.low.others "
        "naja.library.low.square naja.library.reductions.put numpy.nanargmax numpy.nanargmin numpy.nancumprod numpy.nancumsum "
        "numpy.nanmax numpy.nanmean numpy.nanmin numpy.nanprod numpy.nanstd numpy.nansum numpy.nanvar"
    ),
    "reduction_arguments": (
        "numpy.sum numpy.prod numpy.min numpy.max numpy.any numpy.all numpy.mean numpy.var numpy.std numpy.ptp "
        "numpy.argmin numpy.argmax numpy.cumsum numpy.cumprod numpy.count_nonzero ndarray.sum ndarray.prod ndarray.min "
        "ndarray.max ndarray.any ndarray.all ndarray.mean ndarray.cumsum ndarray.cumprod ndarray.argmin ndarray.argmax "
        "naja.library.reduction_arguments._narrowed"
    ),
    "elements": (
        "numpy.lib.stride_tricks.sliding_window_view numpy.take_along_axis numpy.gradient "
        "numpy.unravel_index numpy.ravel_multi_index builtins.int builtins.float builtins.complex builtins.bool "
        "numpy.reshape ndarray.reshape numpy.ravel ndarray.ravel ndarray.flatten numpy.round numpy.around ndarray.round numpy.clip ndarray.clip "
        "numpy.angle numpy.iscomplexobj numpy.isrealobj numpy.isreal numpy.iscomplex numpy.isscalar numpy.geomspace"
    ),
    "iterators": (
        "numpy.nditer numpy.broadcast operator.getitem operator.setitem naja.library.low.iterator_flat_index naja.library.low.iterator_walk naja.library.low.iterator_walk_one naja.library.low.iterator_coordinates naja.library.low.iterator_element naja.library.low.iterator_pieces naja.library.low.iterator_piece naja.library.low.iterator_inner_length naja.library.low.iterator_original naja.library.low.iterator_scalars naja.library.low.iterator_all_scalars naja.library.low.iterator_flats"
    ),
    "products": (
        "numpy.dot ndarray.dot numpy.inner numpy.matmul operator.matmul numpy.vdot numpy.outer numpy.kron numpy.cross "
        "numpy.linalg.multi_dot numpy.tensordot numpy.einsum naja.library.products._rows"
    ),
    "shaping": (
        "numpy.tile numpy.resize numpy.pad numpy.flip numpy.row_stack numpy.unstack numpy.split numpy.array_split numpy.hsplit numpy.vsplit numpy.dsplit "
        "numpy.dstack numpy.concatenate numpy.stack numpy.hstack numpy.vstack numpy.column_stack numpy.broadcast_to "
        "numpy.broadcast_shapes numpy.broadcast_arrays numpy.meshgrid numpy.indices numpy.ix_ numpy.atleast_2d "
        "numpy.atleast_3d numpy.rollaxis numpy.moveaxis numpy.expand_dims ndarray.mT@ numpy.size numpy.shape "
        "ndarray.tolist numpy.array numpy.asarray numpy.ascontiguousarray numpy.asfortranarray naja.library.low.common_extent naja.library.shaping._join_first "
        "naja.library.shaping._join_second naja.library.shaping._stack_rows naja.library.shaping._stack_columns"
    ),
    "arrays": (
        "naja.library.low.check_indices naja.library.low.pick naja.library.low.pick_along "
        "naja.library.low.positions ndarray.compress ndarray.diagonal ndarray.nonzero ndarray.repeat "
        "ndarray.take ndarray.trace numpy.allclose numpy.append numpy.argwhere numpy.array_equal numpy.array_equiv numpy.isclose "
        "numpy.atleast_1d numpy.average numpy.compress numpy.delete numpy.diag numpy.diagflat "
        "numpy.diagonal numpy.diff numpy.extract numpy.flatnonzero numpy.logspace "
        "numpy.nonzero numpy.repeat numpy.roll numpy.rot90 numpy.take numpy.trace numpy.where"
    ),
    "random_python": (
        "random.seed random.random random.getrandbits random.randint random.randrange random.choice random.shuffle random.sample random.choices "
        "random.uniform random.gauss random.normalvariate random.lognormvariate random.expovariate "
        "random.gammavariate random.betavariate random.paretovariate random.weibullvariate "
        "random.vonmisesvariate random.triangular"
    ),
    "random_generator": (
        "rng.beta rng.exponential rng.gamma rng.f rng.noncentral_f rng.chisquare "
        "rng.noncentral_chisquare rng.standard_cauchy rng.standard_t rng.vonmises rng.pareto "
        "rng.weibull rng.power rng.laplace rng.gumbel rng.logistic rng.normal rng.lognormal "
        "rng.rayleigh rng.wald rng.triangular rng.poisson rng.zipf rng.logseries rng.geometric "
        "rng.binomial rng.uniform rng.negative_binomial rng.hypergeometric rng.random "
        "rng.standard_normal rng.standard_exponential rng.standard_gamma rng.integers rng.shuffle "
        "rng.permutation rng.bytes rng.spawn numpy.random.default_rng"
    ),
    "random_numpy": (
        "numpy.random.beta numpy.random.exponential numpy.random.gamma numpy.random.f "
        "numpy.random.noncentral_f numpy.random.chisquare numpy.random.noncentral_chisquare "
        "numpy.random.standard_cauchy numpy.random.standard_t numpy.random.vonmises "
        "numpy.random.pareto numpy.random.weibull numpy.random.power numpy.random.laplace "
        "numpy.random.gumbel numpy.random.logistic numpy.random.normal numpy.random.lognormal "
        "numpy.random.rayleigh numpy.random.wald numpy.random.triangular numpy.random.poisson "
        "numpy.random.zipf numpy.random.logseries numpy.random.geometric numpy.random.binomial "
        "numpy.random.random_sample numpy.random.standard_normal numpy.random.standard_exponential "
        "numpy.random.standard_gamma numpy.random.uniform numpy.random.negative_binomial "
        "numpy.random.hypergeometric "
        "numpy.random.seed numpy.random.random numpy.random.ranf numpy.random.sample numpy.random.rand "
        "numpy.random.randn numpy.random.randint numpy.random.shuffle numpy.random.permutation "
        "numpy.random.choice numpy.random.multinomial numpy.random.dirichlet "
        "numpy.random.random_integers numpy.random.bytes numpy.random.multivariate_normal "
        "numpy.random.mtrand.RandomState random_state.beta random_state.exponential random_state.gamma random_state.f "
        "random_state.noncentral_f random_state.chisquare random_state.noncentral_chisquare "
        "random_state.standard_cauchy random_state.standard_t random_state.vonmises random_state.pareto "
        "random_state.weibull random_state.power random_state.laplace random_state.gumbel random_state.logistic "
        "random_state.normal random_state.lognormal random_state.rayleigh random_state.wald "
        "random_state.triangular random_state.poisson random_state.zipf random_state.logseries "
        "random_state.geometric random_state.binomial random_state.random_sample random_state.standard_normal "
        "random_state.standard_exponential random_state.standard_gamma random_state.uniform "
        "random_state.negative_binomial random_state.hypergeometric random_state.seed random_state.random "
        "random_state.rand random_state.randn random_state.randint random_state.shuffle random_state.permutation "
        "random_state.choice random_state.multinomial random_state.dirichlet random_state.random_integers "
        "random_state.tomaxint random_state.bytes random_state.multivariate_normal random_state.set_state "
        "random_state.get_state"
    ),
    "lists": "list.extend list.insert list.pop list.remove list.clear list.reverse list.copy list.count list.index "
    "operator.contains list.not_contains operator.eq operator.ne operator.lt operator.le operator.gt operator.ge operator.add "
    "operator.iadd operator.mul operator.imul operator.getitem operator.setitem operator.delitem builtins.list "
    "numpy.asarray list.sort naja.library.low.list_order naja.library.low.list_has_negative_zero "
    "naja.library.low.list_shape naja.library.low.list_fill naja.typed.List",
    "tables": "operator.getitem operator.setitem operator.delitem operator.contains operator.eq operator.ne operator.lt "
    "operator.le operator.gt operator.ge operator.or_ operator.and_ operator.sub operator.xor operator.ior operator.iand "
    "operator.isub operator.ixor builtins.dict builtins.set builtins.frozenset builtins.fromkeys dict.get dict.setdefault dict.pop dict.popitem dict.update "
    "dict.clear dict.copy dict.not_contains dict.__contains__ dict_view.not_contains dict_view.isdisjoint set.not_contains set.__contains__ set.add "
    "set.discard set.remove set.pop set.clear set.copy set.update set.intersection_update set.difference_update "
    "set.symmetric_difference_update set.union set.intersection set.difference set.symmetric_difference "
    "set.issubset set.issuperset set.isdisjoint naja.library.low.as_set naja.library.low.table_same_key naja.library.low.table_hash naja.typed.Dict naja.typed.Set",
    "strdicts": "operator.getitem operator.setitem operator.delitem operator.contains operator.eq operator.ne "
    "builtins.dict dict.get dict.copy dict.clear dict.pop dict.popitem dict.setdefault dict.update dict.not_contains",
    "sorting": "numpy.sort numpy.argsort numpy.partition numpy.argpartition numpy.searchsorted numpy.digitize "
    "numpy.lexsort ndarray.sort ndarray.argsort ndarray.partition ndarray.argpartition ndarray.searchsorted",
    "texts": "naja.library.low.print_items builtins.str builtins.repr builtins.print naja.library.low.fstring_join",
    "strings": "str.split bytes.split bytes.join str.rsplit str.splitlines str.join str.format",
    "statistic": "statistics.mean statistics.fmean statistics.geometric_mean statistics.harmonic_mean statistics.median "
    "statistics.median_low statistics.median_high statistics.mode statistics.multimode statistics.variance "
    "statistics.pvariance statistics.stdev statistics.pstdev statistics.quantiles statistics.covariance "
    "statistics.correlation statistics.linear_regression naja.library.low.squares_about",
    "bytearrays": "operator.setitem",
    "string_arguments": "str.center str.ljust str.rjust str.zfill str.count str.replace str.startswith str.endswith",
    "tuple_order": "operator.eq operator.ne operator.lt operator.le operator.gt operator.ge",
    "translation": "str.translate str.format_map builtins.maketrans",
    "integers": "int.to_bytes int.as_integer_ratio builtins.from_bytes builtins.fromhex",
    "sets": "numpy.unique numpy.union1d numpy.intersect1d numpy.setxor1d numpy.isin numpy.setdiff1d",
    "histograms": "numpy.bincount numpy.histogram numpy.histogram_bin_edges numpy.histogramdd numpy.histogram2d",
    "unpacking": "naja.library.low.unpack_star "
    + " ".join(f"naja.library.low.unpack_object_{n}" for n in range(1, 10)),
    "windows": "numpy.bartlett numpy.blackman numpy.hamming numpy.hanning numpy.kaiser numpy.i0 numpy.sinc",
    "numerical": "numpy.interp numpy.trapezoid numpy.ediff1d numpy.convolve numpy.correlate numpy.nan_to_num numpy.unwrap "
    "numpy.cov numpy.corrcoef",
    "datetimes": (
        "builtins.max builtins.min ndarray.argmax ndarray.argmin ndarray.max ndarray.mean ndarray.min ndarray.sum "
        "numpy.amax numpy.amin numpy.arange numpy.argmax numpy.argmin numpy.max numpy.mean numpy.median numpy.min "
        "numpy.nanmax numpy.nanmin numpy.sum"
    ),
    "indices": "numpy.tri numpy.tril numpy.triu numpy.tril_indices numpy.triu_indices numpy.tril_indices_from "
    "numpy.triu_indices_from numpy.diag_indices numpy.vander numpy.fill_diagonal numpy.trim_zeros",
    "polynomials": "numpy.polyval numpy.polyadd numpy.polysub numpy.polymul numpy.polyder "
    "numpy.polynomial.polynomial.polyadd numpy.polynomial.polynomial.polysub numpy.polynomial.polynomial.polymul "
    "numpy.polynomial.polynomial.polydiv numpy.polynomial.polynomial.polyval",
    "series": "numpy.roots numpy.poly numpy.polyfit numpy.polyint numpy.polydiv "
    "numpy.polynomial.polynomial.polyfromroots numpy.polynomial.polynomial.polyroots numpy.polynomial.polynomial.polyfit "
    "numpy.polynomial.polynomial.polyvander numpy.polynomial.polynomial.polyint numpy.polynomial.polynomial.polyder "
    "numpy.polynomial.polynomial.polymulx numpy.polynomial.polynomial.polypow numpy.polynomial.polyutils.trimseq "
    "numpy.polynomial.polyutils.as_series",
    "random_samples": "rng.choice rng.permuted rng.multinomial rng.dirichlet rng.multivariate_hypergeometric "
    "rng.multivariate_normal",
    "linalg_stacks": "numpy.linalg.norm numpy.linalg.matrix_rank numpy.linalg.svd numpy.linalg.pinv numpy.linalg.cond "
    "numpy.linalg.matrix_power numpy.linalg.tensorinv numpy.linalg.tensorsolve numpy.linalg.diagonal numpy.linalg.trace "
    "numpy.linalg.matmul numpy.linalg.matrix_transpose numpy.matrix_transpose numpy.linalg.outer numpy.linalg.multi_dot "
    "numpy.linalg.cross numpy.linalg.tensordot numpy.linalg.vecdot numpy.linalg.matrix_norm numpy.linalg.vector_norm",
    "halves": "naja.library.low.rounded",
    "quantiles": "numpy.median numpy.nanmedian numpy.quantile numpy.percentile numpy.nanquantile numpy.nanpercentile",
    "stencils": "naja.stencils.stencil naja.library.low.call_value operator.getitem",
    "introspection": "enum.name@ enum.value@ operator.or_ builtins.isinstance builtins.issubclass builtins.type operator.eq operator.ne builtins.hasattr builtins.getattr",
    "hashing": "builtins.hash",
    "scalar_text": "builtins.complex float.as_integer_ratio math.fsum math.prod float.hex numpy.binary_repr "
    "numpy.base_repr",
    "shorthands": "numpy.asanyarray numpy.asarray_chkfinite numpy.astype numpy.require numpy.copy numpy.ravel "
    "numpy.real_if_close numpy.sort_complex numpy.atleast_1d numpy.broadcast_arrays numpy.empty_like numpy.zeros_like "
    "numpy.ones_like numpy.full_like numpy.isneginf numpy.isposinf numpy.fix numpy.clip ndarray.clip numpy.linspace "
    "numpy.cumulative_sum numpy.cumulative_prod numpy.diag_indices_from numpy.mask_indices numpy.may_share_memory "
    "numpy.shares_memory "
    "ndarray.astype ndarray.tobytes numpy.trace numpy.unique_all numpy.unique_counts numpy.unique_inverse numpy.unique_values numpy.var numpy.std "
    "ndarray.var ndarray.std naja.library.low.variance_of_some",
    "flats": "operator.getitem operator.setitem operator.eq operator.ne operator.lt operator.le operator.gt operator.ge flatiter.copy naja.library.low.set_flat numpy.array numpy.asarray",
    "nan_arguments": "numpy.nansum numpy.nanprod numpy.nanmax numpy.nanmin numpy.nanmean numpy.nanvar numpy.nanstd",
    "poly1d_objects": "numpy.poly1d numpy.polyadd numpy.polysub numpy.polymul numpy.polydiv numpy.polyval numpy.roots "
    "numpy.polyder numpy.polyint numpy.asarray naja.library.low.poly1d_coefficients naja.library.low.poly1d_at "
    "naja.library.low.poly1d_quotient",
    "polynomial_objects": "numpy.polynomial.polynomial.Polynomial naja.library.low.call_value operator.add operator.sub operator.mul "
    "operator.floordiv operator.mod operator.neg operator.pow operator.truediv operator.eq operator.ne builtins.len "
    "polynomial.degree polynomial.copy polynomial.mapparms polynomial.deriv polynomial.trim polynomial.truncate "
    "polynomial.cutdeg polynomial.roots polynomial.linspace naja.library.low.polynomial_of",
    "mirrors": "naja.library.low.call_value operator.matmul user.dot",
    "sparse_matrices": "scipy.sparse._csr.csr_matrix scipy.sparse._csr.csr_array scipy.sparse._csc.csc_matrix scipy.sparse._csc.csc_array",
    "placing": "numpy.insert numpy.put ndarray.put numpy.putmask numpy.place numpy.copyto numpy.choose ndarray.choose numpy.select",
    "assembling": "numpy.block numpy.apply_along_axis numpy.apply_over_axes numpy.piecewise numpy.fromfunction "
    "numpy.fromiter numpy.put_along_axis numpy.packbits numpy.unpackbits naja.library.low.apply_rows "
    "naja.library.low.axes_back naja.library.low.with_axis",
    "dtypes": "numpy.finfo numpy.iinfo numpy.dtype numpy.promote_types numpy.result_type numpy.common_type "
    "numpy.min_scalar_type numpy.issubdtype numpy.can_cast numpy.isdtype numpy.typename numpy.mintypecode numpy.iterable numpy.isfortran numpy.ndim "
    "dtype.type@ dtype.kind@ dtype.char@ dtype.str@ dtype.name@ dtype.num@ dtype.itemsize@ dtype.alignment@ dtype.byteorder@ "
    "dtype.isnative@ dtype.names@ dtype.hasobject@ dtype.ndim@ dtype.shape@ dtype.isbuiltin@ dtype.isalignedstruct@ "
    "dtype.flags@ dtype.descr@ dtype.base@ dtype.subdtype@ dtype.fields@ dtype.newbyteorder operator.getitem operator.eq "
    "operator.ne operator.contains tuple.not_contains builtins.len flagsobj.forc@ flagsobj.fnc@ flagsobj.behaved@ flagsobj.carray@ flagsobj.farray@ "
    "flagsobj.writebackifcopy@ ndarray.base@ ndarray.data@ ndarray.itemset@ ndarray.newbyteorder@ ndarray.ptp@ "
    "ndarray.tostring@ ndarray.resize@ ndarray.device@ naja.library.low.set_shape naja.library.low.set_strides "
    "naja.library.low.set_dtype",
    "ordering": "builtins.min builtins.max builtins.sorted builtins.reversed _heapq.heapify _heapq.heappush "
    "_heapq.heappop _heapq.heapreplace _heapq.heappushpop heapq.nsmallest heapq.nlargest _bisect.bisect_left "
    "_bisect.bisect_right _bisect.insort_left _bisect.insort_right",
    "ranges": "operator.contains operator.eq operator.ne operator.getitem range.index range.count range.not_contains",
    "functional": "operator.concat operator.iconcat operator.countOf operator.indexOf operator.length_hint operator.inv "
    "naja.library.low.call_choice operator.iadd operator.isub operator.imul operator.itruediv operator.ifloordiv operator.imod operator.ipow "
    "operator.ilshift operator.irshift operator.iand operator.ior operator.ixor operator.itemgetter operator.attrgetter "
    "operator.methodcaller functools.partial itertools.count itertools.repeat itertools.chain itertools.cycle builtins.from_iterable itertools.groupby "
    "itertools.islice itertools.accumulate itertools.takewhile itertools.dropwhile itertools.filterfalse "
    "itertools.compress itertools.starmap itertools.pairwise itertools.product itertools.combinations "
    "itertools.combinations_with_replacement itertools.permutations itertools.zip_longest itertools.tee naja.library.low.permutation_size builtins.zip tuple._replace "
    "naja.library.low.zip_rows naja.library.low.chain_rows tuple._asdict dataclasses.replace dataclasses.astuple dataclasses.asdict",
    "containers": (
        "collections.deque collections.Counter collections.defaultdict collections.OrderedDict collections.ChainMap "
        "naja.library.low.dict_of naja.library.low.count_into "
        "naja.library.low.same_order"
    ),
    "storage_arrays": "operator.getitem operator.setitem operator.eq operator.ne operator.lt operator.le operator.gt "
    "operator.ge operator.add ndarray.fill ndarray.sort ndarray.argsort numpy.equal numpy.not_equal numpy.less "
    "numpy.less_equal numpy.greater numpy.greater_equal numpy.add numpy.where numpy.asarray numpy.sort numpy.argsort "
    "numpy.unique numpy.strings.upper "
    "numpy.strings.lower numpy.strings.capitalize numpy.strings.title numpy.strings.swapcase numpy.strings.isalpha "
    "numpy.strings.isdigit numpy.strings.isspace numpy.strings.isupper numpy.strings.islower numpy.strings.isalnum "
    "numpy.strings.istitle numpy.strings.isdecimal numpy.strings.isnumeric numpy.strings.str_len numpy.strings.strip "
    "numpy.strings.lstrip numpy.strings.rstrip numpy.strings.find numpy.strings.rfind numpy.strings.count "
    "numpy.strings.startswith numpy.strings.endswith naja.library.storage_arrays._resized "
    "naja.library.storage_arrays._codes_of_text naja.library.storage_arrays._codes_of_bytes "
    "naja.library.storage_arrays._lengths naja.library.storage_arrays._order_of naja.library.storage_arrays._sorted "
    "naja.library.storage_arrays._unique_parts",
    "index_tricks": "operator.getitem",
    "scipy_arrays": "scipy.integrate._quadrature.trapezoid scipy.integrate._quadrature.cumulative_trapezoid "
    "scipy.signal._signaltools.lfilter scipy.spatial.distance.cdist scipy.spatial.distance.pdist "
    "scipy.spatial.distance.euclidean scipy.spatial.distance.sqeuclidean scipy.spatial.distance.cityblock "
    "scipy.spatial.distance.chebyshev",
    "roots": "scipy.optimize._zeros_py.bisect scipy.optimize._zeros_py.brentq scipy.optimize._zeros_py.newton "
    "naja.library.roots._check naja.library.roots._at naja.library.roots._opposite naja.library.roots._failed "
    "naja.library.roots._close",
    "truth": "operator.truth operator.not_ builtins.bool",
    "contexts": "naja.library.low.context_enter contextlib.nullcontext numpy.errstate "
    "naja.threads.parallel_chunksize",
    "patterns": "naja.library.low.match_class naja.library.low.match_keys naja.library.low.is_mapping",
    "iterables": "generator.throw generator.close generator.send builtins.sum builtins.any builtins.all builtins.bytes builtins.bytearray builtins.iter builtins.map builtins.filter "
    "_functools.reduce",
    "fft": (
        "numpy.fft.fft numpy.fft.ifft numpy.fft.rfft numpy.fft.irfft numpy.fft.hfft numpy.fft.ihfft numpy.fft.fftn "
        "numpy.fft.ifftn numpy.fft.rfftn numpy.fft.irfftn numpy.fft.fft2 numpy.fft.ifft2 numpy.fft.rfft2 "
        "numpy.fft.irfft2 numpy.fft.fftfreq numpy.fft.rfftfreq numpy.fft.fftshift numpy.fft.ifftshift"
    ),
    "linalg": (
        "numpy.linalg.inv numpy.linalg.det numpy.linalg.slogdet numpy.linalg.cholesky numpy.linalg.solve "
        "numpy.linalg.eig numpy.linalg.eigvals numpy.linalg.eigh numpy.linalg.eigvalsh numpy.linalg.svd "
        "numpy.linalg.svdvals numpy.linalg.pinv numpy.linalg.lstsq numpy.linalg.qr numpy.linalg.norm "
        "numpy.linalg.cond numpy.linalg.matrix_rank numpy.linalg.matrix_power"
    ),
}

# A name may have implementations in several modules, each for types of its own.
INDEX = {}
for _module, _names in _NAMES.items():
    for _name in _names.split():
        INDEX[_name] = (*INDEX.get(_name, ()), _module)


def name_of(function):
    """Return the dotted name of a callable as the index has it, or an empty string.

    Parameters
    ----------
    function : object or None

    Returns
    -------
    str
    """
    module, name = getattr(function, "__module__", None), getattr(function, "__name__", None)
    module = module or getattr(type(getattr(function, "__self__", None)), "__module__", None)  # random.random
    module = "operator" if module == "_operator" else module
    return f"{module}.{name}" if module and name else ""


def load(name):
    """Import the module that implements a name, if there is one.

    Parameters
    ----------
    name : str
        A key of the index; other names are nobody's.
    """
    for module in INDEX.get("operator.contains" if name == "operator.not_contains" else name, ()):
        import_module(f"naja.library.{module}")
