/* types/print.c - names as users read them (Numba's), and short codes for symbols.
 *
 * A name is made once, when the type is interned, from the names of its parts.  ir/ parses the names of types
 * without Python objects back, so they are unambiguous; objects without a name of their own print as @handle.
 */
#include "types/types_private.h"

typedef void (*PrintType)(StrBuf *out, const Type *t);

static const char *const kind_name[TYPE_KIND_COUNT] = {
#define K(name, text, doc) [TYPE_##name] = text,
#include "types/kinds.def"
#undef K
};

static void print_elems(StrBuf *out, const Type *t, uint32_t from) {
    for (uint32_t i = from; i < t->nelem; i++)
        strbuf_printf(out, "%s%s", i > from ? ", " : "", t->elem[i]->name);
}

/* ---- names by kind ------------------------------------------------------------------------------------------- */

static void print_kind(StrBuf *out, const Type *t) { strbuf_puts(out, kind_name[t->kind]); }

static void print_int(StrBuf *out, const Type *t) {
    strbuf_printf(out, "%sint%d", t->is_signed ? "" : "u", t->bits);
}

static void print_with_bits(StrBuf *out, const Type *t) {
    strbuf_printf(out, "%s%d", kind_name[t->kind], t->bits);
}

static void print_literal_value(StrBuf *out, const Type *t) {
    if (t->text) strbuf_puts(out, t->text);
    else if (t->elem[0]->kind == TYPE_BOOL) strbuf_puts(out, t->value ? "True" : "False");
    else strbuf_printf(out, "%lld", (long long)t->value);
}

static void print_literal(StrBuf *out, const Type *t) {
    strbuf_printf(out, "Literal[%s](", t->text ? "str" : t->elem[0]->kind == TYPE_BOOL ? "bool" : "int");
    print_literal_value(out, t);
    strbuf_puts(out, ")");
}

static void print_tuple(StrBuf *out, const Type *t) {
    if (type_is_uniform_tuple(t)) {
        strbuf_printf(out, "UniTuple(%s x %u)", t->elem[0]->name, t->nelem);
    } else {
        strbuf_puts(out, "Tuple(");
        print_elems(out, t, 0);
        strbuf_puts(out, ")");
    }
}

/* A kind around its elements; @handle tells apart what has no name. */
static void print_around(StrBuf *out, const Type *t) {
    strbuf_puts(out, kind_name[t->kind]);
    if (kind_row[t->kind].key & KEY_HANDLE) strbuf_printf(out, "@%u", t->handle);
    strbuf_puts(out, "(");
    print_elems(out, t, 0);
    strbuf_puts(out, ")");
}

static void print_array(StrBuf *out, const Type *t) {
    static const char *const word[] = {"array", "memoryview", "pyarray"};
    strbuf_printf(out, "%s%s%s(%s, %dd, %c)", t->aligned ? "" : "unaligned ", t->readonly ? "readonly " : "",
                  word[t->flags & 3], t->elem[0]->name, t->ndim, "CFA"[t->layout]);
}

static void print_optional(StrBuf *out, const Type *t) {
    strbuf_printf(out, "OptionalType(%s)", t->elem[0]->name);
}

static void print_range(StrBuf *out, const Type *t) {
    strbuf_printf(out, "%s(%s%s)", t->flags & TYPE_RANGE_PARALLEL ? "prange" : "range", t->elem[0]->name,
                  t->flags & TYPE_RANGE_UNIT ? "" : ", step");
}

static void print_slice(StrBuf *out, const Type *t) {
    strbuf_puts(out, t->flags & TYPE_SLICE_FULL   ? "slice<:>"
                     : t->flags & TYPE_SLICE_STEP ? "slice<a:b:c>"
                                                  : "slice<a:b>");
}

static void print_zip(StrBuf *out, const Type *t) {
    strbuf_puts(out, t->flags & TYPE_ZIP_ENUMERATE ? "enumerate(" : "zip(");
    print_elems(out, t, 0);
    strbuf_puts(out, ")");
}

static void print_named(StrBuf *out, const Type *t) {
    strbuf_printf(out, "%s(%s)", kind_name[t->kind], t->text);
}

static void print_method(StrBuf *out, const Type *t) {
    strbuf_printf(out, "BoundFunction(%s for %s)", t->text, t->elem[0]->name);
}

static void print_omitted(StrBuf *out, const Type *t) {
    strbuf_puts(out, "omitted(default=");
    if (t->elem[0]->kind == TYPE_LITERAL) print_literal_value(out, t->elem[0]);
    else strbuf_puts(out, t->elem[0]->kind == TYPE_NONE ? "None" : t->elem[0]->name);
    strbuf_puts(out, ")");
}

static void print_generator(StrBuf *out, const Type *t) {
    strbuf_printf(out, "%s generator", t->elem[0]->name);
}

static void print_initial(StrBuf *out, const Type *t) {
    if (t->text) strbuf_printf(out, "<iv=%s>", t->text);
}

static void print_list(StrBuf *out, const Type *t) {
    bool typed = t->flags & TYPE_LIST_TYPED;
    strbuf_printf(out,
                  typed                            ? "ListType[%s]"
                  : t->flags & TYPE_LIST_REFLECTED ? "reflected list(%s)"
                                                   : "list(%s)",
                  t->elem[0]->name);
    print_initial(out, t);
}

static void print_text(StrBuf *out, const Type *t) { strbuf_puts(out, t->text); }

static void print_deferred(StrBuf *out, const Type *t) { strbuf_printf(out, "DeferredType#%u", t->handle); }

static void print_set(StrBuf *out, const Type *t) {
    strbuf_printf(out,
                  t->flags & TYPE_TABLE_TYPED       ? "SetType[%s]"
                  : t->flags & TYPE_TABLE_REFLECTED ? "reflected set(%s)"
                  : t->flags & TYPE_TABLE_FROZEN    ? "frozenset(%s)"
                                                    : "set(%s)",
                  t->elem[0]->name);
}

static void print_dict(StrBuf *out, const Type *t) {
    strbuf_printf(out, t->flags ? "reflected dict(%s,%s)" : "DictType[%s,%s]", t->elem[0]->name,
                  t->elem[1]->name);
    print_initial(out, t);
}

static void print_view(StrBuf *out, const Type *t) {
    static const char *const what[] = {"keys", "values", "items"};
    strbuf_printf(out, "dict_%s(%s)", what[t->flags], t->elem[0]->name);
}

static void print_cpointer(StrBuf *out, const Type *t) { strbuf_printf(out, "%s*", t->elem[0]->name); }

static void print_cfunction(StrBuf *out, const Type *t) {
    strbuf_printf(out, "FunctionType[%s(", t->elem[0]->name);
    print_elems(out, t, 1);
    strbuf_puts(out, ")]");
}

static void print_pyobject(StrBuf *out, const Type *t) {
    strbuf_puts(out, t->handle ? t->text : kind_name[t->kind]);
}

static void print_rng(StrBuf *out, const Type *t) {
    strbuf_puts(out, t->flags & TYPE_RNG_LEGACY ? "NumPyRandomStateType" : kind_name[t->kind]);
}

static void print_vector(StrBuf *out, const Type *t) {
    strbuf_printf(out, "vector(%s x %d)", t->elem[0]->name, t->bits);
}

static void print_record(StrBuf *out, const Type *t) {
    strbuf_puts(out, t->flags & TYPE_RECORD_READONLY ? "readonly Record(" : "Record(");
    for (uint32_t i = 0; i < t->nelem; i++) {
        RecordField f = type_record_field(t, i);
        strbuf_printf(out, "%s%.*s[type=%s;offset=%lld", i ? "," : "", (int)f.length, f.name,
                      t->elem[i]->name, (long long)f.offset);
        if (f.title) strbuf_printf(out, ";title=%.*s", (int)f.title_length, f.title);
        strbuf_puts(out, "]");
    }
    strbuf_printf(out, ";%u;%s)", type_itemsize(t), t->flags & TYPE_RECORD_ALIGNED ? "True" : "False");
}

static void print_charseq(StrBuf *out, const Type *t) {
    strbuf_printf(out, "[%s x %lld]", t->flags & TYPE_CHARSEQ_UNICODE ? "unichr" : "char",
                  (long long)t->value);
}

static void print_nested(StrBuf *out, const Type *t) {
    strbuf_printf(out, "nestedarray(%s, (%s))", t->elem[0]->name, t->text);
}

static void print_bytes(StrBuf *out, const Type *t) {
    strbuf_puts(out,
                t->flags & TYPE_BYTES_MUTABLE ? "bytearray(uint8, 1d, C)" : "readonly bytes(uint8, 1d, C)");
}

static void print_time(StrBuf *out, const Type *t) {
    strbuf_printf(out, "%s[%s]", kind_name[t->kind], time_unit_name(type_unit(t)));
}

static void print_strdict(StrBuf *out, const Type *t) {
    strbuf_puts(out, "LiteralStrKey[Dict]({");
    for (uint32_t i = 0; i + 1 < t->nelem; i += 2)
        strbuf_printf(out, "%s%s: %s", i ? ", " : "", t->elem[i]->text ? t->elem[i]->text : "?",
                      t->elem[i + 1]->name);
    strbuf_puts(out, "})");
}

static const PrintType print_row[TYPE_KIND_COUNT] = {
    [TYPE_BOOL] = print_kind,
    [TYPE_INT] = print_int,
    [TYPE_FLOAT] = print_with_bits,
    [TYPE_COMPLEX] = print_with_bits,
    [TYPE_NONE] = print_kind,
    [TYPE_LITERAL] = print_literal,
    [TYPE_STR] = print_kind,
    [TYPE_TUPLE] = print_tuple,
    [TYPE_NAMEDTUPLE] = print_around,
    [TYPE_STRDICT] = print_strdict,
    [TYPE_ARRAY] = print_array,
    [TYPE_OPTIONAL] = print_optional,
    [TYPE_RANGE] = print_range,
    [TYPE_SLICE] = print_slice,
    [TYPE_ELLIPSIS] = print_kind,
    [TYPE_ITER] = print_around,
    [TYPE_ZIP] = print_zip,
    [TYPE_DTYPE] = print_around,
    [TYPE_OBJECT] = print_named,
    [TYPE_FUNCTION] = print_named,
    [TYPE_CLOSURE] = print_around,
    [TYPE_METHOD] = print_method,
    [TYPE_EXCEPTION] = print_around,
    [TYPE_OMITTED] = print_omitted,
    [TYPE_FLAT] = print_around,
    [TYPE_FLAGS] = print_around,
    [TYPE_VECTOR] = print_vector,
    [TYPE_PTR] = print_kind,
    [TYPE_RNG] = print_rng,
    [TYPE_UNDEFINED] = print_kind,
    [TYPE_PYOBJECT] = print_pyobject,
    [TYPE_GENERATOR] = print_generator,
    [TYPE_LIST] = print_list,
    [TYPE_RECORD] = print_record,
    [TYPE_CHARSEQ] = print_charseq,
    [TYPE_NESTED] = print_nested,
    [TYPE_BYTES] = print_bytes,
    [TYPE_CAUGHT] = print_kind,
    [TYPE_DATETIME] = print_time,
    [TYPE_TIMEDELTA] = print_time,
    [TYPE_INSTANCE] = print_text,
    [TYPE_DEFERRED] = print_deferred,
    [TYPE_CHOICE] = print_around,
    [TYPE_ENUM] = print_around,
    [TYPE_SET] = print_set,
    [TYPE_DICT] = print_dict,
    [TYPE_VIEW] = print_view,
    [TYPE_CPOINTER] = print_cpointer,
    [TYPE_CFUNCTION] = print_cfunction,
    [TYPE_CTYPES] = print_around,
    [TYPE_USER] = print_text,
};

/* Moves the text into the arena. */
static const char *finish(Arena *a, StrBuf *b) {
    const char *text = arena_strndup(a, b->failed ? "?" : b->at, b->failed ? 1 : b->n);
    strbuf_free(b);
    return text;
}

const char *type_make_name(Arena *a, const Type *t) {
    StrBuf b = {0};
    print_row[t->kind](&b, t);
    return finish(a, &b);
}

/* ---- codes ------------------------------------------------------------------------------------------------------ */

/* One letter per kind; what the letter leaves open follows it. */
static const char kind_letter[TYPE_KIND_COUNT] = {
    [TYPE_BOOL] = 'b',       [TYPE_INT] = 'i',       [TYPE_FLOAT] = 'f',    [TYPE_COMPLEX] = 'c',
    [TYPE_NONE] = 'n',       [TYPE_LITERAL] = 'L',   [TYPE_STR] = 's',      [TYPE_TUPLE] = 'T',
    [TYPE_NAMEDTUPLE] = 'N', [TYPE_ARRAY] = 'A',     [TYPE_OPTIONAL] = 'O', [TYPE_RANGE] = 'R',
    [TYPE_SLICE] = 'S',      [TYPE_ELLIPSIS] = 'e',  [TYPE_ITER] = 'I',     [TYPE_ZIP] = 'Z',
    [TYPE_DTYPE] = 'D',      [TYPE_OBJECT] = 'M',    [TYPE_FUNCTION] = 'F', [TYPE_CLOSURE] = 'C',
    [TYPE_METHOD] = 'B',     [TYPE_EXCEPTION] = 'E', [TYPE_OMITTED] = 'o',  [TYPE_FLAT] = 'K',
    [TYPE_FLAGS] = 'G',      [TYPE_VECTOR] = 'V',    [TYPE_PTR] = 'p',      [TYPE_UNDEFINED] = 'u',
    [TYPE_PYOBJECT] = 'P',   [TYPE_GENERATOR] = 'Y', [TYPE_LIST] = 'l',     [TYPE_RECORD] = 'r',
    [TYPE_CHARSEQ] = 'q',    [TYPE_NESTED] = 'a',    [TYPE_BYTES] = 'y',    [TYPE_CAUGHT] = 'X',
    [TYPE_DATETIME] = 'd',   [TYPE_TIMEDELTA] = 't', [TYPE_INSTANCE] = 'J', [TYPE_DEFERRED] = 'w',
    [TYPE_CHOICE] = 'h',     [TYPE_ENUM] = 'g',      [TYPE_SET] = 'Q',      [TYPE_DICT] = 'H',
    [TYPE_VIEW] = 'v',       [TYPE_RNG] = 'k',       [TYPE_CPOINTER] = 'j', [TYPE_CFUNCTION] = 'x',
    [TYPE_CTYPES] = 'z',     [TYPE_USER] = 'U',      [TYPE_STRDICT] = 'm',
};

static void code_scalar(StrBuf *out, const Type *t) {
    char letter = t->kind == TYPE_INT && !t->is_signed ? 'u' : kind_letter[t->kind];
    strbuf_printf(out, "%c%d", letter, t->kind == TYPE_COMPLEX ? t->bits / 2 : t->bits);
}

static void code_literal(StrBuf *out, const Type *t) {
    if (t->text) strbuf_printf(out, "Ls%08x", (unsigned)hash_bytes(t->text, strlen(t->text), 0));
    else
        strbuf_printf(out, "L%s%s%llu", t->elem[0]->kind == TYPE_BOOL ? "b" : "", t->value < 0 ? "m" : "",
                      t->value < 0 ? 0 - (unsigned long long)t->value : (unsigned long long)t->value);
}

static void code_array(StrBuf *out, const Type *t) {
    strbuf_printf(out, "A%d%c%s%s", t->ndim, "CFA"[t->layout], t -> readonly ? "r" : "",
                  t->aligned ? "" : "u");
}

/* Walks the parts instead of asking for their codes: the table is locked. */
static void print_code(StrBuf *out, const Type *t) {
    unsigned key = kind_row[t->kind].key;
    if (t->kind == TYPE_INT || t->kind == TYPE_FLOAT || t->kind == TYPE_COMPLEX) {
        code_scalar(out, t);
        return;
    }
    if (t->kind == TYPE_LITERAL) {
        code_literal(out, t);
        return;
    }
    if (t->kind == TYPE_ARRAY) code_array(out, t);
    else strbuf_printf(out, "%c", kind_letter[t->kind]);
    if (t->flags) strbuf_printf(out, "%d", t->flags);
    if (key & KEY_HANDLE) strbuf_printf(out, "h%u", t->handle);
    if (t->text) strbuf_printf(out, "t%08x", (unsigned)hash_bytes(t->text, strlen(t->text), 0));
    if (t->kind == TYPE_CHARSEQ || t->kind == TYPE_CLOSURE) strbuf_printf(out, "_%lld", (long long)t->value);
    if (t->kind == TYPE_VECTOR) strbuf_printf(out, "%d", t->bits);
    if (key & KEY_ELEMS && t->kind != TYPE_ARRAY) strbuf_printf(out, "%u", t->nelem);
    for (uint32_t i = 0; i < t->nelem; i++) print_code(out, t->elem[i]);
}

const char *type_make_code(Arena *a, const Type *t) {
    StrBuf b = {0};
    print_code(&b, t);
    return finish(a, &b);
}
