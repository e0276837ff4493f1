// CSV with a credential a row: of KeePass, KeePassXC, 1Password and AWS's console.

internal import SecretMemory

struct PasswordTable {
    /// What a column is.
    private enum Role {
        case folder, title, username, secret, address, notes, oneTimePassword, tags, archived
        case ignored
        /// Told by its heading and its value.
        case other
    }

    private let roles: [String: Role]
    /// The part of a folder that every row has in front.
    private var hasRoot = false
    private var batch = ImportBatch()

    /// KeePass writes quotes as `\"`, KeePassXC doubles them.
    static func readKeePass(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var table = try CSVTable(text)
        if table.column("account") != nil {
            table.escape = UInt8(ascii: "\\")
            var reading = PasswordTable(roles: [
                "account": .title, "login name": .username, "password": .secret,
                "web site": .address, "comments": .notes,
            ])
            return try reading.read(&table, text)
        }
        var reading = PasswordTable(roles: [
            "group": .folder, "title": .title, "username": .username, "password": .secret,
            "url": .address, "notes": .notes, "totp": .oneTimePassword, "icon": .ignored,
            "last modified": .ignored, "created": .ignored,
        ])
        reading.hasRoot = true
        return try reading.read(&table, text)
    }

    static func readOnePassword(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var table = try CSVTable(text)
        var reading = PasswordTable(roles: [
            "title": .title, "url": .address, "username": .username, "password": .secret,
            "otpauth": .oneTimePassword, "favorite": .ignored, "archived": .archived,
            "tags": .tags, "notes": .notes,
        ])
        return try reading.read(&table, text)
    }

    /// `accessKeys.csv` of the console, and what it hands out with a new user.
    static func readAWS(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        var table = try CSVTable(text)
        guard let identifier = table.column("access key id"),
            let secret = table.column("secret access key")
        else { throw ImportDefect("it has no columns of an access key", line: 1) }
        let user = table.column("user name")
        var batch = ImportBatch()
        while try table.next(in: text) {
            let user = user.flatMap { table.string($0, in: text) } ?? ""
            let name = user.isEmpty ? table.string(identifier, in: text) ?? "" : user
            let found = FoundCredential([name], issuer: "aws-iam")
            for column in table.headings.indices {
                let value = table.value(column, in: text)
                switch column {
                case identifier: try found.add(open: "access_key_id", value.bytes)
                case secret: try found.add(secret: "secret_access_key", value.bytes)
                default: try found.add(table.headings[column], value.bytes)
                }
            }
            try batch.take(found)
        }
        return batch
    }

    private init(roles: [String: Role]) { self.roles = roles }

    private mutating func read(
        _ table: inout CSVTable, _ text: Span<UInt8>
    ) throws(ImportDefect) -> ImportBatch {
        let columns = table.headings.map { roles[$0] ?? .other }
        guard columns.contains(where: { $0 == .title }),
            columns.contains(where: { $0 == .secret })
        else { throw ImportDefect("it has no columns of a title and a password", line: 1) }
        while try table.next(in: text) {
            let found = FoundCredential(name(columns, table, text))
            for (column, role) in columns.enumerated() {
                switch role {
                case .tags, .archived: mark(found, role, table.string(column, in: text))
                default:
                    let value = table.value(column, in: text)
                    try take(value, role, table.headings[column], found)
                }
            }
            try batch.take(found)
        }
        return batch
    }

    private func name(
        _ columns: [Role], _ table: CSVTable, _ text: Span<UInt8>
    ) -> [String] {
        var path: [String] = []
        for (column, role) in columns.enumerated() where role == .folder {
            let folder = table.string(column, in: text) ?? ""
            path += folder.split(separator: "/").dropFirst(hasRoot ? 1 : 0).map(String.init)
        }
        let title = columns.firstIndex(of: .title).flatMap { table.string($0, in: text) } ?? ""
        return path + [title.isEmpty ? "untitled" : title]
    }

    private mutating func take(
        _ value: borrowing SecretBytes, _ role: Role, _ heading: String, _ found: FoundCredential
    ) throws(ImportDefect) {
        switch role {
        case .folder, .title, .ignored, .tags, .archived: return
        case .username: try found.add("username", value.bytes)
        case .secret: try found.add(secret: "secret", value.bytes)
        case .address: try found.add("url", value.bytes)
        case .notes: try found.add(secret: "notes", value.bytes)
        case .oneTimePassword: try found.add(secret: "totp", value.bytes)
        case .other: try found.add(heading, value.bytes)
        }
    }

    /// Takes what is said in a column of words.
    private mutating func mark(_ found: FoundCredential, _ role: Role, _ words: String?) {
        guard let words else { return batch.leaveOutPart(of: found.title) }
        guard role == .tags else {
            switch words.lowercased() {
            case "true": _ = found.add(tag: "archived")
            case "", "false": return
            default: batch.leaveOutPart(of: found.title)
            }
            return
        }
        for tag in words.split(whereSeparator: { $0 == ";" || $0 == "," }) {
            if !found.add(tag: String(tag)) { batch.leaveOut(found.title, "a tag is too long") }
        }
    }
}
