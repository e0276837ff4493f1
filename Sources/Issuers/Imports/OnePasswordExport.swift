// `export.data` of a 1PUX archive: the JSON in which 1Password keeps accounts, vaults and items.

internal import SecretMemory

struct OnePasswordExport {
    private var batch = ImportBatch()

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        let json = try JSONExport(text)
        guard json.member("accounts", of: JSONDocument.root) != nil else {
            throw ImportDefect("it has no \"accounts\"", line: 1)
        }
        var reading = OnePasswordExport()
        for account in try json.array("accounts", of: JSONDocument.root) {
            for vault in try json.array("vaults", of: account) {
                let name = try json.string("name", of: json.member("attrs", of: vault))
                for item in try json.array("items", of: vault) {
                    // Older archives wrap an item once more.
                    try reading.take(json.member("item", of: item) ?? item, in: name, json)
                }
            }
        }
        return reading.batch
    }

    private mutating func take(
        _ item: Int, in vault: String?, _ json: borrowing JSONExport
    ) throws(ImportDefect) {
        let overview = json.member("overview", of: item)
        let details = json.member("details", of: item)
        let title = try json.string("title", of: overview) ?? "untitled"
        let found = FoundCredential([vault, title].compactMap { $0 })
        try takeLogin(details, json, found)
        try found.add(secret: "secret", json.member("password", of: details), of: json)
        let addresses = try json.array("urls", of: overview)
        for address in addresses {
            try found.add("url", json.member("url", of: address), of: json)
        }
        if addresses.isEmpty {
            try found.add("url", json.member("url", of: overview), of: json)
        }
        for section in try json.array("sections", of: details) {
            for field in try json.array("fields", of: section) { try take(field, json, found) }
        }
        try found.add(secret: "notes", json.member("notesPlain", of: details), of: json)
        for tag in try json.array("tags", of: overview) {
            let text = json.document.string(tag, in: json.text) ?? ""
            if !found.add(tag: text) { batch.leaveOut(found.title, "a tag is empty or too long") }
        }
        if try json.string("state", of: item) == "archived" { _ = found.add(tag: "archived") }
        if try !json.array("passwordHistory", of: details).isEmpty {
            batch.leaveOut(found.title, "its older passwords")
        }
        if json.member("documentAttributes", of: details) != nil {
            batch.leaveOut(found.title, "its file")
        }
        try batch.take(found)
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
        }
    }

    /// One field of a section: `{"title": …, "value": {KIND: …}}`.
    private mutating func take(
        _ field: Int, _ json: borrowing JSONExport, _ found: FoundCredential
    ) throws(ImportDefect) {
        guard let value = json.member("value", of: field), json.isObject(value) else { return }
        let title = try json.string("title", of: field) ?? ""
        for kind in json.members(of: value) {
            let name = title.isEmpty ? json.key(kind) : title
            switch json.key(kind) {
            case "concealed", "totp", "creditCardNumber":
                try found.add(secret: name, kind, of: json)
            case "file": batch.leaveOut(found.title, "its file")
            case "reference": batch.leaveOut(found.title, "a reference to another item")
            default:
                guard json.isObject(kind) else {
                    try found.add(name, kind, of: json)
                    continue
                }
                for part in json.members(of: kind) {
                    try found.add("\(name)_\(json.key(part))", part, of: json)
                }
            }
        }
    }
}
