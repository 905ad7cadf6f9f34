/* imports.c - which functions of naja's library are compiled once, as units of their own, instead of into every unit
 * that calls them.
 *
 * An import is a function with all that it calls.  It must make sense without the unit that calls it:
 *
 *   - all of it is naja's own: a callback of the user's (key=, a method of a jitclass) stays with its caller;
 *   - nothing in it asks which unit runs, as handlers of exceptions, generators and the interpreter's bridge do
 *     (NATIVE_OF_UNIT), for the context names the unit that Python called;
 *   - its image names no Python objects: the cache has it under a fingerprint alone;
 *   - it is in no cycle of calls, so that units do not need each other.
 *
 * And it must be worth it.  A call of another unit cannot be inlined, and a unit of its own takes two to three
 * milliseconds beside what its instructions take.
 *
 * The choice is made on lowered IR: the passes have seen the whole program, so what they know of callees is not lost,
 * and only LLVM, which takes nine tenths of the time, is spared.  What only imports call stays in the unit's list of
 * functions, without code (Func.is_elsewhere).
 */
#include "engine/imports.h"

/* Lowered instructions of a function and what it calls, from which on it is a unit of its own. */
enum { IMPORT_NINST = 150 };

typedef struct {
    bool known, importable;
    bool polls;    /* somewhere in it or in its imports */
    uint32_t size; /* of what a unit of its own would hold */
} Choice;

typedef struct {
    Unit *unit;
    const CoreApi *core;
    Choice *choice; /* by Func.index */
    bool *seen;     /* by Func.index: of the walk that is going on */
} Chooser;

/* ---- can it stand alone? --------------------------------------------------------------------------------------- */

static bool names_object(const Type *t) {
    if (t->handle) return true;
    for (uint32_t i = 0; i < t->nelem; i++)
        if (t->elem[i] && names_object(t->elem[i])) return true;
    return false;
}

static bool site_stands_alone(const Chooser *c, uint32_t number) {
    const RaiseSite *site = &c->unit->sites.at[number];
    if (site->cls && !c->core->class_has_name(site->cls)) return false;
    for (uint32_t i = 0; i < site->nargs; i++)
        if (names_object(site->arg[i])) return false;
    return true;
}

static bool inst_stands_alone(const Chooser *c, const Inst *i) {
    switch (i->op) {
    case OP_native: return !(native_info[i->imm.native].attributes & NATIVE_OF_UNIT);
    case OP_status_match:
    case OP_drop_error: return false;
    case OP_raise_new: return site_stands_alone(c, i->imm.site);
    case OP_symbol: return strncmp(i->imm.name, UNIT_FUNCTION_SYMBOL, sizeof UNIT_FUNCTION_SYMBOL - 1) != 0;
    default: return true;
    }
}

/* Without what it calls.  Functions without a source are made by the compiler, of the code around them. */
static bool stands_alone(const Chooser *c, const Func *f) {
    if (f->foreign || f->is_generator || (f->source && !f->source->is_library)) return false;
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        if (i->block != NO_BLOCK && !inst_stands_alone(c, i)) return false;
    }
    return true;
}

/* ---- the walk over what a function calls ---------------------------------------------------------------------------- */

static Func *called(const Inst *i) {
    return i->block != NO_BLOCK && op_info[i->op].imm == IMM_FUNC ? i->imm.func : NULL;
}

static bool is_import(const Chooser *c, const Inst *i) {
    return i->op == OP_invoke && c->choice[i->imm.func->index].importable;
}

/* Adds to what is known of `root`; false: some of it cannot stand alone, or calls `root`. */
static bool measure(Chooser *c, const Func *f, const Func *root) {
    Choice *whole = &c->choice[root->index];
    c->seen[f->index] = true;
    whole->polls |= f->has_polls;
    if (!stands_alone(c, f)) return false;
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        const Func *callee = called(i);
        whole->size += i->block != NO_BLOCK;
        if (callee) whole->polls |= c->choice[callee->index].polls;
        if (!callee || is_import(c, i)) continue;
        if (callee == root) return false;
        if (!c->seen[callee->index] && !measure(c, callee, root)) return false;
    }
    return true;
}

/* Callees first: what an import calls may be an import of it. */
static void decide(Chooser *c, const Func *f) {
    Choice *own = &c->choice[f->index];
    if (own->known) return;
    own->known = true; /* of a cycle the first one is decided last */
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Func *callee = called(inst_at(f, v));
        if (callee) decide(c, callee);
    }
    if (!f->is_whole || !f->source->function || f->index == 0) return;
    memset(c->seen, 0, c->unit->funcs.n * sizeof *c->seen);
    own->importable = measure(c, f, f) && own->size >= IMPORT_NINST;
}

/* ---- the choice ----------------------------------------------------------------------------------------------------- */

/* The library has options of its own (func_options); what counts of the user's is this. */
static UnitOptions import_options(const UnitOptions *o) {
    return (UnitOptions){.target = o->target,
                         .boundscheck = true,
                         .polls = o->polls,
                         .parallel = o->parallel,
                         .serial = o->serial,
                         .bridge = o->bridge,
                         .is_import = true};
}

static bool add_import(Chooser *c, Func *f) {
    Arena *a = &c->unit->arena;
    const Type **args = arena_array(a, const Type *, f->params.n + 1);
    for (uint32_t i = 0; i < f->params.n; i++) args[i] = value_type(f, f->params.at[i]);
    UnitImport import = {.func = f,
                         .function = f->source->function,
                         .nargs = f->params.n,
                         .args = args,
                         .options = import_options(&c->unit->options)};
    if (!c->core->import_key(import.function, import.nargs, args, f->result, &import.options, import.key))
        return false;
    vec_push(a, &c->unit->imports, import);
    f->import = c->unit->imports.n;
    f->has_polls |= c->choice[f->index].polls;
    return true;
}

/* From the entry down to the imports. */
static void mark(Chooser *c, Func *f) {
    f->is_elsewhere = false;
    for (ValueId v = 0; v < f->inst.n; v++) {
        const Inst *i = inst_at(f, v);
        Func *callee = called(i);
        if (!callee || !callee->is_elsewhere || callee->import) continue;
        if (!is_import(c, i) || !add_import(c, callee)) mark(c, callee);
    }
}

void imports_choose(Unit *u, const CoreApi *core) {
    uint32_t n = u->funcs.n;
    Chooser c = {.unit = u,
                 .core = core,
                 .choice = arena_array(&u->arena, Choice, n),
                 .seen = arena_array(&u->arena, bool, n)};
    for (uint32_t i = 0; i < n; i++) u->funcs.at[i]->is_elsewhere = true;
    decide(&c, u->funcs.at[0]);
    mark(&c, u->funcs.at[0]);
}
