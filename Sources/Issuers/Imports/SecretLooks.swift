// Whether a value that another store keeps under a name of its own looks secret.

/// A value that is taken for secret by mistake is one field more to name; one that is taken for
/// public by mistake is shown. So only names that are known to be public are.
enum SecretLooks {
    /// Last words of names of what is public, as in `proxy_host`.
    private static let publicWords: Set<Substring> = [
        "user", "username", "login", "name", "email", "mail", "owner", "id", "account",
        "url", "uri", "website", "site", "address", "host", "hostname", "server", "machine",
        "endpoint", "port", "domain", "region", "zone", "cloud", "provider", "issuer", "registry",
        "repository", "database", "schema", "protocol", "project", "organization", "organisation",
        "company", "team", "workspace", "tenant", "cluster", "namespace", "bucket", "environment",
        "profile", "role", "arn", "scope", "scopes", "audience", "type", "kind", "mode", "status",
        "output", "version", "timeout", "brand", "month", "year", "country", "state", "city",
    ]
    /// Names that hold a secret word and are public all the same.
    private static let publicNames: Set<String> = ["access_key_id"]
    /// What makes a name secret wherever it stands in it.
    private static let secretParts: [StaticString] = [
        "pass", "pwd", "secret", "token", "key", "otp", "credential", "private", "cvv", "cvc",
        "seed", "mnemonic", "recovery", "backup_code", "bearer", "signature", "security_code",
        "session", "cookie", "webhook", "connection", "invite", "magic", "signed",
    ]
    /// Words that are parts of harmless ones.
    private static let secretWords: [StaticString] = [
        "pin", "auth", "code", "answer", "ssn", "puk", "psk", "pw", "pat", "jwt", "sas", "sig",
    ]
    private static let longestName = 64

    /// Whether a field of this name, in the form of `FittingName.field`, is secret.
    static func isSecret(name: String) -> Bool {
        if publicNames.contains(name) { return false }
        let bytes = Array(name.utf8)
        if holdsSecretWord(bytes.span) { return true }
        // `url_2` is one more of the same.
        let words = name.split(separator: "_").filter { $0.contains { !$0.isNumber } }
        return words.last.map { !publicWords.contains($0) } ?? true
    }

    /// Whether a value says by itself that it is secret: a seed of one-time passwords, a private
    /// key, an address with a user or a token in it, what has the shape of an issuer's tokens.
    static func isSecret(value: Span<UInt8>) -> Bool {
        for beginning: StaticString in ["otpauth:", "-----BEGIN", "eyJ", "Bearer ", "Basic "]
        where isNext(beginning, at: 0, in: value) { return true }
        for part: StaticString in ["hooks.slack.com/", "/api/webhooks/"]
        where holds(part, in: value) { return true }
        return holdsUserInformation(value) || holdsSecretSetting(value)
            || SecretShapes.hasToken(in: value)
    }

    /// `scheme://user:password@host`, whatever the password holds: a colon and an `@` behind it.
    private static func holdsUserInformation(_ value: Span<UInt8>) -> Bool {
        var hasColon = false
        for index in value.indices {
            if value[index] == UInt8(ascii: ":") { hasColon = true }
            if value[index] == UInt8(ascii: "@"), hasColon { return true }
        }
        return false
    }

    /// `…;Password=…` and `…?token=…`: a secret word in front of a `=`.
    private static func holdsSecretSetting(_ value: Span<UInt8>) -> Bool {
        var start = 0
        for index in value.indices {
            switch value[index] {
            case UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "?"), UInt8(ascii: ","),
                UInt8(ascii: "#"):
                start = index + 1
            case UInt8(ascii: "="):
                let name = value.extracting(max(start, index - longestName)..<index)
                if holdsSecretWord(name) { return true }
                start = index + 1
            default: continue
            }
        }
        return false
    }
}

// Words in bytes: of a value no text is made.
extension SecretLooks {
    private static func holdsSecretWord(_ name: Span<UInt8>) -> Bool {
        if secretParts.contains(where: { holds($0, in: name) }) { return true }
        var start = 0
        for index in 0...name.count where index == name.count || !isLetterOrDigit(name[index]) {
            let word = name.extracting(start..<index)
            for known in secretWords
            where word.count == known.utf8CodeUnitCount && isNext(known, at: 0, in: word) {
                return true
            }
            start = index + 1
        }
        return false
    }

    private static func holds(_ word: StaticString, in text: Span<UInt8>) -> Bool {
        text.indices.contains { isNext(word, at: $0, in: text) }
    }

    /// In capitals or not.
    private static func isNext(
        _ word: StaticString, at place: Int, in text: Span<UInt8>
    ) -> Bool {
        guard place + word.utf8CodeUnitCount <= text.count else { return false }
        for index in 0..<word.utf8CodeUnitCount
        where unsafe lowercase(text[place + index]) != lowercase(word.utf8Start[index]) {
            return false
        }
        return true
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch lowercase(byte) {
        case 0x30...0x39, 0x61...0x7a: true
        default: false
        }
    }
}
