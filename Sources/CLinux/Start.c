// Where the release build begins on x86-64 (`-e coffer_start`): the kernel is asked once to make the pages
// that are about to be relocated ours, instead of one fault for each (docs/decisions/0002-static-pie.md).

#if defined(__x86_64__) && defined(__linux__)

#include <elf.h>
#include <sys/syscall.h>

#define PAGE 4096ul
#define POPULATE_WRITE 23l

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

// Runs before anything is relocated and before there is a thread: no address but relative to here, no
// library. An older kernel says no, and the faults come one by one.
__attribute__((used, noinline, no_stack_protector)) static void populate(void) {
    const char *base = (const char *)&__ehdr_start;
    const Elf64_Phdr *part = (const Elf64_Phdr *)(base + __ehdr_start.e_phoff);
    for (int number = 0; number < __ehdr_start.e_phnum; number++) {
        if (part[number].p_type != PT_GNU_RELRO) continue;
        unsigned long start = ((unsigned long)base + part[number].p_vaddr) & ~(PAGE - 1);
        unsigned long end = (unsigned long)base + part[number].p_vaddr + part[number].p_memsz;
        unsigned long length = (end - start) & ~(PAGE - 1);
        long result = SYS_madvise;
        register long advice __asm__("rdx") = POPULATE_WRITE;
        __asm__ volatile("syscall"
                         : "+a"(result)
                         : "D"(start), "S"(length), "r"(advice)
                         : "rcx", "r11", "memory");
    }
}

// What the kernel hands over in %rdx and on the stack is handed on.
__attribute__((naked, used)) void coffer_start(void) {
    __asm__("push %rdx\n\t"
            "push %rdx\n\t"
            "call populate\n\t"
            "pop %rdx\n\t"
            "pop %rdx\n\t"
            "jmp _start");
}

#endif
