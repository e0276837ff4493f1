// The unencrypted JSON that Bitwarden exports: folders or collections, and items of five kinds.

struct BitwardenExport {
    /// Members of an item that are secret, whatever they are called.
    private static let secretMembers: Set<String> = [
        "number", "code", "ssn", "passportNumber", "licenseNumber", "privateKey",
    ]

    private var batch = ImportBatch()
    private var folders: [String: String] = [:]

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        let json = try JSONExport(text)
        let root = JSONDocument.root
        guard !json.isTrue("encrypted", of: root) else {
            throw ImportDefect("it is an encrypted export; export it again as plain JSON", line: 1)
        }
        guard json.member("items", of: root) != nil else {
            throw ImportDefect("it has no \"items\"", line: 1)
        }
        var reading = BitwardenExport()
        for list in ["folders", "collections"] {
            for folder in try json.array(list, of: root) {
                guard let id = try json.string("id", of: folder) else { continue }
                reading.folders[id] = try json.string("name", of: folder)
            }
        }
        for item in try json.array("items", of: root) { try reading.take(item, json) }
        return reading.batch
    }

    private mutating func take(
        _ item: Int, _ json: borrowing JSONExport
    ) throws(ImportDefect) {
        let name = try json.string("name", of: item) ?? "untitled"
        let found = FoundCredential(try path(of: item, json) + [name])
        for kind in ["login", "card", "identity", "sshKey"] {
            guard let part = json.member(kind, of: item), json.isObject(part) else { continue }
            for member in json.members(of: part) { try take(member, json, found) }
        }
        try found.add(secret: "notes", json.member("notes", of: item), of: json)
        for field in try json.array("fields", of: item) {
            let name = try json.string("name", of: field) ?? "field"
            let value = json.member("value", of: field)
            if json.number("type", of: field) == 1 {
                try found.add(secret: name, value, of: json)
            } else {
                try found.add(name, value, of: json)
            }
        }
        if try !json.array("passwordHistory", of: item).isEmpty {
            batch.leaveOut(found.title, "its older passwords")
        }
        try batch.take(found)
    }

    /// The folder, or the first collection, of an item.
    private func path(
        of item: Int, _ json: borrowing JSONExport
    ) throws(ImportDefect) -> [String] {
        if let id = try json.string("folderId", of: item), let folder = folders[id] {
            return [folder]
        }
        guard let first = try json.array("collectionIds", of: item).first,
            let id = json.document.string(first, in: json.text), let collection = folders[id]
        else { return [] }
        return [collection]
    }

    /// One member of a login, card, identity or key.
    private mutating func take(
        _ member: Int, _ json: borrowing JSONExport, _ found: FoundCredential
    ) throws(ImportDefect) {
        let key = json.key(member)
        switch key {
        case "password": try found.add(secret: "secret", member, of: json)
        case "username": try found.add("username", member, of: json)
        case "uris":
            for address in json.members(of: member) {
                try found.add("url", json.member("uri", of: address), of: json)
            }
        case "fido2Credentials":
            if !json.members(of: member).isEmpty { batch.leaveOut(found.title, "its passkey") }
        case "passwordRevisionDate": return
        case _ where Self.secretMembers.contains(key):
            try found.add(secret: key, member, of: json)
        default: try found.add(key, member, of: json)
        }
    }
}
