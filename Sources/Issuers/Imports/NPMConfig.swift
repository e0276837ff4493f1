// `.npmrc`: what npm knows of registries, a setting a line.

internal import SecretMemory

struct NPMConfig {
    private var batch = ImportBatch()
    private var found: [FoundCredential] = []
    /// Where in `found` the credential of a registry is.
    private var places: [String: Int] = [:]

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var lines = SettingLines(text)
        var reading = NPMConfig()
        var keys: Set<String> = []
        while true {
            let key: Range<Int>
            var value: Range<Int>
            switch try lines.next() {
            case .end:
                if lines.hasComments { reading.batch.leaveOutComments() }
                for found in reading.found { try reading.batch.take(found) }
                return reading.batch
            case .section:
                throw ImportDefect("npm has no sections", line: lines.number)
            case .setting(let name, let range): (key, value) = (name, range)
            case .indented(let line):
                // npm does not mind blanks in front.
                guard
                    case .setting(let name, let range) = try SettingLines.setting(
                        line, in: text, [UInt8(ascii: "=")], lines.number)
                else { continue }
                (key, value) = (name, range)
            }
            let name = try SettingLines.word(key, in: text, lines.number)
            guard keys.insert(name).inserted || name.hasSuffix("[]") else {
                throw ImportDefect("a setting is there twice", line: lines.number)
            }
            value = unquoted(value, in: text)
            try reading.take(name, text.extracting(value), lines.number)
        }
    }

    private static func unquoted(_ value: Range<Int>, in text: Span<UInt8>) -> Range<Int> {
        guard value.count >= 2 else { return value }
        let quote = text[value.lowerBound]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            text[value.upperBound - 1] == quote
        else { return value }
        return value.lowerBound + 1..<value.upperBound - 1
    }

    private mutating func take(
        _ name: String, _ value: Span<UInt8>, _ line: Int
    ) throws(ImportDefect) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        let isOfRegistry = name.hasPrefix("//") && parts.count > 1
        let key = isOfRegistry ? String(parts[parts.count - 1]) : name
        let known = ["_authToken", "_auth", "_password", "username", "email"]
        guard isOfRegistry || known.contains(key) else {
            return batch.leaveOut("line \(line)", "a setting")
        }
        let registry = isOfRegistry ? parts.dropLast().joined(separator: ":") : ""
        guard try isLiteral(value, line) else {
            return batch.leaveOut("line \(line)", "it refers to a variable")
        }
        let found = credential(of: registry)
        switch key {
        case "_authToken":
            found.know(issuer: "npm")
            try found.add(secret: "token", value)
        case "_auth":
            guard try UserAndPassword.add(base64: value, to: found, as: "secret") else {
                throw ImportDefect("this is not base64 of a user and a password", line: line)
            }
        case "_password":
            switch Base64.decodedPaddedOrNot(value) {
            case .some(let password): try found.add(secret: "secret", password.bytes)
            case .none: throw ImportDefect("this is not base64 of a password", line: line)
            }
        default: try found.add(key, value)
        }
    }

    /// Whether a value stands for itself. What npm would unescape or cut at a comment is refused.
    private func isLiteral(_ value: Span<UInt8>, _ line: Int) throws(ImportDefect) -> Bool {
        var isVariable = false
        for index in value.indices {
            switch value[index] {
            case UInt8(ascii: "\\"), UInt8(ascii: ";"), UInt8(ascii: "#"), UInt8(ascii: "\""):
                throw ImportDefect(
                    "a value with a backslash, a quote, `;` or `#`, which npm reads otherwise",
                    line: line)
            case UInt8(ascii: "$"):
                let isOpen = index + 1 < value.count && value[index + 1] == UInt8(ascii: "{")
                isVariable = isVariable || isOpen
            default: continue
            }
        }
        return !isVariable
    }

    private mutating func credential(of registry: String) -> FoundCredential {
        if let place = places[registry] { return found[place] }
        let parts = registry.isEmpty ? ["npm"] : registry.split(separator: "/").map(String.init)
        let credential = FoundCredential(parts)
        places[registry] = found.count
        found.append(credential)
        return credential
    }
}
