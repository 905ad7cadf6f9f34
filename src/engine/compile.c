/* compile.c - one compilation from Python function to object file: the stages in a row.
 *
 * The table `stages` is what is done with the GIL: the front end, inference and lowering look at Python objects.  Each
 * stage leaves the unit complete for the next one, and can be shown (NAJA_DUMP=ssa,typed,lowered,llvm0,llvm,asm; llvm0 is
 * before LLVM's passes) and timed (NAJA_TIME=1).  Then LLVM works, without the GIL, on several units at once if several
 * are at hand: nine tenths of the time.  A failure is a diagnostic in the unit, or a Python exception; lack of memory
 * unwinds from wherever it happens to guarded().
 */
#include <Python.h>

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/calls.h"
#include "engine/compile.h"
#include "engine/emit.h"
#include "engine/engine.h"
#include "engine/imports.h"
#include "engine/remarks.h"
#include "engine/report.h"
#include "infer/infer.h"
#include "passes/passes.h"

typedef struct {
    CompileRequest request;
    CompileResult *result;
    Unit *unit;
    Func *entry;
    EmitOptions emit;
    Emitted emitted;
    bool is_emitted;
    char *why_not; /* of the emission */
    StrBuf types, calls, remarks, error;
    jmp_buf exhausted;
    double ms[8], ms_emit; /* by stage */
} Compilation;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool dump_wants(const char *what) {
    const char *list = getenv("NAJA_DUMP");
    size_t n = strlen(what);
    for (const char *p = list; p && *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ','))
        if (strcspn(p, ",") == n && !strncmp(p, what, n)) return true;
    return false;
}

static void dump_text(const char *what, const Compilation *c, const char *text) {
    const char *name = c->entry && c->entry->source ? c->entry->source->qualname : "function";
    fprintf(stderr, "--- %s: %s\n%s\n", what, name, text ? text : "");
}

static void dump_unit(const char *what, const Compilation *c) {
    if (!dump_wants(what)) return;
    StrBuf text = {0};
    unit_print(&text, c->unit);
    dump_text(what, c, text.at);
    strbuf_free(&text);
}

/* ---- the stages ---------------------------------------------------------------------------------------------- */

static bool stage_frontend(Compilation *c) {
    c->entry = frontend_function(c->unit, c->request.function);
    if (c->entry) dump_unit("ssa", c);
    return c->entry != NULL;
}

static bool stage_infer(Compilation *c) {
    c->entry = infer_entry(c->unit, c->request.function, c->request.nargs, c->request.args,
                           c->request.result);
    if (!c->entry) return false;
    if (c->request.want_types) unit_print(&c->types, c->unit);
    if (c->request.want_calls) calls_format(&c->calls, c->unit);
    return true;
}

static const CoreApi *core;

void compile_start(const CoreApi *api) { core = api; }

/* Nothing in a function with parallel=True runs in parallel, and nobody has said so yet. */
static void warn_not_parallel(const Compilation *c) {
    const Unit *u = c->unit;
    const Source *s = c->entry->source;
    bool wanted = u->options.parallel && !u->options.is_import;
    if (!wanted || u->parallel_loops || u->serial_loops || u->wants_remarks || !s) return;
    core->performance_warn(
        c->request.function, s->filename, s->first_line,
        "The keyword argument 'parallel=True' was specified but no transformation for parallel "
        "execution was possible.  The function's explain() shows what became of each line.");
}

static bool stage_passes(Compilation *c) {
    if (!passes_run(c->unit)) return false; /* shows typed and lowered IR itself */
    warn_not_parallel(c);
    if (c->request.want_remarks) remarks_format(&c->remarks, c->unit);
    return true;
}

/* The elements of one constant array, in the order that its type promises. */
static const ConstantData *constant_data(Unit *u, PyObject *array) {
    Py_buffer view;
    if (PyObject_GetBuffer(array, &view, PyBUF_FULL_RO) < 0) return NULL;
    ConstantData *data = arena_new(&u->arena, ConstantData);
    void *bytes = arena_alloc(&u->arena, (size_t)view.len + 1);
    char order = !PyBuffer_IsContiguous(&view, 'C') && PyBuffer_IsContiguous(&view, 'F') ? 'F' : 'C';
    int failed = PyBuffer_ToContiguous(bytes, &view, view.len, order);
    *data = (ConstantData){bytes, (size_t)view.len};
    PyBuffer_Release(&view);
    return failed ? NULL : data;
}

static bool gather_constant(Unit *u, Handle handle) {
    if (map_find(&u->data, handle, NULL)) return true;
    PyObject *array = core->object_of(handle);
    const ConstantData *data = array ? constant_data(u, array) : NULL;
    if (data) map_set(&u->arena, &u->data, handle, (uintptr_t)data);
    return data != NULL;
}

/* Which raise sites are of the class that a site names. */
static void gather_matches(Unit *u, uint32_t wanted) {
    if (map_find(&u->matches, wanted, NULL)) return;
    bool *is_in = arena_array(&u->arena, bool, u->sites.n);
    for (uint32_t i = 0; i < u->sites.n; i++)
        is_in[i] = core->site_matches(u->sites.at[i].cls, u->sites.at[i].builtin, u->sites.at[wanted].cls);
    map_set(&u->arena, &u->matches, wanted, (uintptr_t)is_in);
}

/* Codegen runs without the GIL, so what it needs of Python objects is copied before. */
static bool stage_constants(Compilation *c) {
    for (uint32_t i = 0; i < c->unit->funcs.n; i++) {
        Func *f = c->unit->funcs.at[i];
        if (f->is_elsewhere) continue;
        for (ValueId v = 0; v < f->inst.n; v++) {
            const Inst *in = inst_at(f, v);
            if (in->op == OP_data && !gather_constant(c->unit, in->imm.handle)) return false;
            if (in->op == OP_status_match) gather_matches(c->unit, in->imm.site);
        }
    }
    return true;
}

/* NAJA_SKIP and NAJA_PASSES change what code becomes: it is nobody else's, and not made of what others made. */
static bool stage_imports(Compilation *c) {
    const UnitOptions *o = &c->unit->options;
    if (!c->request.no_imports && !o->debug && !getenv("NAJA_SKIP") && !getenv("NAJA_PASSES"))
        imports_choose(c->unit, core);
    return true;
}

/* What the environment asks for is read while the GIL is held. */
static bool stage_options(Compilation *c) {
    c->emit = (EmitOptions){
        .want_llvm_ir = dump_wants("llvm") || c->request.want_llvm_ir,
        .want_assembly = dump_wants("asm") || c->request.want_assembly,
        .want_unoptimised = dump_wants("llvm0"),
        .want_vectors = c->request.want_remarks,
        .optimise = !c->request.options.debug,
        .passes = getenv("NAJA_PASSES"),
    };
    return true;
}

static const struct {
    const char *name;
    bool (*run)(Compilation *c); /* false: a diagnostic or a Python exception is there */
} stages[] = {
    {"frontend", stage_frontend}, {"infer", stage_infer},         {"passes", stage_passes},
    {"imports", stage_imports},   {"constants", stage_constants}, {"options", stage_options},
};

static bool run_stages(Compilation *c) {
    for (uint32_t i = 0; i < ARRAY_LEN(stages); i++) {
        double begin = now_ms();
        bool ok = stages[i].run(c);
        c->ms[i] = now_ms() - begin;
        if (!ok || PyErr_Occurred() || diag_any(&c->unit->diags)) return false;
    }
    return true;
}

static void print_times(const Compilation *c) {
    if (!getenv("NAJA_TIME")) return;
    fprintf(stderr, "naja: %s:", c->entry && c->entry->source ? c->entry->source->qualname : "function");
    for (uint32_t i = 0; i < ARRAY_LEN(stages); i++) fprintf(stderr, " %s %.2f ms", stages[i].name, c->ms[i]);
    fprintf(stderr, " emit %.2f ms (LLVM: start %.2f ir %.2f passes %.2f code %.2f%s)\n", c->ms_emit,
            c->emitted.ms.start, c->emitted.ms.ir, c->emitted.ms.passes, c->emitted.ms.code,
            c->emitted.is_glue ? ", glue" : "");
}

/* ---- emission ---------------------------------------------------------------------------------------------------- */

typedef struct {
    CompileResult *const *result;
    uint32_t n;
    atomic_uint next;
} EmitJob;

static void *emit_units(void *shared) {
    EmitJob *job = shared;
    for (uint32_t i; (i = atomic_fetch_add(&job->next, 1)) < job->n;) {
        Compilation *c = job->result[i]->owner;
        double begin = now_ms();
        c->is_emitted = engine_emit(c->unit, &c->emit, &c->emitted, &c->why_not);
        c->ms_emit = now_ms() - begin;
    }
    return NULL;
}

enum { MAX_HELPERS = 31 };

/* Signals are for the program's own threads.  The helpers end here, so that a fork finds none that wait. */
static void emit_in_parallel(EmitJob *job) {
    pthread_t helper[MAX_HELPERS];
    uint32_t wanted = job->n < processor_count() ? job->n : processor_count(), n = 0;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (n + 1 < wanted && n < MAX_HELPERS && !pthread_create(&helper[n], NULL, emit_units, job)) n++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    emit_units(job);
    for (uint32_t i = 0; i < n; i++) pthread_join(helper[i], NULL);
}

void compile_emit(uint32_t n, CompileResult *const *results) {
    EmitJob job = {.result = results, .n = n};
    Py_BEGIN_ALLOW_THREADS;
    emit_in_parallel(&job);
    Py_END_ALLOW_THREADS;
}

static bool emit_failed(Compilation *c) {
    if (c->why_not && !strcmp(c->why_not, EMIT_NO_MEMORY)) PyErr_NoMemory();
    else if (!diag_any(&c->unit->diags))
        func_error(c->unit->funcs.at[0], 0, DIAG_LLVM_FAILED, "code generation failed: %s",
                   c->why_not ? c->why_not : "no reason given");
    return false;
}

static bool take_emitted(Compilation *c) {
    print_times(c);
    if (!c->is_emitted) return emit_failed(c);
    if (c->emitted.unoptimised) dump_text("llvm0", c, c->emitted.unoptimised);
    if (dump_wants("llvm")) dump_text("llvm", c, c->emitted.llvm_ir);
    if (dump_wants("asm")) dump_text("asm", c, c->emitted.assembly);
    return true;
}

/* ---- the result ------------------------------------------------------------------------------------------------- */

static void fill_sites(Compilation *c) {
    Unit *u = c->unit;
    SiteFact *site = arena_array(&u->arena, SiteFact, u->sites.n + 1);
    for (uint32_t i = 0; i < u->sites.n; i++) {
        const RaiseSite *s = &u->sites.at[i];
        if (u->funcs.at[s->func]->is_elsewhere) continue; /* numbers stay as they are */
        Span span = func_span(u->funcs.at[s->func], s->span);
        site[i] = (SiteFact){.cls = s->cls,
                             .builtin = s->builtin,
                             .message = s->message,
                             .func = s->func,
                             .offset = span.offset,
                             .line = span.line,
                             .nargs = s->nargs,
                             .arg = s->arg};
    }
    c->result->site = site;
    c->result->nsites = u->sites.n;
}

static void fill_funcs(Compilation *c) {
    Unit *u = c->unit;
    FuncFact *func = arena_array(&u->arena, FuncFact, u->funcs.n + 1);
    for (uint32_t i = 0; i < u->funcs.n; i++) {
        const Func *f = u->funcs.at[i];
        func[i].name = f->symbol;
        if (f->is_elsewhere && !f->import) continue;
        c->result->has_polls |= f->has_polls;
        c->result->can_raise |= f->can_raise;
        if (!f->source || f->source->is_library) continue; /* what has no code is not shown */
        func[i] = (FuncFact){.code = f->source->code,
                             .function = f->source->function,
                             .name = f->source->name,
                             .filename = f->source->filename,
                             .first_line = f->source->first_line,
                             .is_body = f->is_body};
    }
    c->result->func = func;
    c->result->nfuncs = u->funcs.n;
}

static void fill_result(Compilation *c) {
    CompileResult *r = c->result;
    const Unit *u = c->unit;
    r->object = c->emitted.object;
    r->object_nbytes = c->emitted.nbytes;
    r->llvm_ir = c->emitted.llvm_ir;
    r->assembly = c->emitted.assembly;
    r->types_text = c->types.at;
    r->calls_text = c->calls.at;
    r->remarks_text = c->remarks.at;
    r->vector_text = c->emitted.vectors;
    r->releases_gil = u->options.nogil;
    r->cacheable = true;
    r->stats.fused_loops = u->fused_loops;
    r->stats.checks_total = u->checks_total;
    r->stats.checks_left = u->checks_left;
    r->stats.versioned_loops = u->versioned_loops;
    r->stats.parallel_loops = u->parallel_loops;
    r->stats.searches = u->searches;
    r->stats.lanes = u->lanes;
    for (uint32_t i = 0; i < ARRAY_LEN(stages); i++) r->stats.ms_total += c->ms[i];
    r->stats.ms_total += c->ms_emit;
    r->stats.ms_llvm = c->ms_emit;
    r->function = u->functions.at;
    r->nfunctions = u->functions.n;
    fill_sites(c);
    fill_funcs(c);
}

static void fill_error(Compilation *c) {
    CompileResult *r = c->result;
    r->ok = false;
    if (PyErr_Occurred()) {
        r->python_error = true;
        return;
    }
    Diagnostics *diags = &c->unit->diags;
    if (!diag_any(diags))
        diag_add(diags, DIAG_INTERNAL, NULL, NULL, (Span){0},
                 "the compilation failed without giving a reason");
    const Diagnostic *d = &diags->list.at[0];
    report_format(&c->error, c->unit, d);
    r->literal_params = c->unit->literal_params;
    r->wanted_args = c->unit->wanted_args;
    r->error_class = diag_code_class(d->code);
    r->error_code = diag_code_text(d->code);
    r->error_text = c->error.at;
    r->python_error = PyErr_Occurred() != NULL;
}

static void on_exhausted(Arena *a) {
    Compilation *c = a->exhausted_data;
    longjmp(c->exhausted, 1);
}

static bool prepare(Compilation *c) {
    if (!run_stages(c)) {
        print_times(c);
        fill_error(c);
        return false;
    }
    const Unit *u = c->unit;
    c->result->result = u->funcs.at[0]->result;
    c->result->import = u->imports.at;
    c->result->nimports = u->imports.n;
    return true;
}

static bool finish(Compilation *c) {
    bool ok = take_emitted(c);
    if (ok) fill_result(c);
    else fill_error(c);
    return ok;
}

static void guarded(CompileResult *result, bool (*step)(Compilation *c)) {
    Compilation *c = result->owner;
    if (c && c->unit && !setjmp(c->exhausted)) {
        result->ok = step(c);
        return;
    }
    if (!PyErr_Occurred()) PyErr_NoMemory();
    result->ok = false;
    result->python_error = true;
}

void compile_prepare(const CompileRequest *request, CompileResult *result) {
    *result = (CompileResult){0};
    Compilation *c = calloc(1, sizeof *c);
    result->owner = c;
    if (c) {
        c->unit = unit_new(request->options, on_exhausted, c);
        c->request = *request;
        c->result = result;
    }
    if (c && c->unit) {
        c->unit->wants_remarks = request->want_remarks;
        c->unit->vector_math = engine_has_registers('d', request->options.target);
    }
    guarded(result, prepare);
}

void compile_finish(CompileResult *result) { guarded(result, finish); }

void compile_result_free(CompileResult *result) {
    Compilation *c = result->owner;
    if (c) {
        emitted_free(&c->emitted);
        free(c->why_not);
        strbuf_free(&c->types);
        strbuf_free(&c->calls);
        strbuf_free(&c->remarks);
        strbuf_free(&c->error);
        unit_free(c->unit);
        free(c);
    }
    *result = (CompileResult){0};
}
