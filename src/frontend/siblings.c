/* siblings.c - inner functions that call themselves, or others that are defined after them.
 *
 *     def even(n): return n == 0 or odd(n - 1)
 *     def odd(n): return n != 0 and even(n - 1)
 *
 * An inner function is a value, the captured variables; `odd` captures `even`, but `even` cannot capture `odd`, which is not
 * there when `even` is made, and whose type would contain its own.  So `even` has a *link* to `odd`: it captures what a
 * closure of `odd` is made of (but for `even` itself), and makes that closure anew when it begins, as a function that calls
 * itself makes its own.  All of them are variables of one enclosing function, so their names tell them apart.
 *
 * Links go from an earlier function to a later one, which may have links of its own: what is captured for them is found
 * by following links to their ends.
 */
#include "frontend/build.h"

Siblings *siblings_of(const Build *b, Handle code) { return map_find_ptr(&b->unit->siblings, code); }

Siblings *siblings_make(Build *b, Handle code) {
    Siblings *s = siblings_of(b, code);
    if (s) return s;
    s = arena_new(b->arena, Siblings);
    s->self = -1;
    map_set(b->arena, &b->unit->siblings, code, (uintptr_t)s);
    return s;
}

void siblings_know_self(Build *b, Handle code, PyObject *name, uint32_t ndefaults) {
    const PyCodeObject *c = b->host->object_of(code);
    Siblings *s = siblings_make(b, code);
    for (uint32_t i = 0; i < (uint32_t)c->co_nfreevars; i++)
        if (PyUnicode_Compare(free_name(c, i), name) == 0) s->self = (int32_t)i;
    s->own = name;
    s->ndefaults = ndefaults;
}

static bool same_name(PyObject *a, PyObject *b) { return a && b && PyUnicode_Compare(a, b) == 0; }

static const Link *find_link(const Siblings *s, PyObject *name) {
    for (uint32_t i = 0; s && i < s->link.n; i++)
        if (same_name(s->link.at[i].name, name)) return &s->link.at[i];
    return NULL;
}

bool siblings_reach(const Build *b, Handle from, Handle to) {
    const Siblings *s = siblings_of(b, from);
    bool found = from == to;
    for (uint32_t i = 0; s && i < s->link.n && !found; i++)
        found = siblings_reach(b, s->link.at[i].target, to);
    return found;
}

static bool has_name(const Names *names, PyObject *name) {
    for (uint32_t i = 0; i < names->n; i++)
        if (same_name(names->at[i], name)) return true;
    return false;
}

static Names names_of(Build *b, Handle code, bool with_self) {
    const PyCodeObject *c = b->host->object_of(code);
    const Siblings *s = siblings_of(b, code);
    Names names = {0};
    for (uint32_t i = 0; i < (uint32_t)c->co_nfreevars; i++) {
        PyObject *name = free_name(c, i);
        if (!s || ((with_self || (int32_t)i != s->self) && !find_link(s, name)))
            vec_push(b->arena, &names, name);
    }
    for (uint32_t k = 0; s && k < s->link.n; k++) {
        Names more = captured_by(b, s->link.at[k].target);
        for (uint32_t i = 0; i < more.n; i++)
            if (!has_name(&names, more.at[i]) && !same_name(more.at[i], s->own) && !find_link(s, more.at[i]))
                vec_push(b->arena, &names, more.at[i]);
    }
    return names;
}

Names captured_by(Build *b, Handle code) { return names_of(b, code, false); }
Names captured_at_first(Build *b, Handle code) { return names_of(b, code, true); }

/* ---- closures that a function makes when it begins ------------------------------------------------------------------- */

/* Of what it has captured, and of the default values again as such. */
static ValueId own_closure(Frame *f, const Siblings *s, uint32_t ncaptured) {
    Build *b = f->b;
    ValueId *v = arena_array(b->arena, ValueId, ncaptured + s->ndefaults + 1);
    for (uint32_t i = 0; i < ncaptured; i++) v[i] = b->f->params.at[i];
    for (uint32_t i = 0; i < s->ndefaults; i++) v[ncaptured + i] = v[ncaptured - s->ndefaults + i];
    ValueId closure = emit_op(f, OP_closure, ncaptured + s->ndefaults, v);
    inst_at(b->f, closure)->imm.handle = b->source->code;
    inst_at(b->f, closure)->sub = (uint8_t)s->ndefaults;
    return closure;
}

static ValueId linked_closure(Frame *f, const Siblings *s, const Names *captured, Handle target) {
    Build *b = f->b;
    Names names = captured_by(b, target);
    ValueId *v = arena_array(b->arena, ValueId, names.n + 1);
    for (uint32_t i = 0; i < names.n; i++) {
        const Link *link = find_link(s, names.at[i]);
        uint32_t k = 0;
        while (k < captured->n && !same_name(captured->at[k], names.at[i])) k++;
        v[i] = link              ? linked_closure(f, s, captured, link->target)
               : k < captured->n ? b->f->params.at[k]
                                 : own_closure(f, s, captured->n + s->ndefaults);
    }
    ValueId closure = emit_op(f, OP_closure, names.n, v);
    inst_at(b->f, closure)->imm.handle = target;
    return closure;
}

void siblings_begin(Frame *f, const Names *captured) {
    Build *b = f->b;
    const Siblings *s = siblings_of(b, b->source->code);
    uint32_t nfree = (uint32_t)f->code->co_nfreevars, first = f->nslots - nfree;
    if (!s) return;
    if (s->self >= 0)
        ssa_write(&b->ssa, f->home[first + (uint32_t)s->self].var, ENTRY_BLOCK,
                  own_closure(f, s, captured->n + s->ndefaults));
    for (uint32_t i = 0; i < nfree; i++) {
        const Link *link = find_link(s, free_name(f->code, i));
        if (link)
            ssa_write(&b->ssa, f->home[first + i].var, ENTRY_BLOCK,
                      linked_closure(f, s, captured, link->target));
    }
}
