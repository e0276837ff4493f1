// The one type in which a secret, a key or a passphrase exists in plain text.

internal import CLinux

/// Bytes in locked memory, wiped when the value ends.
///
/// A noncopyable value cannot be interpolated, printed, compared with `==`, put into an `Array` or
/// carried by an `Error`; that it has no textual form is the redaction policy. Reading is through
/// `bytes`, whose lifetime the compiler ties to the secret.
@safe
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// Number of bytes held.
    public private(set) var count: Int

    /// An empty secret with room for `capacity` bytes; it grows when more are appended.
    public init(capacity: Int = 0) {
        self.capacity = max(capacity, SecretHeap.smallestBlock)
        unsafe base = SecretHeap.allocate(self.capacity)
        count = 0
    }

    /// A secret of `count` zero bytes, to be filled through `mutableBytes`.
    public init(zeros count: Int) {
        self.init(capacity: count)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        self.count = count
    }

    /// A copy of `bytes` in locked memory.
    public init(copying bytes: Span<UInt8>) {
        self.init(capacity: bytes.count)
        append(bytes)
    }

    deinit { unsafe SecretHeap.release(base, capacity) }

    public var isEmpty: Bool { count == 0 }

    /// The bytes, readable as long as the secret is borrowed.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let typed = unsafe UnsafePointer(base.assumingMemoryBound(to: UInt8.self))
            let span = unsafe Span(_unsafeStart: typed, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The bytes, writable as long as the secret is exclusively held.
    public var mutableBytes: MutableSpan<UInt8> {
        @_lifetime(&self)
        mutating get {
            let typed = unsafe base.assumingMemoryBound(to: UInt8.self)
            let span = unsafe MutableSpan(_unsafeStart: typed, count: count)
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }

    /// Adds `more` at the end; the old place is wiped when the secret has to move.
    public mutating func append(_ more: Span<UInt8>) {
        guard more.count > 0 else { return }
        reserve(count + more.count)
        let end = unsafe base + count
        unsafe more.withUnsafeBufferPointer { source in
            if let start = source.baseAddress {
                unsafe end.copyMemory(from: start, byteCount: source.count)
            }
        }
        count += more.count
    }

    /// Adds one byte at the end.
    public mutating func append(_ byte: UInt8) {
        reserve(count + 1)
        unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Adds `zeros` zero bytes at the end, to be filled through `mutableBytes`.
    public mutating func append(zeros: Int) {
        reserve(count + zeros)
        unsafe (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: zeros)
        count += zeros
    }

    /// Shortens the secret to `length` bytes and wipes the rest.
    public mutating func truncate(to length: Int) {
        precondition(length >= 0 && length <= count, "secret memory: truncate beyond the end")
        unsafe coffer_wipe(base + length, count - length)
        count = length
    }

    /// Makes room for `needed` bytes in all.
    public mutating func reserve(_ needed: Int) {
        guard needed > capacity else { return }
        let larger = max(needed, 2 * capacity)
        let moved = unsafe SecretHeap.allocate(larger)
        unsafe moved.copyMemory(from: base, byteCount: count)
        unsafe SecretHeap.release(base, capacity)
        unsafe base = moved
        capacity = larger
    }

    /// How well the memory of secrets is kept out of swap.
    public static var lockingState: LockingState { LockedPages.state }
}
