// From words of the command line to the words of the model.

internal import VaultModel

extension Invocation {
    /// The secret's name at `place`. What is no name is not repeated: it may be a value.
    func secretName(_ place: Int) throws(Complaint) -> SecretName {
        try SecretName.reading(operand(place))
    }

    /// `NAME[#field][@version]` at `place`.
    func reference(_ place: Int) throws(Complaint) -> Reference {
        try Reference.reading(operand(place))
    }

    /// `--expires`: a date, a duration from `now`, or `never` where that is allowed.
    func expiry(_ option: Option, now: Timestamp) throws(Complaint) -> Timestamp? {
        guard let text = value(of: option) else { return nil }
        if let time = Timestamp(iso8601: text) { return time }
        if let seconds = Duration.seconds(text) {
            return Timestamp(milliseconds: now.milliseconds + seconds * 1_000)
        }
        throw Complaint(
            .usage, "`\(option.name)` needs a date such as 2027-03-31 or a duration such as 90d")
    }

    func count(_ option: Option) throws(Complaint) -> Int? {
        guard let text = value(of: option) else { return nil }
        guard let number = Int(text), number > 0, String(number) == text else {
            throw Complaint(.usage, "`\(option.name)` needs a number from 1")
        }
        return number
    }

    func duration(_ option: Option) throws(Complaint) -> UInt64? {
        guard let text = value(of: option) else { return nil }
        guard let seconds = Duration.seconds(text) else {
            throw Complaint(.usage, "`\(option.name)` needs a duration such as 45s, 12h or 90d")
        }
        return seconds
    }

    /// The path of a document. The document itself holds a secret: it is refused, and not repeated.
    func documentPath(_ option: Option) throws(Complaint) -> String? {
        guard let text = value(of: option) else { return nil }
        return try documentPath(text, of: "`\(option.name)`")
    }

    /// The same of an operand.
    func documentPath(_ text: String, of what: String) throws(Complaint) -> String {
        guard !text.hasPrefix("{"), !text.hasPrefix("["), !text.contains("\n") else {
            throw Complaint(
                .usage, "\(what) needs the name of a file, not what is in it",
                hints: [
                    "use `-` and pipe it in",
                    "what was typed may now be in the shell's history",
                ])
        }
        return text
    }

    /// The cost of a new passphrase slot: `--kdf-memory`, or the standard one.
    func kdfParameters() throws(Complaint) -> KDFParameters {
        guard let text = value(of: VerbTable.kdfMemory) else { return .standard }
        let least = KDFParameters.smallest
        guard let kibibytes = Size.kibibytes(text), kibibytes >= least.memory,
            kibibytes <= 4 * 1_024 * 1_024
        else {
            throw Complaint(
                .usage, "`--kdf-memory` needs a size from 64MiB to 4GiB, such as 128MiB")
        }
        let parameters = KDFParameters(
            memory: kibibytes, passes: least.passes, lanes: least.lanes)
        guard parameters.isAcceptable(ceiling: ThisMachine.memoryKibibytes / 2) else {
            throw Complaint(
                .usage, "`--kdf-memory` asks for more than half of this machine's memory")
        }
        return parameters
    }
}

extension SecretName {
    static func reading(_ text: String) throws(Complaint) -> SecretName {
        if let name = SecretName(text) { return name }
        let why =
            switch defect(in: text) {
            case .empty: "it is empty"
            case .tooLong: "it is longer than \(longest) characters"
            case .leadingDash: "it begins with a dash"
            case .forbiddenCharacter, nil: "it holds a character that no name has"
            case .emptySegment: "it has an empty part before, after or between slashes"
            case .dotSegment: "a part of it is `.` or `..`"
            }
        throw Complaint(
            .usage, "this is no name for a secret: \(why)",
            hint: "names are letters, digits and ._@:+- in parts separated by /, as in zpa/prod/ci")
    }
}

extension Reference {
    static func reading(_ text: String) throws(Complaint) -> Reference {
        if let reference = Reference(text) { return reference }
        let plain = text.hasPrefix("coffer://") ? String(text.dropFirst(9)) : text
        if !plain.contains("#"), !plain.contains("@") { _ = try SecretName.reading(plain) }
        throw Complaint(
            .usage, "this is no reference to a secret",
            hint: "write NAME, NAME#field, NAME@version or NAME#field@version;"
                + " a version is a number, current, previous or pending")
    }
}

/// Durations as people write them.
enum Duration {
    /// Seconds of `45s`, `10m`, `12h`, `14d` or `6w`; nil for anything else or over 1,000 years.
    static func seconds(_ text: String) -> UInt64? {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        guard let last = text.last, let unit = units[last], let count = UInt64(text.dropLast()),
            text.first?.isNumber == true
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow || seconds > 31_622_400_000 ? nil : seconds
    }
}

extension Duration {
    /// As it is read, in the largest unit that divides it: `1d`, `90m`.
    static func text(_ seconds: UInt64) -> String {
        let units: [(String, UInt64)] = [("d", 86_400), ("h", 3_600), ("m", 60)]
        for (unit, length) in units where seconds > 0 && seconds % length == 0 {
            return "\(seconds / length)\(unit)"
        }
        return "\(seconds)s"
    }
}

/// Sizes as people write them.
enum Size {
    /// KiB of `65536KiB`, `64MiB` or `1GiB`; nil for anything else.
    static func kibibytes(_ text: String) -> UInt32? {
        for (suffix, factor) in [("KiB", UInt32(1)), ("MiB", 1_024), ("GiB", 1_024 * 1_024)]
        where text.hasSuffix(suffix) {
            guard text.first?.isNumber == true, let count = UInt32(text.dropLast(3)) else {
                return nil
            }
            let (kibibytes, overflow) = count.multipliedReportingOverflow(by: factor)
            return overflow ? nil : kibibytes
        }
        return nil
    }
}
