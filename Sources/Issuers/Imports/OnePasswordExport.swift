// `export.data` of a 1PUX archive: the JSON in which 1Password keeps accounts, vaults and items.

internal import SecretMemory

struct OnePasswordExport {
    /// Members in which no secret stands.
    private static let harmlessOfAccount: Set<String> = [
        "accountName", "name", "avatar", "email", "uuid", "domain",
    ]
    private static let harmlessOfVault: Set<String> = ["uuid", "avatar", "name", "type"]
    private static let harmlessOfItem: Set<String> = [
        "uuid", "favIndex", "createdAt", "updatedAt", "categoryUuid", "state", "trashed",
    ]
    /// The subtitle is made of other parts of the item; `ps` and its like measure the password.
    private static let harmlessOfOverview: Set<String> = [
        "subtitle", "ps", "pbe", "pgrng", "ainfo", "watchtowerExclusions",
    ]
    private static let harmlessOfField: Set<String> = [
        "id", "name", "fieldType", "designation", "indexAtSource", "guarded", "multiline",
        "dontGenerate", "placeholder", "clipboardFilter",
    ]
    private static let harmlessOfTraits: Set<String> = [
        "keyboard", "correction", "capitalization",
    ]

    private var batch = ImportBatch()

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        let json = try JSONExport(text)
        guard json.member("accounts", of: JSONDocument.root) != nil else {
            throw ImportDefect("it has no \"accounts\"", line: 1)
        }
        var reading = OnePasswordExport()
        for account in try json.array("accounts", of: JSONDocument.root) {
            json.ignore(harmlessOfAccount, of: json.member("attrs", of: account))
            for vault in try json.array("vaults", of: account) {
                let attributes = json.member("attrs", of: vault)
                let name = try json.string("name", of: attributes)
                json.ignore(harmlessOfVault, of: attributes)
                for item in try json.array("items", of: vault) {
                    try reading.take(item, in: name, json)
                }
                reading.batch.leaveOutUnread(of: vault, name ?? "vaults", json)
            }
        }
        reading.batch.leaveOutUnread(outsideEntriesOf: json)
        return reading.batch
    }

    private mutating func take(
        _ outer: Int, in vault: String?, _ json: borrowing JSONExport
    ) throws(ImportDefect) {
        // Older archives wrap an item once more.
        let item = json.member("item", of: outer) ?? outer
        let overview = json.member("overview", of: item)
        let details = json.member("details", of: item)
        let title = try json.string("title", of: overview) ?? "untitled"
        let found = FoundCredential([vault, title].compactMap { $0 })
        try takeLogin(details, json, found)
        try found.add(secret: "secret", json.member("password", of: details), of: json)
        try takeAddresses(overview, json, found)
        for section in try json.array("sections", of: details) {
            json.ignore(["title", "name", "hideAddAnotherField"], of: section)
            for field in try json.array("fields", of: section) { try take(field, json, found) }
        }
        try found.add(secret: "notes", json.member("notesPlain", of: details), of: json)
        for tag in try json.array("tags", of: overview) {
            if !found.add(tag: try json.string(tag)) {
                batch.leaveOut(found.title, "a tag is empty or too long")
            }
        }
        if try json.string("state", of: item) == "archived" { _ = found.add(tag: "archived") }
        if json.settle(json.member("passwordHistory", of: details)) {
            batch.leaveOut(found.title, "its older passwords")
        }
        if json.settle(json.member("documentAttributes", of: details)) {
            batch.leaveOut(found.title, "its file")
        }
        json.ignore(Self.harmlessOfItem, of: item)
        json.ignore(Self.harmlessOfOverview, of: overview)
        batch.leaveOutUnread(of: outer, found.title, json)
        try batch.take(found)
    }

    /// The addresses of an item, each once: the first stands outside of their list too.
    private func takeAddresses(
        _ overview: Int?, _ json: borrowing JSONExport, _ found: FoundCredential
    ) throws(ImportDefect) {
        let first = try json.string("url", of: overview) ?? ""
        var isListed = false
        for address in try json.array("urls", of: overview) {
            json.ignore(["label", "mode"], of: address)
            if try json.string("url", of: address) == first { isListed = true }
            try found.add("url", json.member("url", of: address), of: json)
        }
        if !isListed { try found.add("url", json.member("url", of: overview), of: json) }
    }

    /// The fields of a login form: the ones with a designation first of all.
    private func takeLogin(
        _ details: Int?, _ json: borrowing JSONExport, _ found: FoundCredential
    ) throws(ImportDefect) {
        for field in try json.array("loginFields", of: details) {
            let value = json.member("value", of: field)
            switch try json.string("designation", of: field) {
            case "password": try found.add(secret: "secret", value, of: json)
            case "username": try found.add("username", value, of: json)
            default:
                let name = try json.string("name", of: field) ?? ""
                // `P` is what 1Password calls a field that is hidden in the form.
                if try json.string("fieldType", of: field) == "P" {
                    try found.add(secret: name.isEmpty ? "password" : name, value, of: json)
                } else {
                    try found.add(name.isEmpty ? "field" : name, value, of: json)
                }
            }
            json.ignore(Self.harmlessOfField, of: field)
        }
    }

    /// One field of a section: `{"title": …, "value": {KIND: …}}`.
    private mutating func take(
        _ field: Int, _ json: borrowing JSONExport, _ found: FoundCredential
    ) throws(ImportDefect) {
        json.ignore(Self.harmlessOfField, of: field)
        json.ignore(Self.harmlessOfTraits, of: json.member("inputTraits", of: field))
        let title = try json.string("title", of: field) ?? ""
        guard let value = json.member("value", of: field) else { return }
        guard json.isObject(value) else {
            return try takeAll(value, title.isEmpty ? "field" : title, json, found)
        }
        for kind in json.members(of: value) {
            let name = title.isEmpty ? json.key(kind) : title
            switch json.key(kind) {
            case "concealed", "totp", "creditCardNumber":
                try found.add(secret: name, kind, of: json)
            case "file":
                if json.settle(kind) { batch.leaveOut(found.title, "its file") }
            case "reference":
                if json.settle(kind) {
                    batch.leaveOut(found.title, "a reference to another item")
                }
            default: try takeAll(kind, name, json, found)
            }
        }
    }

    /// A value and all that is in it; the depth of a document is bounded.
    private func takeAll(
        _ node: Int, _ name: String, _ json: borrowing JSONExport, _ found: FoundCredential
    ) throws(ImportDefect) {
        try found.add(name, node, of: json)
        for part in json.members(of: node) {
            let key = json.key(part)
            try takeAll(part, key.isEmpty ? name : "\(name)_\(key)", json, found)
        }
    }
}
