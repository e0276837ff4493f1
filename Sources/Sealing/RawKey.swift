// A 256-bit key that a person writes on paper or a job keeps in a file (spec, "Raw keys").

public import SecretMemory
public import VaultModel

/// 32 random bytes; as text 56 characters of Crockford's base 32: the key and 24 bits of checksum.
public struct RawKey: ~Copyable, Sendable {
    static let byteCount = 32
    private static let checksumCount = 3
    private static let groupCount = 7
    private static let prefix: StaticString = "coffer-key-1:"
    private static let alphabet: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

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

    /// Groups of seven characters with dashes between them.
    public func recoveryCode() -> SecretBytes {
        let symbols = symbols()
        var code = SecretBytes(capacity: 64)
        for index in symbols.bytes.indices {
            if index > 0, index % Self.groupCount == 0 { code.append(UInt8(ascii: "-")) }
            code.append(symbols.bytes[index])
        }
        return code
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

    /// Eight bits in, five bits out; 35 bytes make exactly 56 characters.
    private func symbols() -> SecretBytes {
        let checksum = Self.checksum(of: bytes.bytes)
        var symbols = SecretBytes(capacity: 64)
        var window = 0
        var bits = 0
        for index in 0..<Self.byteCount + Self.checksumCount {
            let byte =
                index < Self.byteCount ? bytes.bytes[index] : checksum[index - Self.byteCount]
            window = (window << 8 | Int(byte)) & 0xfff
            bits += 8
            while bits >= 5 {
                bits -= 5
                unsafe symbols.append(Self.alphabet.utf8Start[window >> bits & 31])
            }
        }
        return symbols
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
        let start = Self.startOfSymbols(in: text)
        var read = SecretBytes(capacity: 64)
        var window = 0
        var bits = 0
        for index in start..<text.count {
            if " -\t\r\n".utf8.contains(text[index]) { continue }
            guard let symbol = Self.value(of: text[index]),
                read.count < Self.byteCount + Self.checksumCount
            else { return nil }
            window = (window << 5 | symbol) & 0xfff
            bits += 5
            if bits >= 8 {
                bits -= 8
                read.append(UInt8(truncatingIfNeeded: window >> bits))
            }
        }
        guard bits == 0, read.count == Self.byteCount + Self.checksumCount else { return nil }
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

    private static func value(of character: UInt8) -> Int? {
        let isLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
        switch isLower ? character - 32 : character {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        case let upper:
            return (0..<32).first { unsafe alphabet.utf8Start[$0] == upper }
        }
    }
}
