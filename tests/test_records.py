"""Arrays of records, and records as values: structured dtypes against NumPy's own behaviour."""

import gc

import numpy as np
import pytest

from naja import _core, njit, prange, types
from naja.errors import TypingError

PLAIN = np.dtype([("a", np.int32), ("b", np.float64)])
PADDED = np.dtype([("a", np.int8), ("b", np.float64), ("c", np.complex64)], align=True)
OFFSETS = np.dtype({"names": ["x", "y"], "formats": ["<i2", "<f4"], "offsets": [5, 1], "itemsize": 13})
NESTED = np.dtype([("p", PLAIN), ("m", np.float32, (2, 3)), ("q", PLAIN, 2)])


def filled(dtype, n):
    rng = np.random.default_rng(5)
    return np.frombuffer(rng.integers(0, 100, n * dtype.itemsize, np.uint8).tobytes(), dtype).copy()


@njit
def total(records):
    result = 0.0
    for i in range(len(records)):
        result += records[i].a * records[i].b
    return result


@pytest.mark.core
def test_fields_are_read():
    for dtype in (PLAIN, PADDED):
        records = np.zeros(10, dtype)
        records["a"] = np.arange(10)
        records["b"] = np.arange(10) / 4
        assert total(records) == (records["a"] * records["b"]).sum()
        assert total(records[::-2]) == (records["a"] * records["b"])[::-2].sum()
        assert total(records.view(np.recarray)) == total(records)


@pytest.mark.core
def test_fields_are_written():
    @njit
    def change(records):
        for i in range(len(records)):
            records[i].a += 2
            records[i]["b"] = i / 2
        records[1] = records[0]
        records[2] = (7, 8.5)

    for view in (lambda a: a, lambda a: a[::2], lambda a: a.view(np.recarray)):
        ours, theirs = filled(PLAIN, 8), filled(PLAIN, 8)
        change(view(ours))
        change.py_func(view(theirs).view(np.recarray))
        assert ours.tobytes() == theirs.tobytes()


def test_offsets_and_holes():
    @njit
    def swap(records):
        for r in records:
            x = r.x
            r.x = np.int16(r.y)
            r.y = x
        return records.x.sum()

    records = np.zeros(5, OFFSETS)
    records["x"], records["y"] = np.arange(5), 10 + np.arange(5)
    assert swap(records) == sum(range(10, 15))
    assert records["y"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.core
def test_field_arrays_are_views():
    @njit
    def change(records):
        records.a[1:] = 5
        records["b"][:] = records["a"] * 2.0
        records.a = records.a + 1
        records["b"] += 1
        return records.b

    records = np.zeros(4, PLAIN)
    result = change(records)
    assert records["a"].tolist() == [1, 6, 6, 6]
    assert records["b"].tolist() == [1, 11, 11, 11]
    assert np.shares_memory(result, records)


def test_two_axes():
    @njit
    def change(records):
        n, m = records.shape
        for i in range(n):
            for j in range(m):
                records[i, j].a = 10 * i + j
        return records[1].a.sum(), records.a[:, 1].sum(), records[0, 1].a

    for order in "CF":
        records = np.zeros((3, 4), PLAIN, order)
        assert change(records) == (46, 33, 1)
        assert records["a"][2, 3] == 23


@pytest.mark.core
def test_nested():
    @njit
    def change(records):
        records[0].p.a = 4
        records[1].p = records[0].p
        records[0].m[1, 2] = 2.5
        records[1].m = records[0].m
        records[1].q[1].b = 1.5
        records[2].m = 3
        records.m[3] = 1
        return records.p.a.sum(), records.m.shape, records[0].m.sum(), records[1].q.b[1]

    records = np.zeros(4, NESTED)
    assert change(records) == (8, (4, 2, 3), 2.5, 1.5)
    assert records["m"][:, 1, 2].tolist() == [2.5, 2.5, 3, 1]
    assert records["p"]["a"].tolist() == [4, 4, 0, 0]


@pytest.mark.core
def test_record_arguments_are_references():
    @njit
    def change(record):
        record.a += 1
        return record

    records = filled(PLAIN, 3).view(np.recarray)
    before = records.a[1]
    record = records[1]
    assert change(record) is record
    assert records.a[1] == before + 1
    void = np.zeros(1, PLAIN)[0]
    assert change(void)["a"] == 1


def test_records_are_returned_as_copies():
    @njit
    def pick(records, i):
        return records[i]

    records = filled(PLAIN, 3)
    result = pick(records, 1)
    assert isinstance(result, np.record)
    assert result.tolist() == records[1].tolist()
    records["a"] += 1
    assert result.a == records["a"][1] - 1


def test_records_outlive_their_array():
    @njit
    def make(n):
        records = np.zeros(n, PLAIN)
        records[2].b = 2.5
        best = records[0]
        for r in records:
            if r.b > best.b:
                best = r
        return best

    @njit
    def use(n):
        first, second = make(n), (make(n), n)
        return first.b + second[0].b, [make(n)][0].b

    before = _core.block_count()
    assert use(5) == (5.0, 2.5)
    assert make(5).b == 2.5
    gc.collect()
    assert _core.block_count() == before


def test_new_arrays():
    @njit
    def make(n):
        records = np.zeros(n, dtype=PLAIN)
        records[1:] = (1, 2.5)
        records[2] = records[0]
        other = np.empty_like(records)
        other[:] = records[::-1]
        return records, other, records.copy(), np.zeros((2, 2), PLAIN)

    records, other, copy, square = make(4)
    assert records.dtype == PLAIN
    assert square.shape == (2, 2)
    assert records["a"].tolist() == copy["a"].tolist() == [0, 1, 0, 1]
    assert other["a"].tolist() == [1, 0, 1, 0]


def test_overlapping_assignment():
    @njit
    def shift(records):
        records[1:] = records[:-1]

    records = np.zeros(5, PLAIN)
    records["a"] = range(5)
    shift(records)
    assert records["a"].tolist() == [0, 0, 1, 2, 3]


def test_assignment_of_another_length_raises():
    @njit
    def assign(records, others):
        records[:] = others

    before = _core.block_count()
    with pytest.raises(ValueError, match="could not broadcast"):
        assign(np.zeros(3, PLAIN), np.zeros(2, PLAIN))
    assert _core.block_count() == before


CONSTANT = filled(PLAIN, 4)


def test_constants():
    @njit
    def read(i):
        return CONSTANT[i].b, CONSTANT["a"].sum(), len(CONSTANT)

    assert read(2) == (CONSTANT["b"][2], CONSTANT["a"].sum(), 4)

    @njit
    def write():
        CONSTANT[0].a = 1

    with pytest.raises(TypingError, match="read-only"):
        write()


def test_readonly_arrays():
    @njit
    def write(records):
        records[0].a = 1

    records = np.zeros(2, PLAIN)
    records.flags.writeable = False
    with pytest.raises(TypingError, match="read-only"):
        write(records)


def test_unknown_field():
    @njit
    def read(records):
        return records[0].nothing

    with pytest.raises(TypingError, match="nothing"):
        read(np.zeros(2, PLAIN))

    @njit
    def item(records):
        return records["nothing"]

    with pytest.raises(TypingError, match="Field 'nothing' was not found"):
        item(np.zeros(2, PLAIN))


def test_index_out_of_bounds():
    @njit
    def read(records, i):
        return records[i].a

    with pytest.raises(IndexError):
        read(np.zeros(3, PLAIN), 3)
    assert read(CONSTANT.copy(), -1) == CONSTANT["a"][-1]


@pytest.mark.core
def test_parallel():
    @njit(parallel=True)
    def fill(records):
        for i in prange(len(records)):
            records[i].a = i
            records[i].b = i * 0.5

    records = np.zeros(1000, PLAIN)
    fill(records)
    assert (records["a"] == np.arange(1000)).all()
    assert (records["b"] == np.arange(1000) / 2).all()


def test_dtypes_do_not_mix():
    @njit
    def first(record):
        return record[0]

    one = np.dtype([("x", np.int64)])
    other = np.dtype([("x", np.float64)])
    assert first(np.ones(1, one)[0]) == 1
    assert first(np.ones(1, other)[0]) == 1.0
    assert isinstance(first(np.ones(1, other)[0]), float)


def test_types():
    record = types.from_dtype(PLAIN) if hasattr(types, "from_dtype") else None
    assert str(record) == "Record(a[type=int32;offset=0],b[type=float64;offset=4];12;False)"
    same = types.Record(
        [("a", {"type": types.int32, "offset": 0}), ("b", {"type": types.float64, "offset": 4})], 12, False
    )
    assert same is record
    assert isinstance(record, types.Record)
    assert record.dtype == PLAIN
    assert record.size == 12
    assert record.typeof("b") == types.float64
    assert record.offset("b") == 4
    assert record.members == [("a", types.int32), ("b", types.float64)]
    c = types.Record.make_c_struct([("x", types.int8), ("y", types.float64)])
    assert c.size == 16
    assert c.aligned
    assert c.offset("y") == 8
    nested = types.from_dtype(NESTED)
    assert nested.typeof("m") == types.NestedArray(types.float32, (2, 3))
    assert nested.dtype == NESTED


def test_signature():
    record = types.from_dtype(PLAIN)

    @njit((record[:],))
    def read(records):
        return records[0].a

    assert read(CONSTANT.copy()) == CONSTANT["a"][0]


def test_no_reference_is_counted_in_a_loop():
    llvm = total.inspect_llvm(total.signatures[0]) if total.signatures else ""
    assert "atomicrmw" not in llvm


@pytest.mark.core
def test_more_fields_will_do():
    @njit
    def read(record):
        return record.a

    short = np.dtype([("a", np.int32)])
    assert read(np.ones(1, short)[0]) == 1
    read.disable_compile()
    assert read(np.ones(1, PLAIN)[0]) == 1
    with pytest.raises(TypeError, match="No matching definition"):
        read(np.ones(1, np.dtype([("b", np.int32)]))[0])


def test_results_can_be_changed():
    @njit
    def pick(records, i):
        return records[i]

    result = pick(CONSTANT.copy(), 0)
    result.a = 77
    assert result.a == result["a"] == 77


def test_field_numbers():
    @njit
    def first(record):
        return record[0], record[-1], len(record)

    assert first(CONSTANT[1]) == (CONSTANT["a"][1], CONSTANT["b"][1], 2)
    with pytest.raises(TypingError, match="Requested index 10 is out of range"):
        njit(lambda record: record[10])(CONSTANT[1])


def test_arrays_of_arrays_in_a_record():
    dtype = np.dtype([("x", (np.dtype((np.float64, (2, 3))), (4,)))])

    @njit
    def shape(records):
        return records.x.shape, records[0].x.shape

    records = np.zeros(5, dtype)
    assert shape(records) == (records["x"].shape, records["x"][0].shape)


def test_times():
    dtype = np.dtype([("t", "M8[s]"), ("d", "m8[ms]"), ("n", np.int32)])

    @njit
    def swap(records):
        first = records[0].t
        records[0].t = records[1].t
        records[1].t = first
        return records[1].t, records[0].d

    records = np.zeros(2, dtype)
    records["t"] = np.array(["2020-01-01", "2021-02-03"], "M8[s]")
    records["d"] = 5
    assert swap(records) == (np.datetime64("2020-01-01", "s"), np.timedelta64(5, "ms"))
    assert records["t"][0] == np.datetime64("2021-02-03", "s")


TITLED = np.dtype([(("first title", "a"), np.float64), (("x y", "b"), np.int32), ("c", "S3")])


@pytest.mark.core
def test_titles_name_fields_too():
    @njit
    def change(records):
        for i in range(len(records)):
            records[i]["first title"] = i + 0.5
            records[i]["a"] *= 2
            records[i]["x y"] += i
        records["x y"][1:] += 10
        return records["first title"].sum(), records["b"].sum()

    ours, theirs = np.zeros(4, TITLED), np.zeros(4, TITLED)
    assert change(ours) == change.py_func(theirs)
    assert ours.tobytes() == theirs.tobytes()
    with pytest.raises(TypingError, match="Field 'second' was not found in record with fields"):
        njit(lambda r: r["second"])(ours)


def test_dtypes_keep_their_titles():
    t = types.from_dtype(TITLED)
    assert t.dtype == TITLED and t.dtype.fields["x y"] == TITLED.fields["x y"]
    assert t.has_titles and not types.from_dtype(PLAIN).has_titles
    assert t.is_title("first title") and not t.is_title("a") and not t.is_title("c")
    assert sorted(t.fields) == ["a", "b", "c", "first title", "x y"]
    assert t.fields["x y"] == t.fields["b"] == (types.int32, 8, None, "x y")
    assert len(t) == 3
    again = types.Record(
        [
            (name, {"type": f.type, "offset": f.offset, "title": f.title})
            for name, f in t.fields.items()
            if not t.is_title(name)
        ],
        t.size,
        t.aligned,
    )
    assert again is t
    copied = njit(lambda a: a.copy())(np.zeros(2, TITLED))
    assert copied.dtype == TITLED and copied.dtype.fields["first title"][2] == "first title"
    odd = np.dtype([((5, "a"), np.int8)])  # a title that is no text names nothing
    assert njit(lambda a: a["a"][0])(np.ones(2, odd)) == 1


def test_arrays_of_arrays_have_their_axes():
    nested = types.from_dtype(np.dtype((np.dtype((np.float64, (5, 2))), (3, 6))))
    assert types.Array(nested, 3, "C") is types.Array(types.float64, 7, "C")
    assert types.Array(nested, 2, "F") is types.Array(types.float64, 6, "A")
    with pytest.raises(ValueError, match="0 to 32 dimensions"):
        types.Array(nested, 30, "C")


def test_arrays_of_packed_records_have_no_alignment():
    packed, aligned = types.from_dtype(PLAIN), types.from_dtype(PADDED)
    assert types.Array(packed, 2, "C") is types.Array(packed, 2, "C", aligned=False)
    assert types.Array(aligned, 2, "C") is not types.Array(aligned, 2, "C", aligned=False)
    for dtype in (PLAIN, PADDED):
        array = np.zeros(3, dtype)
        assert types.typeof(array).aligned == (dtype is PADDED)
        assert njit(lambda a: a.flags.aligned)(array) == array.flags.aligned
