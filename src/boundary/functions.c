/* functions.c - functions that compiled code knows by their addresses: cfuncs, dispatchers, functions of ctypes and cffi.
 *
 * naja/functions.py says what type such an object has and which addresses; this file keeps the answers.  A value of a
 * FunctionType is copied about without counting references, so an object that became one lives as long as the process.
 */
#include "boundary/state.h"

#include <dlfcn.h>

static PyObject *ask(const char *function, PyObject *steal_args) {
    return call_python("naja.functions", function, steal_args);
}

/* ---- addresses -------------------------------------------------------------------------------------------------- */

static PyObject *values; /* (address of the object, number of the type) -> address of a FunctionValue */

static FunctionValue *value_new(PyObject *object, const Type *t) {
    PyObject *type = type_object_borrow(t), *keep;
    PyObject *answer = type ? ask("addresses", Py_BuildValue("(OO)", object, type)) : NULL;
    unsigned long long c, native;
    FunctionValue *value = NULL;
    if (answer && PyArg_ParseTuple(answer, "KKO:addresses", &c, &native, &keep)) {
        if ((value = PyMem_RawMalloc(sizeof *value)))
            *value = (FunctionValue){(void *)(uintptr_t)c, (void *)(uintptr_t)native, Py_NewRef(object)};
        else PyErr_NoMemory();
        if (value) Py_INCREF(keep); /* what the addresses belong to */
    }
    Py_XDECREF(answer);
    return value;
}

const FunctionValue *function_value(PyObject *object, const Type *t) {
    if (!values && !(values = PyDict_New())) return NULL;
    PyObject *key = Py_BuildValue("(KI)", (unsigned long long)(uintptr_t)object, t->id);
    PyObject *known = key ? PyDict_GetItemWithError(values, key) : NULL;
    FunctionValue *value = known ? PyLong_AsVoidPtr(known) : NULL;
    if (key && !known && !PyErr_Occurred() && (value = value_new(object, t))) {
        PyObject *address = PyLong_FromVoidPtr(value);
        if (!address || PyDict_SetItem(values, key, address) < 0) value = NULL;
        Py_XDECREF(address);
    }
    Py_XDECREF(key);
    return value;
}

/* ---- types ------------------------------------------------------------------------------------------------------- */

const Type *typeof_registered(PyObject *object, bool is_constant) {
    PyObject *answer = ask("typeof_other", Py_BuildValue("(OO)", object, is_constant ? Py_True : Py_False));
    const Type *t = answer && answer != Py_None ? type_from_object(answer) : NULL;
    Py_XDECREF(answer);
    return t;
}

PyObject *function_content(PyObject *object) {
    PyObject *content = ask("content", Py_BuildValue("(O)", object));
    if (content == Py_None) Py_CLEAR(content);
    return content;
}

PyObject *pointer_address(PyObject *object) { return ask("pointer_address", Py_BuildValue("(O)", object)); }

/* ---- symbols ------------------------------------------------------------------------------------------------------ */

static PyObject *symbols; /* name -> address, as naja.llvm.binding.add_symbol gave them */

void *foreign_symbol(const char *name) {
    PyObject *given = symbols ? PyDict_GetItemString(symbols, name) : NULL;
    return given ? PyLong_AsVoidPtr(given) : dlsym(RTLD_DEFAULT, name);
}

static PyObject *add_symbol(PyObject *m, PyObject *args) {
    PyObject *name, *address;
    if (!PyArg_ParseTuple(args, "UO!:add_symbol", &name, &PyLong_Type, &address)) return NULL;
    if (!symbols && !(symbols = PyDict_New())) return NULL;
    return PyDict_SetItem(symbols, name, address) < 0 ? NULL : Py_NewRef(Py_None);
}

PyMethodDef functions_methods[] = {
    {"add_symbol", add_symbol, METH_VARARGS,
     "add_symbol(name, address)\n--\n\nGive a symbol of code that extensions build an address."},
    {0},
};
