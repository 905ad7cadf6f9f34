"""How to call every public function of NumPy: the table that `numpy_coverage.py` runs through compiled code.

A row is ``name: expression ; expression ; ...``.  An expression uses these names, made anew for every case:

====  =====================================================================================================
a     the array under test: its dtype, shape and memory layout vary
b     another array of the same dtype and shape
u     an array of one axis that broadcasts against `a`
x, y  numbers of the dtype
m     an array of bools of the shape of `a`
o     in ``out=o``: an array that fits the result of the same expression without it, filled with ones
v, w  arrays of one axis, of 7 and 4 elements, of the dtype
s     the elements of `v` sorted
k     int64 indices that are valid along the first axis of `a`
A, B  square matrices and vectors to solve for, well conditioned, of the dtype
S     a stack of square matrices
H     a symmetric (Hermitian), positive definite matrix
n     the integer 2, not known to the compiler
g     a Generator, seeded the same for both
====  =====================================================================================================

What NumPy itself refuses for a dtype or shape is not counted.  Functions without a row, and not in EXEMPT, are listed as
missing: the table cannot hide one.
"""

import re

import numpy as np

NUMPY = """
all: np.all(a) ; np.all(a, axis=0) ; np.all(a, axis=-1, keepdims=True) ; np.all(a, axis=0, out=o) ; np.all(a, where=m)
allclose: np.allclose(a, b) ; np.allclose(a, a) ; np.allclose(a, b, 0.5, 3.0) ; np.allclose(a, a, equal_nan=True)
amax: np.amax(a) ; np.amax(a, axis=0)
amin: np.amin(a) ; np.amin(a, axis=0)
angle: np.angle(a) ; np.angle(x) ; np.angle(a, deg=True)
any: np.any(a) ; np.any(a, axis=0) ; np.any(a, axis=-1, keepdims=True) ; np.any(a, axis=0, out=o) ; np.any(a, where=m)
append: np.append(a, b) ; np.append(a, x) ; np.append(a, b, axis=0) ; np.append(a, b, axis=-1)
apply_along_axis: np.apply_along_axis(np.sum, 0, a) ; np.apply_along_axis(np.cumsum, -1, a)
apply_over_axes: np.apply_over_axes(np.sum, a, (0,))
arange: np.arange(5) ; np.arange(2, 9) ; np.arange(2, 9, 3) ; np.arange(x) ; np.arange(0, 1, 0.25) ; np.arange(n, dtype=np.float32) ; np.arange(9, 2, -2)
argmax: np.argmax(a) ; np.argmax(a, axis=0) ; np.argmax(a, axis=-1, keepdims=True) ; np.argmax(a, axis=0, out=o)
argmin: np.argmin(a) ; np.argmin(a, axis=0) ; np.argmin(a, axis=-1, keepdims=True) ; np.argmin(a, axis=0, out=o)
argpartition: np.take_along_axis(a, np.argpartition(a, 1), -1)[..., 1] ; v[np.argpartition(v, (1, 3))[3]] ; np.take_along_axis(a, np.argpartition(a, 0, axis=0), 0)[0] ; a.ravel()[np.argpartition(a, 0, axis=None)[0]]
argsort: np.argsort(a) ; np.argsort(a, axis=0) ; np.argsort(a, axis=None) ; np.argsort(a, kind="stable") ; np.argsort(a, stable=True)
argwhere: np.argwhere(a) ; np.argwhere(m)
around: np.around(a) ; np.around(a, 2) ; np.around(a, -1) ; np.around(a, 1, out=o)
array: np.array(a) ; np.array(x) ; np.array((1.5, 2, 3)) ; np.array([x, y]) ; np.array([[1, 2], [3, 4]], dtype=np.float32) ; np.array(a, copy=True) ; np.array(a, ndmin=3)
array_equal: np.array_equal(a, b) ; np.array_equal(a, a) ; np.array_equal(a, x) ; np.array_equal(a, a, equal_nan=True)
array_equiv: np.array_equiv(a, b) ; np.array_equiv(a, u) ; np.array_equiv(a, a)
array_split: np.array_split(a, 2) ; np.array_split(v, 3) ; np.array_split(a, 2, axis=-1) ; np.array_split(v, (2, 5))
asanyarray: np.asanyarray(a) ; np.asanyarray(a, dtype=np.float64) ; np.asanyarray((1, 2))
asarray: np.asarray(a) ; np.asarray(a, dtype=np.float32) ; np.asarray((1, 2.5)) ; np.asarray([x, y]) ; np.asarray(x)
asarray_chkfinite: np.asarray_chkfinite(a) ; np.asarray_chkfinite(a, dtype=np.float64)
ascontiguousarray: np.ascontiguousarray(a) ; np.ascontiguousarray(x) ; np.ascontiguousarray(a, dtype=np.float64)
asfortranarray: np.asfortranarray(a) ; np.asfortranarray(x) ; np.asfortranarray(a, dtype=np.float64)
astype: np.astype(a, np.float64) ; np.astype(a, np.int16) ; np.astype(a, np.complex64) ; np.astype(a, np.bool_)
atleast_1d: np.atleast_1d(a) ; np.atleast_1d(x) ; np.atleast_1d(a, x)
atleast_2d: np.atleast_2d(a) ; np.atleast_2d(x) ; np.atleast_2d(a, x)
atleast_3d: np.atleast_3d(a) ; np.atleast_3d(x) ; np.atleast_3d(a, x)
average: np.average(a) ; np.average(a, axis=0) ; np.average(a, weights=b) ; np.average(a, axis=-1, weights=b) ; np.average(a, axis=0, keepdims=True) ; np.average(a, axis=0, weights=b, returned=True)
bartlett: np.bartlett(7) ; np.bartlett(n)
base_repr: np.base_repr(10, 3) ; np.base_repr(-255, 16) ; np.base_repr(n, 2, 3) ; np.base_repr(0)
binary_repr: np.binary_repr(10) ; np.binary_repr(-10) ; np.binary_repr(-3, width=5) ; np.binary_repr(n, 6) ; np.binary_repr(-8, 4)
bincount: np.bincount(np.abs(a)) ; np.bincount(k % 5) ; np.bincount(np.abs(k), minlength=9) ; np.bincount(np.abs(k), weights=np.ones(k.size))
blackman: np.blackman(7) ; np.blackman(n)
block: np.block([v, v]) ; np.block([[A, A], [A, A]])
broadcast: np.broadcast(a, u).shape ; np.broadcast(a, u).nd
broadcast_arrays: np.broadcast_arrays(a, u) ; np.broadcast_arrays(a, x)
broadcast_shapes: np.broadcast_shapes((3, 1), (1, 4)) ; np.broadcast_shapes(a.shape, u.shape)
broadcast_to: np.broadcast_to(u, a.shape) ; np.broadcast_to(x, (2, 3)) ; np.broadcast_to(w, (3, 4))
can_cast: np.can_cast(np.int8, np.float32) ; np.can_cast(a.dtype, np.float64) ; np.can_cast(np.float64, a.dtype, "same_kind")
choose: np.choose(m, (a, b)) ; np.choose(k % 2, (np.zeros(k.size), np.ones(k.size))) ; np.choose(m.astype(np.int64), (x, y)) ; np.choose(m.astype(np.int8) * 5, (a, b), mode="clip")
clip: np.clip(a, x, y) ; np.clip(a, 1, 3) ; np.clip(a, b, None) ; np.clip(a, None, b) ; np.clip(a, 1, 3, out=o) ; np.clip(x, 1, 3) ; np.clip(a, min=1)
column_stack: np.column_stack((a, b)) ; np.column_stack((v, v))
common_type: np.common_type(a, b)
compress: np.compress(k > 0, a, axis=0) ; np.compress((True, False, True), v) ; np.compress(m.ravel(), a)
concat: np.concat((a, b)) ; np.concat((a, b), axis=-1)
concatenate: np.concatenate((a, b)) ; np.concatenate((a, b), axis=-1) ; np.concatenate((a, b), axis=None) ; np.concatenate((a, b), axis=0, out=o) ; np.concatenate((a, m)) ; np.concatenate((a, b), dtype=np.float64) ; np.concatenate([a, b, a])
convolve: np.convolve(v, w) ; np.convolve(v, w, "same") ; np.convolve(v, w, mode="valid") ; np.convolve(w, v)
copy: np.copy(a) ; np.copy(a, order="F") ; np.copy(a, "C") ; np.copy(x)
copyto: np.copyto(a, b) ; np.copyto(a, x) ; np.copyto(a, b, where=m) ; np.copyto(a, u) ; np.copyto(a, 1, casting="unsafe")
corrcoef: np.corrcoef(a) ; np.corrcoef(v, v[::-1]) ; np.corrcoef(a, rowvar=False)
correlate: np.correlate(v, w) ; np.correlate(v, w, "same") ; np.correlate(v, w, mode="full") ; np.correlate(w, v, "full")
count_nonzero: np.count_nonzero(a) ; np.count_nonzero(a, axis=0) ; np.count_nonzero(a, axis=-1, keepdims=True)
cov: np.cov(a) ; np.cov(v, v[::-1]) ; np.cov(a, rowvar=False) ; np.cov(a, bias=True) ; np.cov(a, ddof=0)
cross: np.cross(v[:3], v[1:4]) ; np.cross(a, b) ; np.cross(v[:3], v[1:4] * 2)
cumprod: np.cumprod(a) ; np.cumprod(a, axis=0) ; np.cumprod(a, axis=-1, dtype=np.float64) ; np.cumprod(a, axis=0, out=o)
cumsum: np.cumsum(a) ; np.cumsum(a, axis=0) ; np.cumsum(a, axis=-1, dtype=np.float64) ; np.cumsum(a, axis=0, out=o)
cumulative_prod: np.cumulative_prod(v) ; np.cumulative_prod(a, axis=0) ; np.cumulative_prod(v, include_initial=True)
cumulative_sum: np.cumulative_sum(v) ; np.cumulative_sum(a, axis=0) ; np.cumulative_sum(v, include_initial=True) ; np.cumulative_sum(a, axis=-1, dtype=np.float64)
delete: np.delete(v, 2) ; np.delete(v, (1, 3)) ; np.delete(a, 0, axis=0) ; np.delete(v, slice(1, 4)) ; np.delete(a, k, axis=0) ; np.delete(a, 0)
diag: np.diag(a) ; np.diag(a, 1) ; np.diag(a, k=-1)
diag_indices: np.diag_indices(3) ; np.diag_indices(3, 3)
diag_indices_from: np.diag_indices_from(A)
diagflat: np.diagflat(a) ; np.diagflat(a, 1)
diagonal: np.diagonal(a) ; np.diagonal(a, 1) ; np.diagonal(a, 0, 1, 0) ; np.diagonal(a, offset=-1, axis1=-1, axis2=0)
diff: np.diff(a) ; np.diff(a, 2) ; np.diff(a, axis=0) ; np.diff(a, n=1, axis=-1, prepend=x) ; np.diff(a, append=x) ; np.diff(a, 0)
digitize: np.digitize(a, s) ; np.digitize(a, s, right=True) ; np.digitize(x, s) ; np.digitize(a, s[::-1])
dot: np.dot(a, b.T) ; np.dot(v, v) ; np.dot(a, x) ; np.dot(A, B) ; np.dot(A, A) ; np.dot(A, A, out=o) ; np.dot(S, A)
dsplit: np.dsplit(a, 2) ; np.dsplit(a, (1,))
dstack: np.dstack((a, b)) ; np.dstack((v, v))
ediff1d: np.ediff1d(a) ; np.ediff1d(v, to_end=x) ; np.ediff1d(v, to_begin=x)
einsum: np.einsum("ij->ji", A) ; np.einsum("ij,jk->ik", A, A) ; np.einsum("ii", A) ; np.einsum("i,i->", v, v) ; np.einsum("...i->...", a)
empty: np.empty(3).shape ; np.empty((2, n), np.float32).shape ; np.empty((2, 3), order="F").strides
empty_like: np.empty_like(a).shape ; np.empty_like(a, dtype=np.int32).shape ; np.empty_like(a, shape=(2, 3)).shape
expand_dims: np.expand_dims(a, 0) ; np.expand_dims(a, -1) ; np.expand_dims(a, (0, 2)) ; np.expand_dims(a, axis=1)
extract: np.extract(m, a) ; np.extract(a > 0, b)
eye: np.eye(3) ; np.eye(2, 4) ; np.eye(3, k=1) ; np.eye(3, dtype=np.int32) ; np.eye(n, 3, -1) ; np.eye(3, order="F")
fill_diagonal: np.fill_diagonal(A, x) ; np.fill_diagonal(A, 1) ; np.fill_diagonal(A, w) ; np.fill_diagonal(a, 1, wrap=True)
fix: np.fix(a) ; np.fix(x) ; np.fix(a, out=o)
flatnonzero: np.flatnonzero(a) ; np.flatnonzero(m)
flip: np.flip(a) ; np.flip(a, 0) ; np.flip(a, axis=-1) ; np.flip(a, (0, 1))
fliplr: np.fliplr(a)
flipud: np.flipud(a)
frombuffer: np.frombuffer(v, dtype=np.uint8) ; np.frombuffer(b"abcd", np.int8) ; np.frombuffer(v, np.uint8, 4, 2)
fromfunction: np.fromfunction(lambda i, j: i + j, (2, 3))
fromiter: np.fromiter((i * i for i in range(4)), np.float64) ; np.fromiter(v, np.float64, 3)
full: np.full(3, x) ; np.full((2, n), 1.5) ; np.full((2, 3), 1, dtype=np.float32) ; np.full((2, 3), x, order="F")
full_like: np.full_like(a, 1) ; np.full_like(a, x, dtype=np.float64) ; np.full_like(a, 2, shape=(2, 3))
geomspace: np.geomspace(1, 1000, 4) ; np.geomspace(1.0, 256.0, num=9) ; np.geomspace(1, 100, 5, endpoint=False)
gradient: np.gradient(a) ; np.gradient(v, 2.0) ; np.gradient(a, axis=0) ; np.gradient(v, edge_order=2)
hamming: np.hamming(7) ; np.hamming(n)
hanning: np.hanning(7) ; np.hanning(n)
histogram: np.histogram(a) ; np.histogram(a, 5) ; np.histogram(v, bins=4, range=(0.0, 3.0)) ; np.histogram(v, s) ; np.histogram(v, 3, density=True) ; np.histogram(v, 3, weights=v) ; np.histogram(v, "auto", density=True)
histogram2d: np.histogram2d(v, v[::-1], 3)
histogramdd: np.histogramdd(A, 3)
histogram_bin_edges: np.histogram_bin_edges(a) ; np.histogram_bin_edges(a, 5) ; np.histogram_bin_edges(v, 4, (0.0, 3.0)) ; np.histogram_bin_edges(v, "sturges") ; np.histogram_bin_edges(v, "auto") ; np.histogram_bin_edges(v, "fd") ; np.histogram_bin_edges(v, "doane") ; np.histogram_bin_edges(v, "scott") ; np.histogram_bin_edges(v, "stone") ; np.histogram_bin_edges(v, "rice", (0, 2)) ; np.histogram_bin_edges(v, "sqrt")
hsplit: np.hsplit(a, 2) ; np.hsplit(v, (2, 4))
hstack: np.hstack((a, b)) ; np.hstack([v, w])
i0: np.i0(a) ; np.i0(x)
identity: np.identity(3) ; np.identity(n, dtype=np.int16)
imag: np.imag(a) ; np.imag(x)
indices: np.indices((2, 3)) ; np.indices((n, 3), dtype=np.float32) ; np.indices((2, 3), sparse=True)
inner: np.inner(a, b) ; np.inner(v, v) ; np.inner(a, x) ; np.inner(A, A)
insert: np.insert(v, 2, x) ; np.insert(v, (1, 3), x) ; np.insert(a, 0, x, axis=0) ; np.insert(v, k % 4, 1) ; np.insert(a, 1, 7)
interp: np.interp(a, np.arange(3.0), np.array((1.0, 5.0, 2.0))) ; np.interp(x, s, s) ; np.interp(a, s, s, left=0, right=1) ; np.interp(a, (0.0, 1.0, 2.0), (3.0, 2.0, 0.0), period=3.0)
intersect1d: np.intersect1d(a, b) ; np.intersect1d(v, w, assume_unique=True) ; np.intersect1d(v, w, return_indices=True)
isclose: np.isclose(a, b) ; np.isclose(a, x) ; np.isclose(x, y) ; np.isclose(a, a, equal_nan=True) ; np.isclose(a, b, rtol=0.5, atol=1.0)
iscomplex: np.iscomplex(a) ; np.iscomplex(x)
iscomplexobj: np.iscomplexobj(a) ; np.iscomplexobj(x)
isdtype: np.isdtype(np.float32, "real floating")
isfortran: np.isfortran(a)
isin: np.isin(a, w) ; np.isin(a, w, invert=True) ; np.isin(x, v) ; np.isin(a, (1, 2)) ; np.isin(a, w, assume_unique=True) ; np.isin(a, w, kind="sort")
isneginf: np.isneginf(a) ; np.isneginf(x) ; np.isneginf(a, out=o)
isposinf: np.isposinf(a) ; np.isposinf(x) ; np.isposinf(a, out=o)
isreal: np.isreal(a) ; np.isreal(x)
isrealobj: np.isrealobj(a) ; np.isrealobj(x)
isscalar: np.isscalar(a) ; np.isscalar(x) ; np.isscalar("a")
issubdtype: np.issubdtype(np.float32, np.floating) ; np.issubdtype(a.dtype, np.integer)
iterable: np.iterable(a) ; np.iterable(x)
ix_: np.ix_(v > 0, w > 0) ; np.ix_(k, k)
kaiser: np.kaiser(7, 14.0) ; np.kaiser(n, 2)
kron: np.kron(a, b) ; np.kron(v, w) ; np.kron(A, w) ; np.kron(a, x)
lexsort: np.lexsort((v, v[::-1])) ; np.lexsort(a) ; np.lexsort(np.stack((a, b)), axis=0)
linspace: np.linspace(0, 1) ; np.linspace(0, 10, 5) ; np.linspace(x, y, 4) ; np.linspace(0, 1, 7, endpoint=False) ; np.linspace(0, 1, 5, retstep=True) ; np.linspace(0, 9, 4, dtype=np.int32) ; np.linspace(v, v + v, 3) ; np.linspace(a, 9, 4, axis=-1) ; np.linspace(0, 1, n)
logspace: np.logspace(0, 2, 5) ; np.logspace(0, 3, 4, base=2.0) ; np.logspace(0, 1, 4, endpoint=False)
mask_indices: np.mask_indices(3, np.triu)
matrix_transpose: np.matrix_transpose(a)
max: np.max(a) ; np.max(a, axis=0) ; np.max(a, axis=-1, keepdims=True) ; np.max(a, axis=(0, 1)) ; np.max(a, axis=0, out=o) ; np.max(a, initial=3) ; np.max(a, where=m, initial=1)
may_share_memory: np.may_share_memory(a, b) ; np.may_share_memory(a, a)
mean: np.mean(a) ; np.mean(a, axis=0) ; np.mean(a, axis=-1, keepdims=True) ; np.mean(a, axis=(0, 1)) ; np.mean(a, axis=0, out=o) ; np.mean(a, dtype=np.float64) ; np.mean(a, where=m) ; np.mean(x)
median: np.median(a) ; np.median(a, axis=0) ; np.median(a, axis=-1, keepdims=True) ; np.median(a, overwrite_input=False)
meshgrid: np.meshgrid(v, w) ; np.meshgrid(v, w, indexing="ij") ; np.meshgrid(v, w, sparse=True) ; np.meshgrid(v, w, v)
min: np.min(a) ; np.min(a, axis=0) ; np.min(a, axis=-1, keepdims=True) ; np.min(a, axis=(0, 1)) ; np.min(a, axis=0, out=o) ; np.min(a, initial=3) ; np.min(a, where=m, initial=1)
min_scalar_type: np.min_scalar_type(10)
mintypecode: np.mintypecode(("f", "d"))
moveaxis: np.moveaxis(a, 0, -1) ; np.moveaxis(a, -1, 0) ; np.moveaxis(a, (0, 1), (1, 0))
nan_to_num: np.nan_to_num(a) ; np.nan_to_num(x) ; np.nan_to_num(a, nan=1.0) ; np.nan_to_num(a, True, 0.0, 5.0, -5.0) ; np.nan_to_num(a, copy=False)
nanargmax: np.nanargmax(a) ; np.nanargmax(a, axis=0)
nanargmin: np.nanargmin(a) ; np.nanargmin(a, axis=0)
nancumprod: np.nancumprod(a) ; np.nancumprod(a, axis=0)
nancumsum: np.nancumsum(a) ; np.nancumsum(a, axis=0)
nanmax: np.nanmax(a) ; np.nanmax(a, axis=0) ; np.nanmax(a, axis=-1, keepdims=True)
nanmean: np.nanmean(a) ; np.nanmean(a, axis=0) ; np.nanmean(a, axis=-1, keepdims=True)
nanmedian: np.nanmedian(a) ; np.nanmedian(a, axis=0)
nanmin: np.nanmin(a) ; np.nanmin(a, axis=0) ; np.nanmin(a, axis=-1, keepdims=True)
nanpercentile: np.nanpercentile(a, 30) ; np.nanpercentile(a, (10, 50)) ; np.nanpercentile(a, 30, axis=0)
nanprod: np.nanprod(a) ; np.nanprod(a, axis=0)
nanquantile: np.nanquantile(a, 0.3) ; np.nanquantile(a, (0.1, 0.5)) ; np.nanquantile(a, 0.3, axis=0)
nanstd: np.nanstd(a) ; np.nanstd(a, axis=0) ; np.nanstd(a, ddof=1)
nansum: np.nansum(a) ; np.nansum(a, axis=0) ; np.nansum(a, axis=-1, keepdims=True)
nanvar: np.nanvar(a) ; np.nanvar(a, axis=0) ; np.nanvar(a, ddof=1)
ndenumerate: [(i, e) for i, e in np.ndenumerate(a)]
ndim: np.ndim(a) ; np.ndim(x)
ndindex: [i for i in np.ndindex(a.shape)] ; [i for i in np.ndindex(2, 3)]
nditer: [e.item() for e in np.nditer(a)]
nonzero: np.nonzero(a) ; np.nonzero(m)
ones: np.ones(3) ; np.ones((2, n), np.float32) ; np.ones((2, 3), order="F") ; np.ones((2, 3), dtype=np.bool_)
ones_like: np.ones_like(a) ; np.ones_like(a, dtype=np.int32) ; np.ones_like(a, shape=(2, 3)) ; np.ones_like(x)
outer: np.outer(a, b) ; np.outer(v, w) ; np.outer(v, w, out=o)
packbits: np.packbits(m) ; np.packbits(m, axis=0) ; np.packbits(a, axis=-1) ; np.packbits(m, bitorder="little")
pad: np.pad(a, 1) ; np.pad(a, 2, "edge") ; np.pad(v, (1, 2), constant_values=1) ; np.pad(v, 2, mode="reflect") ; np.pad(v, 2, "wrap") ; np.pad(v, 2, "symmetric") ; np.pad(A, ((1, 0), (0, 2)))
partition: np.sort(np.partition(v, 3)[:3]) ; np.partition(v, 3)[3] ; np.partition(a, 0, axis=0)[0] ; np.partition(v, 3, axis=None)[3] ; np.partition(a, 1)[..., 1] ; np.partition(v, (1, 4))[4]
percentile: np.percentile(a, 30) ; np.percentile(a, (10, 50)) ; np.percentile(a, 30, axis=0) ; np.percentile(a, 30, method="nearest") ; np.percentile(a, 50, axis=-1, keepdims=True)
permute_dims: np.permute_dims(a) ; np.permute_dims(a, (1, 0))
piecewise: np.piecewise(a, [a < 1, a >= 1], [-1, 1]) ; np.piecewise(v, [v < 1], [2, 3])
place: np.place(a, m, v) ; np.place(a, a > 0, (1, 2))
poly: np.poly(v) ; np.poly(A)
polyadd: np.polyadd(v, w) ; np.polyadd(v, (1, 2))
polyder: np.polyder(v) ; np.polyder(v, 2)
polydiv: np.polydiv(v, w)
polyfit: np.polyfit(np.arange(7.0), v, 2) ; np.polyfit(np.arange(7.0), v, 1)
polyint: np.polyint(v) ; np.polyint(v, 2)
polymul: np.polymul(v, w) ; np.polymul(v, (1, 2))
polysub: np.polysub(v, w) ; np.polysub(v, (1, 2))
polyval: np.polyval(w, a) ; np.polyval(w, x) ; np.polyval((1, 2, 3), a)
prod: np.prod(a) ; np.prod(a, axis=0) ; np.prod(a, axis=-1, keepdims=True) ; np.prod(a, axis=(0, 1)) ; np.prod(a, axis=0, out=o) ; np.prod(a, dtype=np.float64) ; np.prod(a, initial=3) ; np.prod(a, where=m)
promote_types: np.promote_types(np.float32, np.int64) ; np.promote_types(a.dtype, np.int16)
ptp: np.ptp(a) ; np.ptp(a, axis=0) ; np.ptp(a, axis=-1, keepdims=True)
put: np.put(a, k, x) ; np.put(v, (0, 2), (1, 2)) ; np.put(v, 1, x) ; np.put(v, (0, 9), x, mode="clip")
put_along_axis: np.put_along_axis(a, np.argsort(a, axis=0), x, axis=0) ; np.put_along_axis(v, np.argsort(v), 1, None)
putmask: np.putmask(a, m, x) ; np.putmask(a, m, b) ; np.putmask(a, a > 0, (1, 2))
quantile: np.quantile(a, 0.3) ; np.quantile(a, (0.1, 0.5)) ; np.quantile(a, 0.3, axis=0) ; np.quantile(a, 0.3, method="nearest") ; np.quantile(a, 0.5, axis=-1, keepdims=True)
ravel: np.ravel(a) ; np.ravel(a, "F") ; np.ravel(a, order="A") ; np.ravel(a, "K") ; np.ravel(x)
ravel_multi_index: np.ravel_multi_index((k % 3, k % 2), (3, 2)) ; np.ravel_multi_index((1, 1), (3, 2)) ; np.ravel_multi_index((k % 3, k % 2), (3, 2), order="F") ; np.ravel_multi_index((k, k), (3, 2), mode="wrap") ; np.ravel_multi_index(np.stack((k, k)), (3, 2), mode=("clip", "wrap"))
real: np.real(a) ; np.real(x)
real_if_close: np.real_if_close(a)
repeat: np.repeat(a, 2) ; np.repeat(a, 2, axis=0) ; np.repeat(w, (1, 0, 2, 3)) ; np.repeat(x, 3) ; np.repeat(a, n, axis=-1)
require: np.require(a, np.float64, ("C",))
reshape: np.reshape(a, (-1,)) ; np.reshape(a, -1, order="F") ; np.reshape(a, (1, -1)) ; np.reshape(a, a.shape + (1,)) ; np.reshape(a, (-1, 1), "F")
resize: np.resize(a, (2, 3)) ; np.resize(a, 9)
result_type: np.result_type(a, np.float32) ; np.result_type(a, b)
roll: np.roll(a, 1) ; np.roll(a, -2) ; np.roll(a, 1, axis=0) ; np.roll(a, (1, 2), axis=(0, 1)) ; np.roll(a, n, -1)
rollaxis: np.rollaxis(a, -1) ; np.rollaxis(a, 0, 2)
roots: np.roots(v) ; np.roots(w)
rot90: np.rot90(a) ; np.rot90(a, 2) ; np.rot90(a, k=-1) ; np.rot90(a, 1, (1, 0))
round: np.round(a) ; np.round(a, 2) ; np.round(a, -1) ; np.round(x, 1) ; np.round(a, 1, out=o)
row_stack: np.row_stack((a, b))
searchsorted: np.searchsorted(s, a) ; np.searchsorted(s, x) ; np.searchsorted(s, a, side="right") ; np.searchsorted(v, a, sorter=np.argsort(v)) ; np.searchsorted(s, (1, 2))
select: np.select([m, ~m], [a, b]) ; np.select([a > 1, a < 0], [a, b], default=x) ; np.select((m,), (a,))
setdiff1d: np.setdiff1d(a, w) ; np.setdiff1d(v, w, assume_unique=True)
setxor1d: np.setxor1d(a, w) ; np.setxor1d(v, w, assume_unique=True)
shape: np.shape(a) ; np.shape(x)
shares_memory: np.shares_memory(a, b) ; np.shares_memory(a, a)
sinc: np.sinc(a) ; np.sinc(x)
size: np.size(a) ; np.size(a, 0) ; np.size(x)
sort: np.sort(a) ; np.sort(a, axis=0) ; np.sort(a, axis=None) ; np.sort(a, kind="stable") ; np.sort(a, axis=-1, stable=True)
sort_complex: np.sort_complex(a)
split: np.split(a, 1) ; np.split(v, (2, 5)) ; np.split(a, 2, axis=-1) ; np.split(w, 2)
squeeze: np.squeeze(a[None]) ; np.squeeze(a[None], 0) ; np.squeeze(a[None], axis=(0,))
stack: np.stack((a, b)) ; np.stack((a, b), axis=-1) ; np.stack([v, v], 1) ; np.stack((a, b), axis=0, out=o) ; np.stack((a, b), dtype=np.float64)
std: np.std(a) ; np.std(a, axis=0) ; np.std(a, axis=-1, keepdims=True) ; np.std(a, ddof=1) ; np.std(a, axis=0, out=o) ; np.std(a, where=m) ; np.std(a, correction=1) ; np.std(a, mean=np.mean(a))
sum: np.sum(a) ; np.sum(a, axis=0) ; np.sum(a, axis=-1, keepdims=True) ; np.sum(a, axis=(0, 1)) ; np.sum(a, axis=0, out=o) ; np.sum(a, dtype=np.float64) ; np.sum(a, initial=3) ; np.sum(a, where=m) ; np.sum(a, axis=0, dtype=np.complex128) ; np.sum(x) ; np.sum((1, 2, 3))
swapaxes: np.swapaxes(a, 0, -1) ; np.swapaxes(a, 0, 1)
take: np.take(a, 0) ; np.take(a, k, axis=0) ; np.take(v, (1, 2)) ; np.take(a, k) ; np.take(v, (0, 9), mode="clip") ; np.take(v, (0, -9), mode="wrap") ; np.take(a, 0, axis=-1) ; np.take(a, k, axis=0, out=o)
take_along_axis: np.take_along_axis(a, np.argsort(a, axis=0), axis=0) ; np.take_along_axis(a, np.argsort(a), -1) ; np.take_along_axis(v, np.argsort(v), None)
tensordot: np.tensordot(A, A) ; np.tensordot(A, A, 1) ; np.tensordot(v, w, 0) ; np.tensordot(S, A, axes=((2,), (0,)))
tile: np.tile(a, 2) ; np.tile(a, (2, 1)) ; np.tile(x, 3) ; np.tile(a, (1, 2, 2))
trace: np.trace(a) ; np.trace(a, 1) ; np.trace(a, offset=-1, axis1=1, axis2=0) ; np.trace(A, dtype=np.float64)
transpose: np.transpose(a) ; np.transpose(a, (1, 0)) ; np.transpose(a, axes=(0, 2, 1))
trapezoid: np.trapezoid(a) ; np.trapezoid(v, dx=0.5) ; np.trapezoid(v, np.arange(7.0)) ; np.trapezoid(a, axis=0)
tri: np.tri(3) ; np.tri(2, 4) ; np.tri(3, 3, -1) ; np.tri(3, k=1, dtype=np.int8)
tril: np.tril(a) ; np.tril(a, 1) ; np.tril(a, k=-1)
tril_indices: np.tril_indices(3) ; np.tril_indices(3, 1) ; np.tril_indices(3, -1, 4)
tril_indices_from: np.tril_indices_from(A) ; np.tril_indices_from(A, 1)
trim_zeros: np.trim_zeros(v) ; np.trim_zeros(v, "f")
triu: np.triu(a) ; np.triu(a, 1) ; np.triu(a, k=-1)
triu_indices: np.triu_indices(3) ; np.triu_indices(3, 1) ; np.triu_indices(3, -1, 4)
triu_indices_from: np.triu_indices_from(A) ; np.triu_indices_from(A, 1)
typename: np.typename("d") ; np.typename("F")
union1d: np.union1d(a, b) ; np.union1d(v, w)
unique: np.unique(a) ; np.unique(v, return_index=True) ; np.unique(v, return_inverse=True) ; np.unique(v, return_counts=True) ; np.unique(a, axis=0) ; np.unique(v, True, True, True)
unique_all: np.unique_all(v)
unique_counts: np.unique_counts(v)
unique_inverse: np.unique_inverse(v)
unique_values: np.sort(np.unique_values(v))
unpackbits: np.unpackbits(a) ; np.unpackbits(a, axis=0) ; np.unpackbits(a, axis=-1, count=5) ; np.unpackbits(a, bitorder="little")
unravel_index: np.unravel_index(5, (3, 4)) ; np.unravel_index(np.abs(k), (3, 4)) ; np.unravel_index(np.abs(k), (3, 4), order="F")
unstack: np.unstack(a) ; np.unstack(a, axis=-1)
unwrap: np.unwrap(a) ; np.unwrap(a, axis=0) ; np.unwrap(v, 2.0) ; np.unwrap(v, period=4.0)
vander: np.vander(v) ; np.vander(v, 3) ; np.vander(v, increasing=True)
var: np.var(a) ; np.var(a, axis=0) ; np.var(a, axis=-1, keepdims=True) ; np.var(a, ddof=1) ; np.var(a, axis=0, out=o) ; np.var(a, where=m) ; np.var(a, correction=1) ; np.var(a, mean=np.mean(a))
vdot: np.vdot(a, b) ; np.vdot(v, v)
vsplit: np.vsplit(a, 1) ; np.vsplit(a, (1,))
vstack: np.vstack((a, b)) ; np.vstack([v, v])
where: np.where(m, a, b) ; np.where(m, a, x) ; np.where(m, 1, 0) ; np.where(a) ; np.where(m, u, a) ; np.where(x > 0, a, b)
zeros: np.zeros(3) ; np.zeros((2, n), np.float32) ; np.zeros((2, 3), order="F") ; np.zeros((2, 3), dtype=np.bool_)
zeros_like: np.zeros_like(a) ; np.zeros_like(a, dtype=np.int32) ; np.zeros_like(a, shape=(2, 3)) ; np.zeros_like(x)
"""

# ufuncs that the general forms below do not serve as they are.
UFUNC = """
ldexp: np.ldexp(a, 3) ; np.ldexp(x, n) ; np.ldexp(a, m.astype(np.int32))
matmul: np.matmul(A, A) ; np.matmul(A, B) ; np.matmul(v, v) ; np.matmul(S, A) ; np.matmul(S, S) ; np.matmul(A, A, out=o)
vecdot: np.vecdot(v, v) ; np.vecdot(a, b)
matvec: np.matvec(A, B) ; np.matvec(S, B)
vecmat: np.vecmat(B, A) ; np.vecmat(B, S)
isnat: np.isnat(k.astype("m8[s]")) ; np.isnat(np.datetime64("NaT")) ; np.isnat(k.astype("M8[D]"))
divmod: np.divmod(a, b) ; np.divmod(a, x) ; np.divmod(x, y)
modf: np.modf(a) ; np.modf(x)
frexp: np.frexp(a) ; np.frexp(x)
"""
UNARY = "{0}(a) ; {0}(x) ; {0}(a, out=o) ; {0}(a, where=m, out=o) ; {0}(a, dtype=np.float64)"
BINARY = (
    "{0}(a, b) ; {0}(a, x) ; {0}(x, a) ; {0}(x, y) ; {0}(a, u) ; {0}(a, b, out=o) ; {0}(a, b, where=m, out=o) ; {0}(a, 2) ; "
    "{0}.reduce(a) ; {0}.accumulate(a) ; {0}.outer(v, w)"
)

NDARRAY = """
T: a.T
all: a.all() ; a.all(axis=0) ; a.all(0, keepdims=True)
any: a.any() ; a.any(axis=0) ; a.any(0, keepdims=True)
argmax: a.argmax() ; a.argmax(axis=0) ; a.argmax(-1, keepdims=True)
argmin: a.argmin() ; a.argmin(axis=0) ; a.argmin(-1, keepdims=True)
argpartition: v[v.argpartition(2)[2]] ; np.take_along_axis(a, a.argpartition(0, axis=0), 0)[0]
argsort: a.argsort() ; a.argsort(axis=0) ; a.argsort(kind="stable")
astype: a.astype(np.float64) ; a.astype(np.int8) ; a.astype(np.complex128) ; a.astype(np.bool_) ; a.astype("f4") ; a.astype(np.float64, copy=False)
byteswap: a.byteswap() ; a.byteswap(inplace=True)
choose: m.choose((a, b)) ; (k % 2).choose((x, y))
clip: a.clip(1, 3) ; a.clip(x, y) ; a.clip(min=1) ; a.clip(max=2) ; a.clip(1, 3, out=o)
compress: a.compress(k > 0, axis=0) ; v.compress((True, False))
conj: a.conj()
conjugate: a.conjugate()
copy: a.copy() ; a.copy("F") ; a.copy(order="K")
cumprod: a.cumprod() ; a.cumprod(axis=0)
cumsum: a.cumsum() ; a.cumsum(axis=0) ; a.cumsum(dtype=np.float64)
diagonal: a.diagonal() ; a.diagonal(1) ; a.diagonal(0, 1, 0)
dot: v.dot(v) ; A.dot(B) ; A.dot(A)
dtype: np.zeros(2, a.dtype)
fill: a.fill(1) ; a.fill(x)
flags: a.flags.c_contiguous ; a.flags.f_contiguous ; a.flags.contiguous
flat: a.flat[0] ; [e for e in a.flat]
flatten: a.flatten() ; a.flatten("F")
getfield: a.getfield(np.int8, 0)
imag: a.imag
item: a.item(0) ; a[:1].item() ; a.item((0,) * a.ndim)
itemsize: a.itemsize
mT: a.mT
max: a.max() ; a.max(axis=0) ; a.max(-1, keepdims=True) ; a.max(initial=1) ; a.max(axis=0, out=o)
mean: a.mean() ; a.mean(axis=0) ; a.mean(-1, keepdims=True) ; a.mean(dtype=np.float64)
min: a.min() ; a.min(axis=0) ; a.min(-1, keepdims=True) ; a.min(initial=1) ; a.min(axis=0, out=o)
nbytes: a.nbytes
ndim: a.ndim
nonzero: a.nonzero()
partition: (lambda c: (c.partition(3), c[3]))(v.copy())[1] ; (lambda c: (c.partition(0, axis=0), c[0]))(a.copy())[1]
prod: a.prod() ; a.prod(axis=0) ; a.prod(dtype=np.float64)
put: a.put(k, x) ; v.put((0, 2), (1, 2))
ravel: a.ravel() ; a.ravel("F") ; a.ravel(order="K")
real: a.real
repeat: a.repeat(2) ; a.repeat(2, axis=0)
reshape: a.reshape(-1) ; a.reshape((1, -1)) ; a.reshape(-1, 1) ; a.reshape(-1, order="F")
round: a.round() ; a.round(1) ; a.round(decimals=-1)
searchsorted: s.searchsorted(a) ; s.searchsorted(x, side="right")
setfield: a.setfield(1, np.int8)
setflags: a.setflags(write=False)
shape: a.shape
size: a.size
sort: a.sort() ; a.sort(axis=0) ; a.sort(kind="stable")
squeeze: a[None].squeeze() ; a[None].squeeze(0)
std: a.std() ; a.std(axis=0) ; a.std(ddof=1) ; a.std(-1, keepdims=True)
strides: a.strides
sum: a.sum() ; a.sum(axis=0) ; a.sum(-1, keepdims=True) ; a.sum(dtype=np.float64) ; a.sum(axis=0, out=o) ; a.sum(where=m)
swapaxes: a.swapaxes(0, -1)
take: a.take(0) ; a.take(k, axis=0) ; v.take((1, 2))
tobytes: a.tobytes() ; a.tobytes("F")
tolist: a.tolist()
trace: a.trace() ; a.trace(1) ; a.trace(axis1=1, axis2=0)
transpose: a.transpose() ; a.transpose(1, 0) ; a.transpose((1, 0)) ; a.transpose((0, 2, 1))
var: a.var() ; a.var(axis=0) ; a.var(ddof=1) ; a.var(-1, keepdims=True)
view: v.view(np.int8) ; a.view(a.dtype) ; a.view(np.uint8)
"""

LINALG = """
cholesky: np.linalg.cholesky(H) ; np.linalg.cholesky(H, upper=True)
cond: np.linalg.cond(A) ; np.linalg.cond(A, 1) ; np.linalg.cond(A, "fro")
cross: np.linalg.cross(v[:3], v[1:4])
det: np.linalg.det(A) ; np.linalg.det(S)
diagonal: np.linalg.diagonal(A) ; np.linalg.diagonal(S, offset=1)
eig: np.linalg.eig(A) ; np.linalg.eig(H)
eigh: np.linalg.eigh(H) ; np.linalg.eigh(H, "U")
eigvals: np.linalg.eigvals(A) ; np.linalg.eigvals(H)
eigvalsh: np.linalg.eigvalsh(H) ; np.linalg.eigvalsh(H, UPLO="U")
inv: np.linalg.inv(A) ; np.linalg.inv(S)
lstsq: np.linalg.lstsq(A, B) ; np.linalg.lstsq(A, A) ; np.linalg.lstsq(A, B, rcond=0.01)
matmul: np.linalg.matmul(A, A) ; np.linalg.matmul(S, A)
matrix_norm: np.linalg.matrix_norm(A) ; np.linalg.matrix_norm(S) ; np.linalg.matrix_norm(A, ord=1, keepdims=True)
matrix_power: np.linalg.matrix_power(A, 3) ; np.linalg.matrix_power(A, -1) ; np.linalg.matrix_power(A, 0) ; np.linalg.matrix_power(S, 2)
matrix_rank: np.linalg.matrix_rank(A) ; np.linalg.matrix_rank(S) ; np.linalg.matrix_rank(v) ; np.linalg.matrix_rank(A, tol=0.1)
matrix_transpose: np.linalg.matrix_transpose(S)
multi_dot: np.linalg.multi_dot((A, A, A)) ; np.linalg.multi_dot((A, B))
norm: np.linalg.norm(a) ; np.linalg.norm(v, 1) ; np.linalg.norm(A, "fro") ; np.linalg.norm(A, 2) ; np.linalg.norm(a, axis=0) ; np.linalg.norm(a, axis=-1, keepdims=True) ; np.linalg.norm(v, np.inf) ; np.linalg.norm(A, "nuc") ; np.linalg.norm(v, 3)
outer: np.linalg.outer(v, w)
pinv: np.linalg.pinv(A) ; np.linalg.pinv(A[:, :2]) ; np.linalg.pinv(S) ; np.linalg.pinv(A, 0.01) ; np.linalg.pinv(H, hermitian=True)
qr: np.linalg.qr(A) ; np.linalg.qr(A[:, :2]) ; np.linalg.qr(A, "r") ; np.linalg.qr(A, mode="complete") ; np.linalg.qr(S)
slogdet: np.linalg.slogdet(A) ; np.linalg.slogdet(S)
solve: np.linalg.solve(A, B) ; np.linalg.solve(A, A) ; np.linalg.solve(S, A)
svd: np.linalg.svd(A) ; np.linalg.svd(A[:, :2], full_matrices=False) ; np.linalg.svd(A, compute_uv=False) ; np.linalg.svd(S)
svdvals: np.linalg.svdvals(A) ; np.linalg.svdvals(S)
tensordot: np.linalg.tensordot(A, A) ; np.linalg.tensordot(A, A, axes=1)
tensorinv: np.linalg.tensorinv(A, ind=1)
tensorsolve: np.linalg.tensorsolve(A, B)
trace: np.linalg.trace(A) ; np.linalg.trace(S, offset=1)
vecdot: np.linalg.vecdot(v, v) ; np.linalg.vecdot(a, b)
vector_norm: np.linalg.vector_norm(a) ; np.linalg.vector_norm(a, axis=0) ; np.linalg.vector_norm(v, ord=1)
"""

FFT = """
fft: np.fft.fft(a) ; np.fft.fft(a, 5) ; np.fft.fft(a, axis=0) ; np.fft.fft(a, norm="ortho") ; np.fft.fft(a, 3, 0, "forward") ; np.fft.fft(a, out=o) ; np.fft.fft(a, n)
ifft: np.fft.ifft(a) ; np.fft.ifft(a, 5) ; np.fft.ifft(a, axis=0) ; np.fft.ifft(a, norm="ortho") ; np.fft.ifft(a, out=o)
rfft: np.fft.rfft(a) ; np.fft.rfft(a, 5) ; np.fft.rfft(a, axis=0) ; np.fft.rfft(a, norm="ortho") ; np.fft.rfft(a, out=o)
irfft: np.fft.irfft(a) ; np.fft.irfft(a, 5) ; np.fft.irfft(a, axis=0) ; np.fft.irfft(a, norm="ortho") ; np.fft.irfft(a, out=o)
hfft: np.fft.hfft(a) ; np.fft.hfft(a, 5) ; np.fft.hfft(a, axis=0, norm="ortho")
ihfft: np.fft.ihfft(a) ; np.fft.ihfft(a, 5) ; np.fft.ihfft(a, axis=0, norm="ortho") ; np.fft.ihfft(a, out=o)
fft2: np.fft.fft2(a) ; np.fft.fft2(a, (3, 4)) ; np.fft.fft2(a, axes=(1, 0), norm="ortho")
ifft2: np.fft.ifft2(a) ; np.fft.ifft2(a, (3, 4)) ; np.fft.ifft2(a, axes=(1, 0), norm="ortho")
fftn: np.fft.fftn(a) ; np.fft.fftn(a, (3, 4), (0, 1)) ; np.fft.fftn(a, axes=(0,)) ; np.fft.fftn(a, out=o)
ifftn: np.fft.ifftn(a) ; np.fft.ifftn(a, (3, 4), (0, 1)) ; np.fft.ifftn(a, axes=(0,), norm="ortho")
rfft2: np.fft.rfft2(a) ; np.fft.rfft2(a, (3, 4)) ; np.fft.rfft2(a, axes=(1, 0), norm="ortho")
irfft2: np.fft.irfft2(a) ; np.fft.irfft2(a, (3, 4)) ; np.fft.irfft2(a, axes=(1, 0), norm="ortho")
rfftn: np.fft.rfftn(a) ; np.fft.rfftn(a, (3, 4), (0, 1)) ; np.fft.rfftn(a, axes=(0,))
irfftn: np.fft.irfftn(a) ; np.fft.irfftn(a, (3, 4), (0, 1)) ; np.fft.irfftn(a, axes=(0,), norm="ortho")
fftfreq: np.fft.fftfreq(8) ; np.fft.fftfreq(9, 0.1) ; np.fft.fftfreq(n, d=2.0)
rfftfreq: np.fft.rfftfreq(8) ; np.fft.rfftfreq(9, 0.1) ; np.fft.rfftfreq(n, d=2.0)
fftshift: np.fft.fftshift(a) ; np.fft.fftshift(a, 0) ; np.fft.fftshift(a, axes=(0, 1))
ifftshift: np.fft.ifftshift(a) ; np.fft.ifftshift(a, 0) ; np.fft.ifftshift(a, axes=(0, 1))
"""

GENERATOR = """
beta: g.beta(0.5, 2.0) ; g.beta(0.5, 2.0, 5) ; g.beta(v.astype(np.float64) ** 2 + 1, 2.0)
binomial: g.binomial(10, 0.3) ; g.binomial(10, 0.3, (2, 3)) ; g.binomial(100, 0.5, size=4)
bytes: g.bytes(5)
chisquare: g.chisquare(3.0) ; g.chisquare(3.0, 5)
choice: g.choice(10) ; g.choice(10, 4) ; g.choice(v, 3, replace=False) ; g.choice(v, 3) ; g.choice(4, 3, p=np.array((0.1, 0.2, 0.3, 0.4)))
dirichlet: g.dirichlet(np.array((1.0, 2.0, 3.0))) ; g.dirichlet(np.array((1.0, 2.0)), 4)
exponential: g.exponential() ; g.exponential(2.0, 5)
f: g.f(2.0, 5.0) ; g.f(2.0, 5.0, 4)
gamma: g.gamma(2.0) ; g.gamma(2.0, 3.0, 5)
geometric: g.geometric(0.3) ; g.geometric(0.3, 5)
gumbel: g.gumbel() ; g.gumbel(1.0, 2.0, 5)
hypergeometric: g.hypergeometric(10, 7, 5) ; g.hypergeometric(10, 7, 5, 4)
integers: g.integers(10) ; g.integers(2, 9, 5) ; g.integers(0, 100, (2, 3), dtype=np.int8) ; g.integers(0, 5, 4, endpoint=True)
laplace: g.laplace() ; g.laplace(1.0, 2.0, 5)
logistic: g.logistic() ; g.logistic(1.0, 2.0, 5)
lognormal: g.lognormal() ; g.lognormal(1.0, 0.5, 5)
logseries: g.logseries(0.4) ; g.logseries(0.4, 5)
multinomial: g.multinomial(10, np.array((0.2, 0.3, 0.5))) ; g.multinomial(10, np.array((0.2, 0.3, 0.5)), 3)
multivariate_hypergeometric: g.multivariate_hypergeometric(np.array((5, 6, 7)), 4)
multivariate_normal: g.multivariate_normal(np.zeros(2), np.eye(2)) ; g.multivariate_normal(np.zeros(2), np.eye(2), 3)
negative_binomial: g.negative_binomial(5, 0.3) ; g.negative_binomial(5, 0.3, 4)
noncentral_chisquare: g.noncentral_chisquare(3.0, 1.0) ; g.noncentral_chisquare(3.0, 1.0, 4)
noncentral_f: g.noncentral_f(3.0, 4.0, 1.0) ; g.noncentral_f(3.0, 4.0, 1.0, 4)
normal: g.normal() ; g.normal(1.0, 2.0) ; g.normal(1.0, 2.0, (2, 3)) ; g.normal(v.astype(np.float64), 1.0)
pareto: g.pareto(3.0) ; g.pareto(3.0, 5)
permutation: g.permutation(6) ; g.permutation(v) ; g.permutation(A) ; g.permutation(A, axis=1)
permuted: g.permuted(v) ; g.permuted(A, axis=1)
poisson: g.poisson() ; g.poisson(3.5, 5) ; g.poisson(50.0, (2, 2))
power: g.power(2.0) ; g.power(2.0, 5)
random: g.random() ; g.random(5) ; g.random((2, 3)) ; g.random(4, dtype=np.float32)
rayleigh: g.rayleigh() ; g.rayleigh(2.0, 5)
shuffle: g.shuffle(v) ; g.shuffle(A) ; g.shuffle(A, axis=1)
standard_cauchy: g.standard_cauchy() ; g.standard_cauchy(5)
standard_exponential: g.standard_exponential() ; g.standard_exponential(5) ; g.standard_exponential(4, dtype=np.float32) ; g.standard_exponential(4, method="inv")
standard_gamma: g.standard_gamma(2.0) ; g.standard_gamma(2.0, 5) ; g.standard_gamma(0.5, 4, dtype=np.float32)
standard_normal: g.standard_normal() ; g.standard_normal(5) ; g.standard_normal(4, dtype=np.float32)
standard_t: g.standard_t(3.0) ; g.standard_t(3.0, 5)
triangular: g.triangular(0.0, 1.0, 3.0) ; g.triangular(0.0, 1.0, 3.0, 5)
uniform: g.uniform() ; g.uniform(1.0, 4.0) ; g.uniform(1.0, 4.0, (2, 3))
vonmises: g.vonmises(0.0, 2.0) ; g.vonmises(0.0, 2.0, 5)
wald: g.wald(1.0, 2.0) ; g.wald(1.0, 2.0, 5)
weibull: g.weibull(1.5) ; g.weibull(1.5, 5)
zipf: g.zipf(2.5) ; g.zipf(2.5, 5)
"""

# Callables that are no numerical functions, by reason.
EXEMPT = {
    "a file or stream": "fromfile fromregex genfromtxt load loadtxt save savetxt savez savez_compressed memmap dump dumps tofile",
    "text and printing": "array2string array_repr array_str format_float_positional format_float_scientific get_printoptions "
    "set_printoptions printoptions info datetime_as_string fromstring show_config show_runtime",
    "a setting of NumPy": "errstate geterr geterrcall seterr seterrcall setbufsize getbufsize get_include test",
    "changes the array object itself, which compiled code has no part of": "ndarray.resize",
    "the object that owns an array's memory, which compiled code does not know": "base",
    "a calendar": "busday_count busday_offset busdaycalendar is_busday datetime_data",
    "a class of arrays that is not ndarray": "matrix asmatrix bmat recarray poly1d",
    "makes Python objects": "frompyfunc vectorize nested_iters flatiter einsum_path from_dlpack LinAlgError ctypes data device to_device "
    "bit_generator spawn",
}


# Differences that are meant: functions, what is remarked, and why.
BY_DESIGN = [
    (
        r"np\.(arctan2|atan2)\.reduce",
        r"e-\d|\d",
        "denormal numbers are no zeros, for which NumPy's vector code takes them on some processors",
    ),
    (
        r"np\.fft\.(hfft|irfft|irfftn)\(a, ",
        r"e-\d|nan|0\.0",
        "of arrays without elements NumPy's transform reads memory that is not theirs",
    ),
    (
        r"np\.(real|imag)\(x\)|a\.conj",
        r"dtype int64, not bool",
        "a bool is Python's, whose parts are integers",
    ),
    (
        r"histogram",
        r"complex numbers have no order",
        "complex numbers have no order, so they are not counted between edges; NumPy drops their imaginary parts",
    ),
    (
        r"np\.(fromiter|interp)\(",
        r"complex\d+",
        "complex numbers do not become real by themselves, which NumPy warns of",
    ),
    (
        r"flags",
        r"np\.False_, not np\.True_",
        "what the array's type says: that it is contiguous in the other order as well, its shape may say",
    ),
    (
        r"fftn\(",
        r"axis -1 is out of bounds for array of dimension 0",
        "transforms are of at least one axis",
    ),
    (
        r"np\.select\(",
        r"items of condlist must be arrays",
        "conditions are arrays with axes, as in Numba",
    ),
    (
        r"(percentile|quantile)\(",
        r"e\+1[789]\), not",
        "integers whose difference does not fit their type: NumPy's overflows",
    ),
    (
        r"np\.(cov|corrcoef|bincount|nanpercentile|nanquantile|unwrap|trim_zeros|real_if_close|polydiv)\(",
        r"shape \(1, 1\), not \(\)|gives ndarray, not|dtype complex\d+, not float\d+|dtype float64, not int64",
        "a type that depends on a length: compiled code has that of arrays with elements",
    ),
    (
        r"np\.(eigvals?|eig|poly|roots|linalg\.eig|linalg\.eigvals)\(",
        r"domain change",
        "a type that depends on values: real input keeps real results, as in Numba",
    ),
    (
        r"(squeeze|histogramdd)\(",
        "number of dimensions must be known",
        "a number of axes that depends on a length: compiled code asks for the axis, or for a tuple",
    ),
    (
        r"astype|around|round|histogram|reciprocal",
        r"^np\.u?int\d+\(",
        "a float that its integer type cannot hold: undefined in C and in NumPy, whose loops disagree among themselves",
    ),
    (
        r"np\.arange\(",
        r"dtype uint64, not float64",
        "unsigned numbers give unsigned arrays, as in Numba; NumPy promotes them with the int64 that it starts from",
    ),
    (
        r"linalg",
        r"array type float16 is unsupported in linalg|0-dimensional array given",
        "as in Numba, linear algebra takes float32, float64 and complex numbers, and at least one axis",
    ),
    (
        r"norm\(",
        r"inf\), not np\.float\d+\(nan\)",
        "a norm of infinite complex numbers: infinite, where NumPy's product with the conjugate is nan",
    ),
    (
        r"np\.where\(x > 0",
        r"cannot compare complex",
        "complex numbers have no order in Python's comparisons, which numbers of compiled code obey",
    ),
    (
        r"min|max|partition",
        r"\(-?0\.0\), not np\.float\d+\(-?0\.0\)",
        "which of 0.0 and -0.0 is taken where they are equal: NumPy's choice depends on the processor",
    ),
]


def by_design(expression, remark):
    """Return why compiled code differs from NumPy on purpose, or None."""
    for functions, text, reason in BY_DESIGN:
        if re.search(functions, expression) and re.search(text, remark):
            return reason
    return None


def _parse(text):
    rows = (line.split(": ", 1) for line in text.strip().splitlines())
    return {name: forms.split(" ; ") for name, forms in rows}


def _ufuncs():
    special = _parse(UFUNC)
    for name in dir(np):
        f = getattr(np, name)
        if isinstance(f, np.ufunc) and not name.startswith("_"):
            general = (UNARY if f.nin == 1 else BINARY).format(f"np.{name}").split(" ; ")
            yield name, special.get(name) or special.get(f.__name__) or general


def _special_ufuncs():
    from scipy import special

    for name in sorted(dir(special)):
        f = getattr(special, name)
        if isinstance(f, np.ufunc) and not name.startswith("_"):
            arrays = list("abab"[: f.nin] if f.nin <= 4 else "a" * f.nin)
            numbers = list("xyxyxyxy"[: f.nin])
            # SciPy's loops take as many steps, or as much memory, as the order says; without it they end the process.
            if name.startswith("eval_"):
                arrays[0], numbers[0] = "np.clip(a, -9, 9)", "np.clip(x, -9, 9)"
            elif name.startswith(("mathieu_", "obl_", "pro_", "pbdv", "pbvv")):
                arrays, numbers = (
                    [f"np.nan_to_num(np.clip({v}, -9, 9))" for v in names] for names in (arrays, numbers)
                )
            yield name, [f"special.{name}({', '.join(arrays)})", f"special.{name}({', '.join(numbers)})"]


def recipes():
    """Return ``{space: {name: [expression]}}``."""
    found = {
        "numpy": {**_parse(NUMPY), **dict(_ufuncs())},
        "numpy.linalg": _parse(LINALG),
        "numpy.fft": _parse(FFT),
        "ndarray": _parse(NDARRAY),
        "Generator": _parse(GENERATOR),
    }
    try:
        found["scipy.special"] = dict(_special_ufuncs())
    except ImportError:
        pass
    return {space: {k: v for k, v in rows.items() if _exists(space, k)} for space, rows in found.items()}


def _owner(space):
    if space == "scipy.special":
        from scipy import special

        return special
    return {
        "numpy": np,
        "numpy.linalg": np.linalg,
        "numpy.fft": np.fft,
        "ndarray": np.ndarray,
        "Generator": np.random.Generator,
    }[space]


def _exists(space, name):
    return hasattr(_owner(space), name)


def public_names(space):
    """Return the names that a table of this space should have: what NumPy documents as functions, methods, attributes."""
    owner = _owner(space)
    names = [name for name in dir(owner) if not name.startswith("_")]
    if space == "scipy.special":
        return [name for name in names if isinstance(getattr(owner, name), np.ufunc)]
    if space in ("ndarray", "Generator"):
        return names
    return [
        name
        for name in names
        if callable(getattr(owner, name))
        and not (isinstance(getattr(owner, name), type) and name not in ITERATORS)
    ]


# Classes that are called as functions are.
ITERATORS = frozenset("broadcast ndenumerate ndindex nditer".split())


def exempt():
    """Return ``{name: reason}``."""
    return {name: reason for reason, names in EXEMPT.items() for name in names.split()}
