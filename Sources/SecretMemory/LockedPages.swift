// Whole pages that reach no swap, no core dump and no child process, and are wiped when let go.

internal import CLinux
internal import Glibc
internal import Synchronization

/// How well this process can keep secrets out of swap.
public enum LockingState: Sendable {
    /// Every page so far is locked.
    case locked
    /// The kernel refused to lock at least one page (RLIMIT_MEMLOCK); secrets may reach swap.
    case degraded
}

/// An anonymous private mapping between two guard pages: locked (mlock2(2)), left out of core dumps
/// (MADV_DONTDUMP), absent in a forked child (MADV_WIPEONFORK), wiped in deinit.
///
/// Failing to lock is a degradation that `LockedPages.state` reports, never an error: a small
/// RLIMIT_MEMLOCK must not stand between a person and a secret that is shown once.
@safe
struct LockedPages: ~Copyable, @unchecked Sendable {
    private static let degraded = Atomic<Bool>(false)

    /// Whether everything was locked so far.
    static var state: LockingState {
        degraded.load(ordering: .relaxed) ? .degraded : .locked
    }

    /// Bytes of a page of this machine.
    static var pageBytes: Int { Int(sysconf(Int32(_SC_PAGESIZE))) }

    /// First usable byte, page aligned.
    let base: UnsafeMutableRawPointer
    /// Usable bytes, a multiple of the page size.
    let count: Int

    /// Maps at least `minimum` bytes; the process ends with exit code 9 if there is no memory.
    init(atLeast minimum: Int) {
        let page = Self.pageBytes
        count = max(page, (minimum + page - 1) / page * page)
        let mapped = unsafe mmap(
            nil, count + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { endWithoutMemory() }
        let start = unsafe mapped + page
        guard unsafe mprotect(start, count, PROT_READ | PROT_WRITE) == 0 else { endWithoutMemory() }
        // Only now is there a value to deinit: its wipe must not meet pages that cannot be written.
        unsafe base = start
        _ = unsafe coffer_keep_out_of_dumps(base, count)
        _ = unsafe coffer_wipe_on_fork(base, count)
        // Untouched pages cost nothing until they hold something.
        if unsafe coffer_lock_on_touch(base, count) != 0 {
            Self.degraded.store(true, ordering: .relaxed)
        }
    }

    deinit { unsafe Self.end(base, count) }

    /// Wipes and unmaps pages whose base was taken.
    static func end(_ base: UnsafeMutableRawPointer, _ bytes: Int) {
        let page = Self.pageBytes
        let count = max(page, (bytes + page - 1) / page * page)
        unsafe coffer_wipe(base, count)
        _ = unsafe munmap(base - page, count + 2 * page)
    }

    /// Hands the pages over; whoever takes them calls `end`, or keeps them as long as the process.
    consuming func takeBase() -> UnsafeMutableRawPointer {
        let taken = unsafe base
        discard self
        return unsafe taken
    }
}

/// Ends the process: without memory no destructor may run that could need some.
func endWithoutMemory() -> Never {
    let words: StaticString = "coffer: error: out of memory\n"
    _ = unsafe write(2, words.utf8Start, words.utf8CodeUnitCount)
    _exit(9)
}
