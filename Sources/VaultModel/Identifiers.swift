// Sixteen-byte identifiers: which vault, which secret.

/// Sixteen bytes, compared and hashed as they are.
public struct Identifier: Hashable, Sendable {
    /// Number of bytes of every identifier.
    public static let byteCount = 16

    private let high: UInt64
    private let low: UInt64

    /// Sixteen zero bytes: none is meant.
    public static let zero = Identifier(high: 0, low: 0)

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads an identifier from exactly sixteen bytes; anything else is nil.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            halves.0 = halves.0 << 8 | UInt64(bytes[index])
            halves.1 = halves.1 << 8 | UInt64(bytes[8 + index])
        }
        (high, low) = halves
    }

    public init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// Reads thirty-two lower-case hexadecimal digits; anything else is nil.
    public init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[place..<place + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16),
                pair.allSatisfy({ !$0.isUppercase && $0 != "+" })
            else { return nil }
            bytes.append(byte)
        }
        self.init(bytes)
    }

    /// Which bucket of the state tree: the first two bytes.
    public var bucket: UInt16 { UInt16(high >> 48) }

    /// The sixteen bytes, most significant first.
    public var bytes: [UInt8] {
        unsafe withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { unsafe Array($0) }
    }

    /// Thirty-two lower-case hexadecimal digits.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Identifier: Comparable {
    /// The order of the bytes.
    public static func < (left: Identifier, right: Identifier) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// Which vault: random, fixed when the vault is made (`docs/spec/vault-format.md`, "Keys").
public struct VaultID: Hashable, Sendable {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
    public var bytes: [UInt8] { identifier.bytes }
}

/// Which secret: random, never used again (`docs/spec/vault-format.md`, "Records").
public struct RecordID: Hashable, Sendable {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
    public var bytes: [UInt8] { identifier.bytes }
    public var bucket: UInt16 { identifier.bucket }
}

/// Which deposit: random, drawn by whoever seals it (`docs/spec/vault-format.md`, "Deposits").
public struct DepositID: Hashable, Sendable, CustomStringConvertible {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
    public var bytes: [UInt8] { identifier.bytes }
    public var description: String { identifier.hexadecimal }
}

/// The keyed hash under which a name is looked up: HMAC-SHA-256, cut to 128 bits.
public struct BlindIndexValue: Hashable, Sendable {
    public let identifier: Identifier
    public init(_ identifier: Identifier) { self.identifier = identifier }
    public var bytes: [UInt8] { identifier.bytes }
    public var bucket: UInt16 { identifier.bucket }
}

/// Which root key sealed a row; a rekey begins the next epoch. The first epoch is 1.
public struct Epoch: Hashable, Sendable {
    public let number: UInt32
    public init(_ number: UInt32) { self.number = number }
    public static let first = Epoch(1)
}

/// The construction of a whole vault: ciphers, hashes and layouts. There is one so far.
public struct Suite: Hashable, Sendable {
    public let number: UInt16
    public init(_ number: UInt16) { self.number = number }
    /// Argon2id, Cobblestone-256, HMAC-SHA-256, HKDF-SHA-512.
    public static let one = Suite(1)
}
