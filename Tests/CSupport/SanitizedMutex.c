// Tells ThreadSanitizer of the lock of Swift's `Mutex` where one thread waits for another.
//
// What takes a free lock is compiled into its caller, where the sanitizer sees it. What waits for
// one, and what wakes who waits, is in Swift's library, which is not built for the sanitizer: it
// takes what is behind a lock that was waited for as a race. These stand in front of the library's.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdbool.h>
#include <stdint.h>

// By Swift's convention, the handle of the mutex as `self`.
#define SWIFT __attribute__((swiftcall))
#define HANDLE __attribute__((swift_context)) void *handle
#define WAIT "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define WAKE "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void coffer_wait(uint32_t thread, HANDLE) __asm__(WAIT);
SWIFT bool coffer_try(HANDLE) __asm__(TRY);
SWIFT void coffer_wake(HANDLE) __asm__(WAKE);

SWIFT void coffer_wait(uint32_t thread, HANDLE) {
    SWIFT void (*wait)(uint32_t, HANDLE) = dlsym(RTLD_NEXT, WAIT);
    wait(thread, handle);
    __tsan_acquire(handle);
}

SWIFT bool coffer_try(HANDLE) {
    SWIFT bool (*take)(HANDLE) = dlsym(RTLD_NEXT, TRY);
    bool is_taken = take(handle);
    if (is_taken) __tsan_acquire(handle);
    return is_taken;
}

SWIFT void coffer_wake(HANDLE) {
    SWIFT void (*wake)(HANDLE) = dlsym(RTLD_NEXT, WAKE);
    __tsan_release(handle);
    wake(handle);
}

#endif
#endif
