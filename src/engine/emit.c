/* emit.c - from a lowered unit to an object file: code generation, LLVM's passes, emission.
 *
 * A target machine is made once per thread (it builds the subtarget: 0.4 ms); contexts are fresh for every unit, so
 * that nothing is kept.  Code is position independent under the small model, which needs three kinds of relocation.
 *
 * LLVM ends the process on what it takes for internal errors, and so it may on running out of memory.  Our handler
 * jumps out of it instead; the context and the thread's target machine are then abandoned (leaked), since nobody
 * knows what state they are in.  An arena that runs out of memory leaves by the same door.
 */
#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/IRReader.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <llvm/Config/llvm-config.h>

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "codegen/codegen.h"
#include "engine/emit.h"
#include "engine/engine.h"

/* ---- the process --------------------------------------------------------------------------------------------- */

/* How much work goes into machine code; see effort_of(). */
typedef enum { FAST, BEST } Effort;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t machine_key[2]; /* by effort */
static LLVMTargetRef target;
static char *triple, *cpu, *features;
static const char *start_error;

static _Thread_local jmp_buf *fatal_jump;
static _Thread_local char fatal_text[256];

static void on_fatal_error(const char *reason) {
    snprintf(fatal_text, sizeof fatal_text, "LLVM: %s", reason);
    if (fatal_jump) longjmp(*fatal_jump, 1);
}

static void on_exhausted(Arena *a) {
    (void)a;
    snprintf(fatal_text, sizeof fatal_text, "%s", EMIT_NO_MEMORY);
    longjmp(*fatal_jump, 1);
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void machine_free(void *machine) { LLVMDisposeTargetMachine(machine); }

/* Loop strength reduction takes up to 60 % of a loop's code generation and gives about 1 % of speed.  Statements are made
 * vectors where that saves more than five instructions: with less, a vector that is read from where numbers were stored one by
 * one, and so has to wait until they have reached the cache, loses more than is gained (n-body 15 %; where LLVM counts up to
 * five saved, ten kernels of two to four coordinates gain nothing, quaternions with 16 gain 25 %). */
static void set_options(void) {
    static const char *const argv[] = {"naja", "-disable-lsr", "-slp-threshold=5"};
    LLVMParseCommandLineOptions(ARRAY_LEN(argv), argv, NULL);
}

static void start(void) {
    LLVMInstallFatalErrorHandler(on_fatal_error);
    if (LLVMInitializeNativeTarget() || LLVMInitializeNativeAsmPrinter()) {
        start_error = "LLVM was built without this machine's target";
        return;
    }
    set_options();
    triple = LLVMGetDefaultTargetTriple();
    cpu = LLVMGetHostCPUName();
    features = LLVMGetHostCPUFeatures();
    char *message = NULL;
    if (LLVMGetTargetFromTriple(triple, &target, &message)) start_error = message;
    if (pthread_key_create(&machine_key[FAST], machine_free) ||
        pthread_key_create(&machine_key[BEST], machine_free))
        start_error = "no thread-specific data left";
}

const char *engine_host_cpu(void) {
    pthread_once(&once, start);
    return cpu ? cpu : "";
}

const char *engine_host_features(void) {
    pthread_once(&once, start);
    return features ? features : "";
}

/* Of CPUs that are asked for by name only the levels of the psABI say here what registers they have. */
static const char *features_of(const char *target_name) {
    if (!target_name) return engine_host_features();
    if (!strcmp(target_name, "x86-64-v4")) return "+avx2,+fma,+avx512f,+avx512dq,+avx512vl";
    return strcmp(target_name, "x86-64-v3") ? "" : "+avx2,+fma";
}

/* SSE (b) is always there, AVX2 (d) and AVX-512 (e) depend on the CPU. */
bool engine_has_registers(char letter, const char *target_name) {
    const char *have = features_of(target_name);
    if (letter == 'd') return strstr(have, "+avx2") && strstr(have, "+fma");
    if (letter == 'e')
        return strstr(have, "+avx512f") && strstr(have, "+avx512dq") && strstr(have, "+avx512vl");
    return true;
}

bool engine_libmvec_has(const char *name) {
    void *library = dlopen("libmvec.so.1", RTLD_LAZY); /* stays open */
    return library && dlsym(library, name);
}

const char *engine_llvm_version(void) { return LLVM_VERSION_STRING; }

static LLVMTargetMachineRef machine_new(const char *name, const char *with, Effort effort) {
    return LLVMCreateTargetMachine(target, triple, name, with,
                                   effort == BEST ? LLVMCodeGenLevelDefault : LLVMCodeGenLevelNone,
                                   LLVMRelocPIC, LLVMCodeModelSmall);
}

static LLVMTargetMachineRef thread_machine(Effort effort) {
    LLVMTargetMachineRef machine = pthread_getspecific(machine_key[effort]);
    if (machine) return machine;
    machine = machine_new(cpu, features, effort);
    if (machine) pthread_setspecific(machine_key[effort], machine);
    return machine;
}

/* ---- passes ---------------------------------------------------------------------------------------------------- */

/* One pipeline for every unit, chosen by measurement against default<O3> with loop strength reduction, which is what
 * clang -O3 does: on 18 kernels it takes half the time and its code is 0-2 % slower (worst: a 5-point stencil, 7-12 %).
 * What each pass is there for, beyond the usual: aggressive-instcombine, sums that end in a small integer (product of int32
 * matrices 40 %); loop-unroll-full, loops with a small constant count (a polynomial becomes 10 times faster, since the loop
 * around it vectorises); simple-loop-unswitch, checks that do not change in a loop; gvn, loads that stores of another array
 * do not touch (n-body 10 %); constraint-elimination, checks that the program's own conditions imply (while i < len(a) and
 * a[i] <= x: 2 times); loop-load-elim, a[i - 1] that the iteration before has stored (running sums 35 %, dynamic
 * programming 20 %); slp-vectorizer, components that are computed alike (quaternions 25 %); the second licm, addresses that
 * the vectoriser left in an outer loop (matrix product, i-k-j order, 10 %); loop-unroll, sums that may not be reordered
 * (matrix product, i-j-k order, 10 %).  Plain `instcombine` would check its fixpoint and end the process when it is not
 * reached.  After unrolling slsr turns i * stride, (i + 1) * stride, ... into sums, as loop strength reduction would have
 * done (strided arrays 35 %). */
#define CLEAN "instcombine<no-verify-fixpoint>"
#define EARLY_PASSES                                                            \
    "sroa,early-cse,simplifycfg," CLEAN ",aggressive-instcombine,reassociate,"  \
    "loop-mssa(loop-rotate,licm),loop(indvars,loop-deletion,loop-unroll-full)," \
    "loop-mssa(simple-loop-unswitch),gvn,constraint-elimination,simplifycfg"
#define LATE_PASSES(vectorize_blocks)                                     \
    "loop-vectorize,loop-load-elim,early-cse," CLEAN "," vectorize_blocks \
    "loop-mssa(licm),loop-unroll<no-peeling;no-upperbound;O2>,slsr,simplifycfg"
#define INLINE "function(sroa,early-cse,simplifycfg),ipsccp,cgscc(inline,function-attrs),globaldce,"

/* A loop over an inlined generator goes through a switch on the generator's state; following the states through it
 * leaves a plain loop (generators with several yields: 3 to 10 times faster). */
#define GENERATORS "sroa,early-cse,simplifycfg,dfa-jump-threading,simplifycfg,"

/* The status of a raise that was inlined is a constant at the handler; following it there makes a branch of both, as long as
 * it is done before the slots of the call's result become registers (a raise that is caught, every other time: 24 -> 0.1 ns).
 * What the handler joins becomes a sum that the vectoriser knows when it is cleaned once more (3 times). */
#define HANDLERS "jump-threading,"

/* By [one function, several, with generators, with handlers, with both].  One function needs no interprocedural work; in
 * several, small ones are inlined before the loops are looked at. */
static const char *const early_pipelines[5] = {
    "function(" EARLY_PASSES,
    INLINE "function(" EARLY_PASSES,
    INLINE "function(" GENERATORS EARLY_PASSES,
    INLINE "function(" HANDLERS EARLY_PASSES "," CLEAN,
    INLINE "function(" HANDLERS GENERATORS EARLY_PASSES "," CLEAN,
};

/* By [large].  The SLP vectoriser is left out of large units: its time grows faster than they do (85 % of all passes for
 * 1000 statements). */
static const char *const late_pipelines[2] = {LATE_PASSES("slp-vectorizer,") ")", LATE_PASSES("") ")"};
enum { LARGE_NINST = 3000 };

/* `x == 2 or x == 3` has become a switch by then, and the vectoriser of LLVM 19 stops at one (counting what is one of two
 * numbers: 9 times).  A switch of few cases is compares in the end all the same. */
#define SWITCHES "lower-switch,"
enum { FEW_CASES = 8 };

/* Of units without loops (effort_of), by [several functions]. */
#define GLUE_PASSES "function(sroa,early-cse,simplifycfg," CLEAN ",early-cse,simplifycfg)"
static const char *const glue_pipelines[2] = {GLUE_PASSES, INLINE GLUE_PASSES};

typedef struct {
    Unit *unit;
    const EmitOptions *options;
    Emitted *out;
    char **why;
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMTargetMachineRef machine, own; /* own: for another CPU than this machine's */
    CodegenFacts facts;
    Effort effort;
} Emission;

/* ---- effort ------------------------------------------------------------------------------------------------------- */

/* Arithmetic operations that a unit without loops may have and yet be glue between calls. */
enum { GLUE_NARITHMETIC = 48 };

static uint32_t count_arithmetic(LLVMModuleRef module) {
    uint32_t n = 0;
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
            for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
                n += LLVMIsABinaryOperator(i) != NULL;
    return n;
}

/* Code that runs once per call and mostly calls others is made without the passes for loops, and without optimising
 * instruction selection and register allocation, which take most of the time: its own instructions hardly count beside the
 * call from Python.  Measured: formatting three values 16 -> 6 ms, x + 1 3.3 -> 1.7 ms; calls take the same time. */
static Effort effort_of(const Emission *e) {
    const UnitOptions *o = &e->unit->options;
    bool is_called_from_code = o->exports || o->is_import;
    if (!e->options->optimise || e->options->text || e->facts.repeats || is_called_from_code) return BEST;
    return count_arithmetic(e->module) <= GLUE_NARITHMETIC ? FAST : BEST;
}

static bool fail(Emission *e, const char *why) {
    if (!*e->why) *e->why = strdup(why);
    return false;
}

/* What the choice of passes depends on, without the entry and cold loops, which are left as they are. */
typedef struct {
    uint32_t nfuncs, ninst;
    uint32_t nequal;     /* integers compared with a constant for equality: a switch may become of two */
    uint32_t most_cases; /* of a switch; 0: there is none */
} Census;

static bool is_equality(LLVMValueRef i) {
    LLVMIntPredicate p = LLVMGetICmpPredicate(i);
    return (p == LLVMIntEQ || p == LLVMIntNE) && LLVMIsAConstantInt(LLVMGetOperand(i, 1));
}

static void count_block(LLVMBasicBlockRef b, Census *c) {
    for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i)) {
        c->ninst++;
        if (LLVMIsAICmpInst(i)) c->nequal += is_equality(i);
        if (!LLVMIsASwitchInst(i)) continue;
        uint32_t ncases = LLVMGetNumSuccessors(i) - 1;
        if (ncases > c->most_cases) c->most_cases = ncases;
    }
}

static Census count_module(LLVMModuleRef module) {
    Census c = {0};
    unsigned optnone = LLVMGetEnumAttributeKindForName("optnone", 7);
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f)) {
        if (LLVMIsDeclaration(f) || LLVMGetEnumAttributeAtIndex(f, LLVMAttributeFunctionIndex, optnone))
            continue;
        c.nfuncs++;
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
            count_block(b, &c);
    }
    return c;
}

static bool run_text(Emission *e, const char *passes) {
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMPassBuilderOptionsSetLoopVectorization(options, true);
    LLVMPassBuilderOptionsSetSLPVectorization(options, true);
    LLVMPassBuilderOptionsSetLoopInterleaving(options, true);
    LLVMPassBuilderOptionsSetLoopUnrolling(options, true);
    LLVMErrorRef error = LLVMRunPasses(e->module, passes, e->machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (!error) return true;
    char *message = LLVMGetErrorMessage(error);
    fail(e, message);
    LLVMDisposeErrorMessage(message);
    return false;
}

static bool run_joined(Emission *e, const char *first, const char *second, const char *third) {
    char text[1024];
    int n = snprintf(text, sizeof text, "%s%s%s", first, second, third);
    return (size_t)n < sizeof text ? run_text(e, text) : fail(e, "the list of passes is too long");
}

/* In two steps where switches may have come up, which takes 0.2 ms more. */
static bool run_pipeline(Emission *e, const Census *c) {
    unsigned kind = e->unit->generators.n ? 2 : c->nfuncs > 1;
    if (e->facts.catches) kind = e->unit->generators.n ? 4 : 3;
    const char *early = early_pipelines[kind], *late = late_pipelines[c->ninst > LARGE_NINST];
    if (c->nequal < 2) return run_joined(e, early, ",", late);
    if (!run_joined(e, early, ")", "")) return false;
    Census then = count_module(e->module);
    bool few = then.most_cases && then.most_cases <= FEW_CASES;
    return run_joined(e, "function(", few ? SWITCHES : "", late);
}

static bool run_passes(Emission *e) {
    if (e->options->passes) return run_text(e, e->options->passes);
    if (!e->options->optimise) return run_text(e, "default<O0>");
    Census c = count_module(e->module);
    if (e->effort == FAST) return run_text(e, glue_pipelines[c.nfuncs > 1]);
    return run_pipeline(e, &c);
}

/* ---- emission ---------------------------------------------------------------------------------------------------- */

static LLVMTargetMachineRef machine_for(Emission *e, Effort effort) {
    const char *name = e->unit->options.target;
    if (!name) return thread_machine(effort);
    if (!e->own) e->own = machine_new(name, "", BEST);
    return e->own;
}

static bool open_module(Emission *e) {
    e->context = LLVMContextCreate();
    e->module = LLVMModuleCreateWithNameInContext("naja", e->context);
    e->machine = machine_for(e, BEST);
    if (!e->machine) return fail(e, "no target machine");
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(e->machine);
    LLVMSetModuleDataLayout(e->module, layout);
    LLVMDisposeTargetData(layout);
    LLVMSetTarget(e->module, triple);
    return true;
}

static bool verify(Emission *e) {
#if NAJA_VERIFY
    char *message = NULL;
    bool broken = LLVMVerifyModule(e->module, LLVMReturnStatusAction, &message);
    if (broken) {
        char *ir = LLVMPrintModuleToString(e->module);
        fprintf(stderr, "%s\n%s\n", ir, message);
        LLVMDisposeMessage(ir);
        fail(e, message);
    }
    LLVMDisposeMessage(message);
    return !broken;
#else
    (void)e;
    return true;
#endif
}

/* Copies what LLVM wrote; NULL with *why set. */
static char *emit_file(Emission *e, LLVMModuleRef module, LLVMCodeGenFileType type, size_t *nbytes) {
    char *message = NULL, *copy = NULL;
    LLVMMemoryBufferRef buffer;
    if (LLVMTargetMachineEmitToMemoryBuffer(e->machine, module, type, &message, &buffer)) {
        fail(e, message ? message : "no code was emitted");
        LLVMDisposeMessage(message);
        return NULL;
    }
    *nbytes = LLVMGetBufferSize(buffer);
    copy = malloc(*nbytes + 1);
    if (copy) {
        memcpy(copy, LLVMGetBufferStart(buffer), *nbytes);
        copy[*nbytes] = 0;
    } else {
        fail(e, EMIT_NO_MEMORY);
    }
    LLVMDisposeMemoryBuffer(buffer);
    return copy;
}

static char *module_text(Emission *e) {
    char *text = LLVMPrintModuleToString(e->module), *copy = strdup(text);
    LLVMDisposeMessage(text);
    return copy;
}

/* Emission changes the module: whoever wants assembly too gets it from a copy. */
static bool emit_texts(Emission *e) {
    if (e->options->want_llvm_ir) e->out->llvm_ir = module_text(e);
    if (!e->options->want_assembly) return true;
    LLVMModuleRef copy = LLVMCloneModule(e->module);
    size_t nbytes;
    e->out->assembly = emit_file(e, copy, LLVMAssemblyFile, &nbytes);
    LLVMDisposeModule(copy);
    return e->out->assembly != NULL;
}

/* The vector that an instruction works on, or NULL. */
static LLVMTypeRef vector_of(LLVMValueRef i) {
    LLVMOpcode op = LLVMGetInstructionOpcode(i);
    if (op == LLVMInsertElement || op == LLVMShuffleVector || op == LLVMPHI) return NULL;
    LLVMTypeRef t = LLVMTypeOf(op == LLVMStore ? LLVMGetOperand(i, 0) : i);
    return LLVMGetTypeKind(t) == LLVMVectorTypeKind ? t : NULL;
}

static void add_vector(StrBuf *out, LLVMValueRef i) {
    LLVMTypeRef t = vector_of(i);
    unsigned nfile = 0, line = t ? LLVMGetDebugLocLine(i) : 0;
    const char *file = line ? LLVMGetDebugLocFilename(i, &nfile) : NULL;
    if (!file) return;
    char *element = LLVMPrintTypeToString(LLVMGetElementType(t));
    strbuf_printf(out, "%.*s\t%u\t%u\t%s\n", (int)nfile, file, line, LLVMGetVectorSize(t), element);
    LLVMDisposeMessage(element);
}

static char *vector_text(LLVMModuleRef module) {
    StrBuf out = {0};
    for (LLVMValueRef f = LLVMGetFirstFunction(module); f; f = LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
            for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
                add_vector(&out, i);
    return out.at;
}

/* A module that an extension has built (naja/lowering/boxing.py). */
static bool parse_module(Emission *e) {
    char *message = NULL;
    const char *given = e->options->text;
    LLVMMemoryBufferRef text = LLVMCreateMemoryBufferWithMemoryRangeCopy(given, strlen(given), "code");
    LLVMModuleRef module = NULL;
    bool bad = LLVMParseIRInContext(e->context, text, &module, &message);
    if (!bad) {
        LLVMSetDataLayout(module, LLVMGetDataLayoutStr(e->module));
        LLVMSetTarget(module, triple);
        LLVMDisposeModule(e->module);
        e->module = module;
        bad = LLVMVerifyModule(module, LLVMReturnStatusAction, &message);
    }
    if (bad) fail(e, message ? message : "the code is malformed");
    LLVMDisposeMessage(message);
    return !bad;
}

static bool build_module(Emission *e) {
    if (!open_module(e)) return false;
    if (e->options->text) return parse_module(e);
    if (!codegen_unit(e->unit, e->context, e->module, &e->facts)) return fail(e, "no code was generated");
    if (!verify(e)) return false;
    if (e->options->want_unoptimised) e->out->unoptimised = module_text(e);
    e->effort = effort_of(e);
    e->out->is_glue = e->effort == FAST;
    e->machine = machine_for(e, e->effort);
    return e->machine || fail(e, "no target machine");
}

static bool emit(Emission *e) {
    double begin = now_ms();
    if (!build_module(e)) return false;
    double built = now_ms();
    if (!run_passes(e)) return false;
    if (e->effort == BEST) engine_mark_unpredictable(e->module);
    double optimised = now_ms();
    if (e->options->want_vectors) e->out->vectors = vector_text(e->module);
    if (!emit_texts(e)) return false;
    e->out->object = emit_file(e, e->module, LLVMObjectFile, &e->out->nbytes);
    e->out->ms.ir = built - begin;
    e->out->ms.passes = optimised - built;
    e->out->ms.code = now_ms() - optimised;
    return e->out->object != NULL;
}

static void close_module(Emission *e) {
    if (e->module) LLVMDisposeModule(e->module);
    if (e->context) LLVMContextDispose(e->context);
    if (e->own) LLVMDisposeTargetMachine(e->own);
}

/* Returns false after a jump out of LLVM or the arena. */
static bool emit_guarded(Emission *e) {
    jmp_buf jump, *outer = fatal_jump;
    void (*exhausted)(Arena *) = e->unit->arena.exhausted;
    bool ok;
    fatal_jump = &jump;
    e->unit->arena.exhausted = on_exhausted;
    if (!setjmp(jump)) {
        ok = emit(e);
        close_module(e);
    } else {
        for (uint32_t i = 0; i < ARRAY_LEN(machine_key); i++) pthread_setspecific(machine_key[i], NULL);
        ok = fail(e, fatal_text);
    }
    e->unit->arena.exhausted = exhausted;
    fatal_jump = outer;
    return ok;
}

void emitted_free(Emitted *out) {
    free(out->object);
    free(out->llvm_ir);
    free(out->assembly);
    free(out->unoptimised);
    free(out->vectors);
    *out = (Emitted){0};
}

bool engine_emit(Unit *u, const EmitOptions *options, Emitted *out, char **why) {
    *out = (Emitted){0};
    double begin = now_ms();
    pthread_once(&once, start);
    out->ms.start = now_ms() - begin;
    *why = NULL;
    Emission e = {.unit = u, .options = options, .out = out, .why = why};
    bool ok = start_error ? fail(&e, start_error) : emit_guarded(&e);
    if (!ok) emitted_free(out);
    return ok;
}
