/* base/diag.c - the table of diagnostics and the sink that stages report to. */
#include "base/base.h"

static const struct {
    const char *code, *cls, *hint;
} diag_rows[DIAG_COUNT] = {
#define D(name, code, cls, hint) [DIAG_##name] = {code, #cls, hint},
#include "base/diag.def"
#undef D
};

const char *diag_code_text(DiagCode code) { return diag_rows[code].code; }
const char *diag_code_class(DiagCode code) { return diag_rows[code].cls; }
const char *diag_code_hint(DiagCode code) { return diag_rows[code].hint; }

Diagnostic *diag_vadd(Diagnostics *d, DiagCode code, const char *filename, const char *function, Span span,
                      const char *fmt, va_list args) {
    Diagnostic record = {.code = code, .filename = filename, .function = function, .span = span};
    record.message = arena_vprintf(d->arena, fmt, args);
    vec_push(d->arena, &d->list, record);
    return &vec_last(&d->list);
}

Diagnostic *diag_add(Diagnostics *d, DiagCode code, const char *filename, const char *function, Span span,
                     const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    Diagnostic *record = diag_vadd(d, code, filename, function, span, fmt, args);
    va_end(args);
    return record;
}
