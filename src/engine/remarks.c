/* remarks.c - see remarks.h. */
#include "engine/remarks.h"

/* What a runtime function that gives new memory makes. */
static const char *made_by(Native native) {
    switch (native) {
    case NATIVE_list_new: return "a list";
    case NATIVE_instance_new: return "an instance";
    case NATIVE_table_new:
    case NATIVE_table_like:
    case NATIVE_table_copy: return "a set or dict";
    case NATIVE_generator_new: return "a generator";
    case NATIVE_block_new:
    case NATIVE_block_new_zeroed: return "an array";
    default: return "memory";
    }
}

static void remark_memory(const Func *f, const Block *b, const Inst *i) {
    const char *again = b->loop_depth ? ", in every iteration" : "";
    if (i->op == OP_native && native_info[i->imm.native].attributes & NATIVE_FRESH)
        func_remark(f, i->span, "memory", "makes %s%s", made_by((Native)i->imm.native), again);
    if ((i->op == OP_incref || i->op == OP_decref) && b->loop_depth)
        func_remark(f, i->span, "memory", "counts references of %s%s",
                    value_type(f, i->arg[0]) ? value_type(f, i->arg[0])->name : "a value", again);
}

static void find_memory(const Func *f) {
    for (BlockId b = 0; b < f->block.n; b++) {
        const Block *block = block_at(f, b);
        for (uint32_t k = 0; !block->dead && !block->cold && k < block->inst.n; k++)
            remark_memory(f, block, inst_at(f, block->inst.at[k]));
    }
}

void remarks_format(StrBuf *out, Unit *u) {
    for (uint32_t k = 0; k < u->funcs.n; k++)
        if (u->funcs.at[k]->state == FUNC_LOWERED) find_memory(u->funcs.at[k]);
    for (uint32_t k = 0; k < u->remarks.n; k++) {
        const Remark *r = &u->remarks.at[k];
        Span s = func_span(r->func, r->span);
        strbuf_printf(out, "%s\t%d\t%d\t%s\t%s\n", r->func->source->filename, (int)s.line, (int)s.column,
                      r->kind, r->text);
    }
}
