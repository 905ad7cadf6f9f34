/* library.c - the index over all rows: by name, and by the Python object that has the name.
 *
 * By name: one string map, filled once from tables.c; rows of one name keep the order of the tables.
 *
 * By object: np.sum must be found however it was imported, so the key is the object's identity.  For every
 * Python module that rows name ("numpy" in "numpy.sum"), the objects are looked up with getattr as soon as
 * the module is in sys.modules; before that no program can hold one of them.  An object that is unknown
 * therefore costs one look at the modules that are not loaded yet.
 *
 * The index lives as long as the process.  Lookups by name read immutable data; those by object need the GIL.
 */
#include <pthread.h>

#include "library/objects.h"
#include "library/tables.h"

typedef struct {
    Vec(const LibRow *) rows;
    const char *name;
} RowList;

/* A Python module that rows name, and the names in it. */
typedef struct {
    const char *name;
    Vec(RowList *) rows;
    bool loaded;
} ModuleNames;

static struct {
    Arena arena;
    LibraryHost host;
    bool started, has_host;
    StrMap by_name; /* name -> RowList */
    Map signature;  /* LibRow * -> Signature * */
    Vec(ModuleNames *) modules;
    Map by_object;        /* Handle -> name */
    pthread_mutex_t lock; /* guards modules and by_object on free-threaded Python */
} index_ = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Name spaces of rows that are types, not Python modules. */
static const char *const type_spaces[] = {
    "ndarray", "complex",  "int",     "float",   "bool",      "number",   "str",
    "tuple",   "ufunc",    "range",   "slice",   "dtype",     "flatiter", "flagsobj",
    "iter",    "optional", "none",    "literal", "exception", "closure",  "function",
    "list",    "local",    "fstring", "record",  "bytes",     "instance", "shared",
};

static bool is_type_space(const char *s) {
    for (uint32_t i = 0; i < ARRAY_LEN(type_spaces); i++)
        if (!strcmp(type_spaces[i], s)) return true;
    return false;
}

static ModuleNames *module_named(const char *name) {
    for (uint32_t i = 0; i < index_.modules.n; i++)
        if (!strcmp(index_.modules.at[i]->name, name)) return index_.modules.at[i];
    ModuleNames *m = arena_new(&index_.arena, ModuleNames);
    m->name = name;
    vec_push(&index_.arena, &index_.modules, m);
    return m;
}

static void list_in_module(RowList *rows) {
    const char *dot = strrchr(rows->name, '.');
    if (!dot || strchr(rows->name, '@')) return;
    const char *module = arena_strndup(&index_.arena, rows->name, (size_t)(dot - rows->name));
    if (is_type_space(module)) return;
    ModuleNames *m = module_named(module);
    vec_push(&index_.arena, &m->rows, rows);
}

static bool add_row(const LibRow *row) {
    RowList *rows = strmap_find(&index_.by_name, row->name);
    if (!rows) {
        rows = arena_new(&index_.arena, RowList);
        rows->name = row->name;
        strmap_set(&index_.arena, &index_.by_name, row->name, rows);
        list_in_module(rows);
    }
    vec_push(&index_.arena, &rows->rows, row);
    const Signature *s = signature_parse(&index_.arena, row);
    if (!s) return false;
    map_set(&index_.arena, &index_.signature, (uint64_t)(uintptr_t)row, (uint64_t)(uintptr_t)s);
    return true;
}

bool library_start(const LibraryHost *host) {
    if (host) {
        index_.host = *host;
        index_.has_host = true;
    }
    if (index_.started) return true;
    arena_init(&index_.arena, NULL, NULL);
    for (uint32_t t = 0; t < library_ntables; t++)
        for (uint32_t i = 0; i < library_tables[t]->n; i++)
            if (!add_row(&library_tables[t]->row[i])) return false;
    index_.started = true;
    return true;
}

const LibraryHost *library_host(void) { return index_.has_host ? &index_.host : NULL; }

const LibRow *const *library_rows(const char *name, uint32_t *n) {
    RowList *rows = strmap_find(&index_.by_name, name);
    *n = rows ? rows->rows.n : 0;
    return rows ? rows->rows.at : NULL;
}

const Signature *library_signature(const LibRow *row) {
    return map_find_ptr(&index_.signature, (uint64_t)(uintptr_t)row);
}

static void load_module(ModuleNames *m) {
    Handle module = object_loaded_module(m->name);
    if (!module) return;
    m->loaded = true;
    for (uint32_t i = 0; i < m->rows.n; i++) {
        RowList *rows = m->rows.at[i];
        Handle h = object_attribute(module, strrchr(rows->name, '.') + 1);
        if (h && !map_find(&index_.by_object, h, NULL))
            map_set(&index_.arena, &index_.by_object, h, (uint64_t)(uintptr_t)rows->name);
    }
}

const char *library_name_of(Handle object) {
    if (!object) return NULL;
    pthread_mutex_lock(&index_.lock);
    const char *name = map_find_ptr(&index_.by_object, object);
    if (!name) {
        for (uint32_t i = 0; i < index_.modules.n; i++)
            if (!index_.modules.at[i]->loaded) load_module(index_.modules.at[i]);
        name = map_find_ptr(&index_.by_object, object);
    }
    pthread_mutex_unlock(&index_.lock);
    return name;
}

Handle library_object(const char *name) {
    char module[80];
    const char *dot = strrchr(name, '.');
    if (!dot || (size_t)(dot - name) >= sizeof module) return 0;
    memcpy(module, name, (size_t)(dot - name));
    module[dot - name] = '\0';
    Handle h = is_type_space(module) ? 0 : object_loaded_module(module);
    return h ? object_attribute(h, dot + 1) : 0;
}

/* [a, b] in compiled code is a tuple of the class list: its items are known one by one, and it never changes. */
bool library_is_list(const Type *t) {
    return t->kind == TYPE_NAMEDTUPLE && t->handle && t->handle == library_object("builtins.list");
}

/* The name space of each kind's attributes and methods. */
static const char *const kind_space[TYPE_KIND_COUNT] = {
    [TYPE_BOOL] = "bool",           [TYPE_INT] = "int",
    [TYPE_FLOAT] = "float",         [TYPE_COMPLEX] = "complex",
    [TYPE_NONE] = "none",           [TYPE_STR] = "str",
    [TYPE_TUPLE] = "tuple",         [TYPE_NAMEDTUPLE] = "tuple",
    [TYPE_ARRAY] = "ndarray",       [TYPE_ENUM] = "enum",
    [TYPE_DATETIME] = "datetime64", [TYPE_TIMEDELTA] = "timedelta64",
    [TYPE_RANGE] = "range",         [TYPE_SLICE] = "slice",
    [TYPE_ITER] = "iter",           [TYPE_DTYPE] = "dtype",
    [TYPE_FUNCTION] = "function",   [TYPE_CLOSURE] = "closure",
    [TYPE_EXCEPTION] = "exception", [TYPE_CAUGHT] = "exception",
    [TYPE_FLAT] = "flatiter",       [TYPE_RNG] = "rng",
    [TYPE_FLAGS] = "flagsobj",      [TYPE_RECORD] = "record",
    [TYPE_BYTES] = "bytes",         [TYPE_INSTANCE] = "instance",
    [TYPE_GENERATOR] = "generator", [TYPE_SET] = "set",
    [TYPE_DICT] = "dict",           [TYPE_STRDICT] = "dict",
    [TYPE_VIEW] = "dict_view",      [TYPE_USER] = "user",
    [TYPE_CPOINTER] = "cpointer",   [TYPE_CFUNCTION] = "cfunction",
    [TYPE_CTYPES] = "ctypes",
};

const char *library_type_name(const Type *t) {
    if (t->kind != TYPE_ENUM) t = type_base(t);
    if (t->kind == TYPE_OPTIONAL) t = t->elem[0];
    if (t->kind == TYPE_LIST || library_is_list(t)) return "list";
    if (t == type_random_state) return "random_state";
    return kind_space[t->kind] ? kind_space[t->kind] : t->name;
}
