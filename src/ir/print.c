/* ir/print.c - the IR as text (the form is described in text.h). */
#include <math.h>

#include "ir/text.h"

const FlagName inst_flag_name[] = {
    {"inbounds", INST_INBOUNDS}, {"nonneg", INST_NONNEG},
    {"reassoc", INST_REASSOC},   {"nsw", INST_NSW},
    {"cold", INST_COLD},         {"builtin", INST_BUILTIN_RAISE},
    {"limit", INST_LIMIT},       {NULL, 0},
};

const char *const state_name[] = {
    [FUNC_UNTYPED] = "untyped", [FUNC_TYPED] = "typed", [FUNC_LOWERED] = "lowered"};

const char *const predicate_name[PRED_COUNT] = {
    [PRED_EQ] = "eq", [PRED_NE] = "ne",   [PRED_LT] = "lt",   [PRED_LE] = "le",   [PRED_GT] = "gt",
    [PRED_GE] = "ge", [PRED_ULT] = "ult", [PRED_ULE] = "ule", [PRED_UGT] = "ugt", [PRED_UGE] = "uge",
};

/* The name of the row: symbols such as "-" stand for several operators. */
const char *const operator_name[OPERATOR_COUNT] = {
#define P(name, symbol, function, ufunc) [OPERATOR_##name] = #name,
#include "ir/operators.def"
#undef P
};

static void print_value(StrBuf *out, ValueId v) {
    if (v == NO_VALUE) strbuf_puts(out, "_");
    else strbuf_printf(out, "%%%u", v);
}

static void print_values(StrBuf *out, const char *open, const ValueId *list, uint32_t n, const char *close) {
    strbuf_puts(out, open);
    for (uint32_t i = 0; i < n; i++) {
        strbuf_puts(out, i ? ", " : "");
        print_value(out, list[i]);
    }
    strbuf_puts(out, close);
}

/* ---- immediates ------------------------------------------------------------------------------------------------ */

/* Shortest form that reads back as the same number. */
static void print_float(StrBuf *out, double x) {
    if (isnan(x)) strbuf_puts(out, signbit(x) ? "-nan" : "nan");
    else if (x == trunc(x) && fabs(x) < 1e15) strbuf_printf(out, "%.1f", x);
    else strbuf_printf(out, "%.17g", x);
}

static void print_name(StrBuf *out, const char *name) {
    strbuf_puts(out, "\"");
    for (const char *c = name ? name : ""; *c; c++) {
        if (*c == '"' || *c == '\\') strbuf_puts(out, "\\");
        strbuf_add(out, c, 1);
    }
    strbuf_puts(out, "\"");
}

static void print_immediate(StrBuf *out, const Inst *i) {
    switch (op_info[i->op].imm) {
    case IMM_INT: strbuf_printf(out, " %lld", (long long)i->imm.i); break;
    case IMM_FLOAT: strbuf_puts(out, " "), print_float(out, i->imm.f); break;
    case IMM_NAME: strbuf_puts(out, " "), print_name(out, i->imm.name); break;
    case IMM_HANDLE:
    case IMM_CODE: strbuf_printf(out, " @%u", i->imm.handle); break;
    case IMM_OPERATOR: strbuf_printf(out, " %s", operator_name[i->sub]); break;
    case IMM_PREDICATE:
    case IMM_COMPARE: strbuf_printf(out, " %s", predicate_name[i->sub]); break;
    case IMM_FIELD: strbuf_printf(out, " .%u", i->imm.field); break;
    case IMM_FUNC: strbuf_printf(out, " &%s", i->imm.func ? i->imm.func->symbol : "?"); break;
    case IMM_NATIVE: strbuf_printf(out, " %s", native_info[i->imm.native].name); break;
    case IMM_SITE: strbuf_printf(out, " site %u", i->imm.site); break;
    case IMM_OBJMODE:
        for (uint32_t k = 0; k < i->imm.objmode->nin; k++) strbuf_printf(out, " %s", i->imm.objmode->in[k]);
        strbuf_puts(out, " ->");
        for (uint32_t k = 0; k < i->imm.objmode->nout; k++) strbuf_printf(out, " %s", i->imm.objmode->out[k]);
        strbuf_puts(out, i->nargs ? " of" : "");
        break;
    case IMM_NONE:
    case IMM_BLOCKS:
    case IMM_CALL:
    case IMM_MAP: break;
    }
}

/* ---- instructions ------------------------------------------------------------------------------------------------ */

static void print_operands(StrBuf *out, const Func *f, const Inst *i) {
    const Block *b = i->block == NO_BLOCK ? NULL : block_at(f, i->block);
    for (uint32_t k = 0; k < i->nargs; k++) {
        strbuf_puts(out, k ? ", " : " ");
        if (i->op == OP_phi && b && k < b->pred.n) strbuf_printf(out, "b%u ", b->pred.at[k]);
        print_value(out, i->arg[k]);
    }
    if (op_info[i->op].imm == IMM_BLOCKS)
        for (uint32_t k = 0; k < (i->op == OP_condbr ? 2u : 1u); k++)
            strbuf_printf(out, "%sb%u", k || i->nargs ? ", " : " ", i->imm.target[k]);
}

static void print_call_info(StrBuf *out, const CallInfo *info) {
    if (info->star) strbuf_puts(out, " star");
    for (uint32_t k = 0; k < info->nkeywords; k++)
        strbuf_printf(out, "%s%s", k ? ", " : " kw(", info->keyword[k]);
    strbuf_puts(out, info->nkeywords ? ")" : "");
}

static void print_attributes(StrBuf *out, const Inst *i) {
    if (op_info[i->op].imm == IMM_CALL && i->imm.call) print_call_info(out, i->imm.call);
    if (i->op == OP_closure && i->sub) strbuf_printf(out, " defaults(%u)", i->sub);
    for (const FlagName *flag = inst_flag_name; flag->name; flag++)
        if (i->flags & flag->bit) strbuf_printf(out, " !%s", flag->name);
    if (i->fastmath) strbuf_printf(out, " !fast(%u)", i->fastmath);
    if (i->callee) strbuf_printf(out, " => &%s", i->callee->symbol);
    if (i->nbound) print_values(out, " bound(", i->bound, i->nbound, ")");
    if (i->ncleanup) print_values(out, " cleanup(", i->cleanup, i->ncleanup, ")");
}

/* The source line in the margin, where it changes. */
static void print_margin(StrBuf *out, const Func *f, const Inst *i, size_t line_start, int32_t *last_line) {
    enum { MARGIN = 72 };
    int32_t line = func_span(f, i->span).line;
    if (line > 0 && line != *last_line) {
        const char *slash = strrchr(f->source->filename, '/');
        size_t used = out->n - line_start;
        strbuf_printf(out, "%*s ; %s:%d", used < MARGIN ? (int)(MARGIN - used) : 0, "",
                      slash ? slash + 1 : f->source->filename, line);
        *last_line = line;
    }
}

static void print_inst(StrBuf *out, const Func *f, ValueId v, int32_t *last_line) {
    const Inst *i = inst_at(f, v);
    const OpInfo *op = &op_info[i->op];
    size_t line_start = out->n;
    strbuf_puts(out, "  ");
    if (!(op->flags & OPF_NO_RESULT)) {
        strbuf_printf(out, "%%%u", v);
        if (i->type) strbuf_printf(out, ": %s", i->type->name);
        strbuf_puts(out, " = ");
    }
    strbuf_puts(out, op->name);
    print_immediate(out, i);
    print_operands(out, f, i);
    print_attributes(out, i);
    print_margin(out, f, i, line_start, last_line);
    strbuf_puts(out, "\n");
}

/* ---- blocks and functions -------------------------------------------------------------------------------------------- */

static void print_block_head(StrBuf *out, BlockId id, const Block *b) {
    strbuf_printf(out, "b%u:", id);
    for (uint32_t i = 0; i < b->pred.n; i++) strbuf_printf(out, "%sb%u", i ? ", " : " <- ", b->pred.at[i]);
    if (b->handler != NO_BLOCK) strbuf_printf(out, " handler b%u", b->handler);
    if (b->loop_depth) strbuf_printf(out, " depth %u", b->loop_depth);
    strbuf_puts(out, b->cold ? " cold\n" : "\n");
}

void func_print(StrBuf *out, const Func *f) {
    strbuf_printf(out, "func %s %s", f->symbol, state_name[f->state]);
    if (f->result) strbuf_printf(out, " -> %s", f->result->name);
    strbuf_printf(out, "%s {\n", f->is_body ? " body" : "");
    int32_t last_line = 0;
    for (BlockId id = 0; id < f->block.n; id++) {
        const Block *b = block_at(f, id);
        if (b->dead) continue;
        print_block_head(out, id, b);
        for (uint32_t i = 0; i < b->inst.n; i++) print_inst(out, f, b->inst.at[i], &last_line);
    }
    strbuf_puts(out, "}\n");
}

void unit_print(StrBuf *out, const Unit *u) {
    for (uint32_t i = 0; i < u->funcs.n; i++) {
        strbuf_puts(out, i ? "\n" : "");
        func_print(out, u->funcs.at[i]);
    }
}
