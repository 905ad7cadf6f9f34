/* engine/report.h - diagnostics as text; private to engine/. */
#ifndef NAJA_REPORT_H
#define NAJA_REPORT_H

#include "ir/ir.h"

/* Formats a diagnostic: message, position, source line with carets, hint; at most REPORT_LINES lines. */
enum { REPORT_LINES = 8 };
void report_format(StrBuf *out, Unit *u, const Diagnostic *d);

#endif
