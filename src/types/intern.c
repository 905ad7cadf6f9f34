/* types/intern.c - the table of types and the constructors.
 *
 * A constructor fills a Type on the stack as a key; type_intern() looks it up by the parts that its kind's row
 * names (KindRow.key) and copies it into the table's arena when it is new.  Name and fields are computed then,
 * once.  Types are never freed.
 *
 * Two shared objects have a copy of this file each.  They meet in one TypeTable: naja._core makes it,
 * naja._compiler adopts it.  Everything mutable is in the table, and `table` and the type_* pointers of each
 * copy are only written by types_start/types_adopt.
 *
 * Locking: one mutex around lookups and insertions; a fork waits for it, so that the child finds it free.
 * Memory: types are small and few; if even those do not fit, the arena has no one to unwind to and gives up.
 */
#include <pthread.h>
#include <stdlib.h>

#include "types/types_private.h"

/* S(variable, constructor expression): filled in this order by types_start. */
#define SIMPLE_TYPES(S)                          \
    S(type_none, simple(TYPE_NONE, 0))           \
    S(type_bool, simple(TYPE_BOOL, 1))           \
    S(type_i8, type_int(8, true))                \
    S(type_i16, type_int(16, true))              \
    S(type_i32, type_int(32, true))              \
    S(type_i64, type_int(64, true))              \
    S(type_u8, type_int(8, false))               \
    S(type_u16, type_int(16, false))             \
    S(type_u32, type_int(32, false))             \
    S(type_u64, type_int(64, false))             \
    S(type_f16, type_float(16))                  \
    S(type_f32, type_float(32))                  \
    S(type_f64, type_float(64))                  \
    S(type_ptr, simple(TYPE_PTR, 0))             \
    S(type_c64, type_complex(64))                \
    S(type_c128, type_complex(128))              \
    S(type_str, simple(TYPE_STR, 0))             \
    S(type_ellipsis, simple(TYPE_ELLIPSIS, 0))   \
    S(type_undefined, simple(TYPE_UNDEFINED, 0)) \
    S(type_pyobject, simple(TYPE_PYOBJECT, 0))   \
    S(type_rng, simple(TYPE_RNG, 0))             \
    S(type_random_state, random_state())         \
    S(type_caught, simple(TYPE_CAUGHT, 0))       \
    S(type_bytes, simple(TYPE_BYTES, 0))

#define S(name, make) const Type *name;
SIMPLE_TYPES(S)
#undef S

struct TypeTable {
    pthread_mutex_t lock;
    Arena arena;
    const Type **slot; /* open addressing, linear probing */
    uint32_t n, mask;
    Map codes; /* Type * -> type_code's text */
};

static TypeTable *table;

/* ---- interning -------------------------------------------------------------------------------------------- */

/* An object that has a handle is told by it; its text is only how it prints. */
static bool text_is_key(const Type *t, unsigned key) {
    return t->text && ((key & KEY_TEXT) && (!(key & KEY_HANDLE) || t->handle == 0));
}

static uint64_t hash_type(const Type *t) {
    unsigned key = kind_row[t->kind].key;
    uint64_t head[] = {t->kind | (uint64_t)t->bits << 8 | (uint64_t)t->is_signed << 16 |
                           (uint64_t)t->ndim << 24 | (uint64_t)t->layout << 32 | (uint64_t)t->readonly << 40 |
                           (uint64_t)t->aligned << 41 | (uint64_t)t->flags << 48,
                       (uint64_t)t->value, t->handle};
    uint64_t h = hash_bytes(head, sizeof head, 0);
    if (t->nelem) h = hash_bytes(t->elem, t->nelem * sizeof *t->elem, h);
    return text_is_key(t, key) ? hash_bytes(t->text, strlen(t->text), h) : h;
}

static bool same_type(const Type *a, const Type *b) {
    unsigned key = kind_row[a->kind].key;
    return a->kind == b->kind && a->bits == b->bits && a->is_signed == b->is_signed && a->ndim == b->ndim &&
           a->layout == b->layout && a->readonly == b->readonly && a->aligned == b->aligned &&
           a->flags == b->flags && a->value == b->value && a->handle == b->handle && a->nelem == b->nelem &&
           (a->nelem == 0 || memcmp(a->elem, b->elem, a->nelem * sizeof *a->elem) == 0) &&
           text_is_key(a, key) == text_is_key(b, key) &&
           (!text_is_key(a, key) || strcmp(a->text, b->text) == 0);
}

static uint32_t find_slot(const TypeTable *t, const Type *key) {
    uint32_t i = (uint32_t)hash_type(key) & t->mask;
    while (t->slot[i] && !same_type(t->slot[i], key)) i = (i + 1) & t->mask;
    return i;
}

static void grow_table(TypeTable *t) {
    const Type **old = t->slot;
    uint32_t old_capacity = old ? t->mask + 1 : 0, capacity = old ? old_capacity * 2 : 128;
    t->slot = arena_array(&t->arena, const Type *, capacity);
    t->mask = capacity - 1;
    for (uint32_t i = 0; i < old_capacity; i++)
        if (old[i]) t->slot[find_slot(t, old[i])] = old[i];
}

static const Type *add_type(TypeTable *table_, const Type *key) {
    Arena *a = &table_->arena;
    Type *t = arena_new(a, Type);
    *t = (Type){.kind = key->kind,
                .bits = key->bits,
                .is_signed = key->is_signed,
                .ndim = key->ndim,
                .layout = key->layout,
                .readonly = key->readonly,
                .aligned = key->aligned,
                .flags = key->flags,
                .nelem = key->nelem,
                .value = key->value,
                .handle = key->handle,
                .id = table_->n};
    if (key->nelem)
        t->elem = arena_grow(a, (void *)key->elem, key->nelem * sizeof *key->elem,
                             key->nelem * sizeof *key->elem);
    if (key->text) t->text = arena_strdup(a, key->text);
    t->name = type_make_name(a, t);
    type_set_fields(a, t);
    return t;
}

const Type *type_intern(const Type *key) {
    pthread_mutex_lock(&table->lock);
    if (table->n >= table->mask / 2) grow_table(table);
    uint32_t i = find_slot(table, key);
    const Type *t = table->slot[i];
    if (!t) {
        t = table->slot[i] = add_type(table, key);
        table->n++;
    }
    pthread_mutex_unlock(&table->lock);
    return t;
}

const char *type_code(const Type *t) {
    pthread_mutex_lock(&table->lock);
    const char *code = map_find_ptr(&table->codes, (uintptr_t)t);
    if (!code) {
        code = type_make_code(&table->arena, t);
        map_set(&table->arena, &table->codes, (uintptr_t)t, (uintptr_t)code);
    }
    pthread_mutex_unlock(&table->lock);
    return code;
}

/* ---- life of the table ------------------------------------------------------------------------------------- */

static const Type *simple(TypeKind kind, unsigned bits) {
    return type_intern(&(Type){.kind = kind, .bits = (uint8_t)bits});
}

static const Type *random_state(void) {
    return type_intern(&(Type){.kind = TYPE_RNG, .flags = TYPE_RNG_LEGACY});
}

static void fill_simple_types(void) {
#define S(name, make) name = make;
    SIMPLE_TYPES(S)
#undef S
}

static void lock_table(void) { pthread_mutex_lock(&table->lock); }
static void unlock_table(void) { pthread_mutex_unlock(&table->lock); }

TypeTable *types_start(void) {
    if (table) return table;
    TypeTable *t = calloc(1, sizeof *t);
    if (!t || pthread_mutex_init(&t->lock, NULL) != 0) {
        free(t);
        return NULL;
    }
    arena_init(&t->arena, NULL, NULL);
    table = t;
    fill_simple_types();
    pthread_atfork(lock_table, unlock_table, unlock_table);
    return t;
}

void types_adopt(TypeTable *shared) {
    table = shared;
    fill_simple_types();
}

/* ---- constructors ------------------------------------------------------------------------------------------ */

const Type *type_int(unsigned bits, bool is_signed) {
    assert(bits == 8 || bits == 16 || bits == 32 || bits == 64);
    return type_intern(&(Type){.kind = TYPE_INT, .bits = (uint8_t)bits, .is_signed = is_signed});
}

const Type *type_float(unsigned bits) {
    assert(bits == 16 || bits == 32 || bits == 64);
    return simple(TYPE_FLOAT, bits);
}

const Type *type_complex(unsigned bits) {
    assert(bits == 64 || bits == 128);
    return simple(TYPE_COMPLEX, bits);
}

static const Type *time_type(TypeKind kind, TimeUnit unit) {
    return type_intern(&(Type){.kind = kind, .bits = 64, .flags = (uint8_t)unit});
}

const Type *type_datetime(TimeUnit unit) { return time_type(TYPE_DATETIME, unit); }
const Type *type_timedelta(TimeUnit unit) { return time_type(TYPE_TIMEDELTA, unit); }

const Type *type_enum(Handle cls, bool is_int) {
    return type_intern(&(Type){.kind = TYPE_ENUM, .handle = cls, .nelem = is_int, .elem = &type_i64});
}

const Type *type_literal_int(int64_t value) {
    return type_intern(&(Type){.kind = TYPE_LITERAL, .nelem = 1, .elem = &type_i64, .value = value});
}

const Type *type_literal_bool(bool value) {
    return type_intern(&(Type){.kind = TYPE_LITERAL, .nelem = 1, .elem = &type_bool, .value = value});
}

const Type *type_literal_str(const char *utf8) {
    return type_intern(&(Type){.kind = TYPE_LITERAL, .nelem = 1, .elem = &type_str, .text = utf8});
}

const Type *type_tuple(uint32_t n, const Type *const *elem) {
    return type_intern(&(Type){.kind = TYPE_TUPLE, .nelem = n, .elem = elem});
}

const Type *type_namedtuple(Handle cls, uint32_t n, const Type *const *elem) {
    return type_intern(&(Type){.kind = TYPE_NAMEDTUPLE, .handle = cls, .nelem = n, .elem = elem});
}

const Type *type_strdict(uint32_t n, const Type *const *elem) {
    return type_intern(&(Type){.kind = TYPE_STRDICT, .nelem = n, .elem = elem});
}

const Type *type_array(const Type *dtype, unsigned ndim, Layout layout, bool readonly, bool aligned) {
    assert(ndim <= MAX_NDIM);
    if (ndim == 0 || (ndim == 1 && layout == LAYOUT_F)) layout = LAYOUT_C;
    if (dtype->kind == TYPE_RECORD && !(dtype->flags & TYPE_RECORD_ALIGNED)) aligned = false;
    return type_intern(&(Type){.kind = TYPE_ARRAY,
                               .nelem = 1,
                               .elem = &dtype,
                               .ndim = (uint8_t)ndim,
                               .layout = layout,
                               .readonly = readonly,
                               .aligned = aligned});
}

const Type *type_optional(const Type *elem) {
    if (elem->kind == TYPE_NONE || elem->kind == TYPE_OPTIONAL) return elem;
    elem = type_base(elem); /* a literal has no leaf to hold what the other arm may be */
    return type_intern(&(Type){.kind = TYPE_OPTIONAL, .nelem = 1, .elem = &elem});
}

const Type *type_list(const Type *elem, unsigned flags) {
    return type_intern(&(Type){.kind = TYPE_LIST, .nelem = 1, .elem = &elem, .flags = (uint8_t)flags});
}

const Type *type_set(const Type *elem, unsigned flags) {
    return type_intern(&(Type){.kind = TYPE_SET, .nelem = 1, .elem = &elem, .flags = (uint8_t)flags});
}

const Type *type_dict(const Type *key, const Type *value, unsigned flags) {
    const Type *elem[] = {key, value};
    return type_intern(&(Type){.kind = TYPE_DICT, .nelem = 2, .elem = elem, .flags = (uint8_t)flags});
}

const Type *type_with_initial(const Type *container, const char *items) {
    Type key = {.kind = container->kind,
                .nelem = container->nelem,
                .elem = container->elem,
                .flags = container->flags,
                .text = items};
    return type_intern(&key);
}

const Type *type_without_initial(const Type *t) {
    return type_is_container(t) && t->text ? type_with_initial(t, NULL) : t;
}

const Type *type_dict_view(const Type *dict, unsigned what) {
    return type_intern(&(Type){.kind = TYPE_VIEW, .nelem = 1, .elem = &dict, .flags = (uint8_t)what});
}

const Type *type_range(const Type *integer, unsigned flags) {
    return type_intern(&(Type){.kind = TYPE_RANGE, .nelem = 1, .elem = &integer, .flags = (uint8_t)flags});
}

const Type *type_slice(unsigned flags) {
    return type_intern(&(Type){.kind = TYPE_SLICE, .flags = (uint8_t)flags});
}

/* elem[0] is the container, the rest are the inner states. */
const Type *type_iter(const Type *container, uint32_t n, const Type *const *inner) {
    const Type *few[16], **elem = n < ARRAY_LEN(few) ? few : calloc(n + 1, sizeof *elem);
    if (!elem) abort(); /* as when the table itself finds no memory */
    elem[0] = container;
    if (n) memcpy(elem + 1, inner, n * sizeof *inner);
    const Type *t = type_intern(&(Type){.kind = TYPE_ITER, .nelem = n + 1, .elem = elem});
    if (elem != few) free(elem);
    return t;
}

const Type *type_zip(bool enumerate, uint32_t n, const Type *const *iterables) {
    return type_intern(&(Type){
        .kind = TYPE_ZIP, .nelem = n, .elem = iterables, .flags = enumerate ? TYPE_ZIP_ENUMERATE : 0});
}

static const Type *around(TypeKind kind, const Type *inner) {
    return type_intern(&(Type){.kind = kind, .nelem = 1, .elem = &inner});
}

const Type *type_dtype(const Type *scalar) { return around(TYPE_DTYPE, scalar); }
const Type *type_flat(const Type *array) { return around(TYPE_FLAT, array); }
const Type *type_cpointer(const Type *to) { return around(TYPE_CPOINTER, to); }
const Type *type_ctypes(const Type *array) { return around(TYPE_CTYPES, array); }

const Type *type_cfunction(const Type *result, uint32_t nargs, const Type *const *args) {
    const Type *few[16], **elem = nargs < ARRAY_LEN(few) ? few : calloc(nargs + 1, sizeof *elem);
    if (!elem) abort(); /* as when the table itself finds no memory */
    elem[0] = result;
    if (nargs) memcpy(elem + 1, args, nargs * sizeof *args);
    const Type *t = type_intern(&(Type){.kind = TYPE_CFUNCTION, .nelem = nargs + 1, .elem = elem});
    if (elem != few) free(elem);
    return t;
}

const Type *type_user(Handle type, const char *name, uint32_t n, const Type *const *members) {
    return type_intern(&(Type){.kind = TYPE_USER, .handle = type, .text = name, .nelem = n, .elem = members});
}

const Type *type_flags(const Type *array) { return around(TYPE_FLAGS, array); }

const Type *type_object(Handle h, const char *name) {
    return type_intern(&(Type){.kind = TYPE_OBJECT, .handle = h, .text = name});
}

const Type *type_pyobject_of(Handle h, const char *name) {
    return type_intern(&(Type){.kind = TYPE_PYOBJECT, .handle = h, .text = name});
}

const Type *type_function(Handle h, const char *name) {
    return type_intern(&(Type){.kind = TYPE_FUNCTION, .handle = h, .text = name});
}

const Type *type_closure(Handle code, Handle lender, uint32_t ncaptured, const Type *const *captured) {
    return type_intern(
        &(Type){.kind = TYPE_CLOSURE, .handle = code, .value = lender, .nelem = ncaptured, .elem = captured});
}

const Type *type_choice(uint32_t n, const Type *const *functions) {
    return type_intern(&(Type){.kind = TYPE_CHOICE, .nelem = n, .elem = functions});
}

const Type *type_method(const Type *receiver, const char *name) {
    return type_intern(&(Type){.kind = TYPE_METHOD, .nelem = 1, .elem = &receiver, .text = name});
}

const Type *type_exception(Handle cls, uint32_t n, const Type *const *args) {
    return type_intern(&(Type){.kind = TYPE_EXCEPTION, .handle = cls, .nelem = n, .elem = args});
}

const Type *type_omitted(const Type *of, Handle value) {
    return type_intern(&(Type){.kind = TYPE_OMITTED, .nelem = 1, .elem = &of, .handle = value});
}

const Type *type_generator(Handle code, const Type *yielded, const Type *returned, uint32_t nargs,
                           const Type *const *args) {
    const Type *few[16], **elem = nargs + 1 < ARRAY_LEN(few) ? few : calloc(nargs + 2, sizeof *elem);
    if (!elem) abort(); /* as when the table itself finds no memory */
    elem[0] = yielded;
    elem[1] = returned;
    if (nargs) memcpy(elem + 2, args, nargs * sizeof *args);
    const Type *t = type_intern(
        &(Type){.kind = TYPE_GENERATOR, .handle = code, .nelem = nargs + 2, .elem = elem});
    if (elem != few) free(elem);
    return t;
}

const Type *type_generator_any(const Type *yielded, const Type *returned) {
    return type_generator(0, yielded, returned, 0, NULL);
}

const Type *type_generator_on_stack(const Type *generator) {
    Type key = {.kind = TYPE_GENERATOR,
                .flags = TYPE_GENERATOR_STACK,
                .handle = generator->handle,
                .nelem = generator->nelem,
                .elem = generator->elem};
    return type_intern(&key);
}

const Type *type_instance(Handle descriptor, const char *name) {
    return type_intern(&(Type){.kind = TYPE_INSTANCE, .handle = descriptor, .text = name});
}

const Type *type_deferred(Handle token) {
    return type_intern(&(Type){.kind = TYPE_DEFERRED, .handle = token});
}

const Type *type_vector(const Type *scalar, unsigned lanes) {
    return type_intern(&(Type){.kind = TYPE_VECTOR, .nelem = 1, .elem = &scalar, .bits = (uint8_t)lanes});
}

const Type *type_with_elems(const Type *t, const Type *const *elem) {
    Type key = {.kind = t->kind,
                .bits = t->bits,
                .is_signed = t->is_signed,
                .ndim = t->ndim,
                .layout = t->layout,
                .readonly = t->readonly,
                .aligned = t->aligned,
                .flags = t->flags,
                .nelem = t->nelem,
                .elem = elem,
                .value = t->value,
                .handle = t->handle,
                .text = t->text};
    return type_intern(&key);
}
