/* calls.c - the rung of every call site, for f.inspect_calls().
 *
 * A site that a row of the tables serves has the rung of the row; one that a function of naja/library/ serves has rung 2,
 * or a higher one if that function, or any library function that it calls, has such a call: what a call costs is what is
 * behind it.  The search over callees remembers what it has found; a function that is being looked at counts as 2,
 * which is right for recursion, since its other calls decide.
 */
#include "engine/calls.h"
#include "library/library.h"

enum { OWN_FUNCTION = 0, RUNG_PYTHON = 2 };

static uint8_t deepest_rung(const Func *f, uint8_t *known);

/* Instruction k of a block, if it is a site: a row or a function does it. */
static const Inst *site_at(const Func *f, BlockId b, uint32_t k) {
    const Block *block = block_at(f, b);
    const Inst *i = inst_at(f, block->inst.at[k]);
    return !block->dead && (i->row || i->callee) ? i : NULL;
}

static uint8_t site_rung(const Inst *i, uint8_t *known) {
    if (i->callee) {
        const Source *s = i->callee->source;
        return s && s->is_library ? deepest_rung(i->callee, known) : OWN_FUNCTION;
    }
    Handle bridge = i->op == OP_call && i->imm.call ? i->imm.call->bridge : 0;
    return bridge && library_is_foreign(bridge) ? OWN_FUNCTION : i->row->rung;
}

/* known: by Func.index, 0 for those not looked at yet. */
static uint8_t deepest_rung(const Func *f, uint8_t *known) {
    if (known[f->index]) return known[f->index];
    known[f->index] = RUNG_PYTHON;
    uint8_t deepest = RUNG_PYTHON;
    for (BlockId b = 0; b < f->block.n; b++)
        for (uint32_t k = 0; k < block_at(f, b)->inst.n; k++) {
            const Inst *i = site_at(f, b, k);
            uint8_t rung = i ? site_rung(i, known) : 0;
            if (rung > deepest) deepest = rung;
        }
    return known[f->index] = deepest;
}

/* "numpy.sum", "ndarray.sum", "operator.add"; of a function that is in no table its own dotted name. */
static const char *site_name(const Func *f, const Inst *i) {
    const CallInfo *info = i->op == OP_call ? i->imm.call : NULL;
    if (info && info->bridge) return object_dotted_name(info->bridge);
    const Type *callee = i->op == OP_call && i->nargs ? inst_at(f, i->arg[0])->type : NULL;
    if (callee && callee->kind == TYPE_FUNCTION) {
        const char *name = library_name_of(callee->handle);
        return name ? name : object_dotted_name(callee->handle);
    }
    if (i->row) return i->row->name;
    return i->callee->source ? i->callee->source->name : i->callee->symbol;
}

static void format_site(StrBuf *out, const Func *f, const Inst *i, uint8_t *known) {
    Span s = func_span(f, i->span);
    strbuf_printf(out, "%s\t%d\t%d\t%d\t%d\t%d\t", f->source->qualname, (int)s.line, (int)s.column,
                  (int)s.end_line, (int)s.end_column, site_rung(i, known));
    strbuf_printf(out, "%s\t%s\n", site_name(f, i), i->type ? i->type->name : "none");
}

void calls_format(StrBuf *out, Unit *u) {
    uint8_t *known = arena_alloc(&u->arena, u->funcs.n + 1);
    memset(known, 0, u->funcs.n + 1);
    for (uint32_t k = 0; k < u->funcs.n; k++) {
        const Func *f = u->funcs.at[k];
        if (!f->source || f->source->is_library || f->state != FUNC_TYPED) continue;
        for (BlockId b = 0; b < f->block.n; b++)
            for (uint32_t j = 0; j < block_at(f, b)->inst.n; j++) {
                const Inst *i = site_at(f, b, j);
                if (i) format_site(out, f, i, known);
            }
    }
}
