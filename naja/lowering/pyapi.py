"""Python's C API for code that extensions build."""

from naja import _core
from naja.llvm import ir
from naja.lowering import cgutils, layout

__all__ = ["PythonAPI"]

_POINTER = layout.VOID_POINTER
_I32, _I64, _DOUBLE = ir.IntType(32), ir.IntType(64), ir.DoubleType()
_SLOT = _I64.as_pointer()

# Methods that call one function of the C API: its name, result and argument types.
_CALLS = {
    "incref": ("Py_IncRef", None, [_POINTER]),
    "decref": ("Py_DecRef", None, [_POINTER]),
    "_err_occurred": ("PyErr_Occurred", _POINTER, []),
    "err_clear": ("PyErr_Clear", None, []),
    "object_getattr": ("PyObject_GetAttr", _POINTER, [_POINTER, _POINTER]),
    "object_setattr": ("PyObject_SetAttr", _I32, [_POINTER, _POINTER, _POINTER]),
    "object_getitem": ("PyObject_GetItem", _POINTER, [_POINTER, _POINTER]),
    "object_setitem": ("PyObject_SetItem", _I32, [_POINTER, _POINTER, _POINTER]),
    "object_str": ("PyObject_Str", _POINTER, [_POINTER]),
    "object_istrue": ("PyObject_IsTrue", _I32, [_POINTER]),
    "object_type": ("PyObject_Type", _POINTER, [_POINTER]),
    "number_long": ("PyNumber_Long", _POINTER, [_POINTER]),
    "number_float": ("PyNumber_Float", _POINTER, [_POINTER]),
    "long_as_longlong": ("PyLong_AsLongLong", _I64, [_POINTER]),
    "long_as_ulonglong": ("PyLong_AsUnsignedLongLong", _I64, [_POINTER]),
    "long_as_ssize_t": ("PyLong_AsSsize_t", _I64, [_POINTER]),
    "long_as_voidptr": ("PyLong_AsVoidPtr", _POINTER, [_POINTER]),
    "long_from_longlong": ("PyLong_FromLongLong", _POINTER, [_I64]),
    "long_from_ulonglong": ("PyLong_FromUnsignedLongLong", _POINTER, [_I64]),
    "long_from_ssize_t": ("PyLong_FromSsize_t", _POINTER, [_I64]),
    "long_from_voidptr": ("PyLong_FromVoidPtr", _POINTER, [_POINTER]),
    "float_as_double": ("PyFloat_AsDouble", _DOUBLE, [_POINTER]),
    "float_from_double": ("PyFloat_FromDouble", _POINTER, [_DOUBLE]),
    "complex_from_doubles": ("PyComplex_FromDoubles", _POINTER, [_DOUBLE, _DOUBLE]),
    "tuple_size": ("PyTuple_Size", _I64, [_POINTER]),
    "list_new": ("PyList_New", _POINTER, [_I64]),
    "list_append": ("PyList_Append", _I32, [_POINTER, _POINTER]),
    "list_size": ("PyList_Size", _I64, [_POINTER]),
    "dict_new": ("PyDict_New", _POINTER, []),
    "dict_setitem": ("PyDict_SetItem", _I32, [_POINTER, _POINTER, _POINTER]),
    "dict_getitem": ("PyDict_GetItem", _POINTER, [_POINTER, _POINTER]),
    "sequence_size": ("PySequence_Size", _I64, [_POINTER]),
}

# Objects that code mentions.
_kept = []


def _method(symbol, result, params):
    def method(self, *args):
        return self._call(symbol, result, params, args)

    method.__doc__ = f"Append a call of ``{symbol}``."
    return method


def _print_item(obj):
    print(obj, end="")


class PythonAPI:
    """Appends calls of Python's C API.

    Parameters
    ----------
    context : Context
    builder : IRBuilder
    """

    def __init__(self, context, builder):
        self.context, self.builder, self.module = context, builder, builder.module
        self.pyobj = self.voidptr = _POINTER
        self.longlong = self.ulonglong = self.py_ssize_t = self.long = _I64
        self.double, self.gil_state = _DOUBLE, _I32

    for _name, _call_row in _CALLS.items():
        locals()[_name] = _method(*_call_row)

    def _call(self, symbol, result, params, args):
        fnty = ir.FunctionType(ir.VoidType() if result is None else result, params)
        function = cgutils.get_or_insert_function(self.module, fnty, symbol)
        pairs = zip(args, params, strict=True)
        fixed = [self.builder.bitcast(arg, want) if want.is_pointer else arg for arg, want in pairs]
        return self.builder.call(function, fixed)

    def _variadic(self, symbol, fixed, args):
        """A call of a function of objects, whose fixed parameters are followed by any number."""
        fnty = ir.FunctionType(_POINTER, [arg.type for arg in fixed], var_arg=True)
        function = cgutils.get_or_insert_function(self.module, fnty, symbol)
        return self.builder.call(function, [*fixed, *args])

    def _object(self, obj):
        self.context.lasting = False
        return ir.Constant(_I64, id(obj)).inttoptr(_POINTER)

    def _text(self, string):
        return self.context.insert_const_string(self.module, string)

    # ---- constants -------------------------------------------------------------------------------------------------------

    def serialize_object(self, obj):
        """Return a Python object for `unserialize`; it lives as long as the process."""
        _kept.append(obj)
        return self._object(obj)

    def unserialize(self, structptr):
        """Append a new reference to an object that `serialize_object` was given."""
        self.incref(structptr)
        return structptr

    def get_null_object(self):
        """Return the null pointer."""
        return ir.Constant(_POINTER, None)

    def borrow_none(self):
        """Return None, without a new reference."""
        return self._object(None)

    def make_none(self):
        """Append a new reference to None."""
        return self.unserialize(self.borrow_none())

    get_none = make_none

    def import_module(self, modname):
        """Append the importing of a module; gives a new reference."""
        return self._call("PyImport_ImportModule", _POINTER, [_POINTER], [self._text(modname)])

    import_module_noblock = import_module

    def string_from_constant_string(self, string):
        """Append a new str."""
        return self._call("PyUnicode_FromString", _POINTER, [_POINTER], [self._text(string)])

    # ---- objects ---------------------------------------------------------------------------------------------------------

    def object_getattr_string(self, obj, attr):
        """Append the attribute of an object; gives a new reference, or null with an exception."""
        return self._call("PyObject_GetAttrString", _POINTER, [_POINTER, _POINTER], [obj, self._text(attr)])

    def object_setattr_string(self, obj, attr, val):
        """Append the assignment of an attribute; gives -1 on failure."""
        args = [obj, self._text(attr), val]
        return self._call("PyObject_SetAttrString", _I32, [_POINTER] * 3, args)

    def dict_getitem_string(self, dic, name):
        """Append the value of a key, borrowed, or null."""
        return self._call("PyDict_GetItemString", _POINTER, [_POINTER, _POINTER], [dic, self._text(name)])

    def dict_setitem_string(self, dic, name, obj):
        """Append the setting of an item of a dict; gives 0, or -1 with an exception."""
        args = [dic, self._text(name), obj]
        return self._call("PyDict_SetItemString", _I32, [_POINTER, _POINTER, _POINTER], args)

    def number_as_ssize_t(self, obj):
        """Append an integer's value; -1 with an exception on failure."""
        overflow = self._object(OverflowError)
        return self._call("PyNumber_AsSsize_t", _I64, [_POINTER, _POINTER], [obj, overflow])

    def bool_from_bool(self, bval):
        """Append True or False for a bit."""
        return self._call("PyBool_FromLong", _POINTER, [_I64], [self.builder.zext(bval, _I64)])

    def list_getitem(self, lst, idx):
        """Append an item of a list, borrowed."""
        return self._call("PyList_GetItem", _POINTER, [_POINTER, _I64], [lst, self._index(idx)])

    def tuple_getitem(self, tup, idx):
        """Append an item of a tuple, borrowed."""
        return self._call("PyTuple_GetItem", _POINTER, [_POINTER, _I64], [tup, self._index(idx)])

    def _index(self, index):
        return ir.Constant(_I64, index) if isinstance(index, int) else index

    def tuple_pack(self, items):
        """Append a new tuple of objects, which keep their references."""
        return self._variadic("PyTuple_Pack", [ir.Constant(_I64, len(items))], items)

    def dict_pack(self, presets):
        """Append a new dict of names, given as str, and objects, whose references are kept.

        Parameters
        ----------
        presets : iterable of (str, value)
        """
        dict_ = self.dict_new()
        for name, value in presets:
            self.dict_setitem_string(dict_, name, value)
        return dict_

    def call(self, callee, args=None, kws=None):
        """Append a call with a tuple and a dict of arguments; gives a new reference or null."""
        params = [callee, args or self.tuple_pack([]), kws or self.get_null_object()]
        return self._call("PyObject_Call", _POINTER, [_POINTER] * 3, params)

    def call_function_objargs(self, callee, objargs):
        """Append a call; gives a new reference, or null with an exception."""
        return self._variadic("PyObject_CallFunctionObjArgs", [callee], [*objargs, self.get_null_object()])

    def call_method(self, callee, method, objargs=()):
        """Append a call of a method; gives a new reference, or null with an exception."""
        name = self.string_from_constant_string(method)
        result = self._variadic(
            "PyObject_CallMethodObjArgs", [callee, name], [*objargs, self.get_null_object()]
        )
        self.decref(name)
        return result

    def print_object(self, obj):
        """Append the printing of an object, without the end of a line."""
        self.decref(self.call_function_objargs(self.serialize_object(_print_item), [obj]))

    # ---- exceptions --------------------------------------------------------------------------------------------------------

    def err_occurred(self):
        """Append the class of the exception that is set, borrowed, or null."""
        return self._err_occurred()

    def c_api_error(self):
        """Append whether an exception is set."""
        return cgutils.is_not_null(self.builder, self.err_occurred())

    def err_set_string(self, exctype, msg):
        """Append the raising of an exception class with a text."""
        text = self._text(msg) if isinstance(msg, str) else msg
        exc = self._exception(exctype) if isinstance(exctype, str) else exctype
        self._call("PyErr_SetString", None, [_POINTER, _POINTER], [exc, text])

    def _exception(self, name):
        import builtins

        return self._object(getattr(builtins, name.removeprefix("PyExc_")))

    def err_set_object(self, exctype, excval):
        """Append the raising of an exception class with a value."""
        self._call("PyErr_SetObject", None, [_POINTER, _POINTER], [exctype, excval])

    def gil_ensure(self):
        """Append taking the GIL; gives what `gil_release` wants."""
        return cgutils.alloca_once_value(self.builder, self._call("PyGILState_Ensure", _I32, [], []))

    def gil_release(self, gil):
        """Append giving the GIL back."""
        self._call("PyGILState_Release", None, [_I32], [self.builder.load(gil)])

    # ---- values ----------------------------------------------------------------------------------------------------------------

    def to_native_value(self, typ, obj):
        """Append taking a value of a type out of an object; gives a `NativeValue`."""
        from naja.lowering.boxing import load_leaves
        from naja.lowering.extension import NativeValue

        slots = self._slots(typ)
        args = [self._type(typ), obj, slots]
        status = self._call("naja_unbox_as", _I32, [_POINTER, _POINTER, _SLOT], args)
        failed = self.builder.icmp_signed("<", status, ir.Constant(_I32, 0))
        return NativeValue(load_leaves(self.builder, typ, slots), is_error=failed)

    def from_native_value(self, typ, val, env_manager=None):
        """Append making an object of a value, whose references it takes over; null with an exception."""
        from naja.lowering.boxing import store_leaves

        slots = self._slots(typ)
        store_leaves(self.builder, typ, val, slots)
        return self._call("naja_box_as", _POINTER, [_POINTER, _SLOT], [self._type(typ), slots])

    def _slots(self, typ):
        memory = cgutils.alloca_once(self.builder, ir.ArrayType(_I64, max(1, len(typ.leaves))), zfill=True)
        return self.builder.bitcast(memory, _SLOT)

    def _type(self, typ):
        _core.type_unify(typ, typ)  # from here on it is known to the core, and lives as long as the process
        return self._object(typ)
