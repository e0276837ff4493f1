// A 256-bit key that a person writes on paper or a job keeps in a file (spec, "Raw keys").

public import SecretMemory
public import VaultModel

/// 32 random bytes; as text 56 characters of Crockford's base 32: the key and 24 bits of checksum.
public struct RawKey: ~Copyable, Sendable {
    static let byteCount = 32
    private static let checksumCount = 3
    private static let groupCount = 7
    private static let prefix: StaticString = "coffer-key-1:"

    let bytes: SecretBytes

    /// Draws a new one.
    public init() throws(VaultError) {
        var drawn = SecretBytes(zeros: Self.byteCount)
        var span = drawn.mutableBytes
        try Randomness.fill(&span)
        bytes = drawn
    }

    init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == Self.byteCount, "sealing: a raw key has 32 bytes")
        self.bytes = bytes
    }

    public borrowing func isSame(as other: borrowing RawKey) -> Bool {
        ConstantTime.areEqual(bytes.bytes, other.bytes.bytes)
    }

    /// Groups of seven characters with dashes between them.
    public func recoveryCode() -> SecretBytes {
        Crockford.grouped(symbols(), by: Self.groupCount)
    }

    /// `coffer-key-1:`, the same characters without dashes, and a newline.
    public func keyFile() -> SecretBytes {
        var text = SecretBytes(capacity: 80)
        for index in 0..<Self.prefix.utf8CodeUnitCount {
            unsafe text.append(Self.prefix.utf8Start[index])
        }
        text.append(symbols().bytes)
        text.append(UInt8(ascii: "\n"))
        return text
    }

    /// 35 bytes make exactly 56 characters.
    private func symbols() -> SecretBytes {
        var checked = SecretBytes(copying: bytes.bytes)
        checked.append(Self.checksum(of: bytes.bytes).span)
        return Crockford.encoded(checked.bytes)
    }

    /// The first 24 bits of SHA-256(D("raw-key") ‖ key): a typing error is told from a wrong key.
    private static func checksum(of key: Span<UInt8>) -> [UInt8] {
        var message = SecretBytes(capacity: 64)
        message.append(CanonicalBytes(domain: "raw-key").bytes.span)
        message.append(key)
        return Array(SHA256.digest(message.bytes).prefix(checksumCount))
    }
}

// Reading.
extension RawKey {
    /// Reads the text of a key file or a typed recovery code: with or without the prefix, in either
    /// case, blanks and dashes anywhere; O is 0, I and L are 1. Nil if it is no key.
    public init?(file text: Span<UInt8>) {
        guard text.count <= 1_024 else { return nil }
        let symbols = text.extracting(Self.startOfSymbols(in: text)...)
        guard
            var read = Crockford.decoded(symbols, count: Self.byteCount + Self.checksumCount)
        else { return nil }
        let checksum = Self.checksum(of: read.bytes.extracting(first: Self.byteCount))
        guard Self.isEnd(of: read.bytes, checksum) else { return nil }
        read.truncate(to: Self.byteCount)
        bytes = read
    }

    private static func isEnd(of read: Span<UInt8>, _ checksum: [UInt8]) -> Bool {
        ConstantTime.areEqual(checksum.span, read.extracting(last: checksumCount))
    }

    private static func startOfSymbols(in text: Span<UInt8>) -> Int {
        let count = prefix.utf8CodeUnitCount
        guard text.count > count else { return 0 }
        for index in 0..<count where unsafe text[index] != prefix.utf8Start[index] { return 0 }
        return count
    }
}
