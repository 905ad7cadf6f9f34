/* passes/effects.h - what an instruction may change among the memory that other values live in; private to passes/.
 *
 * Containers and instances keep values alive that compiled code only looks at.  Two questions are asked of that memory:
 * may a member that was read be read again from the register (members.c), and may a value that was read go without a
 * reference of its own (borrow.c)?  Both are answered by sets of keys.  A key is one member of one instance type, all
 * lists together, or all sets and dicts together: two places with different keys are never the same.
 */
#ifndef NAJA_PASSES_EFFECTS_H
#define NAJA_PASSES_EFFECTS_H

#include "passes/pipeline.h"

typedef uint64_t Keys; /* a set of keys */
enum {
    KEY_LISTS,
    KEY_TABLES,
    KEY_MEMBERS /* and behind it: named members, the last bit being all further ones */
};
#define EVERY_KEY UINT64_MAX

typedef struct {
    const Type *instance;
    const char *name; /* interned in the unit */
} MemberKey;

typedef struct {
    Arena *arena;
    const Unit *unit;
    Vec(MemberKey) members; /* key KEY_MEMBERS + i */
    Map callees;            /* Func * -> Keys: what a call of it may change */
} Effects;

void effects_init(Effects *e, const Unit *u);
bool effects_is_row(const Inst *i, const char *name);
bool effects_is_member_read(const Inst *i); /* x.name, a member of an instance */
bool effects_is_member_write(const Inst *i);
ValueId effects_operand(const Inst *i, uint32_t k); /* what is bound to parameter k */
Keys effects_member(Effects *e, const Type *instance, const char *name);
Keys effects_writes(Effects *e, const Func *f, const Inst *i);
Keys effects_of_block(Effects *e, const Func *f, BlockId b);

#endif
