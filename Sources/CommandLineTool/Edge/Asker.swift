// What the asking person says of a use: it goes into the log as it is.

internal import VaultModel

/// What the asking person says of it.
enum Asker {
    static let reason = Option.one("--reason", "TEXT", "say why, for the audit log")
}

extension Invocation {
    /// `--reason`, checked: it is written down as it is, so none is cut.
    func reason() throws(Complaint) -> String? {
        let option = Asker.reason
        guard let text = value(of: option) else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw Complaint(.usage, "`\(option.name)` is empty", hint: "say why, in a few words")
        }
        guard text.utf8.count <= Attribution.longestReason else {
            throw Complaint(
                .usage, "`\(option.name)` is longer than \(Attribution.longestReason) bytes")
        }
        return text
    }
}
