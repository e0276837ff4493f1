// The findings that a person accepts until a date: `$XDG_CONFIG_HOME/coffer/accepted-findings`.

internal import VaultModel

/// Lines of `ID NAME UNTIL [REASON]`, parted by blanks or tabs.
///
/// ID is that of a finding, NAME a secret's or `-` for the vault, UNTIL the last day in UTC,
/// `YYYY-MM-DD`, on which it is accepted. A line that begins with `#` and an empty line say
/// nothing. Everything else is refused with its number: a line that is passed over would keep a
/// finding from being seen, or show one that a person has dealt with.
struct AcceptedFindings: Sendable {
    /// One line.
    struct Acceptance: Hashable, Sendable {
        /// From 1.
        let line: Int
        let kind: FindingKind
        /// Nil: the vault.
        let name: SecretName?
        /// The first moment at which it is not accepted any more.
        let end: Timestamp
        /// As it was written; empty if there is none.
        let reason: String

        /// The last day on which it is accepted.
        var until: String { Timestamp(milliseconds: end.milliseconds - 1).date }
    }

    private struct Subject: Hashable {
        let kind: FindingKind
        let name: SecretName?
    }

    private var lines: [Subject: Acceptance] = [:]

    /// Accepts nothing.
    init() {}

    /// What the file at `path` says; nothing if there is no file.
    init(file path: String?) throws(Complaint) {
        guard let path,
            let text = try Intake.settings(file: path, what: "the list of accepted findings")
        else {
            self.init()
            return
        }
        try self.init(text, path: path)
    }

    /// Reads the whole text; `path` is for the words of a complaint.
    init(_ text: String, path: String) throws(Complaint) {
        // Scalars: for Swift, CR LF is one character and no line feed.
        let rows = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, row) in rows.enumerated() {
            let words = row.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            do throws(Defect) {
                let line = try Self.line(words, number: index + 1)
                let subject = Subject(kind: line.kind, name: line.name)
                if let earlier = lines[subject] {
                    throw Defect(words: "line \(earlier.line) is about the same finding")
                }
                lines[subject] = line
            } catch {
                throw Complaint(
                    .usage, "\(Escaped.text(path)):\(index + 1): \(error.words)",
                    hint: "a line is: ID NAME YYYY-MM-DD [REASON]; NAME is `-` for the vault")
            }
        }
    }

    /// What is wrong with a line. Nothing of the line is in the words: it may be anything.
    private struct Defect: Error {
        let words: String
    }

    private static func line(_ words: [String], number: Int) throws(Defect) -> Acceptance {
        guard
            words.allSatisfy({
                $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            })
        else { throw Defect(words: "there is a control character") }
        guard words.count >= 3 else { throw Defect(words: "a word is missing") }
        guard let kind = FindingKind(rawValue: words[0]) else {
            throw Defect(words: "there is no finding of this id")
        }
        let name = SecretName(words[1])
        guard name != nil || words[1] == "-" else {
            throw Defect(words: "this is no name of a secret")
        }
        guard (name == nil) == (kind == .singleSlot) else {
            throw Defect(
                words: kind == .singleSlot
                    ? "this finding is about the vault: its name is `-`"
                    : "this finding is about a secret: name it")
        }
        guard words[2].utf8.count == 10, let day = Timestamp(iso8601: words[2]) else {
            throw Defect(words: "the date must be YYYY-MM-DD")
        }
        return Acceptance(
            line: number, kind: kind, name: name,
            end: Timestamp(milliseconds: day.milliseconds + Age.secondsOfDay * 1_000),
            reason: words.dropFirst(3).joined(separator: " "))
    }

    /// The line that accepts such a finding now, or nil.
    func acceptance(of kind: FindingKind, _ name: SecretName?, now: Timestamp) -> Acceptance? {
        lines[Subject(kind: kind, name: name)].flatMap { now < $0.end ? $0 : nil }
    }

    /// Lines whose date is past, in their order.
    func past(now: Timestamp) -> [Acceptance] {
        lines.values.filter { now >= $0.end }.sorted { $0.line < $1.line }
    }
}
