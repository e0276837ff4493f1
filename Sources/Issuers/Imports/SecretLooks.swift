// Whether a value that another store keeps under a name of its own looks secret.

/// A value that is taken for secret by mistake is one field more to name; one that is taken for
/// public by mistake is shown. So in doubt it is secret.
enum SecretLooks {
    private static let words = [
        "pass", "pwd", "secret", "token", "key", "otp", "credential", "private", "cvv", "cvc",
        "seed", "mnemonic", "recovery", "backup_code", "bearer", "signature", "security_code",
    ]
    /// Words that are parts of harmless ones.
    private static let wholeWords: Set<Substring> = ["pin", "auth", "code", "answer", "ssn"]

    /// Whether a field of this name, in the form of `FittingName.field`, is secret.
    static func isSecret(name: String) -> Bool {
        if name.hasSuffix("_id") { return false }
        if words.contains(where: name.contains) { return true }
        return name.split(separator: "_").contains(where: wholeWords.contains)
    }

    /// Whether a value says by itself that it is secret: a seed of one-time passwords, a private
    /// key, an address with a password in it.
    static func isSecret(value: Span<UInt8>) -> Bool {
        if begins(value, "otpauth:") || begins(value, "-----BEGIN") { return true }
        return holdsUserInformation(value)
    }

    private static func begins(_ value: Span<UInt8>, _ prefix: String) -> Bool {
        guard value.count >= prefix.utf8.count else { return false }
        for (index, byte) in prefix.utf8.enumerated() where value[index] != byte { return false }
        return true
    }

    /// `scheme://user:password@host`.
    private static func holdsUserInformation(_ value: Span<UInt8>) -> Bool {
        var index = 0
        while index + 2 < value.count {
            if value[index] == UInt8(ascii: ":"), value[index + 1] == UInt8(ascii: "/"),
                value[index + 2] == UInt8(ascii: "/")
            {
                return userInformation(in: value, from: index + 3)
            }
            index += 1
        }
        return false
    }

    private static func userInformation(in value: Span<UInt8>, from start: Int) -> Bool {
        var hasColon = false
        for index in start..<value.count {
            switch value[index] {
            case UInt8(ascii: ":"): hasColon = true
            case UInt8(ascii: "@"): return hasColon
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return false
            default: continue
            }
        }
        return false
    }
}
