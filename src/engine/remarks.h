/* engine/remarks.h - what the compiler did, line by line, as text for f.explain(); private to engine/. */
#ifndef NAJA_REMARKS_H
#define NAJA_REMARKS_H

#include "ir/ir.h"

/* One line per remark, "file, line, column, kind, text", between tabs.  The unit is lowered: what it allocates and counts
 * is found here, what passes had to say is in unit->remarks. */
void remarks_format(StrBuf *out, Unit *u);

#endif
