// What is shown of a secret: never a value.

internal import VaultModel

/// The receipt of a capture.
enum ReceiptText {
    static func lines(_ receipt: Receipt) -> String {
        let metadata = receipt.metadata
        var rows = [("issuer", metadata.issuer.text)]
        if !metadata.label.isEmpty { rows.append(("label", Escaped.text(metadata.label))) }
        rows += metadata.fields(of: receipt.version).sorted { $0.key < $1.key }
            .map { ($0.key.text, Escaped.text($0.value)) }
        rows += receipt.version.fields.map { field in
            (field.text, receipt.lastFour[field].map { "…\($0)" } ?? "stored")
        }
        if let expires = metadata.expires { rows.append(("expires", expires.date)) }
        return "stored \"\(metadata.name)\" version \(receipt.version.number)\n"
            + Columns.text(rows)
    }
}

/// Two columns, the left one as wide as its longest word.
enum Columns {
    static func text(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { left, right in
            "  \(left)\(String(repeating: " ", count: width - left.count))  \(right)\n"
        }.joined()
    }
}
