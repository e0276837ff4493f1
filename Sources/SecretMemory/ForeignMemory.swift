// Locked memory in the shape of malloc(3), for a C library that keeps keys in its own structures.

/// Allocation functions whose blocks are locked, left out of dumps and wiped when freed.
@safe
public enum ForeignMemory {
    /// Bytes in front of each block that remember its size, as wide as the strictest alignment.
    private static let header = 16

    /// At least `count` bytes, aligned to 16, content undefined; nil if `count` cannot be had.
    public static func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        guard count > 0, count < Int.max / 2 else { return nil }
        let block = unsafe SecretHeap.allocate(count + header)
        unsafe block.storeBytes(of: count, as: Int.self)
        return unsafe block + header
    }

    /// Wipes and frees a block that `allocate` gave.
    public static func release(_ pointer: UnsafeMutableRawPointer?) {
        guard let pointer = unsafe pointer else { return }
        let block = unsafe pointer - header
        let count = unsafe block.load(as: Int.self)
        unsafe SecretHeap.release(block, count + header)
    }

    /// A block of `count` bytes that begins with what `pointer` held; the old one is wiped.
    public static func reallocate(
        _ pointer: UnsafeMutableRawPointer?, _ count: Int
    ) -> UnsafeMutableRawPointer? {
        guard let pointer = unsafe pointer else { return unsafe allocate(count) }
        guard count > 0 else {
            unsafe release(pointer)
            return nil
        }
        let old = unsafe (pointer - header).load(as: Int.self)
        guard let moved = unsafe allocate(count) else { return nil }
        unsafe moved.copyMemory(from: pointer, byteCount: min(old, count))
        unsafe release(pointer)
        return unsafe moved
    }
}
