// Files of sections: AWS's credentials, a profile a section, and Python's `.pypirc`, an index a
// section.

/// Takes one setting of a section into a credential.
typealias SettingTaking = (String, Span<UInt8>, FoundCredential) throws(ImportDefect) -> Void

enum SettingSections {
    /// `~/.aws/credentials`.
    static func readAWS(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var batch = ImportBatch()
        for found in try read(
            text, separators: [UInt8(ascii: "=")], into: &batch, takeAWS)
        {
            found.know(issuer: "aws-iam")
            try batch.take(found)
        }
        return batch
    }

    private static func takeAWS(
        _ key: String, _ value: Span<UInt8>, _ found: FoundCredential
    ) throws(ImportDefect) {
        switch key {
        case "aws_access_key_id": try found.add(open: "access_key_id", value)
        case "aws_secret_access_key": try found.add(secret: "secret_access_key", value)
        case "aws_session_token": try found.add(secret: "session_token", value)
        // Where a key is, not what it is, whatever the words look like.
        case "credential_process", "credential_source", "source_profile",
            "web_identity_token_file":
            try found.add(open: key, value)
        default: try found.add(key, value)
        }
    }

    /// `~/.pypirc`.
    static func readPyPI(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var batch = ImportBatch()
        let separators = [UInt8(ascii: "="), UInt8(ascii: ":")]
        for found in try read(
            text, separators: separators, list: "index-servers", into: &batch, takePyPI)
        {
            if found.path == ["distutils"] {
                batch.leaveOut("distutils", "a setting")
            } else {
                try batch.take(found)
            }
        }
        return batch
    }

    private static func takePyPI(
        _ key: String, _ value: Span<UInt8>, _ found: FoundCredential
    ) throws(ImportDefect) {
        switch key {
        case "password":
            let isToken = isPyPIToken(value)
            if isToken { found.know(issuer: "pypi") }
            try found.add(secret: isToken ? "token" : "secret", value)
        default: try found.add(key, value)
        }
    }

    private static func isPyPIToken(_ value: Span<UInt8>) -> Bool {
        guard value.count > 5 else { return false }
        for (index, byte) in "pypi-".utf8.enumerated() where value[index] != byte { return false }
        return true
    }

    /// A credential for each section, which must have different names, and so must the settings in
    /// them. Only a setting `list` of the section `distutils`, of which nothing is taken, may go on
    /// in indented lines.
    private static func read(
        _ text: Span<UInt8>, separators: [UInt8], list: String? = nil,
        into batch: inout ImportBatch,
        _ take: SettingTaking
    ) throws(ImportDefect) -> [FoundCredential] {
        var lines = SettingLines(text, separators: separators)
        var sections: [FoundCredential] = []
        var (names, keys): (Set<String>, Set<String>) = ([], [])
        var isInList = false
        while true {
            switch try lines.next() {
            case .section(let range):
                let name = try SettingLines.word(range, in: text, lines.number)
                guard names.insert(name).inserted else {
                    throw ImportDefect("a section is there twice", line: lines.number)
                }
                sections.append(FoundCredential([name]))
                keys = []
                isInList = false
            case .setting(let range, let value):
                guard let section = sections.last else {
                    throw ImportDefect("a setting before any section", line: lines.number)
                }
                let key = try Self.key(range, in: text, lines.number)
                guard keys.insert(key).inserted else {
                    throw ImportDefect("a setting is there twice", line: lines.number)
                }
                isInList = key == list && section.path == ["distutils"]
                if isInList { continue }
                // What stands before the `=` may be the secret itself: it is not repeated.
                if value.isEmpty { batch.leaveOut("line \(lines.number)", "it is empty") }
                try take(key, text.extracting(value), section)
            case .indented:
                guard isInList else {
                    throw ImportDefect(
                        "an indented line, which readers do not agree on", line: lines.number)
                }
            case .end:
                if lines.hasComments { batch.leaveOutComments() }
                return sections
            }
        }
    }

    /// What stands before a separator may be the end of a secret that was wrapped into a line of
    /// its own; that is no key, and no name is made of it.
    private static func key(
        _ range: Range<Int>, in text: Span<UInt8>, _ line: Int
    ) throws(ImportDefect) -> String {
        let isKey = range.allSatisfy { index in
            switch text[index] {
            case 0x30...0x39, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        guard isKey else { throw ImportDefect("this is no setting", line: line) }
        return try SettingLines.word(range, in: text, line)
    }
}
