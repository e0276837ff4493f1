// Under which names an import stores what it found.

internal import Issuers
internal import VaultModel

/// A name for every credential, each once.
struct ImportPlan {
    struct Item {
        let name: SecretName
        let found: FoundCredential
        /// Whether the name is another than in the source, but for the prefix.
        let isRenamed: Bool

        /// The public half; a name that was changed is kept as the label.
        var draft: SecretDraft {
            var draft = SecretDraft(name: name, issuer: found.issuer)
            draft.fields = found.fields
            draft.tags = found.tags
            draft.expires = found.expires
            if isRenamed { draft.label = ImportPlan.cut(found.title, Metadata.longestLabel) }
            return draft
        }
    }

    private(set) var items: [Item] = []
    /// Names that several credentials would have, with how many.
    private(set) var shared: [(name: String, count: Int)] = []

    init(_ batch: ImportBatch, prefix: String) {
        let room = SecretName.longest - prefix.utf8.count
        let wanted = batch.credentials.map { FittingName.secret($0.path, longest: room) }
        var counts: [String: Int] = [:]
        for name in wanted { counts[name, default: 0] += 1 }
        var taken = Set(wanted)
        var used: Set<String> = []
        var numbers: [String: Int] = [:]
        for (found, first) in zip(batch.credentials, wanted) {
            var text = first
            if !used.insert(first).inserted {
                text = Self.free(first, taken, room, from: &numbers[first, default: 2])
                taken.insert(text)
                used.insert(text)
            } else if let count = counts[first], count > 1 {
                shared.append((prefix + first, count))
            }
            guard let name = SecretName(prefix + text) else {
                preconditionFailure("import plan: a name that does not fit")
            }
            items.append(Item(name: name, found: found, isRenamed: text != found.title))
        }
    }

    /// The first of `NAME-2`, `NAME-3` and so on that nothing else has.
    private static func free(
        _ name: String, _ taken: Set<String>, _ room: Int, from number: inout Int
    ) -> String {
        while true {
            let suffix = "-\(number)"
            let text = String(name.prefix(room - suffix.count)) + suffix
            if !taken.contains(text) { return text }
            number += 1
        }
    }

    /// The beginning of a text, at most so many bytes of UTF-8.
    static func cut(_ text: String, _ longest: Int) -> String {
        guard text.utf8.count > longest else { return text }
        var kept = ""
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            guard count <= longest else { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept
    }

    /// Leaves out the items with these names.
    mutating func skip(_ names: Set<SecretName>) { items.removeAll { names.contains($0.name) } }
}
