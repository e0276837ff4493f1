// Where the release build begins on x86-64 (`-e coffer_start`), and how it is relocated: all but the tables of
// libcrypto and SQLite, which most commands never touch (docs/decisions/0002-static-pie.md).

#include "CLinux.h"

// The release build defines it, with the linker's options that belong to it (Makefile).
#ifdef COFFER_STARTS_ITSELF

#include <elf.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// Of Debian 12's headers some lack these.
#ifndef DT_RELRSZ
#define DT_RELRSZ 35
#define DT_RELR 36
#endif
#define POPULATE_WRITE 23l

// Asked for at one go: as many bytes as the next relocations are likely to be in.
#define AHEAD 0x4000ul

// Of the linker, and of put-off.ld. Hidden: their addresses are relative to here, and stand in no table that would
// have to be relocated first.
extern char __ehdr_start[] __attribute__((visibility("hidden")));
extern char coffer_put_off_start[] __attribute__((visibility("hidden")));
extern char coffer_put_off_end[] __attribute__((visibility("hidden")));

// The packed relocations (ELF gABI, SHT_RELR) as they lie in memory.
// Read-only once the program runs, as what they are about.
static const unsigned long *packed __attribute__((section(".data.rel.ro")));
static unsigned long packed_bytes __attribute__((section(".data.rel.ro")));

struct range {
    char *base;
    unsigned long start, length;
    // What is ours already, as if written to: it ends here.
    unsigned long populated;
};

// Has the kernel make pages ours in one go, instead of one fault for each. An older one says no, and the
// faults come one by one.
static inline void populate(struct range *range, unsigned long offset) {
    if (offset < range->populated) return;
    unsigned long start = offset & ~4095ul;
    range->populated = start + AHEAD;
    if (start < range->start && range->populated > range->start) range->populated = range->start;
    long result = SYS_madvise;
    register long advice __asm__("rdx") = POPULATE_WRITE;
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(range->base + start), "S"(range->populated - start), "r"(advice)
                     : "rcx", "r11", "memory");
}

static inline void add_base(struct range *range, unsigned long offset, int inside) {
    if ((offset - range->start < range->length) != inside) return;
    populate(range, offset);
    *(unsigned long *)(range->base + offset) += (unsigned long)range->base;
}

// Relocates what is inside of a range, or all that is not.
static inline void relocate(struct range range, const unsigned long *words, unsigned long bytes, int inside) {
    unsigned long next = 0;
    for (const unsigned long *end = words + bytes / sizeof *words; words < end; words++) {
        if ((*words & 1) == 0) {
            add_base(&range, *words, inside);
            next = *words + 8;
            continue;
        }
        unsigned long offset = next;
        for (unsigned long bits = *words >> 1; bits != 0; bits >>= 1, offset += 8)
            if (bits & 1) add_base(&range, offset, inside);
        next += 63 * 8;
    }
}

static inline struct range put_off(char *base) {
    unsigned long start = (unsigned long)(coffer_put_off_start - base);
    return (struct range){base, start, (unsigned long)(coffer_put_off_end - coffer_put_off_start), 0};
}

// Runs before anything else: no address but relative to here, no library, no thread. glibc is left without packed
// relocations, and does the few others.
__attribute__((used, noinline, no_stack_protector)) static void relocate_first(void) {
    char *base = __ehdr_start;
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)base;
    const Elf64_Phdr *part = (const Elf64_Phdr *)(base + head->e_phoff);
    for (int number = 0; number < head->e_phnum; number++) {
        if (part[number].p_type != PT_DYNAMIC) continue;
        Elf64_Dyn *bytes = NULL;
        for (Elf64_Dyn *entry = (Elf64_Dyn *)(base + part[number].p_vaddr); entry->d_tag != DT_NULL; entry++) {
            if (entry->d_tag == DT_RELR) packed = (const unsigned long *)(base + entry->d_un.d_ptr);
            if (entry->d_tag == DT_RELRSZ) bytes = entry;
        }
        if (bytes == NULL) return;
        packed_bytes = bytes->d_un.d_val;
        bytes->d_un.d_val = 0;
    }
    relocate(put_off(base), packed, packed_bytes, 0);
}

// What the kernel hands over in %rdx and on the stack is handed on.
__attribute__((naked, used)) void coffer_start(void) {
    __asm__("push %rdx\n\t"
            "push %rdx\n\t"
            "call relocate_first\n\t"
            "pop %rdx\n\t"
            "pop %rdx\n\t"
            "jmp _start");
}

// As SecretMemory/LockedPages.swift says it.
static void end_without_memory(void) {
    static const char words[] = "coffer: error: out of memory\n";
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0) {
        // There is nobody to tell.
    }
    _exit(9);
}

static void relocate_rest(void) {
    struct range range = put_off(__ehdr_start);
    char *start = range.base + range.start;
    if (mprotect(start, range.length, PROT_READ | PROT_WRITE) != 0) end_without_memory();
    relocate(range, packed, packed_bytes, 1);
    if (mprotect(start, range.length, PROT_READ) != 0) end_without_memory();
}

void coffer_relocate_rest(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, relocate_rest);
}

#else

void coffer_relocate_rest(void) {}

#endif
