// The history of a secret, and a rotation, as text and as JSON.

internal import VaultModel

enum HistoryText {
    static func lines(_ history: VersionHistory, _ users: VersionUsers? = nil) -> String {
        let secret = history.metadata
        let since = history.since
        var rows: [(String, String)] = []
        for version in secret.versions {
            var words = version.state.description
            if let time = since[version.number] { words += " since \(time)" }
            rows.append(("version \(version.number)", words))
            rows += MetadataText.ownFields(version)
        }
        rows += RotationText.rows(secret)
        rows += users?.rows ?? []
        rows += history.moves.map { move in
            ("\(move.time)", "\(move.operation.word), version \(move.version)")
        }
        return "\(secret.name)\n" + Columns.text(rows)
    }

    static func json(_ history: VersionHistory, _ users: VersionUsers? = nil) -> String {
        let since = history.since
        let versions = history.metadata.versions.map { version -> JSONText in
            let time = since[version.number].map { JSONText.string($0.description) } ?? .null
            return .object(MetadataJSON.members(version) + [("since", time)])
        }
        let moves = history.moves.map { move -> JSONText in
            .object([
                ("time", .string(move.time.description)),
                ("operation", .string(move.operation.word)),
                ("version", .integer(Int(move.version))),
            ])
        }
        return JSONText.object([
            ("name", .string(history.metadata.name.text)), ("versions", .array(versions)),
            ("moves", .array(moves)),
            ("rotation", RotationText.json(history.metadata)),
            ("users_of_old", users?.json ?? .null),
        ]).text + "\n"
    }
}

/// A rotation: no value, but ids of keys, which come from the issuer.
enum RotationText {
    static func rows(_ secret: Metadata) -> [(String, String)] {
        guard let rotation = secret.rotation else { return [] }
        let words = rotation.end.map { ", \($0.word)" } ?? ""
        var rows = [
            (
                "rotation",
                "\(rotation.mode.word), \(rotation.state.word) since \(rotation.changed)\(words)"
            )
        ]
        if !secret.strays.isEmpty {
            let ids = secret.strays.map { Escaped.text($0.text) }.joined(separator: ", ")
            rows.append(("left over", "at the issuer, held by nothing: \(ids)"))
        }
        if rotation.doubts > 0 {
            rows.append(("doubts", "\(rotation.doubts): keys may be at the issuer unseen"))
        }
        return rows
    }

    static func json(_ secret: Metadata) -> JSONText {
        guard let rotation = secret.rotation else { return .null }
        func keys(_ keys: [KeyID]) -> JSONText { .array(keys.map { .string($0.text) }) }
        return .object([
            ("id", .string(rotation.id.identifier.hexadecimal)),
            ("mode", .string(rotation.mode.word)), ("state", .string(rotation.state.word)),
            ("end", rotation.end.map { .string($0.word) } ?? .null),
            ("begun", .string(rotation.begun.description)),
            ("changed", .string(rotation.changed.description)),
            ("old_version", .integer(Int(rotation.old))),
            ("new_version", rotation.new.map { .integer(Int($0)) } ?? .null),
            ("grace_seconds", .integer(Int(clamping: rotation.grace))),
            ("attempts", .integer(Int(rotation.attempts))),
            ("doubts", .integer(Int(rotation.doubts))),
            ("known", rotation.known.map(keys) ?? .null), ("strays", keys(secret.strays)),
        ])
    }
}
