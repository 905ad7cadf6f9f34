/* printing.c - print(): the text is put together here and written in one piece to Python's sys.stdout. */
#include "library/texts.h"

static const Type *type_print(Call *c) {
    const Type *args = c->type[0];
    for (uint32_t i = 0; i < args->nelem; i++)
        if (!text_has_str(args->elem[i])) return call_decline(c); /* naja/library/texts.py */
    for (uint32_t i = 1; i <= 2; i++)
        if (!call_is_none(c, i) && !text_is_str(c->type[i])) return call_decline(c);
    if (!call_is_none(c, 3))
        return call_error(c, DIAG_NO_IMPLEMENTATION,
                          "print(file=...): compiled code prints to sys.stdout only");
    return c->type[4] && type_base(c->type[4])->kind > TYPE_INT ? call_decline(c) : type_none;
}

/* separator and end: None means the usual one */
static ValueId text_or(Lower *l, Call *c, uint32_t i, const char *usual) {
    return call_is_none(c, i) ? lower_string(l, usual) : text_arg(l, c, i);
}

static ValueId joined(Lower *l, ValueId text, ValueId more, bool owned) {
    if (owned) lower_cleanup_push(l, more);
    lower_cleanup_push(l, text);
    ValueId both = text_concat(l, text, more);
    lower_cleanup_pop(l, owned ? 2 : 1);
    lower_decref(l, text);
    if (owned) lower_decref(l, more);
    return both;
}

static ValueId emit_print(Lower *l, Call *c) {
    const Type *args = c->type[0];
    ValueId separator = text_or(l, c, 1, " "), end = text_or(l, c, 2, "\n"), text = lower_string(l, "");
    for (uint32_t i = 0; i < args->nelem; i++) {
        const Type *t = args->elem[i];
        if (i) text = joined(l, text, separator, false);
        lower_cleanup_push(l, text);
        ValueId part = text_of_value(l, t->nleaves ? lower_field(l, c->value[0], i) : NO_VALUE, t, false);
        lower_cleanup_pop(l, 1);
        text = joined(l, text, part, true);
    }
    text = joined(l, text, end, false);
    ValueId flush = c->type[4] ? lower_cast(l, lower_truth(l, c->value[4], c->type[4]), type_bool, type_i64)
                               : lower_i64(l, 0);
    ValueId call[3] = {ir_append(&l->b, OP_context, type_ptr, 0, NULL), text_address(l, text), flush};
    lower_cleanup_push(l, text);
    lower_check_status(l, ir_native(&l->b, NATIVE_print_text, type_i32, 3, call));
    lower_cleanup_pop(l, 1);
    lower_decref(l, text);
    return NO_VALUE;
}

// clang-format off
static const LibRow rows[] = {
    {"builtins.print", "*args, sep=None, end=None, file=None, flush=False", type_print, emit_print, NULL, 1, 0},
};
// clang-format on

const LibTable library_printing_table = {"printing", rows, ARRAY_LEN(rows)};
