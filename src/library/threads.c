/* threads.c - the functions of naja.threads in compiled code: how many threads, which one, which chunk.
 *
 * Both settings belong to the calling thread (runtime/pool.c); a parallel loop that compiled code starts afterwards
 * follows them, as one that Python starts does.
 */
#include "library/lower.h"

static const Type *type_get(Call *c) { return type_i64; }

static ValueId emit_get(Lower *l, Call *c) {
    Native n = (Native)(uintptr_t)c->row->data;
    return ir_native(&l->b, n, type_i64, 0, NULL);
}

static ValueId emit_get_thread_id(Lower *l, Call *c) {
    ValueId context = ir_append(&l->b, OP_context, type_ptr, 0, NULL);
    return ir_native(&l->b, NATIVE_get_thread_id, type_i64, 1, &context);
}

static const Type *integer_setting(Call *c, const char *what, const Type *result) {
    const Type *t = type_base(c->type[0]);
    return t->kind == TYPE_INT ? result : call_error(c, DIAG_WRONG_ARGUMENTS, "%s must be an integer", what);
}
static const Type *type_set_num_threads(Call *c) {
    return integer_setting(c, "The number of threads specified", type_none);
}
static const Type *type_set_chunksize(Call *c) {
    return integer_setting(c, "The parallel chunksize", type_i64); /* what it was before */
}

static ValueId emit_set_num_threads(Lower *l, Call *c) {
    ValueId n = lower_cast(l, c->value[0], c->type[0], type_i64);
    ValueId wrong = ir_native(&l->b, NATIVE_set_num_threads, type_i32, 1, &n);
    ValueId most = ir_native(&l->b, NATIVE_max_threads, type_i64, 0, NULL);
    lower_raise_if(l, lower_un(l, OP_trunc, type_bool, wrong), "ValueError",
                   "The number of threads must be between 1 and %d", 1, &most);
    return lower_empty(l, type_none);
}

static ValueId emit_set_chunksize(Lower *l, Call *c) {
    ValueId n = lower_cast(l, c->value[0], c->type[0], type_i64);
    lower_raise_if(l, ir_icmp(&l->b, PRED_LT, n, lower_i64(l, 0)), "ValueError",
                   "chunksize must be greater than or equal to zero", 0, NULL);
    return ir_native(&l->b, NATIVE_set_chunksize, type_i64, 1, &n);
}

#define NATIVE_TAG(n) ((const void *)(uintptr_t)(n))
static const LibRow rows[] = {
    {"naja.threads.get_num_threads", "", type_get, emit_get, NATIVE_TAG(NATIVE_get_num_threads), 1, 0},
    {"naja.threads.get_parallel_chunksize", "", type_get, emit_get, NATIVE_TAG(NATIVE_get_chunksize), 1, 0},
    {"naja.threads.get_thread_id", "", type_get, emit_get_thread_id, NULL, 1, 0},
    {"naja.threads.set_num_threads", "n", type_set_num_threads, emit_set_num_threads, NULL, 1, 0},
    {"naja.threads.set_parallel_chunksize", "n", type_set_chunksize, emit_set_chunksize, NULL, 1, 0},
};
const LibTable library_threads_table = {"threads", rows, ARRAY_LEN(rows)};
