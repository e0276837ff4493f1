// The unencrypted JSON that Bitwarden exports: folders or collections, and items of five kinds.

struct BitwardenExport {
    /// Members of an item that are secret, whatever they are called.
    private static let secretMembers: Set<String> = [
        "number", "code", "ssn", "passportNumber", "licenseNumber", "privateKey",
    ]
    /// Members in which no secret stands.
    private static let harmlessOfFolder: Set<String> = [
        "object", "organizationId", "externalId", "revisionDate",
    ]
    private static let harmlessOfItem: Set<String> = [
        "object", "id", "organizationId", "collectionIds", "type", "favorite", "reprompt", "edit",
        "viewPassword", "creationDate", "revisionDate", "deletedDate", "archivedDate",
    ]
    private static let harmlessOfPart: Set<String> = [
        "passwordRevisionDate", "autofillOnPageLoad",
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
                json.ignore(harmlessOfFolder, of: folder)
                guard let id = try json.string("id", of: folder) else { continue }
                reading.folders[id] = try json.string("name", of: folder)
            }
        }
        for item in try json.array("items", of: root) { try reading.take(item, json) }
        json.ignore(["encrypted"], of: root)
        reading.batch.leaveOutUnread(outsideEntriesOf: json)
        return reading.batch
    }

    private mutating func take(
        _ item: Int, _ json: borrowing JSONExport
    ) throws(ImportDefect) {
        let name = try json.string("name", of: item) ?? "untitled"
        let found = FoundCredential(try path(of: item, json) + [name])
        json.ignore(Self.harmlessOfItem, of: item)
        json.ignore(["type"], of: json.member("secureNote", of: item))
        for kind in ["login", "card", "identity", "sshKey"] {
            guard let part = json.member(kind, of: item), json.isObject(part) else { continue }
            json.ignore(Self.harmlessOfPart, of: part)
            for member in json.members(of: part)
            where !Self.harmlessOfPart.contains(json.key(member)) { try take(member, json, found) }
        }
        try found.add(secret: "notes", json.member("notes", of: item), of: json)
        for field in try json.array("fields", of: item) { try take(field: field, json, found) }
        if json.settle(json.member("passwordHistory", of: item)) {
            batch.leaveOut(found.title, "its older passwords")
        }
        batch.leaveOutUnread(of: item, found.title, json)
        try batch.take(found)
    }

    /// A field of one's own.
    private func take(
        field: Int, _ json: borrowing JSONExport, _ found: FoundCredential
    ) throws(ImportDefect) {
        json.ignore(["linkedId"], of: field)
        let name = try json.string("name", of: field) ?? "field"
        let value = json.member("value", of: field)
        if json.number("type", of: field) == 1 {
            try found.add(secret: name, value, of: json)
        } else {
            try found.add(name, value, of: json)
        }
    }

    /// The folder, or the first collection, of an item.
    private func path(
        of item: Int, _ json: borrowing JSONExport
    ) throws(ImportDefect) -> [String] {
        if let id = try json.string("folderId", of: item), let folder = folders[id] {
            return [folder]
        }
        guard let first = try json.array("collectionIds", of: item).first,
            let collection = folders[try json.string(first)]
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
                json.ignore(["match", "uriChecksum"], of: address)
                try found.add("url", json.member("uri", of: address), of: json)
            }
        case "fido2Credentials":
            if json.settle(member) { batch.leaveOut(found.title, "its passkey") }
        case _ where Self.secretMembers.contains(key):
            try found.add(secret: key, member, of: json)
        default: try found.add(key, member, of: json)
        }
    }
}
