/* ir/func.c - units and functions: making, copying, naming, and reporting errors at their positions. */
#include <stdlib.h>

#include "ir/ir.h"

/* ---- units --------------------------------------------------------------------------------------------------- */

Unit *unit_new(UnitOptions options, void (*exhausted)(Arena *), void *data) {
    Unit *u = calloc(1, sizeof *u);
    if (!u) return NULL;
    arena_init(&u->arena, exhausted, data);
    u->diags.arena = &u->arena;
    u->options = u->library_options = options;
    u->library_options.fastmath = 0;
    u->library_options.error_model_numpy = true;
    u->library_options.boundscheck = false;
    u->library_options.parallel = options.parallel &&
                                  !(options.serial & SERIAL_STENCIL); /* the library's only prange */
    return u;
}

const UnitOptions *func_options(const Func *f) {
    if (f->source && f->source->is_library) return &f->unit->library_options;
    return f->options ? f->options : &f->unit->options;
}

void unit_free(Unit *u) {
    if (!u) return;
    arena_free(&u->arena);
    free(u);
}

const char *unit_name(Unit *u, const char *s) {
    const char *name = strmap_find(&u->names, s);
    if (!name) {
        name = arena_strdup(&u->arena, s);
        strmap_set(&u->arena, &u->names, s, (void *)name);
    }
    return name;
}

uint32_t unit_add_site(Unit *u, RaiseSite site) {
    vec_push(&u->arena, &u->sites, site);
    return u->sites.n - 1;
}

uint32_t unit_add_function(Unit *u, Handle object, const Type *type) {
    for (uint32_t i = 0; i < u->functions.n; i++)
        if (u->functions.at[i].object == object && u->functions.at[i].type == type) return i;
    vec_push(&u->arena, &u->functions, ((UnitFunction){object, type}));
    return u->functions.n - 1;
}

/* ---- functions ----------------------------------------------------------------------------------------------- */

static Func *add_func(Unit *u, const char *symbol) {
    Func *f = arena_new(&u->arena, Func);
    f->unit = u;
    f->symbol = unit_name(u, symbol);
    f->index = u->funcs.n;
    vec_push(&u->arena, &u->funcs, f);
    return f;
}

Func *func_new(Unit *u, Source *source, const char *symbol, FuncState state) {
    Func *f = add_func(u, symbol);
    f->source = source;
    f->state = state;
    ir_block(f);
    return f;
}

static void *copy(Arena *a, const void *from, size_t nbytes) {
    return from && nbytes ? arena_grow(a, (void *)from, nbytes, nbytes) : NULL;
}

#define COPY_VEC(a, to, from) \
    ((to)->at = copy((a), (from)->at, (from)->n * sizeof *(from)->at), (to)->n = (to)->capacity = (from)->n)

/* MapBody, CallInfo, rows and types are immutable or owned elsewhere: both functions share them. */
static void copy_inst(Arena *a, Inst *to, const Inst *from) {
    *to = *from;
    to->arg = copy(a, from->arg, from->nargs * sizeof *from->arg);
    to->bound = copy(a, from->bound, from->nbound * sizeof *from->bound);
    to->cleanup = copy(a, from->cleanup, from->ncleanup * sizeof *from->cleanup);
}

Func *func_clone(Unit *u, const Func *f, const char *symbol) {
    Arena *a = &u->arena;
    Func *g = add_func(u, symbol);
    uint32_t index = g->index;
    const char *name = g->symbol;
    *g = *f;
    g->unit = u;
    g->index = index;
    g->symbol = name;
    COPY_VEC(a, &g->params, &f->params);
    COPY_VEC(a, &g->inst, &f->inst);
    COPY_VEC(a, &g->block, &f->block);
    for (uint32_t i = 0; i < f->inst.n; i++) copy_inst(a, &g->inst.at[i], &f->inst.at[i]);
    for (uint32_t i = 0; i < f->block.n; i++) {
        COPY_VEC(a, &g->block.at[i].inst, &f->block.at[i].inst);
        COPY_VEC(a, &g->block.at[i].pred, &f->block.at[i].pred);
    }
    return g;
}

/* ---- positions ------------------------------------------------------------------------------------------------- */

Span func_span(const Func *f, uint32_t span) {
    if (!f->source || span >= f->source->spans.n) return (Span){.column = -1, .end_column = -1, .offset = -1};
    return f->source->spans.at[span];
}

void func_remark(const Func *f, uint32_t span, const char *kind, const char *fmt, ...) {
    Unit *u = f->unit;
    if (!u->wants_remarks || !f->source || f->source->is_library) return;
    va_list args;
    va_start(args, fmt);
    Remark r = {.func = f, .span = span, .kind = kind, .text = arena_vprintf(&u->arena, fmt, args)};
    va_end(args);
    vec_push(&u->arena, &u->remarks, r);
}

Diagnostic *func_error(Func *f, uint32_t span, DiagCode code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    const char *filename = f->source ? f->source->filename : NULL;
    const char *name = f->source && f->source->qualname ? f->source->qualname : f->symbol;
    Diagnostic *d = diag_vadd(&f->unit->diags, code, filename, name, func_span(f, span), fmt, args);
    va_end(args);
    return d;
}
