/* debug.c - line tables and unwind tables for debuggers, in units compiled with debug=True.
 *
 * Every function that has a source becomes a DWARF subprogram, and every instruction gets the line of its span.
 * With NAJA_GDB=1 the object is shown to GDB, which then steps through the Python source and walks the stack.
 */
#include "codegen/gen.h"

#include <llvm-c/DebugInfo.h>

static LLVMMetadataRef debug_file(Gen *g, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return LLVMDIBuilderCreateFile(g->debug, name, strlen(name), path, slash ? (size_t)(slash - path) : 0);
}

static void add_flag(Gen *g, const char *name, int32_t value) {
    LLVMAddModuleFlag(g->module, LLVMModuleFlagBehaviorWarning, name, strlen(name),
                      LLVMValueAsMetadata(gen_i32(g, value)));
}

void gen_debug_open(Gen *g) {
    const Source *source = g->unit->funcs.at[0]->source;
    if (!(g->unit->options.debug || g->unit->wants_remarks) || !source || !source->filename) return;
    g->debug = LLVMCreateDIBuilder(g->module);
    LLVMDIBuilderCreateCompileUnit(g->debug, LLVMDWARFSourceLanguagePython, debug_file(g, source->filename),
                                   "naja", 4, false, "", 0, 0, "", 0, LLVMDWARFEmissionFull, 0, false, false,
                                   "", 0, "", 0);
    add_flag(g, "Debug Info Version", (int32_t)LLVMDebugMetadataVersion());
    add_flag(g, "Dwarf Version", 4);
}

void gen_debug_close(Gen *g) {
    if (!g->debug) return;
    LLVMDIBuilderFinalize(g->debug);
    LLVMDisposeDIBuilder(g->debug);
}

void gen_debug_function(FuncGen *fg) {
    Gen *g = fg->g;
    const Source *s = fg->f->source;
    LLVMSetCurrentDebugLocation2(g->b, NULL);
    if (!g->debug || !s || !s->filename) return;
    gen_fn_attribute(g, fg->fn, "uwtable", 2);
    LLVMMetadataRef file = debug_file(g, s->filename), none = NULL;
    LLVMMetadataRef type = LLVMDIBuilderCreateSubroutineType(g->debug, file, &none, 0, LLVMDIFlagZero);
    unsigned line = s->first_line > 0 ? (unsigned)s->first_line : 0;
    fg->scope = LLVMDIBuilderCreateFunction(g->debug, file, s->qualname, strlen(s->qualname), fg->f->symbol,
                                            strlen(fg->f->symbol), file, line, type, true, true, line,
                                            LLVMDIFlagZero, false);
    LLVMSetSubprogram(fg->fn, fg->scope);
    gen_debug_at(fg, 0);
}

/* The builder gives this position to the instructions that follow. */
void gen_debug_at(FuncGen *fg, uint32_t span) {
    if (!fg->g->debug) return;
    LLVMMetadataRef location = NULL;
    if (fg->scope) {
        Span at = func_span(fg->f, span);
        unsigned line = at.line > 0 ? (unsigned)at.line : 0,
                 column = at.column >= 0 ? (unsigned)at.column + 1 : 0;
        location = LLVMDIBuilderCreateDebugLocation(fg->g->context, line, column, fg->scope, NULL);
    }
    LLVMSetCurrentDebugLocation2(fg->g->b, location);
}
