// Files in which one client keeps one credential as JSON: Google's and Zscaler's.

internal import SecretMemory

/// The key file of a service account: the whole file is the secret, as the profile has it.
enum GoogleKeyFile {
    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        let json = try JSONExport(text)
        let root = JSONDocument.root
        guard try json.string("type", of: root) == "service_account",
            json.member("private_key", of: root) != nil
        else { throw ImportDefect("it is no key file of a service account", line: 1) }
        let account = try json.string("client_email", of: root) ?? "google-service-account"
        let found = FoundCredential([account], issuer: "google-service-account")
        try found.add(secret: "key_json", text)
        for name in ["client_email", "project_id", "private_key_id"] {
            try found.add(open: name, json.member(name, of: root), of: json)
        }
        var batch = ImportBatch()
        try batch.take(found)
        return batch
    }
}

/// `~/.zpa/credentials.json`: a legacy API key of ZPA.
enum ZscalerKeyFile {
    private static let publicFields = ["client_id", "customer_id", "cloud", "microtenant_id"]

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        let json = try JSONExport(text)
        let root = JSONDocument.root
        guard json.member("zpa_client_secret", of: root) != nil else {
            throw ImportDefect("it has no \"zpa_client_secret\"", line: 1)
        }
        let found = FoundCredential(["zpa"], issuer: "zpa")
        var batch = ImportBatch()
        for member in json.members(of: root) {
            let key = json.key(member)
            let name = key.hasPrefix("zpa_") ? String(key.dropFirst(4)) : key
            guard json.value(member).count > 0 else {
                batch.leaveOut(key, "it is empty or no text")
                continue
            }
            if name == "client_secret" {
                try found.add(secret: name, member, of: json)
            } else if publicFields.contains(name) {
                try found.add(open: name, member, of: json)
            } else {
                try found.add(name, member, of: json)
            }
        }
        try batch.take(found)
        return batch
    }
}
