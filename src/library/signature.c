/* signature.c - the parameters of rows ("a, axis=None, *, keepdims=False") and how a call's operands bind to
 * them.
 *
 * The text is Python's own: names, "=" and a literal default, "/" and "*" as separators, "*name" collects the
 * remaining positional operands.  Binding follows Python's rules for calls, with its words in the messages.
 */
#include <stdlib.h>

#include "library/tables.h"

/* ---- parsing ------------------------------------------------------------------------------------------- */

static const char *skip_space(const char *s) {
    while (*s == ' ') s++;
    return s;
}

/* The default's text as a type; a float keeps its value beside. */
static bool parse_default(Arena *a, const char *text, Param *p) {
    char *end;
    if (!strcmp(text, "None")) p->default_type = type_none;
    else if (!strcmp(text, "True") || !strcmp(text, "False"))
        p->default_type = type_literal_bool(*text == 'T');
    else if (*text == '\'' || *text == '"')
        p->default_type = type_literal_str(arena_strndup(a, text + 1, strlen(text) - 2));
    else if (strtoll(text, &end, 0), *end == '\0') p->default_type = type_literal_int(strtoll(text, NULL, 0));
    else if (p->default_float = strtod(text, &end), *end == '\0') p->default_type = type_f64;
    return p->default_type != NULL;
}

static bool parse_param(Arena *a, const char *text, size_t n, Param *p) {
    const char *equals = memchr(text, '=', n);
    size_t name = equals ? (size_t)(equals - text) : n;
    while (name && text[name - 1] == ' ') name--;
    p->name = arena_strndup(a, text, name);
    if (!equals) return name != 0;
    const char *value = skip_space(equals + 1);
    return parse_default(a, arena_strndup(a, value, (size_t)(text + n - value)), p);
}

const Signature *signature_parse(Arena *a, const LibRow *row) {
    Signature *s = arena_new(a, Signature);
    Vec(Param) list = {0};
    bool keyword_only = false;
    for (const char *at = skip_space(row->params); *at;) {
        size_t n = strcspn(at, ",");
        size_t length = n;
        while (length && at[length - 1] == ' ') length--;
        Param p = {.keyword_only = keyword_only};
        if (length == 1 && *at == '/') {
            for (uint32_t i = 0; i < list.n; i++) list.at[i].positional_only = true;
        } else if (*at == '*') {
            keyword_only = true;
            p.is_star = length > 1;
            if (p.is_star) {
                p.name = arena_strndup(a, at + 1, length - 1);
                vec_push(a, &list, p);
            }
        } else {
            if (!parse_param(a, at, length, &p)) return NULL;
            vec_push(a, &list, p);
        }
        at = skip_space(at + n + (at[n] == ','));
    }
    s->n = list.n;
    s->param = list.at;
    return s;
}

/* ---- binding ------------------------------------------------------------------------------------------- */

/* "sum" of "numpy.sum": how messages call a row. */
static const char *short_name(const LibRow *row) {
    const char *dot = strrchr(row->name, '.');
    return dot ? dot + 1 : row->name;
}

static uint32_t count_positional(const Signature *s, bool *star) {
    uint32_t n = 0;
    *star = false;
    for (uint32_t i = 0; i < s->n; i++) {
        *star |= s->param[i].is_star;
        n += !s->param[i].keyword_only && !s->param[i].is_star;
    }
    return n;
}

static int32_t find_keyword(const Signature *s, const char *name) {
    for (uint32_t i = 0; i < s->n; i++)
        if (!s->param[i].positional_only && !s->param[i].is_star && !strcmp(s->param[i].name, name))
            return (int32_t)i;
    return -1;
}

static bool bind_keywords(Arena *a, const LibRow *row, const Signature *s, uint32_t npositional,
                          const CallInfo *info, int32_t *bound, const char **why) {
    for (uint32_t k = 0; info && k < info->nkeywords; k++) {
        int32_t i = find_keyword(s, info->keyword[k]);
        if (i < 0) {
            *why = arena_printf(a, "%s() got an unexpected keyword argument '%s'", short_name(row),
                                info->keyword[k]);
            return false;
        }
        if (bound[i] >= 0) {
            *why = arena_printf(a, "%s() got multiple values for argument '%s'", short_name(row),
                                info->keyword[k]);
            return false;
        }
        bound[i] = (int32_t)(npositional + k);
    }
    return true;
}

bool library_bind(Arena *a, const LibRow *row, uint32_t nargs, const CallInfo *info, int32_t *bound,
                  const char **why) {
    const Signature *s = library_signature(row);
    uint32_t npositional = nargs - (info ? info->nkeywords : 0);
    bool star;
    uint32_t room = count_positional(s, &star);
    if (npositional > room && !star) {
        *why = arena_printf(a, "%s() takes %s%u positional argument%s but %u %s given", short_name(row),
                            s->n > room ? "at most " : "", room, room == 1 ? "" : "s", npositional,
                            npositional == 1 ? "was" : "were");
        return false;
    }
    for (uint32_t i = 0, next = 0; i < s->n; i++) {
        bool takes = !s->param[i].keyword_only && !s->param[i].is_star && next < npositional;
        bound[i] = takes ? (int32_t)next++ : -1;
        if (s->param[i].is_star)
            bound[i] = next < npositional ? (int32_t)next : -1; /* the first of those it collects */
    }
    if (!bind_keywords(a, row, s, npositional, info, bound, why)) return false;
    for (uint32_t i = 0; i < s->n; i++)
        if (bound[i] < 0 && !s->param[i].default_type && !s->param[i].is_star) {
            *why = arena_printf(a, "%s() missing a required argument: '%s'", short_name(row),
                                s->param[i].name);
            return false;
        }
    return true;
}
