// What is said about an import: names, fields and counts, no value.

internal import Issuers
internal import VaultModel

struct ImportWords {
    private let plan: ImportPlan
    private let batch: ImportBatch
    private let taken: Set<SecretName>
    private static let longestTitle = 256

    init(_ plan: ImportPlan, _ batch: ImportBatch, _ taken: [SecretName]) {
        self.plan = plan
        self.batch = batch
        self.taken = Set(taken)
    }

    /// Says which names were changed, which stand for several, and what is left out.
    func remark() {
        for (name, count) in plan.shared {
            Console.warn("\(count) secrets of the source have the name \"\(name)\": numbered")
        }
        for item in plan.items where item.isRenamed {
            Console.note("\(Self.shown(item.found.title)) becomes \"\(item.name)\"")
        }
        for left in batch.leftOut {
            Console.note("left out \(Self.shown(left.title)): \(left.why)")
        }
    }

    /// A line for each secret that would be stored.
    func list() throws(Complaint) {
        for item in plan.items {
            let secret = item.found.secretNames.map(\.text).joined(separator: ", ")
            let open = item.found.fields.keys.sorted().map(\.text).joined(separator: ", ")
            let known = taken.contains(item.name) ? "; exists already" : ""
            try Console.out(
                "\(item.name) (\(item.found.issuer)): secret \(secret)"
                    + (open.isEmpty ? "" : "; public \(open)") + known + "\n")
        }
        // What would refuse the import is said behind it.
        try Console.flush()
    }

    /// `imported 3 secrets, 1 of them as a new version; skipped 2; left out 1`.
    func summary(_ verb: String, _ stored: ImportPlan, skips: Bool) -> String {
        let count = stored.items.count
        var words = "\(verb) \(count) secret\(count == 1 ? "" : "s")"
        let replaced = stored.items.count { taken.contains($0.name) }
        if replaced > 0 { words += ", \(replaced) of them as new versions" }
        if skips { words += "; skipped \(taken.count)" }
        if !batch.leftOut.isEmpty { words += "; left out \(batch.leftOut.count)" }
        return words
    }

    private static func shown(_ title: String) -> String {
        Escaped.path(ImportPlan.cut(title, longestTitle))
    }
}
