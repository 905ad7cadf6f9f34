/* passes.c - the pipeline: a table of passes and the loop that walks it.
 *
 * Every pass visits every function of its state before the next pass starts.  Environment variables, read at each
 * compilation so that a test can set them:
 *
 *   NAJA_DUMP=typed,lowered,fuse,...   print the functions to stderr: "typed" before the first pass, "lowered"
 *                                      behind the last, a pass's name behind that pass
 *   NAJA_TIME=1                        print the milliseconds of every pass
 *   NAJA_SKIP=fuse,bounds              leave out passes (those that are optional)
 *
 * Builds with NAJA_VERIFY check every function after every pass that ran; a broken rule is our bug and becomes an
 * internal error that names the pass.
 */
#include "passes/pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    const char *name;
    void (*run)(Func *f);
    bool optional;   /* NAJA_SKIP may leave it out; the result is right without it */
    FuncState state; /* of the functions that it works on */
} Pass;

// clang-format off
static const Pass passes[] = {
    {"fuse", pass_fuse, true, FUNC_TYPED},
    {"members", pass_members, true, FUNC_TYPED},
    {"prange", pass_prange, true, FUNC_TYPED},
    {"bounds", pass_bounds, true, FUNC_TYPED},
    {"polls", pass_polls, true, FUNC_TYPED},
    {"latches", pass_latches, true, FUNC_TYPED},
    {"stack", pass_stack, true, FUNC_TYPED},
    {"borrow", pass_borrow, true, FUNC_TYPED},
    {"refcount", pass_refcount, false, FUNC_TYPED},
    {"frames", pass_frames, false, FUNC_TYPED},
    {"lower", lower_func, false, FUNC_TYPED},
    {"inline", pass_inline, true, FUNC_LOWERED},
    {"search", pass_search, true, FUNC_LOWERED},
    {"lanes", pass_lanes, true, FUNC_LOWERED},
};
// clang-format on

/* True when `word` is in the comma-separated list of an environment variable. */
static bool listed(const char *variable, const char *word) {
    const char *at = getenv(variable);
    size_t n = strlen(word);
    while (at && *at) {
        size_t length = strcspn(at, ",");
        if (length == n && !memcmp(at, word, n)) return true;
        at += length + (at[length] == ',');
    }
    return false;
}

static void dump(Unit *u, const char *what, FuncState state) {
    if (!listed("NAJA_DUMP", what)) return;
    StrBuf text = {0};
    strbuf_printf(&text, "; %s\n", what);
    for (uint32_t i = 0; i < u->funcs.n; i++)
        if (u->funcs.at[i]->state == state) func_print(&text, u->funcs.at[i]);
    if (text.at) fputs(text.at, stderr);
    strbuf_free(&text);
}

#if NAJA_VERIFY
static void verify(Func *f, const char *pass) {
    StrBuf why = {0};
    if (!func_verify(f, &why))
        func_error(f, 0, DIAG_INTERNAL, "behind pass %s: %s", pass, why.at ? why.at : "no memory");
    strbuf_free(&why);
}
#else
static void verify(Func *f, const char *pass) { (void)f, (void)pass; }
#endif

static double milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static bool run_pass(Unit *u, const Pass *p) {
    for (uint32_t i = 0; i < u->funcs.n; i++) {
        Func *f = u->funcs.at[i];
        if (f->state != p->state || f->foreign || f->import) continue;
        p->run(f);
        if (!diag_any(&u->diags)) verify(f, p->name);
        if (diag_any(&u->diags)) return false;
    }
    return true;
}

bool passes_run(Unit *u) {
    bool timing = getenv("NAJA_TIME") != NULL;
    dump(u, "typed", FUNC_TYPED);
    for (uint32_t i = 0; i < ARRAY_LEN(passes); i++) {
        const Pass *p = &passes[i];
        if (p->optional && listed("NAJA_SKIP", p->name)) continue;
        double start = timing ? milliseconds() : 0;
        bool ok = run_pass(u, p);
        if (timing) fprintf(stderr, "naja: pass %-9s %7.3f ms\n", p->name, milliseconds() - start);
        if (!ok) return false;
        if (p->optional) dump(u, p->name, p->state);
    }
    dump(u, "lowered", FUNC_LOWERED);
    return true;
}
