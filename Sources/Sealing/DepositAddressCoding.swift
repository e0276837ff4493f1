// The public key of a vault as one line, for hosts that have nothing else of it (spec, "Deposits").

public import VaultModel

/// `coffer-deposit-1:` and, in lower-case hexadecimal digits, vault id 16, u32 epoch, key 32 and
/// the first three bytes of SHA-256(D("deposit-address") ‖ all before).
public enum DepositAddressCoding {
    private static let prefix = "coffer-deposit-1:"
    private static let checksumCount = 3
    private static let byteCount = Identifier.byteCount + 4 + X25519.byteCount + checksumCount

    public static func text(of address: DepositAddress) -> String {
        var bytes = CanonicalBytes(capacity: byteCount)
        bytes.add(address.vault.bytes)
        bytes.add(address.epoch.number)
        bytes.add(address.key)
        let digits = Array("0123456789abcdef".utf8)
        let all = bytes.bytes + checksum(of: bytes.bytes)
        let text = all.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return prefix + String(decoding: text, as: UTF8.self)
    }

    /// The address that a line gives, blanks around it left out; nil if it is none.
    public static func address(_ text: [UInt8]) -> DepositAddress? {
        let trimmed = text.drop { " \t\r\n".utf8.contains($0) }
        let line = trimmed.prefix { !" \t\r\n".utf8.contains($0) }
        guard trimmed[line.endIndex...].allSatisfy({ " \t\r\n".utf8.contains($0) }),
            line.starts(with: prefix.utf8), let bytes = bytes(line.dropFirst(prefix.utf8.count)),
            bytes.count == byteCount,
            Array(bytes.suffix(checksumCount)) == checksum(of: bytes.dropLast(checksumCount))
        else { return nil }
        var reader = CanonicalReader(bytes.span)
        guard let vault = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let epoch = reader.number(UInt32.self), epoch > 0,
            let key = reader.bytes(X25519.byteCount)
        else { return nil }
        return DepositAddress(vault: VaultID(vault), epoch: Epoch(epoch), key: key)
    }

    private static func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count == 2 * byteCount else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let known = high {
                bytes.append(known << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    private static func checksum(of bytes: some Collection<UInt8>) -> [UInt8] {
        var message = CanonicalBytes(domain: "deposit-address")
        message.add(bytes)
        return Array(SHA256.digest(message.bytes.span).prefix(checksumCount))
    }
}
