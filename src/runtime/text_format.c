/* text_format.c - what string functions ask of Python: format specifications, identifiers, print; and the parts of
 * an f-string put together. */
#include "runtime/text.h"

int32_t naja_text_concat(Slot *out, const Text *part, int64_t n) {
    int64_t length = 0;
    int32_t kind = 1;
    void *data;
    for (int64_t i = 0; i < n; i++) {
        length += part[i].length;
        if (part[i].kind > kind) kind = part[i].kind;
    }
    if (!length) return text_constant(out, "");
    if (!text_new(text_out(out), length, kind, &data)) return STATUS_MEMORY;
    char *to = data;
    for (int64_t i = 0; i < n; i++) {
        text_copy_chars(to, kind, part[i].data, part[i].kind, part[i].length);
        to += part[i].length * kind;
    }
    return STATUS_OK;
}

int32_t naja_text_format(Slot *out, int64_t kind, int64_t integer, double real, double imag,
                         const Text *spec) {
    return text_hooks.format(out, (FormatKind)kind, integer, real, imag, NULL, spec);
}

int32_t naja_text_format_text(Slot *out, const Text *text, const Text *spec) {
    if (!spec->length) return text_part(out, text, 0, text->length);
    return text_hooks.format(out, FORMAT_TEXT, 0, 0, 0, text, spec);
}

int32_t naja_text_of_caught(Slot *out, MemoryBlock *caught, int64_t repr) {
    return text_hooks.caught(out, caught, repr != 0);
}

int32_t naja_text_identifier(Slot *out, const Text *text) { return text_hooks.identifier(out, text); }

int32_t naja_print_text(Context *context, const Text *text, int64_t flush) {
    return text_hooks.print(context, text, flush != 0);
}
