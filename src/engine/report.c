/* report.c - one diagnostic as the user sees it:
 *
 *     cannot add float64 and unicode_type                   what is wrong; a second line may say why
 *       File "x.py", line 12, in f
 *         return x + name
 *                ~~^~~~~~                                   the operator, when the span is a binary expression
 *     Hint: convert one of them first
 *
 * Columns of a span count bytes of UTF-8; carets count characters.
 */
#include <string.h>

#include "engine/report.h"
#include "frontend/frontend.h"

enum { MAX_CARETS = 200 };

static bool continues_character(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

/* Lines of `text` up to `most`; returns how many were written. */
static uint32_t add_lines(StrBuf *out, const char *text, uint32_t most) {
    uint32_t n = 0;
    while (*text && n < most) {
        size_t length = strcspn(text, "\n");
        strbuf_add(out, text, length);
        strbuf_puts(out, "\n");
        text += length + (text[length] == '\n');
        n++;
    }
    return n;
}

static size_t bracket_end(const char *line, size_t at, size_t end) {
    int depth = 0;
    for (; at < end; at++) {
        depth += line[at] == '(' || line[at] == '[' || line[at] == '{';
        depth -= line[at] == ')' || line[at] == ']' || line[at] == '}';
        if (!depth) break;
    }
    return at;
}

/* The last operator of a span that stands between blanks and outside brackets: [*at, *end); false: there is none. */
static bool find_operator(const char *line, size_t begin, size_t stop, size_t *at, size_t *end) {
    bool found = false;
    for (size_t i = begin; i < stop; i++) {
        if (strchr("([{", line[i])) {
            i = bracket_end(line, i, stop);
            continue;
        }
        if (line[i] == '"' || line[i] == '\'') return false;
        size_t n = strspn(line + i, "+-*/%@&|^<>=!");
        if (n && n <= 3 && i > begin && line[i - 1] == ' ' && i + n < stop && line[i + n] == ' ') {
            *at = i;
            *end = i + n;
            found = true;
            i += n;
        }
    }
    return found;
}

static void add_carets(StrBuf *out, const char *line, size_t indent, size_t begin, size_t end) {
    size_t operator_at = 0, operator_end = 0;
    bool split = find_operator(line, begin, end, &operator_at, &operator_end);
    for (size_t i = indent; i < begin; i++)
        if (!continues_character(line[i])) strbuf_puts(out, line[i] == '\t' ? "\t" : " ");
    for (size_t i = begin; i < end && i - begin < MAX_CARETS; i++)
        if (!continues_character(line[i]))
            strbuf_puts(out, split && (i < operator_at || i >= operator_end) ? "~" : "^");
}

static uint32_t add_source(StrBuf *out, Unit *u, const Diagnostic *d) {
    const char *line = d->filename ? frontend_source_line(u, d->filename, d->span.line) : NULL;
    if (!line) return 0;
    size_t n = strlen(line), indent = strspn(line, " \t\f");
    if (indent == n) return 0;
    strbuf_puts(out, "    ");
    strbuf_add(out, line + indent, n - indent);
    strbuf_puts(out, "\n");
    size_t begin = d->span.column < 0 ? n : (size_t)d->span.column;
    size_t end = d->span.end_line > d->span.line || d->span.end_column < 0 ? n : (size_t)d->span.end_column;
    if (end > n) end = n;
    if (begin < indent || begin >= end) return 1;
    strbuf_puts(out, "    ");
    add_carets(out, line, indent, begin, end);
    strbuf_puts(out, "\n");
    return 2;
}

static uint32_t add_position(StrBuf *out, Unit *u, const Diagnostic *d) {
    if (!d->filename && !d->function) return 0;
    strbuf_printf(out, "  File \"%s\"", d->filename ? d->filename : "<unknown>");
    if (d->span.line > 0) strbuf_printf(out, ", line %d", (int)d->span.line);
    if (d->function) strbuf_printf(out, ", in %s", d->function);
    strbuf_puts(out, "\n");
    return 1 + (d->span.line > 0 ? add_source(out, u, d) : 0);
}

void report_format(StrBuf *out, Unit *u, const Diagnostic *d) {
    const char *why = strchr(d->message, '\n');
    size_t length = why ? (size_t)(why - d->message) : strlen(d->message);
    strbuf_add(out, d->message, length);
    strbuf_puts(out, "\n");
    uint32_t n = 1 + add_position(out, u, d);
    const char *hint = d->hint ? d->hint : diag_code_hint(d->code);
    uint32_t room = REPORT_LINES - n - (*hint ? 1 : 0);
    if (why) add_lines(out, why + 1, room);
    if (*hint) strbuf_printf(out, "Hint: %s\n", hint);
    if (out->n && !out->failed) out->at[--out->n] = 0; /* no newline at the end */
}
