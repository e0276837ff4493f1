// The text of a configuration of curl(1), in locked memory: what `--config -` reads.

internal import SecretMemory

/// One option a line. A value stands in double quotes; in them a backslash, a quote and what ends a
/// line are written with a backslash, and everything else is itself.
struct CurlText: ~Copyable {
    private(set) var text = SecretBytes(capacity: 4_096)

    private mutating func write(_ word: String) { for byte in word.utf8 { text.append(byte) } }

    /// An option without a value.
    mutating func flag(_ name: String) {
        write(name)
        text.append(0x0a)
    }

    mutating func option(_ name: String, _ value: String) {
        begin(name)
        for byte in value.utf8 { add(byte) }
        end()
    }

    mutating func begin(_ name: String) {
        write(name)
        write(" = \"")
    }

    /// A byte of the value. No option can hold a NUL: who spells the value sees to that.
    mutating func add(_ byte: UInt8) {
        precondition(byte != 0, "issuers: a NUL byte in a configuration")
        switch byte {
        case 0x0a: write("\\n")
        case 0x0d: write("\\r")
        case 0x09: write("\\t")
        case 0x0b: write("\\v")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            text.append(UInt8(ascii: "\\"))
            text.append(byte)
        default: text.append(byte)
        }
    }

    mutating func end() { write("\"\n") }

    mutating func append(_ lines: Span<UInt8>) { text.append(lines) }

    consuming func finish() -> SecretBytes { text }
}
