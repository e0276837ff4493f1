// Small secrets share locked pages: a mapping for each would cost three system calls and 12 KiB.

internal import CLinux
internal import Synchronization

/// Power-of-two blocks carved from locked pages; freed blocks are wiped and used again.
/// Blocks over `largestBlock` bytes get pages of their own.
@safe
struct SecretHeap: ~Copyable, @unchecked Sendable {
    static let smallestBlock = 64
    static let largestBlock = 16_384
    private static let fewestPageBytes = 65_536
    private static let mostPageBytes = 524_288

    /// Of each size. Not a list through the blocks: what overruns one must not lead to others.
    private var free: [[UnsafeMutableRawPointer]]
    private var fresh: UnsafeMutableRawPointer?
    private var freshBytes = 0
    /// Of the fresh bytes, those whose pages are there already.
    private var readyBytes = 0
    private var nextPageBytes = fewestPageBytes
    private var nextReadyBytes = 8_192

    init() {
        unsafe free = Array(repeating: [], count: Self.sizeClass(of: Self.largestBlock) + 1)
        unsafe fresh = nil
    }

    private static func sizeClass(of bytes: Int) -> Int {
        let blocks = (max(bytes, 1) + smallestBlock - 1) / smallestBlock
        return Int.bitWidth - (blocks - 1).leadingZeroBitCount
    }

    /// The bytes that a request of `bytes` really gets.
    static func blockBytes(for bytes: Int) -> Int { smallestBlock << sizeClass(of: bytes) }

    mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        let sizeClass = Self.sizeClass(of: bytes)
        if let block = unsafe free[sizeClass].popLast() { return unsafe block }
        let size = Self.smallestBlock << sizeClass
        if freshBytes < size { refill() }
        guard let block = unsafe fresh else { endWithoutMemory() }
        if readyBytes < size { unsafe touch(block, size) }
        unsafe fresh = block + size
        freshBytes -= size
        readyBytes -= size
        return unsafe block
    }

    mutating func give(back block: UnsafeMutableRawPointer, bytes: Int) {
        let sizeClass = Self.sizeClass(of: bytes)
        unsafe coffer_wipe(block, Self.smallestBlock << sizeClass)
        unsafe free[sizeClass].append(block)
    }

    /// Has the kernel make the next pages in one call, few at first: a fault for each costs several
    /// times that, and a page that is not used costs too.
    private mutating func touch(_ block: UnsafeMutableRawPointer, _ size: Int) {
        let count = min(freshBytes, max(size, nextReadyBytes))
        nextReadyBytes = min(2 * nextReadyBytes, Self.fewestPageBytes)
        let page = LockedPages.pageBytes
        let start = unsafe UnsafeMutableRawPointer(
            bitPattern: UInt(bitPattern: block) / UInt(page) * UInt(page))
        // A kernel that does not know the call makes them one by one.
        if let start = unsafe start { _ = unsafe coffer_populate(start, block + count - start) }
        readyBytes = count
    }

    /// Small at first, for a small RLIMIT_MEMLOCK, then fewer system calls for many secrets.
    /// The rest of the old pages is spent: at most 16 KiB, and only when large blocks come late.
    private mutating func refill() {
        let pages = LockedPages(atLeast: nextPageBytes)
        nextPageBytes = min(2 * nextPageBytes, Self.mostPageBytes)
        freshBytes = pages.count
        readyBytes = 0
        unsafe fresh = pages.takeBase()
    }
}

extension SecretHeap {
    /// That of the thread that began. Others share the rest, so that threads which work side by
    /// side seldom wait for each other. A block may be given back to any of them.
    private static let first = Mutex(SecretHeap())
    private static let others = InlineArray<3, Mutex<SecretHeap>> { _ in Mutex(SecretHeap()) }

    /// Works on this thread's heap.
    private static func withHeap<R>(_ body: (inout sending SecretHeap) -> sending R) -> R {
        let number = Int(coffer_thread_number())
        guard number > 0 else { return first.withLock(body) }
        return others[(number - 1) % others.count].withLock(body)
    }

    /// A block of at least `bytes` bytes, its content undefined.
    static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        guard bytes <= largestBlock else { return unsafe LockedPages(atLeast: bytes).takeBase() }
        let address = withHeap { heap in UInt(bitPattern: unsafe heap.take(bytes)) }
        guard let block = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
            endWithoutMemory()
        }
        return unsafe block
    }

    /// Wipes a block that `allocate` gave for the same number of bytes, and takes it back.
    static func release(_ block: UnsafeMutableRawPointer, _ bytes: Int) {
        guard bytes <= largestBlock else { return unsafe LockedPages.end(block, bytes) }
        let address = UInt(bitPattern: block)
        withHeap { heap in
            guard let block = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return }
            unsafe heap.give(back: block, bytes: bytes)
        }
    }
}
