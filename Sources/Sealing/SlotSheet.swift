// A key slot on paper: for the day on which both copies in the file are damaged.

internal import SecretMemory
public import VaultModel

/// The 224 bytes of a slot as seven lines that can be typed. They are sealed: a sheet opens nothing
/// without the passphrase or key of its slot.
public enum SlotSheet {
    private static let lineCount = 7
    /// Bytes of a slot in a line, and of what tells a typing error.
    private static let portion = 32
    private static let checksumCount = 3

    /// The numbered lines.
    public static func lines(of slot: KeySlot) -> [String] {
        (1...lineCount).map { number in
            let bytes = Array(slot.bytes[(number - 1) * portion..<number * portion])
            let checked = bytes + checksum(of: bytes, number)
            let text = Crockford.grouped(Crockford.encoded(checked.span), by: portion / 4 - 1)
            let code = String(decoding: (0..<text.count).map { text.bytes[$0] }, as: UTF8.self)
            return "\(number): \(code)"
        }
    }

    /// The slot of a sheet; lines that begin with no number of a line and a colon say nothing.
    public static func slot(in text: String) throws(VaultError) -> KeySlot {
        var found: [Int: [UInt8]] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[0].filter { $0 != " " }),
                (1...lineCount).contains(number)
            else { continue }
            let typed = Array(parts[1].utf8)
            guard found[number] == nil, let bytes = portion(typed, number) else {
                throw .unusableSheet(.unreadable(line: number))
            }
            found[number] = bytes
        }
        var bytes: [UInt8] = []
        for number in 1...lineCount {
            guard let portion = found[number] else {
                throw .unusableSheet(.missing(line: number))
            }
            bytes += portion
        }
        do throws(KeySlotDefect) { return try KeySlot(parsing: bytes) } catch {
            throw .unusableSheet(.mixed)
        }
    }

    private static func portion(_ typed: [UInt8], _ number: Int) -> [UInt8]? {
        guard let read = Crockford.decoded(typed.span, count: portion + checksumCount) else {
            return nil
        }
        let all = (0..<read.count).map { read.bytes[$0] }
        let bytes = Array(all.prefix(portion))
        return Array(all.suffix(checksumCount)) == checksum(of: bytes, number) ? bytes : nil
    }

    /// The first 24 bits of SHA-256(D("slot-line") ‖ u8 number ‖ bytes).
    private static func checksum(of bytes: [UInt8], _ number: Int) -> [UInt8] {
        var message = CanonicalBytes(domain: "slot-line")
        message.add(UInt8(number))
        message.add(bytes)
        return Array(SHA256.digest(message.bytes.span).prefix(checksumCount))
    }
}
