/* rows.c - choosing the library row for an operation, and the errors when there is none.
 *
 * The rows of a name are asked in order with the operand types as they are; if all decline, with literals
 * widened; then with Optional values unwrapped (which checks for None at run time), the first operand before all.
 * The first row whose rule gives a type is taken.  A rule may report an error instead: then the row is the right one
 * and the call is wrong.
 *
 * Errors are kept in the site, not reported: the operand types may still widen, and the error go away.
 */
#include <stdio.h>

#include "infer/state.h"

/* ---- errors -------------------------------------------------------------------------------------------- */

bool capture_error(Frame *fr, ValueId v, uint32_t ndiags) {
    Diagnostics *d = &fr->in->unit->diags;
    if (d->list.n <= ndiags) return false;
    Diagnostic *copy = arena_new(&fr->in->unit->arena, Diagnostic);
    *copy = d->list.at[ndiags];
    d->list.n = ndiags;
    fr->site[v].error = copy;
    return true;
}

const Type *site_error(Frame *fr, ValueId v, DiagCode code, const char *fmt, ...) {
    uint32_t ndiags = fr->in->unit->diags.list.n;
    va_list args;
    va_start(args, fmt);
    const char *text = arena_vprintf(&fr->in->unit->arena, fmt, args);
    va_end(args);
    func_error(fr->f, inst_at(fr->f, v)->span, code, "%s", text);
    capture_error(fr, v, ndiags);
    return NULL;
}

/* Classes are known to types by number only; people know them by name. */
static const char *shown_namedtuple(Frame *fr, const Type *t) {
    const Type *fields = library_shared_fields(t);
    if (fields) t = fields;
    Arena *a = &fr->in->unit->arena;
    Handle name = object_attribute(t->handle, "__name__");
    const Type *literal = name ? object_type(name) : NULL;
    const char *cls = literal && literal->text ? literal->text : "namedtuple";
    const char *text = arena_printf(a, "%s(", library_is_list(t) ? "LiteralList" : cls);
    for (uint32_t i = 0; i < t->nelem; i++)
        text = arena_printf(a, "%s%s%s", text, i ? ", " : "", t->elem[i]->name);
    return arena_printf(a, "%s)", text);
}

const char *shown(Frame *fr, const Type *t) {
    t = library_widen(type_base(t));
    return t->kind == TYPE_NAMEDTUPLE ? shown_namedtuple(fr, t) : t->name;
}

const char *operand_types(Frame *fr, const Operand *operand, uint32_t n) {
    const char *text = "";
    for (uint32_t i = 0; i < n; i++)
        text = arena_printf(&fr->in->unit->arena, "%s%s%s", text, i ? ", " : "", shown(fr, operand[i].type));
    return text;
}

/* ---- operands ------------------------------------------------------------------------------------------ */

Operand *site_operands(Frame *fr, ValueId v, uint32_t n) {
    Site *s = &fr->site[v];
    if (n > s->noperand || !s->operand) s->operand = arena_array(&fr->in->unit->arena, Operand, n + 1);
    s->noperand = n;
    return s->operand;
}

bool site_args(Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    Operand *operand = site_operands(fr, v, i->nargs);
    for (uint32_t k = 0; k < i->nargs; k++) {
        const Type *t = value_type(fr->f, i->arg[k]);
        if (!t) return false;
        operand[k] = operand_value(i->arg[k], t);
    }
    return true;
}

const Type *level_type(const Type *t, Level level) {
    if (level == LEVEL_EXACT) return t;
    t = library_widen(t);
    return level == LEVEL_SOME && t->kind == TYPE_OPTIONAL ? t->elem[0] : t;
}

Level level_of(Level level, uint32_t operand) {
    return level != LEVEL_SELF ? level : operand ? LEVEL_WIDE : LEVEL_SOME;
}

static const Type *operand_type(const Site *s, uint32_t i, Level level) {
    return level_type(s->operand[i].type, level_of(level, i));
}

static bool level_changes(const Site *s, Level level) {
    for (uint32_t i = 0; i < s->noperand; i++)
        if (operand_type(s, i, level) != operand_type(s, i, level - 1)) return true;
    return false;
}

/* ---- asking rows --------------------------------------------------------------------------------------- */

/* The type of what *args collects: the operands from `first` up to the keywords. */
static const Type *star_type(const Site *s, int32_t first, const CallInfo *info, Level level) {
    uint32_t end = s->noperand - (info ? info->nkeywords : 0), n = first < 0 ? 0 : end - (uint32_t)first;
    const Type *elem[n + 1];
    for (uint32_t i = 0; i < n; i++) elem[i] = operand_type(s, (uint32_t)first + i, level);
    return type_tuple(n, elem);
}

/* Rows of arrays mean numbers, but for those that say otherwise. */
static bool is_beyond(const LibRow *row, uint32_t n, const Type *const *type) {
    for (uint32_t i = 0; i < n && !(row->flags & LIB_STORAGE); i++)
        if (type[i] && type_is_array(type[i]) && type_is_storage(type_dtype_of(type[i]))) return true;
    return false;
}

static const Type *ask(Frame *fr, ValueId v, const LibRow *row, const Signature *sig, const CallInfo *info,
                       Level level, bool *declined) {
    Site *s = &fr->site[v];
    const Inst *inst = inst_at(fr->f, v);
    const Type *type[sig->n + 1];
    for (uint32_t i = 0; i < sig->n; i++)
        type[i] = sig->param[i].is_star ? star_type(s, s->bound[i], info, level)
                  : s->bound[i] < 0     ? sig->param[i].default_type
                                        : operand_type(s, (uint32_t)s->bound[i], level);
    *declined = true;
    if (is_beyond(row, sig->n, type)) return NULL;
    Call c = {.unit = fr->in->unit,
              .func = fr->f,
              .span = inst->span,
              .row = row,
              .nargs = sig->n,
              .type = type,
              .site = inst,
              .infer = &fr->in->api};
    uint32_t ndiags = fr->in->unit->diags.list.n;
    const Type *t = row->type(&c);
    if (capture_error(fr, v, ndiags) || fr->in->pending) {
        *declined = false;
        return NULL;
    }
    *declined = t == NULL;
    return t;
}

static bool bind(Frame *fr, ValueId v, const LibRow *row, const Signature *sig, const CallInfo *info,
                 const char **why) {
    Site *s = &fr->site[v];
    if (s->nbound < sig->n || !s->bound) s->bound = arena_array(&fr->in->unit->arena, int32_t, sig->n + 1);
    s->nbound = sig->n;
    return library_bind(&fr->in->unit->arena, row, s->noperand, info, s->bound, why);
}

/* "__add__" of "operator.add", "__and__" of "operator.and_". */
static bool overrides(const Type *t, const char *function) {
    char method[40];
    snprintf(method, sizeof method, "__%s", function);
    size_t n = strlen(method);
    if (n && method[n - 1] == '_') method[n - 1] = '\0';
    if (strlen(method) + 3 > sizeof method) return false;
    return object_overrides(t->handle, strcat(method, "__"));
}

/* Functions that take any object. */
static bool takes_objects(const char *builtin) {
    static const char *const name[] = {"isinstance", "type",  "getattr", "hasattr", "setattr",
                                       "id",         "print", "format",  "callable"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++)
        if (!strcmp(builtin, name[i])) return true;
    return false;
}

/* What flags do by their values: operators that give flags, `in`, truth, loops. */
static bool is_of_flags(const Frame *fr, ValueId v, const char *operator_, const char *name) {
    static const char *const of_flags[] = {"or_",    "and_",     "xor",          "ior",   "iand", "ixor",
                                           "invert", "contains", "not_contains", "truth", "not_"};
    static const char *const builtins[] = {"builtins.len", "builtins.bool", "builtins.list",
                                           "naja.library.low.iterate"};
    bool any = false;
    for (uint32_t i = 0; i < fr->site[v].noperand && !any; i++)
        any = fr->site[v].operand[i].type && library_is_flag(fr->site[v].operand[i].type);
    for (uint32_t i = 0; any && operator_ && i < ARRAY_LEN(of_flags); i++)
        if (!strcmp(operator_, of_flags[i])) return true;
    for (uint32_t i = 0; any && !operator_ && i < ARRAY_LEN(builtins); i++)
        if (!strcmp(name, builtins[i])) return true;
    return false;
}

/* An instance of a dataclass looks like a tuple and is none: what operators, loops and built-in functions do to it says its
 * class, and so it is with what the class of a namedtuple redefines. */
static bool is_up_to_class(const Frame *fr, ValueId v, const char *name) {
    const char *function = strchr(name, '.') + 1;
    bool is_item = strstr(function, "item") !=
                   NULL; /* getitem and its kin: the container's class says what they are */
    bool is_operator = !strncmp(name, "operator.", 9) && strncmp(function, "is", 2),
         is_builtin = !strncmp(name, "builtins.", 9) && !takes_objects(function);
    bool is_identity = !strcmp(name, "operator.is_") || !strcmp(name, "operator.is_not");
    if (!is_operator && !is_builtin && !is_identity && strncmp(name, "iter.", 5)) return false;
    bool text = is_builtin && (!strcmp(function, "str") || !strcmp(function, "repr"));
    if (is_of_flags(fr, v, is_operator ? function : NULL, name)) return true;
    for (uint32_t i = 0; i < (is_item ? 1 : fr->site[v].noperand); i++) {
        const Type *t = type_base(fr->site[v].operand[i].type);
        if (t->kind == TYPE_OPTIONAL) t = t->elem[0];
        if (t->kind == TYPE_INSTANCE && is_builtin &&
            (!strcmp(function, "enumerate") || !strcmp(function, "zip")))
            return true;
        if (t->kind != TYPE_NAMEDTUPLE || !library_has_methods(t)) continue;
        if (is_identity) return object_attribute(t->handle, "_naja_is") != 0;
        if (text) return object_overrides(t->handle, "__repr__") || object_overrides(t->handle, "__str__");
        if (library_is_object(t) || overrides(t, function)) return true;
    }
    return false;
}

const Type *rows_try(Frame *fr, ValueId v, const char *name, const CallInfo *info, const char **why) {
    uint32_t n;
    const LibRow *const *row = library_rows(name, &n);
    Site *s = &fr->site[v];
    bool fits = false;
    if (n && is_up_to_class(fr, v, name)) return NULL;
    for (Level level = LEVEL_EXACT; level < LEVEL_COUNT && n; level++) {
        if (level && !level_changes(s, level)) continue;
        for (uint32_t i = 0; i < n; i++) {
            const Signature *sig = library_signature(row[i]);
            bool declined = true;
            if (!bind(fr, v, row[i], sig, info, why)) continue;
            fits = true;
            const Type *t = ask(fr, v, row[i], sig, info, level, &declined);
            if (declined) continue;
            s->form = FORM_ROW;
            s->row = row[i];
            s->level = (uint8_t)level;
            return t;
        }
    }
    if (fits) *why = NULL; /* it is the types that do not fit, not the number of operands */
    return NULL;
}

const Type *rows_get(Frame *fr, ValueId v, const char *name, const CallInfo *info, const char *what) {
    const char *why = NULL;
    const Type *t = rows_try(fr, v, name, info, &why);
    Site *s = &fr->site[v];
    if (t || s->error || fr->in->pending) return t;
    t = infer_overload(fr, v, name, 0, info);
    if (t || s->error || s->callee) return t;
    if (why) return site_error(fr, v, DIAG_WRONG_ARGUMENTS, "%s", why);
    return site_error(fr, v, DIAG_NO_IMPLEMENTATION, "no implementation of %s for (%s)", what,
                      operand_types(fr, s->operand, s->noperand));
}
