/* types/instances.c - the members of instance types, and types that are named before they exist.
 *
 * An instance may refer to itself (a list's node, a tree), so an INSTANCE type is interned by its descriptor alone, and
 * its members are said once, later.  A DEFERRED type is replaced by what it stands for wherever members are asked for;
 * the layout of an instance is computed when it is first needed, by which time all names must have a meaning.
 *
 * Definitions live as long as the types: as long as the process.  Writing them is one compare-and-swap, so that readers
 * need no lock.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "types/types_private.h"

/* What is said of an INSTANCE; `layout` is computed on demand. */
typedef struct {
    _Atomic(const InstanceLayout *) layout;
    uint32_t n;
    const char **name;
    const Type **type;
} Definition;

static bool say(const Type *t, const void *meaning) {
    const void *expected = NULL; /* the other mutable field of a type is its Python object */
    return atomic_compare_exchange_strong(&((Type *)t)->meaning, &expected, meaning);
}

static Definition *definition_of(const Type *t) {
    return (Definition *)atomic_load_explicit(&((Type *)t)->meaning, memory_order_acquire);
}

static void free_definition(Definition *d) {
    for (uint32_t i = 0; d->name && i < d->n; i++) free((void *)d->name[i]);
    free(d->name);
    free(d->type);
    free(d);
}

bool type_define_instance(const Type *t, uint32_t n, const char *const *name, const Type *const *type) {
    Definition *d = calloc(1, sizeof *d);
    if (!d) return false;
    d->n = n;
    d->name = calloc(n + 1, sizeof *d->name);
    d->type = calloc(n + 1, sizeof *d->type);
    bool ok = d->name && d->type;
    for (uint32_t i = 0; ok && i < n; i++) {
        d->type[i] = type[i];
        ok = (d->name[i] = strdup(name[i])) != NULL;
    }
    ok = ok && say(t, d);
    if (!ok) free_definition(d);
    return ok;
}

bool type_define_deferred(const Type *t, const Type *as) { return say(t, as); }

/* ---- deferred types -------------------------------------------------------------------------------------------- */

static bool mentions_deferred(const Type *t) {
    if (t->kind == TYPE_DEFERRED) return true;
    for (uint32_t i = 0; i < t->nelem; i++)
        if (mentions_deferred(t->elem[i])) return true;
    return false;
}

const Type *type_resolve(const Type *t) {
    if (!mentions_deferred(t)) return t;
    if (t->kind == TYPE_DEFERRED) {
        const Type *as = atomic_load_explicit(&((Type *)t)->meaning, memory_order_acquire);
        return as ? type_resolve(as) : NULL;
    }
    const Type **elem = calloc(t->nelem, sizeof *elem);
    bool ok = elem != NULL;
    for (uint32_t i = 0; ok && i < t->nelem; i++) ok = (elem[i] = type_resolve(t->elem[i])) != NULL;
    const Type *resolved = ok ? type_with_elems(t, elem) : NULL;
    free(elem);
    return resolved;
}

/* ---- layout ------------------------------------------------------------------------------------------------------ */

static int64_t alignment_of(const Type *t) {
    if (!type_is_number(t)) return 8;
    return t->kind == TYPE_COMPLEX ? t->bits / 16 : type_itemsize(t);
}

static void mark_managed(uint64_t *map, const Member *m) {
    uint64_t managed = type_cell_managed(m->type);
    for (; managed; managed &= managed - 1) {
        int64_t slot = m->offset / 8 + __builtin_ctzll(managed);
        map[slot / 64] |= UINT64_C(1) << (slot % 64);
    }
}

static void free_layout(InstanceLayout *l) {
    free((void *)l->member);
    free((void *)l->map);
    free(l);
}

/* NULL: some type is not known yet, or memory is short. */
static InstanceLayout *new_layout(const Definition *d) {
    InstanceLayout *l = calloc(1, sizeof *l);
    Member *member = calloc(d->n + 1, sizeof *member);
    bool ok = l && member;
    int64_t at = 0;
    for (uint32_t i = 0; ok && i < d->n; i++) {
        const Type *t = type_resolve(d->type[i]);
        if (!(ok = t != NULL)) break;
        int64_t align = alignment_of(t);
        at = (at + align - 1) / align * align;
        member[i] = (Member){d->name[i], t, at};
        at += type_cell_nbytes(t);
    }
    at = (at + 7) / 8 * 8;
    uint64_t *map = ok ? calloc((size_t)at / 512 + 1, sizeof *map) : NULL;
    if (!map) {
        free(member);
        free(l);
        return NULL;
    }
    for (uint32_t i = 0; i < d->n; i++) mark_managed(map, &member[i]);
    *l = (InstanceLayout){.n = d->n, .member = member, .map = map, .nbytes = at};
    for (uint32_t w = 0; w <= at / 512; w++)
        if (map[w]) l->nmaps = w + 1;
    return l;
}

const InstanceLayout *type_layout(const Type *t) {
    Definition *d = t->kind == TYPE_INSTANCE ? definition_of(t) : NULL;
    if (!d) return NULL;
    const InstanceLayout *known = atomic_load_explicit(&d->layout, memory_order_acquire);
    if (known) return known;
    InstanceLayout *made = new_layout(d);
    if (!made) return NULL;
    if (atomic_compare_exchange_strong(&d->layout, &known, made)) return made;
    free_layout(made); /* another thread was faster */
    return known;
}

const Member *type_member(const Type *t, const char *name) {
    const InstanceLayout *l = type_layout(t);
    for (uint32_t i = 0; l && i < l->n; i++)
        if (!strcmp(l->member[i].name, name)) return &l->member[i];
    return NULL;
}
