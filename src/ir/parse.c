/* ir/parse.c - functions from text (the form is described in text.h).  For tests of passes and for reduced bugs.
 *
 *   1. find the greatest value number, so that the numbers in the text can be the ids;
 *   2. read line by line: block heads, instructions; phi operands keep the block they name;
 *   3. fill in preds that were left out, and put phi operands into the order of the preds.
 *
 * The first mistake ends the parse with one diagnostic that names its line.
 */
#include <ctype.h>
#include <stdlib.h>

#include "ir/text.h"

enum { MAX_ID = 1 << 20, MAX_OPERANDS = 256 };

typedef struct {
    ValueId phi;
    uint32_t n;
    BlockId *block; /* block[i] is the pred that operand i was written for */
} PhiBlocks;

typedef struct {
    Unit *unit;
    Func *f;
    const char *at;
    int line;
    BlockId block; /* being filled */
    bool failed;
    Vec(bool) has_preds; /* per block: written in the text */
    Vec(PhiBlocks) phis;
} Parser;

/* ---- characters --------------------------------------------------------------------------------------------------- */

static bool fail(Parser *p, const char *what) {
    if (!p->failed)
        diag_add(&p->unit->diags, DIAG_INTERNAL, NULL, "func_parse", (Span){.line = p->line},
                 "line %d: %s near '%.20s'", p->line, what, p->at);
    p->failed = true;
    return false;
}

static void skip_blanks(Parser *p) {
    while (*p->at == ' ' || *p->at == '\t') p->at++;
}

/* At the end of the line, a comment skipped. */
static bool at_end(Parser *p) {
    skip_blanks(p);
    if (*p->at == ';') p->at += strcspn(p->at, "\n");
    return *p->at == '\n' || *p->at == 0;
}

/* Over empty lines to the next text; false at the end of the input. */
static bool next_line(Parser *p) {
    while (at_end(p)) {
        if (*p->at == 0) return false;
        p->at++;
        p->line++;
    }
    return true;
}

static bool accept(Parser *p, const char *text) {
    skip_blanks(p);
    size_t n = strlen(text);
    if (strncmp(p->at, text, n) != 0) return false;
    p->at += n;
    return true;
}

static bool expect(Parser *p, const char *text) { return accept(p, text) || fail(p, "unexpected text"); }

/* A word ends at a blank or at one of the characters of punctuation. */
static const char *read_word(Parser *p) {
    skip_blanks(p);
    size_t n = strcspn(p->at, " \t\n;,(){}");
    if (n == 0) fail(p, "a name is missing");
    const char *word = arena_strndup(&p->unit->arena, p->at, n);
    p->at += n;
    return word;
}

static int64_t read_int(Parser *p) {
    char *end;
    skip_blanks(p);
    long long value = strtoll(p->at, &end, 10);
    if (end == p->at) fail(p, "a number is missing");
    p->at = end;
    return value;
}

static uint32_t read_id(Parser *p, const char *sigil) {
    if (!expect(p, sigil) || !isdigit((unsigned char)*p->at)) return fail(p, "a number is missing"), 0;
    int64_t id = read_int(p);
    return id < MAX_ID ? (uint32_t)id : (fail(p, "the number is too large"), 0);
}

static ValueId read_value(Parser *p) {
    if (accept(p, "_")) return NO_VALUE;
    ValueId v = read_id(p, "%");
    return p->failed || v < p->f->inst.n ? v : (fail(p, "unknown value"), 0);
}

static void need_block(Parser *p, BlockId b) {
    while (!p->failed && p->f->block.n <= b) {
        ir_block(p->f);
        block_at(p->f, p->f->block.n - 1)->dead = true; /* until its head is read */
    }
    while (!p->failed && p->has_preds.n <= b) vec_push(&p->unit->arena, &p->has_preds, false);
}

static BlockId read_block(Parser *p) {
    BlockId b = read_id(p, "b");
    need_block(p, b);
    return b;
}

/* ---- immediates ------------------------------------------------------------------------------------------------------ */

static uint8_t find_name(Parser *p, const char *const *names, uint32_t n, const char *word) {
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(names[i], word) == 0) return (uint8_t)i;
    fail(p, "unknown name");
    return 0;
}

static const char *read_quoted(Parser *p) {
    StrBuf b = {0};
    if (expect(p, "\"")) {
        for (; *p->at && *p->at != '"'; p->at++) {
            p->at += *p->at == '\\' && p->at[1];
            strbuf_add(&b, p->at, 1);
        }
        expect(p, "\"");
    }
    const char *name = unit_name(p->unit, b.at ? b.at : "");
    strbuf_free(&b);
    return name;
}

static Func *read_func_name(Parser *p) {
    expect(p, "&");
    const char *symbol = read_word(p);
    for (uint32_t i = 0; i < p->unit->funcs.n; i++)
        if (strcmp(p->unit->funcs.at[i]->symbol, symbol) == 0) return p->unit->funcs.at[i];
    fail(p, "unknown function");
    return NULL;
}

static uint32_t read_native(Parser *p) {
    const char *word = read_word(p);
    for (uint32_t i = 0; i < NATIVE_COUNT; i++)
        if (strcmp(native_info[i].name, word) == 0) return i;
    fail(p, "unknown native function");
    return 0;
}

static double read_float(Parser *p) {
    char *end;
    skip_blanks(p);
    double x = strtod(p->at, &end);
    if (end == p->at) fail(p, "a number is missing");
    p->at = end;
    return x;
}

static void read_immediate(Parser *p, Inst *i) {
    switch (op_info[i->op].imm) {
    case IMM_INT: i->imm.i = read_int(p); break;
    case IMM_FLOAT: i->imm.f = read_float(p); break;
    case IMM_NAME: i->imm.name = read_quoted(p); break;
    case IMM_HANDLE:
    case IMM_CODE: i->imm.handle = read_id(p, "@"); break;
    case IMM_OPERATOR: i->sub = find_name(p, operator_name, OPERATOR_COUNT, read_word(p)); break;
    case IMM_PREDICATE:
    case IMM_COMPARE: i->sub = find_name(p, predicate_name, PRED_COUNT, read_word(p)); break;
    case IMM_FIELD: i->imm.field = read_id(p, "."); break;
    case IMM_FUNC: i->imm.func = read_func_name(p); break;
    case IMM_NATIVE: i->imm.native = read_native(p); break;
    case IMM_SITE: expect(p, "site"), i->imm.site = (uint32_t)read_int(p); break;
    case IMM_MAP: fail(p, "map bodies cannot be parsed"); break;
    case IMM_OBJMODE: fail(p, "objmode blocks cannot be parsed"); break;
    case IMM_NONE:
    case IMM_BLOCKS:
    case IMM_CALL: break;
    }
}

/* ---- operands ------------------------------------------------------------------------------------------------------ */

static ValueId *keep(Parser *p, const ValueId *list, uint32_t n) {
    return n ? arena_grow(&p->unit->arena, (void *)list, n * sizeof *list, n * sizeof *list) : NULL;
}

static bool at_operand(Parser *p) {
    skip_blanks(p);
    return *p->at == '%' || *p->at == '_';
}

static void read_phi_operands(Parser *p, ValueId v) {
    ValueId arg[MAX_OPERANDS];
    BlockId block[MAX_OPERANDS];
    uint32_t n = 0;
    if (!at_end(p)) {
        do {
            block[n] = read_block(p);
            arg[n++] = read_value(p);
        } while (!p->failed && n < MAX_OPERANDS && accept(p, ","));
    }
    inst_at(p->f, v)->arg = keep(p, arg, n);
    inst_at(p->f, v)->nargs = n;
    PhiBlocks phi = {v, n, keep(p, block, n)};
    vec_push(&p->unit->arena, &p->phis, phi);
}

static void read_operands(Parser *p, ValueId v) {
    ValueId arg[MAX_OPERANDS];
    uint32_t n = 0;
    bool more = at_operand(p);
    while (more && !p->failed && n < MAX_OPERANDS) {
        arg[n++] = read_value(p);
        const char *comma = p->at;
        more = accept(p, ",") && at_operand(p);
        if (!more) p->at = comma; /* of the blocks that follow */
    }
    Inst *i = inst_at(p->f, v);
    if (op_info[i->op].nargs >= 0 && (uint32_t)op_info[i->op].nargs != n) fail(p, "wrong number of operands");
    i->arg = keep(p, arg, n);
    i->nargs = n;
    if (op_info[i->op].imm != IMM_BLOCKS) return;
    BlockId target[2] = {NO_BLOCK, NO_BLOCK};
    for (uint32_t k = 0; k < (i->op == OP_condbr ? 2u : 1u); k++) {
        accept(p, ",");
        target[k] = read_block(p);
    }
    memcpy(inst_at(p->f, v)->imm.target, target, sizeof target);
}

/* ---- attributes ---------------------------------------------------------------------------------------------------- */

static ValueId *read_list(Parser *p, uint32_t *n) {
    ValueId list[MAX_OPERANDS];
    *n = 0;
    while (!p->failed && !accept(p, ")") && *n < MAX_OPERANDS) {
        list[(*n)++] = read_value(p);
        accept(p, ",");
    }
    return keep(p, list, *n);
}

static void read_flag(Parser *p, Inst *i) {
    if (accept(p, "fast(")) {
        i->fastmath = (uint32_t)read_int(p);
        expect(p, ")");
        return;
    }
    const char *word = read_word(p);
    const FlagName *flag = inst_flag_name;
    while (flag->name && strcmp(flag->name, word) != 0) flag++;
    i->flags |= (uint16_t)flag->bit;
    if (!flag->name) fail(p, "unknown flag");
}

static void read_keywords(Parser *p, CallInfo *info) {
    const char *name[MAX_OPERANDS];
    while (!p->failed && !accept(p, ")") && info->nkeywords < MAX_OPERANDS) {
        name[info->nkeywords++] = unit_name(p->unit, read_word(p));
        accept(p, ",");
    }
    size_t nbytes = info->nkeywords * sizeof *name;
    info->keyword = arena_grow(&p->unit->arena, name, nbytes, nbytes);
}

static void read_defaults(Parser *p, Inst *i) {
    i->sub = (uint8_t)read_int(p);
    expect(p, ")");
}

static void read_attributes(Parser *p, Inst *i) {
    CallInfo info = {0};
    while (!p->failed && !at_end(p)) {
        if (accept(p, "!")) read_flag(p, i);
        else if (accept(p, "=>")) i->callee = read_func_name(p);
        else if (accept(p, "bound(")) i->bound = read_list(p, &i->nbound);
        else if (accept(p, "cleanup(")) i->cleanup = read_list(p, &i->ncleanup);
        else if (i->op == OP_call && accept(p, "star")) info.star = true;
        else if (i->op == OP_closure && accept(p, "defaults(")) read_defaults(p, i);
        else if (i->op == OP_call && accept(p, "kw(")) read_keywords(p, &info);
        else fail(p, "unexpected text");
    }
    if (i->op == OP_call && (info.star || info.nkeywords)) {
        CallInfo *kept = arena_new(&p->unit->arena, CallInfo);
        *kept = info;
        i->imm.call = kept;
    }
}

/* ---- lines ------------------------------------------------------------------------------------------------------------ */

static const Type *read_type(Parser *p) {
    skip_blanks(p);
    const Type *t = ir_parse_type(&p->at);
    return t ? t : (fail(p, "unknown type"), NULL);
}

static void read_op(Parser *p, ValueId v) {
    const char *word = read_word(p);
    for (uint32_t op = 0; op < OP_COUNT; op++) {
        if (strcmp(op_info[op].name, word) == 0) {
            inst_at(p->f, v)->op = (uint8_t)op;
            return;
        }
    }
    fail(p, "unknown op");
}

static void read_inst(Parser *p) {
    ValueId v = NO_VALUE;
    const Type *type = NULL;
    if (*p->at == '%') {
        v = read_value(p);
        if (!p->failed && accept(p, ":")) type = read_type(p);
        expect(p, "=");
    } else {
        v = ir_new(p->f, OP_br, NULL, 0, NULL);
    }
    if (p->failed || v == NO_VALUE) return;
    if (inst_at(p->f, v)->block != NO_BLOCK) {
        fail(p, "the value is defined twice");
        return;
    }
    inst_at(p->f, v)->type = type;
    read_op(p, v);
    if (!p->failed) read_immediate(p, inst_at(p->f, v));
    if (p->failed) return;
    if (inst_at(p->f, v)->op == OP_phi) read_phi_operands(p, v);
    else read_operands(p, v);
    read_attributes(p, inst_at(p->f, v));
    ir_insert(p->f, p->block, block_at(p->f, p->block)->inst.n, v);
    if (inst_at(p->f, v)->op == OP_param) vec_push(&p->unit->arena, &p->f->params, v);
}

static void read_block_head(Parser *p) {
    p->block = read_block(p);
    if (!expect(p, ":")) return;
    block_at(p->f, p->block)->dead = false;
    while (!p->failed && !at_end(p)) {
        if (accept(p, "<-")) {
            p->has_preds.at[p->block] = true;
            do {
                BlockId pred = read_block(p);
                vec_push(&p->unit->arena, &block_at(p->f, p->block)->pred, pred);
            } while (!p->failed && accept(p, ","));
        } else if (accept(p, "handler")) {
            BlockId handler = read_block(p);
            block_at(p->f, p->block)->handler = handler;
        } else if (accept(p, "depth")) {
            block_at(p->f, p->block)->loop_depth = (uint32_t)read_int(p);
        } else if (accept(p, "cold")) {
            block_at(p->f, p->block)->cold = true;
        } else {
            fail(p, "unexpected text");
        }
    }
}

/* The greatest number behind a % decides how many values there are. */
static void reserve_values(Parser *p) {
    int64_t greatest = -1;
    for (const char *c = strchr(p->at, '%'); c; c = strchr(c + 1, '%')) {
        int64_t id = strtoll(c + 1, NULL, 10);
        if (id < MAX_ID && id > greatest) greatest = id;
    }
    for (int64_t i = 0; i <= greatest; i++) ir_new(p->f, OP_undef, NULL, 0, NULL);
}

static void read_head(Parser *p) {
    next_line(p);
    if (!expect(p, "func")) return;
    const char *symbol = read_word(p), *state = read_word(p);
    uint8_t s = p->failed ? 0 : find_name(p, state_name, 3, state);
    p->f = func_new(p->unit, NULL, symbol, (FuncState)s);
    if (!p->failed && accept(p, "->")) p->f->result = read_type(p);
    p->f->is_body = accept(p, "body");
    expect(p, "{");
    need_block(p, ENTRY_BLOCK);
}

/* ---- edges -------------------------------------------------------------------------------------------------------------- */

static void fill_preds(Parser *p) {
    for (BlockId b = 0; b < p->f->block.n; b++) {
        BlockId succ[3];
        uint32_t n = ir_all_successors(p->f, b, succ);
        for (uint32_t i = 0; i < n; i++)
            if (!p->has_preds.at[succ[i]]) vec_push(&p->unit->arena, &block_at(p->f, succ[i])->pred, b);
    }
}

static void order_phi(Parser *p, PhiBlocks *phi) {
    Inst *i = inst_at(p->f, phi->phi);
    const Block *b = block_at(p->f, i->block);
    if (b->pred.n != phi->n) {
        fail(p, "a phi has not one operand for each predecessor");
        return;
    }
    ValueId *arg = arena_array(&p->unit->arena, ValueId, phi->n);
    for (uint32_t k = 0; k < b->pred.n; k++) {
        uint32_t from = 0;
        while (from < phi->n && phi->block[from] != b->pred.at[k]) from++;
        if (from == phi->n) {
            fail(p, "a phi names a block that is no predecessor");
            return;
        }
        phi->block[from] = NO_BLOCK; /* used */
        arg[k] = i->arg[from];
    }
    i->arg = arg;
}

Func *func_parse(Unit *u, const char *text) {
    Parser p = {.unit = u, .at = text, .line = 1, .block = NO_BLOCK};
    uint32_t nfuncs = u->funcs.n;
    read_head(&p);
    if (!p.failed) reserve_values(&p);
    while (!p.failed && next_line(&p) && *p.at != '}') {
        if (*p.at == 'b' && isdigit((unsigned char)p.at[1])) read_block_head(&p);
        else if (p.block == NO_BLOCK) fail(&p, "an instruction stands before the first block");
        else read_inst(&p);
    }
    if (!p.failed) expect(&p, "}");
    if (!p.failed) fill_preds(&p);
    for (uint32_t i = 0; !p.failed && i < p.phis.n; i++) order_phi(&p, &p.phis.at[i]);
    if (p.failed) u->funcs.n = nfuncs;
    return p.failed ? NULL : p.f;
}
