/* library/texts.h - private to library/: calling the runtime's string functions (runtime/text.h).
 *
 * A string goes to them by the address of its slots on the stack; what they make comes back the same way.  A row of
 * the library that is nothing but such a call has a TextCall as its data and text_type, text_emit as its rule and
 * emitter.  Its shape is a word of letters: the result, then one letter per parameter.
 *
 *   results      s str   i int   f float   b bool   3 tuple of three str
 *   parameters   s str   o str or None (null)   i int   z first index (None: 0)   e end (None: no limit)
 *   1 behind the result: the native gives the answer itself instead of a status (i and b)
 */
#ifndef NAJA_LIBRARY_TEXTS_H
#define NAJA_LIBRARY_TEXTS_H

#include "library/arrays.h"
#include "library/lower.h"

enum TextErrors { ERROR_VALUE = 1, ERROR_TYPE = 2, ERROR_OVERFLOW = 4, ERROR_INDEX = 8, ERROR_KEY = 16 };

typedef struct {
    uint16_t native;
    const char *shape;
    int8_t extra;   /* one more int argument at the end; -1: none */
    uint8_t errors; /* TextErrors that it raises */
} TextCall;

bool text_is_str(const Type *t); /* str or a literal of it */
const Type *text_type(Call *c);
ValueId text_emit(Lower *l, Call *c);
ValueId text_arg(Lower *l, Call *c, uint32_t i); /* argument i as a value of type str */
ValueId text_address(Lower *l, ValueId text);    /* of its slots, on the stack */
/* Calls a native that writes to slots `out` (its first operand) and returns a status; raises on failure. */
ValueId text_call(Lower *l, uint32_t native, const Type *result, uint32_t errors, uint32_t nargs,
                  const ValueId *args);
ValueId text_char_at(Lower *l, ValueId text,
                     ValueId index); /* the code point, uint32; the index lies inside */
ValueId text_single(Lower *l, ValueId text, ValueId index); /* a string of that one character, in place */
/* x + y of two strings, new; operands are not released. */
ValueId text_concat(Lower *l, ValueId x, ValueId y);
/* str(x) (or repr(x)) of a value of any type that has one, a new reference; text_has_str tells which. */
bool text_has_str(const Type *t);
ValueId text_of_value(Lower *l, ValueId v, const Type *t, bool repr);
ValueId text_formatted(Lower *l, ValueId v, const Type *t); /* format(x, "") */

ValueId text_ascii(Lower *l, ValueId text);
/* format(x, spec) of numbers and texts. */
bool text_has_format(const Type *t);
ValueId text_format_value(Lower *l, ValueId v, const Type *t, ValueId spec);

/* Strings that will stand one behind the other: each a reference that the list takes over and releases, also if a
 * later one fails.  text_parts_join gives the new string. */
typedef struct {
    Vec(ValueId) part;
    uint32_t nowned;
} TextParts;
void text_parts_add(Lower *l, TextParts *p, ValueId text);
ValueId text_parts_join(Lower *l, TextParts *p);

#endif
