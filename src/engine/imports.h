/* engine/imports.h - library functions that become units of their own; private to engine/. */
#ifndef NAJA_IMPORTS_H
#define NAJA_IMPORTS_H

#include "engine/compiler_api.h"

/* Chooses among the functions of a lowered unit, fills unit->imports and marks what the unit has no code of. */
void imports_choose(Unit *u, const CoreApi *core);

#endif
