// Addresses and hosts: what may stand in one, and how values get into it.

/// Names of hosts (RFC 1123).
enum HostName {
    /// One part between dots.
    static func isLabel(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        return (1...63).contains(bytes.count) && bytes.allSatisfy(AddressText.isLetterOrDigitOrDash)
            && bytes.first != 0x2d && bytes.last != 0x2d
    }

    static func isLabel(_ text: String) -> Bool { isLabel(text[...]) }

    static func isHost(_ text: String) -> Bool { isHost(text[...]) }

    static func isHost(_ text: Substring) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    /// A host, and maybe a port.
    static func isAuthority(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, isHost(host) else { return false }
        guard parts.count == 2 else { return true }
        let port = parts[1]
        return (1...5).contains(port.utf8.count)
            && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && (UInt16(port) ?? 0) > 0
    }
}

enum AddressText {
    /// RFC 3986, 2.3.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        isLetterOrDigitOrDash(byte) || "._~".utf8.contains(byte)
    }

    static func isLetterOrDigitOrDash(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte)
            || (0x30...0x39).contains(byte) || byte == 0x2d
    }

    /// What a profile writes between placeholders: no query, no fragment, no white space.
    static func isPlain(_ literal: String) -> Bool {
        literal.utf8.allSatisfy { isUnreserved($0) || "/:()!$&'*+,;=@%".utf8.contains($0) }
    }

    /// Whether a value may be a whole address, or the beginning of one; that has no query.
    static func isAddress(_ value: String, mayHaveQuery: Bool) -> Bool {
        guard value.hasPrefix("https://"), value.utf8.count <= 2_048 else { return false }
        let rest = value.dropFirst("https://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard HostName.isAuthority(authority) else { return false }
        let path = rest.dropFirst(authority.count)
        let isFine = path.utf8.allSatisfy {
            isUnreserved($0) || "/:()!$&'*+,;=@%".utf8.contains($0)
                || mayHaveQuery && $0 == UInt8(ascii: "?")
        }
        return isFine && !hasDots(path.prefix { $0 != "?" })
    }

    /// Whether a path goes up.
    static func hasDots(_ path: Substring) -> Bool {
        path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    /// The bytes of percent-encoding (RFC 3986, 2.1).
    static func percent(_ byte: UInt8, _ add: (UInt8) -> Void) {
        guard !isUnreserved(byte) else { return add(byte) }
        add(UInt8(ascii: "%"))
        add(hexadecimal(byte >> 4))
        add(hexadecimal(byte & 15))
    }

    static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? 0x30 + digit : UInt8(ascii: "A") + digit - 10
    }
}
