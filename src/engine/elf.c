/* elf.c - loads one relocatable ELF object: what LLVM emits for a unit, fresh or from the cache.  No LLVM here.
 *
 *   1. check the headers: every offset, index, size and name that is used later is inside the image
 *   2. lay the sections out by protection: code | constants | data, then a slot and a stub per symbol that needs one
 *   3. map everything in one piece, so that PC-relative references inside the object always reach
 *   4. resolve symbols, apply relocations
 *   5. protect: no page is ever writable and executable
 *
 * A reference to a far symbol goes through its slot (an address in the constants); a call of one goes through its
 * stub (code that jumps to the slot's contents).  What a relocation computes, how it is checked and how it is
 * written is a row of a table per machine.  The image may be anything: a broken one is an error, never a crash.
 */
#include "engine/engine.h"

#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* libgcc's unwinder learns about code here; the argument is a zero-terminated .eh_frame. */
extern void __register_frame(void *);
extern void __deregister_frame(void *);

enum { CLASS_CODE, CLASS_CONST, CLASS_DATA, CLASS_COUNT, CLASS_NONE = CLASS_COUNT };
enum { STUB_NBYTES = 16, SLOT_NBYTES = 8, EH_END_NBYTES = 4 };
#define MAX_NBYTES \
    ((uint64_t)1 << 30) /* of one section and of the whole mapping: keeps sums from overflowing */

typedef struct {
    uint64_t value;
    uint32_t name; /* offset into `names` */
} ExportedSymbol;

struct LoadedObject {
    uint8_t *base;
    size_t nbytes, code_nbytes;
    uint8_t *eh_frame; /* registered, or NULL */
    uint64_t *section; /* run address of each section, 0: not loaded; for debuggers */
    uint32_t nsections;
    char *names;
    ExportedSymbol *symbol;
    uint32_t nsymbols;
    struct JitCodeEntry *gdb;
};

/* What is known while loading. */
typedef struct {
    const uint8_t *image;
    size_t nbytes;
    const char *why; /* set: loading has failed */
    Elf64_Ehdr header;
    Elf64_Shdr *sh;
    Elf64_Sym *sym;
    uint32_t nsh, nsym, symtab;
    const char *strings, *section_names;
    size_t strings_nbytes, section_names_nbytes;
    uint8_t *class_of; /* by section */
    uint64_t *offset;  /* by section: within its class */
    uint64_t need[CLASS_COUNT], start[CLASS_COUNT];
    uint64_t stubs, slots; /* offsets from the mapping's base */
    uint32_t nslots, maxslots;
    uint32_t *slot_of; /* by symbol: its slot + 1 */
    uint64_t *value;   /* by symbol */
    SymbolResolver resolve;
    void *data;
    LoadedObject *object;
} Loader;

static bool fail(Loader *l, const char *why) {
    if (!l->why) l->why = why;
    return false;
}

/* ---- 1. headers ---------------------------------------------------------------------------------------------- */

static bool in_image(const Loader *l, uint64_t offset, uint64_t nbytes) {
    return offset <= l->nbytes && nbytes <= l->nbytes - offset;
}

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { MACHINE = EM_AARCH64 };
#else
enum { MACHINE = EM_NONE };
#endif

static bool read_header(Loader *l) {
    Elf64_Ehdr *h = &l->header;
    if (l->nbytes < sizeof *h) return fail(l, "the object file is truncated");
    memcpy(h, l->image, sizeof *h);
    bool ok = !memcmp(h->e_ident, ELFMAG, SELFMAG) && h->e_ident[EI_CLASS] == ELFCLASS64 &&
              h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_type == ET_REL && h->e_machine == MACHINE &&
              h->e_shentsize == sizeof(Elf64_Shdr) && h->e_shnum > 0 && h->e_shstrndx < h->e_shnum;
    if (!ok) return fail(l, "this is no object file of this machine");
    uint64_t nbytes = (uint64_t)h->e_shnum * sizeof(Elf64_Shdr);
    if (!in_image(l, h->e_shoff, nbytes)) return fail(l, "the section table is outside the object file");
    l->nsh = h->e_shnum;
    l->sh = malloc(nbytes);
    l->class_of = malloc(l->nsh);
    l->offset = calloc(l->nsh, sizeof *l->offset);
    if (!l->sh || !l->class_of || !l->offset) return fail(l, "out of memory");
    memcpy(l->sh, l->image + h->e_shoff, nbytes);
    return true;
}

static bool check_section(Loader *l, uint32_t i) {
    const Elf64_Shdr *sh = &l->sh[i];
    if (sh->sh_type == SHT_NULL) return true;
    if (sh->sh_size > MAX_NBYTES) return fail(l, "a section is too large");
    if (sh->sh_type != SHT_NOBITS && !in_image(l, sh->sh_offset, sh->sh_size))
        return fail(l, "a section is outside the object file");
    uint64_t align = sh->sh_addralign;
    if (align & (align - 1) || align > 4096) return fail(l, "a section has an impossible alignment");
    return true;
}

/* A string table ends in NUL, so that any offset inside begins a terminated string. */
static bool read_strings(Loader *l, uint32_t section, const char **strings, size_t *nbytes) {
    if (section >= l->nsh || l->sh[section].sh_type != SHT_STRTAB || !l->sh[section].sh_size)
        return fail(l, "a string table is missing");
    *strings = (const char *)l->image + l->sh[section].sh_offset;
    *nbytes = l->sh[section].sh_size;
    return (*strings)[*nbytes - 1] ? fail(l, "a string table has no end") : true;
}

static bool read_symbols(Loader *l) {
    l->symtab = UINT32_MAX;
    for (uint32_t i = 0; i < l->nsh; i++)
        if (l->sh[i].sh_type == SHT_SYMTAB) l->symtab = i;
    if (l->symtab == UINT32_MAX) return fail(l, "the object file has no symbols");
    const Elf64_Shdr *sh = &l->sh[l->symtab];
    if (sh->sh_entsize != sizeof(Elf64_Sym) || sh->sh_size % sizeof(Elf64_Sym))
        return fail(l, "the symbol table is malformed");
    if (!read_strings(l, sh->sh_link, &l->strings, &l->strings_nbytes)) return false;
    l->nsym = (uint32_t)(sh->sh_size / sizeof(Elf64_Sym));
    l->sym = malloc(sh->sh_size + 1);
    l->value = calloc(l->nsym + 1, sizeof *l->value);
    l->slot_of = calloc(l->nsym + 1, sizeof *l->slot_of);
    if (!l->sym || !l->value || !l->slot_of) return fail(l, "out of memory");
    memcpy(l->sym, l->image + sh->sh_offset, sh->sh_size);
    for (uint32_t i = 0; i < l->nsym; i++)
        if (l->sym[i].st_name >= l->strings_nbytes) return fail(l, "a symbol's name is outside its table");
    return true;
}

static bool read_image(Loader *l) {
    if (!read_header(l)) return false;
    for (uint32_t i = 0; i < l->nsh; i++)
        if (!check_section(l, i)) return false;
    if (!read_strings(l, l->header.e_shstrndx, &l->section_names, &l->section_names_nbytes)) return false;
    for (uint32_t i = 0; i < l->nsh; i++)
        if (l->sh[i].sh_name >= l->section_names_nbytes)
            return fail(l, "a section's name is outside its table");
    return read_symbols(l);
}

/* ---- 2. layout ------------------------------------------------------------------------------------------------- */

static uint64_t align_up(uint64_t n, uint64_t align) {
    return align > 1 ? (n + align - 1) & ~(align - 1) : n;
}

static bool is_loaded(const Elf64_Shdr *sh) { return sh->sh_flags & SHF_ALLOC && sh->sh_type != SHT_NULL; }

static bool is_eh_frame(const Loader *l, uint32_t i) {
    return is_loaded(&l->sh[i]) && !strcmp(l->section_names + l->sh[i].sh_name, ".eh_frame");
}

/* Relocations that apply to loaded sections; each may need at most one slot, and so may each symbol. */
static uint64_t count_relocations(const Loader *l) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < l->nsh; i++)
        if (l->sh[i].sh_type == SHT_RELA) n += l->sh[i].sh_size / sizeof(Elf64_Rela);
    return n;
}

static bool lay_out(Loader *l) {
    for (uint32_t i = 0; i < l->nsh; i++) {
        const Elf64_Shdr *sh = &l->sh[i];
        l->class_of[i] = CLASS_NONE;
        if (!is_loaded(sh)) continue;
        if (sh->sh_flags & SHF_TLS) return fail(l, "thread-local data is not supported");
        uint32_t c = sh->sh_flags & SHF_EXECINSTR ? CLASS_CODE
                     : sh->sh_flags & SHF_WRITE   ? CLASS_DATA
                                                  : CLASS_CONST;
        l->class_of[i] = (uint8_t)c;
        l->offset[i] = align_up(l->need[c], sh->sh_addralign);
        l->need[c] = l->offset[i] + sh->sh_size + (is_eh_frame(l, i) ? EH_END_NBYTES : 0);
        if (l->need[c] > MAX_NBYTES) return fail(l, "the object file is too large");
    }
    uint64_t nrelocations = count_relocations(l);
    l->maxslots = (uint32_t)(nrelocations < l->nsym ? nrelocations : l->nsym);
    uint64_t stubs = align_up(l->need[CLASS_CODE], STUB_NBYTES),
             slots = align_up(l->need[CLASS_CONST], SLOT_NBYTES);
    l->need[CLASS_CODE] = stubs + (uint64_t)l->maxslots * STUB_NBYTES;
    l->need[CLASS_CONST] = slots + (uint64_t)l->maxslots * SLOT_NBYTES;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    for (uint32_t c = 1; c < CLASS_COUNT; c++) l->start[c] = align_up(l->start[c - 1] + l->need[c - 1], page);
    l->stubs = stubs;
    l->slots = l->start[CLASS_CONST] + slots;
    l->object->nbytes = align_up(l->start[CLASS_DATA] + l->need[CLASS_DATA], page);
    l->object->code_nbytes = l->need[CLASS_CODE];
    return l->object->nbytes ? true : fail(l, "the object file is empty");
}

/* ---- 3. mapping ------------------------------------------------------------------------------------------------- */

/* The unwinder walks the records by their lengths; ours, which LLVM writes, never use the 64-bit form. */
static bool eh_frame_is_sound(const uint8_t *at, uint64_t nbytes) {
    while (nbytes >= 4) {
        uint32_t length;
        memcpy(&length, at, sizeof length);
        if (length < 4 || length > nbytes - 4) return false;
        at += length + 4;
        nbytes -= (uint64_t)length + 4;
    }
    return nbytes == 0;
}

static bool map_sections(Loader *l) {
    LoadedObject *o = l->object;
    void *base = mmap(NULL, o->nbytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return fail(l, "out of memory");
    o->base = base;
    o->nsections = l->nsh;
    o->section = calloc(l->nsh, sizeof *o->section);
    if (!o->section) return fail(l, "out of memory");
    for (uint32_t i = 0; i < l->nsh; i++) {
        const Elf64_Shdr *sh = &l->sh[i];
        if (l->class_of[i] == CLASS_NONE) continue;
        uint8_t *at = o->base + l->start[l->class_of[i]] + l->offset[i];
        o->section[i] = (uint64_t)(uintptr_t)at;
        if (sh->sh_type != SHT_NOBITS) memcpy(at, l->image + sh->sh_offset, sh->sh_size);
        if (is_eh_frame(l, i) && eh_frame_is_sound(at, sh->sh_size)) o->eh_frame = at;
    }
    return true;
}

/* ---- 4. symbols and relocations ----------------------------------------------------------------------------------- */

static bool resolve_undefined(Loader *l, uint32_t i) {
    const Elf64_Sym *s = &l->sym[i];
    const char *name = l->strings + s->st_name;
    if (!*name) return true; /* the null symbol */
    void *p = l->resolve ? l->resolve(l->data, name) : NULL;
    l->value[i] = (uint64_t)(uintptr_t)p;
    if (p || ELF64_ST_BIND(s->st_info) == STB_WEAK) return true;
    static _Thread_local char text[160];
    snprintf(text, sizeof text, "compiled code calls %.100s, which does not exist", name);
    return fail(l, text);
}

static bool resolve_symbol(Loader *l, uint32_t i) {
    const Elf64_Sym *s = &l->sym[i];
    if (s->st_shndx == SHN_UNDEF) return resolve_undefined(l, i);
    if (s->st_shndx == SHN_ABS) {
        l->value[i] = s->st_value;
        return true;
    }
    if (s->st_shndx >= l->nsh) return fail(l, "a symbol's section does not exist");
    if (l->class_of[s->st_shndx] == CLASS_NONE) return true; /* debug information */
    if (s->st_value > l->sh[s->st_shndx].sh_size) return fail(l, "a symbol is outside its section");
    l->value[i] = l->object->section[s->st_shndx] + s->st_value;
    return true;
}

static uint64_t slot_address(Loader *l, uint32_t symbol) {
    uint64_t base = (uint64_t)(uintptr_t)l->object->base;
    if (!l->slot_of[symbol]) {
        memcpy(l->object->base + l->slots + (uint64_t)l->nslots * SLOT_NBYTES, &l->value[symbol],
               SLOT_NBYTES);
        l->slot_of[symbol] = ++l->nslots;
    }
    return base + l->slots + (uint64_t)(l->slot_of[symbol] - 1) * SLOT_NBYTES;
}

typedef enum { VALUE_NONE, VALUE_ADDRESS, VALUE_RELATIVE, VALUE_CALL, VALUE_SLOT } RelocationValue;
typedef enum { FIELD_64, FIELD_S32, FIELD_U32 } RelocationField;
typedef struct {
    uint32_t type;
    RelocationValue value; /* S + A, S + A - P, the same with a stub when far, slot of S + A - P */
    RelocationField field;
} RelocationRow;

#if defined(__x86_64__)
#ifndef R_X86_64_GOTPCRELX
enum { R_X86_64_GOTPCRELX = 41, R_X86_64_REX_GOTPCRELX = 42 };
#endif
static const RelocationRow relocation_rows[] = {
    {R_X86_64_NONE, VALUE_NONE, FIELD_S32},      {R_X86_64_64, VALUE_ADDRESS, FIELD_64},
    {R_X86_64_32, VALUE_ADDRESS, FIELD_U32},     {R_X86_64_32S, VALUE_ADDRESS, FIELD_S32},
    {R_X86_64_PC64, VALUE_RELATIVE, FIELD_64},   {R_X86_64_PC32, VALUE_RELATIVE, FIELD_S32},
    {R_X86_64_PLT32, VALUE_CALL, FIELD_S32},     {R_X86_64_GOTPCREL, VALUE_SLOT, FIELD_S32},
    {R_X86_64_GOTPCRELX, VALUE_SLOT, FIELD_S32}, {R_X86_64_REX_GOTPCRELX, VALUE_SLOT, FIELD_S32},
};

/* jmp *slot(%rip), which begins 6 bytes behind the stub */
static uint64_t stub_address(Loader *l, uint32_t symbol) {
    uint64_t slot = slot_address(l, symbol);
    uint8_t *stub = l->object->base + l->stubs + (uint64_t)(l->slot_of[symbol] - 1) * STUB_NBYTES;
    uint64_t address = (uint64_t)(uintptr_t)stub;
    int32_t distance = (int32_t)(slot - (address + 6));
    stub[0] = 0xff;
    stub[1] = 0x25;
    memcpy(stub + 2, &distance, sizeof distance);
    return address;
}
#else
static const RelocationRow relocation_rows[] = {{0, VALUE_NONE, FIELD_S32}};
static uint64_t stub_address(Loader *l, uint32_t symbol) { return slot_address(l, symbol); }
#endif

static const RelocationRow *find_relocation(uint32_t type) {
    for (uint32_t i = 0; i < ARRAY_LEN(relocation_rows); i++)
        if (relocation_rows[i].type == type) return &relocation_rows[i];
    return NULL;
}

static bool is_near(uint64_t distance) { return (uint64_t)(int64_t)(int32_t)distance == distance; }

static uint64_t relocation_value(Loader *l, const RelocationRow *row, uint32_t symbol, uint64_t addend,
                                 uint64_t place) {
    uint64_t address = l->value[symbol] + addend;
    switch (row->value) {
    case VALUE_RELATIVE: return address - place;
    case VALUE_SLOT: return slot_address(l, symbol) + addend - place;
    case VALUE_CALL:
        return is_near(address - place) ? address - place : stub_address(l, symbol) + addend - place;
    default: return address;
    }
}

static bool relocate(Loader *l, const Elf64_Rela *r, uint32_t section) {
    const RelocationRow *row = find_relocation((uint32_t)ELF64_R_TYPE(r->r_info));
    uint64_t symbol = ELF64_R_SYM(r->r_info);
    if (!row) return fail(l, "the object file has an unknown relocation");
    if (row->value == VALUE_NONE) return true;
    uint64_t width = row->field == FIELD_64 ? 8 : 4, nbytes = l->sh[section].sh_size;
    if (symbol >= l->nsym || nbytes < width || r->r_offset > nbytes - width)
        return fail(l, "a relocation is outside its section");
    uint8_t *at = (uint8_t *)(uintptr_t)(l->object->section[section] + r->r_offset);
    uint64_t v = relocation_value(l, row, (uint32_t)symbol, (uint64_t)r->r_addend, (uint64_t)(uintptr_t)at);
    if ((row->field == FIELD_S32 && !is_near(v)) || (row->field == FIELD_U32 && v >> 32))
        return fail(l, "a relocation does not reach");
    memcpy(at, &v, width); /* both sides are little-endian */
    return true;
}

static bool relocate_section(Loader *l, const Elf64_Shdr *sh) {
    if (sh->sh_type == SHT_REL) return fail(l, "relocations without addend are not supported");
    if (sh->sh_type != SHT_RELA) return true;
    if (sh->sh_info >= l->nsh || sh->sh_link != l->symtab || sh->sh_entsize != sizeof(Elf64_Rela))
        return fail(l, "a relocation table is malformed");
    uint32_t target = sh->sh_info;
    if (l->class_of[target] == CLASS_NONE || l->sh[target].sh_type == SHT_NOBITS) return true;
    for (uint64_t k = 0; k < sh->sh_size / sizeof(Elf64_Rela); k++) {
        Elf64_Rela r;
        memcpy(&r, l->image + sh->sh_offset + k * sizeof r, sizeof r);
        if (!relocate(l, &r, target)) return false;
    }
    return true;
}

static bool link_image(Loader *l) {
    for (uint32_t i = 1; i < l->nsym; i++)
        if (!resolve_symbol(l, i)) return false;
    for (uint32_t i = 0; i < l->nsh; i++)
        if (!relocate_section(l, &l->sh[i])) return false;
    return true;
}

/* The image may go away: global symbols are copied. */
static bool keep_symbols(Loader *l) {
    LoadedObject *o = l->object;
    size_t nbytes = 0;
    for (uint32_t i = 1; i < l->nsym; i++)
        if (ELF64_ST_BIND(l->sym[i].st_info) == STB_GLOBAL && l->sym[i].st_shndx != SHN_UNDEF) {
            nbytes += strlen(l->strings + l->sym[i].st_name) + 1;
            o->nsymbols++;
        }
    o->symbol = calloc(o->nsymbols + 1, sizeof *o->symbol);
    o->names = malloc(nbytes + 1);
    if (!o->symbol || !o->names) return fail(l, "out of memory");
    uint32_t at = 0, n = 0;
    for (uint32_t i = 1; i < l->nsym; i++)
        if (ELF64_ST_BIND(l->sym[i].st_info) == STB_GLOBAL && l->sym[i].st_shndx != SHN_UNDEF) {
            size_t length = strlen(l->strings + l->sym[i].st_name) + 1;
            memcpy(o->names + at, l->strings + l->sym[i].st_name, length);
            o->symbol[n++] = (ExportedSymbol){l->value[i], at};
            at += (uint32_t)length;
        }
    return true;
}

/* ---- 5. protection ---------------------------------------------------------------------------------------------------- */

static bool protect(Loader *l) {
    LoadedObject *o = l->object;
    uint64_t code = l->start[CLASS_CONST], constants = l->start[CLASS_DATA] - code;
    if (code && mprotect(o->base, code, PROT_READ | PROT_EXEC))
        return fail(l, "code cannot be made executable");
    if (constants && mprotect(o->base + code, constants, PROT_READ))
        return fail(l, "constants cannot be protected");
    __builtin___clear_cache((char *)o->base, (char *)o->base + code);
    return true;
}

static void loader_free(Loader *l) {
    free(l->sh);
    free(l->sym);
    free(l->class_of);
    free(l->offset);
    free(l->slot_of);
    free(l->value);
}

LoadedObject *object_load(const void *image, size_t nbytes, SymbolResolver resolve, void *data,
                          const char **why) {
    Loader l = {.image = image, .nbytes = nbytes, .resolve = resolve, .data = data};
    l.object = calloc(1, sizeof *l.object);
    bool ok = l.object ? read_image(&l) && lay_out(&l) && map_sections(&l) && link_image(&l) &&
                             keep_symbols(&l) && protect(&l)
                       : fail(&l, "out of memory");
    loader_free(&l);
    if (ok) {
        if (l.object->eh_frame) __register_frame(l.object->eh_frame);
        return l.object;
    }
    if (l.object) {
        l.object->eh_frame = NULL; /* was not registered */
        object_free(l.object);
    }
    *why = l.why;
    return NULL;
}

void *object_symbol(const LoadedObject *o, const char *name) {
    for (uint32_t i = 0; i < o->nsymbols; i++)
        if (!strcmp(o->names + o->symbol[i].name, name)) return (void *)(uintptr_t)o->symbol[i].value;
    return NULL;
}

size_t object_code_nbytes(const LoadedObject *o) { return o->code_nbytes; }

/* ---- debuggers and profilers -------------------------------------------------------------------------------------------- */

/* GDB's JIT interface: GDB sets a breakpoint on the function and reads the list. */
typedef struct JitCodeEntry {
    struct JitCodeEntry *next, *prev;
    char *image;
    uint64_t nbytes;
} JitCodeEntry;
typedef struct {
    uint32_t version, action;
    JitCodeEntry *relevant, *first;
} JitDescriptor;
enum { JIT_NOACTION, JIT_REGISTER, JIT_UNREGISTER };

#define FOR_GDB __attribute__((used, visibility("default")))
FOR_GDB JitDescriptor __jit_debug_descriptor = {1, JIT_NOACTION, NULL, NULL};
FOR_GDB __attribute__((noinline)) void __jit_debug_register_code(void);
void __jit_debug_register_code(void) { __asm__ volatile("" ::: "memory"); }

static pthread_mutex_t gdb_lock = PTHREAD_MUTEX_INITIALIZER;

static void tell_gdb(JitCodeEntry *e, uint32_t action) {
    __jit_debug_descriptor.relevant = e;
    __jit_debug_descriptor.action = action;
    __jit_debug_register_code();
}

/* GDB gets a copy whose section headers say where the sections run; it relocates the debug sections itself.
 * `image` is the one that object_load() accepted. */
void object_register_gdb(LoadedObject *o, const void *image, size_t nbytes) {
    JitCodeEntry *e = calloc(1, sizeof *e);
    char *copy = malloc(nbytes);
    Elf64_Ehdr header;
    if (o->gdb || !e || !copy || nbytes < sizeof header) {
        free(e);
        free(copy);
        return;
    }
    memcpy(copy, image, nbytes);
    memcpy(&header, copy, sizeof header);
    for (uint32_t i = 0; i < o->nsections; i++) {
        char *sh = copy + header.e_shoff + i * sizeof(Elf64_Shdr);
        if (o->section[i]) memcpy(sh + offsetof(Elf64_Shdr, sh_addr), &o->section[i], sizeof o->section[i]);
    }
    *e = (JitCodeEntry){.image = copy, .nbytes = nbytes};
    pthread_mutex_lock(&gdb_lock);
    e->next = __jit_debug_descriptor.first;
    if (e->next) e->next->prev = e;
    __jit_debug_descriptor.first = o->gdb = e;
    tell_gdb(e, JIT_REGISTER);
    pthread_mutex_unlock(&gdb_lock);
}

static void unregister_gdb(LoadedObject *o) {
    JitCodeEntry *e = o->gdb;
    if (!e) return;
    pthread_mutex_lock(&gdb_lock);
    if (e->next) e->next->prev = e->prev;
    if (e->prev) e->prev->next = e->next;
    else __jit_debug_descriptor.first = e->next;
    tell_gdb(e, JIT_UNREGISTER);
    pthread_mutex_unlock(&gdb_lock);
    free(e->image);
    free(e);
}

/* perf reads /tmp/perf-PID.map: start and length in hexadecimal, then a name, one range a line. */
void object_register_perf(const LoadedObject *o, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
    FILE *f = fopen(path, "ae");
    if (!f) return;
    fprintf(f, "%llx %llx naja:%s\n", (unsigned long long)(uintptr_t)o->base,
            (unsigned long long)o->code_nbytes, name);
    fclose(f);
}

void object_free(LoadedObject *o) {
    unregister_gdb(o);
    if (o->eh_frame) __deregister_frame(o->eh_frame);
    if (o->base) munmap(o->base, o->nbytes);
    free(o->section);
    free(o->names);
    free(o->symbol);
    free(o);
}
