/* boundary/bridge.h - values between Python and compiled code in the middle of a call; needs the GIL. */
#ifndef NAJA_BOUNDARY_BRIDGE_H
#define NAJA_BOUNDARY_BRIDGE_H

#include "boundary/specialisation.h"

/* box_value of leaves whose references the caller keeps. */
PyObject *box_borrowed(const Type *t, const Slot *leaves, Arguments args);
/* unbox_value, but the leaves own what they refer to: the object may go. */
int unbox_owned(const Type *t, PyObject *object, Slot *leaves);
/* Whether an object is what compiled code expects of this type, so that unboxing it loses nothing. */
bool unbox_accepts(const Type *t, PyObject *object);
PyObject *type_accepts(PyObject *module, PyObject *args); /* _core.type_accepts(type, object) */
/* A block that keeps a Python object alive, and drops it under the GIL; NULL with an exception. */
MemoryBlock *block_holding(PyObject *object);
void block_hold(MemoryBlock *b, PyObject *object); /* a block without anything to destroy */
void bridge_start(void);

#endif
