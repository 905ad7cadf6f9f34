/* string_templates.c - "..." % values and "...".format(values) with a template that is known at compile time.
 *
 * The template is taken apart into pieces: text, or one argument with a conversion and a format specification.  A
 * printf-style piece becomes the specification that says the same (%-5d is "<5d").  What Python raises for a bad
 * template is an error of compilation here; a bad value raises what format() raises.
 */
#include "library/scalars.h"
#include "library/texts.h"

typedef struct {
    const char *text; /* constant; NULL: an argument */
    uint32_t arg;
    char conversion;  /* s, r, a: as text first; d: an int; f: a float; c: a character; 0: none */
    const char *spec; /* "" : none */
} Piece;
typedef Vec(Piece) Pieces;

static void add_text(Arena *a, Pieces *out, const char *text, size_t n) {
    if (n) vec_push(a, out, ((Piece){.text = arena_strndup(a, text, n)}));
}

/* ---- "%..." ------------------------------------------------------------------------------------------------------ */

typedef struct {
    bool left, plus, space, zero, alternate;
    int width, precision; /* -1: not given */
    char letter;
} Directive;

static const char *read_number(const char *p, int *out) {
    for (*out = *p >= '0' && *p <= '9' ? 0 : -1; *p >= '0' && *p <= '9' && *out < 100000; p++)
        *out = *out * 10 + (*p - '0');
    return p;
}

/* Behind the percent sign; NULL: not understood. */
static const char *read_directive(const char *p, Directive *d) {
    *d = (Directive){.precision = -1};
    for (; *p && strchr("-+ 0#", *p); p++) {
        d->left |= *p == '-';
        d->plus |= *p == '+';
        d->space |= *p == ' ';
        d->zero |= *p == '0';
        d->alternate |= *p == '#';
    }
    p = read_number(p, &d->width);
    if (*p == '.') {
        p = read_number(p + 1, &d->precision);
        if (d->precision < 0) d->precision = 0;
    }
    while (*p && strchr("hlL", *p)) p++;
    d->letter = *p;
    return *p && strchr("diuoxXeEfFgGcrsa", *p) ? p + 1 : NULL;
}

static bool is_text_letter(char c) { return strchr("rsac", c) != NULL; }
static bool is_int_letter(char c) { return strchr("diuoxX", c) != NULL; }

/* The format specification that says the same; NULL: there is none. */
static const char *spec_of(Arena *a, const Directive *d) {
    bool text = is_text_letter(d->letter), integer = is_int_letter(d->letter);
    StrBuf s = {0};
    if (integer && d->precision >= 0) return NULL;
    if (d->left || text) strbuf_printf(&s, "%s", d->width > 0 ? (d->left ? "<" : ">") : "");
    if (!text) strbuf_printf(&s, "%s", d->plus ? "+" : d->space ? " " : "");
    if (!text && d->alternate && d->letter != 'd') strbuf_printf(&s, "#");
    if (!text && d->zero && !d->left) strbuf_printf(&s, "0");
    if (d->width > 0) strbuf_printf(&s, "%d", d->width);
    if (d->precision >= 0 && d->letter != 'c') strbuf_printf(&s, ".%d", d->precision);
    if (!text) strbuf_printf(&s, "%c", integer && strchr("iu", d->letter) ? 'd' : d->letter);
    const char *spec = arena_strndup(a, s.n ? s.at : "", s.n);
    strbuf_free(&s);
    return spec;
}

static bool parse_percent(Arena *a, const char *p, Pieces *out, uint32_t *nargs) {
    const char *begin = p;
    for (*nargs = 0; *p;) {
        if (*p != '%') {
            p++;
            continue;
        }
        add_text(a, out, begin, (size_t)(p - begin) + (p[1] == '%'));
        if (p[1] == '%') {
            begin = p += 2;
            continue;
        }
        Directive d;
        if (!(p = read_directive(p + 1, &d))) return false;
        const char *spec = spec_of(a, &d);
        if (!spec) return false;
        char conversion = is_text_letter(d.letter) ? d.letter : is_int_letter(d.letter) ? 'd' : 'f';
        vec_push(a, out, ((Piece){.arg = (*nargs)++, .conversion = conversion, .spec = spec}));
        begin = p;
    }
    add_text(a, out, begin, (size_t)(p - begin));
    return true;
}

/* ---- "{...}" ------------------------------------------------------------------------------------------------------- */

/* Behind the brace: [number] ["!" conversion] [":" specification] "}". */
static const char *read_field(Arena *a, const char *p, Piece *piece, uint32_t *next) {
    int number;
    p = read_number(p, &number);
    *piece = (Piece){.arg = number < 0 ? (*next)++ : (uint32_t)number, .spec = ""};
    if (*p == '!') {
        piece->conversion = p[1];
        if (!p[1] || !strchr("sra", p[1])) return NULL;
        p += 2;
    }
    if (*p == ':') {
        size_t n = strcspn(p + 1, "{}");
        piece->spec = arena_strndup(a, p + 1, n);
        p += n + 1;
    }
    return *p == '}' ? p + 1 : NULL;
}

static bool parse_braces(Arena *a, const char *p, Pieces *out, uint32_t *nargs) {
    const char *begin = p;
    uint32_t next = 0;
    for (*nargs = 0; *p;) {
        if (*p != '{' && *p != '}') {
            p++;
            continue;
        }
        bool twice = p[1] == *p;
        add_text(a, out, begin, (size_t)(p - begin) + twice);
        if (twice) {
            begin = p += 2;
            continue;
        }
        Piece piece;
        if (*p == '}' || !(p = read_field(a, p + 1, &piece, &next))) return false;
        if (piece.arg >= *nargs) *nargs = piece.arg + 1;
        vec_push(a, out, piece);
        begin = p;
    }
    add_text(a, out, begin, (size_t)(p - begin));
    return true;
}

/* ---- types ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    Pieces pieces;
    uint32_t nargs;
    bool percent;
} Template;

static bool template_of(Call *c, Template *t) {
    const char *text = call_literal_str(c, 0);
    *t = (Template){.percent = c->row->data != NULL};
    if (!text) return false;
    return t->percent ? parse_percent(&c->unit->arena, text, &t->pieces, &t->nargs)
                      : parse_braces(&c->unit->arena, text, &t->pieces, &t->nargs);
}

/* The value that a piece shows.  One value that is no tuple stands by itself behind `%`. */
static const Type *arg_type(const Call *c, uint32_t i) {
    return type_is_tuple(c->type[1]) ? c->type[1]->elem[i] : c->type[1];
}

static ValueId arg_value(Lower *l, const Call *c, uint32_t i) {
    if (!type_is_tuple(c->type[1])) return c->value[1];
    return c->type[1]->elem[i]->nleaves ? lower_field(l, c->value[1], i) : NO_VALUE;
}

static bool piece_fits(const Piece *p, const Type *t) {
    const Type *base = type_base(t);
    switch (p->conversion) {
    case 'd': return type_is_real(base) && (base->kind <= TYPE_INT || p->spec[strlen(p->spec) - 1] == 'd');
    case 'f': return type_is_real(base);
    case 'c': return base->kind <= TYPE_INT || base->kind == TYPE_STR;
    case 'a': return base->kind == TYPE_STR;
    case 0: return *p->spec ? text_has_format(t) : text_has_str(t);
    default: return text_has_str(t);
    }
}

#define PERCENT (const void *)1 /* data of the row of `%` */

static const Type *type_template(Call *c) {
    Template t;
    if (!text_is_str(c->type[0])) return call_decline(c);
    if (!call_literal_str(c, 0))
        return call_error(c, DIAG_NOT_CONSTANT, "a template for formatting must be known at compile time");
    if (!template_of(c, &t)) {
        if (c->row->data != PERCENT) return call_decline(c); /* naja/library/strings.py knows more */
        return call_error(c, DIAG_NO_IMPLEMENTATION,
                          "this format template is not supported in compiled code");
    }
    uint32_t given = type_is_tuple(c->type[1]) ? c->type[1]->nelem : 1;
    if (t.percent ? given != t.nargs : given < t.nargs)
        return call_error(c, DIAG_WRONG_ARGUMENTS, "the format template wants %u values, but %u are given",
                          t.nargs, given);
    for (uint32_t i = 0; i < t.pieces.n; i++)
        if (!t.pieces.at[i].text && !piece_fits(&t.pieces.at[i], arg_type(c, t.pieces.at[i].arg)))
            return call_error(c, DIAG_NO_IMPLEMENTATION, "%s does not fit its place in the format template",
                              arg_type(c, t.pieces.at[i].arg)->name);
    return type_str;
}

/* ---- emission ---------------------------------------------------------------------------------------------------------- */

static ValueId with_spec(Lower *l, ValueId text, const char *spec) {
    if (!*spec) return text;
    lower_cleanup_push(l, text);
    ValueId shown = text_format_value(l, text, type_str, lower_string(l, spec));
    lower_cleanup_pop(l, 1);
    lower_decref(l, text);
    return shown;
}

static ValueId character(Lower *l, ValueId v, const Type *t) {
    if (type_base(t)->kind != TYPE_STR) {
        ValueId code = lower_int_to_i64(l, v, t);
        ValueId range = ir_icmp(&l->b, PRED_UGE, code, lower_i64(l, 0x110000));
        lower_raise_if(l, range, "OverflowError", "%c arg not in range(0x110000)", 0, NULL);
        return text_call(l, NATIVE_text_chr, type_str, ERROR_VALUE, 1, &code);
    }
    ValueId text = lower_cast(l, v, t, type_str), n = lower_field(l, text, STR_LENGTH);
    lower_raise_if(l, ir_icmp(&l->b, PRED_NE, n, lower_i64(l, 1)), "TypeError", "%c requires int or char", 0,
                   NULL);
    lower_incref(l, text);
    return text;
}

static ValueId piece_text(Lower *l, const Piece *p, ValueId v, const Type *t) {
    const Type *base = type_base(t);
    if (p->conversion == 'c') return with_spec(l, character(l, v, t), p->spec);
    if (p->conversion == 'd' || p->conversion == 'f') {
        const Type *to = p->conversion == 'f' ? type_f64 : base->kind == TYPE_INT ? base : type_i64;
        ValueId number = base->kind == TYPE_FLOAT && to == type_i64
                             ? float_to_int(l, lower_native1(l, NATIVE_ftrunc, lower_cast(l, v, t, type_f64)))
                             : lower_cast(l, v, t, to);
        return text_format_value(l, number, to, lower_string(l, p->spec));
    }
    if (!p->conversion && *p->spec) return text_format_value(l, v, t, lower_string(l, p->spec));
    if (p->conversion == 'a') return with_spec(l, text_ascii(l, lower_cast(l, v, t, type_str)), p->spec);
    if (!p->conversion) return text_formatted(l, v, t);
    return with_spec(l, text_of_value(l, v, t, p->conversion == 'r'), p->spec);
}

static ValueId emit_template(Lower *l, Call *c) {
    Template t;
    TextParts parts = {0};
    template_of(c, &t);
    for (uint32_t i = 0; i < t.pieces.n; i++) {
        const Piece *p = &t.pieces.at[i];
        text_parts_add(l, &parts,
                       p->text ? lower_string(l, p->text)
                               : piece_text(l, p, arg_value(l, c, p->arg), arg_type(c, p->arg)));
    }
    return text_parts_join(l, &parts);
}

/* ---- sep.join of a tuple ------------------------------------------------------------------------------------------------ */

static const Type *type_join(Call *c) {
    const Type *t = c->type[1];
    if (!text_is_str(c->type[0]) || !type_is_tuple(t)) return call_decline(c);
    for (uint32_t i = 0; i < t->nelem; i++)
        if (!text_is_str(t->elem[i])) return call_decline(c);
    return type_str;
}

static ValueId emit_join(Lower *l, Call *c) {
    const Type *t = c->type[1];
    TextParts parts = {0};
    for (uint32_t i = 0; i < t->nelem; i++) {
        ValueId separator = i ? text_arg(l, c, 0) : NO_VALUE;
        if (i) text_parts_add(l, &parts, text_of_value(l, separator, type_str, false));
        ValueId item = t->elem[i]->nleaves ? lower_field(l, c->value[1], i) : NO_VALUE;
        text_parts_add(l, &parts, text_of_value(l, item, t->elem[i], false));
    }
    return text_parts_join(l, &parts);
}

// clang-format off
static const LibRow rows[] = {
    {"operator.mod", "a, b", type_template, emit_template, PERCENT, 1, LIB_BORROWS},
    {"str.format", "a, *args", type_template, emit_template, NULL, 1, LIB_BORROWS},
    {"str.join", "a, iterable, /", type_join, emit_join, NULL, 1, LIB_BORROWS},
};
// clang-format on

const LibTable library_string_templates_table = {"string_templates", rows, ARRAY_LEN(rows)};
