// Docker's `config.json`: what it knows of registries, user and password in base64.

internal import SecretMemory

struct DockerConfig {
    private var batch = ImportBatch()

    static func read(_ text: Span<UInt8>) throws(ImportDefect) -> ImportBatch {
        let json = try JSONExport(text)
        var reading = DockerConfig()
        guard let auths = json.member("auths", of: JSONDocument.root), json.isObject(auths) else {
            throw ImportDefect("it has no \"auths\"", line: 1)
        }
        for registry in json.members(of: auths) { try reading.take(registry, json) }
        for member in json.members(of: JSONDocument.root) where member != auths {
            json.settle(member)
            reading.batch.leaveOut(json.key(member), "a setting")
        }
        return reading.batch
    }

    private mutating func take(
        _ registry: Int, _ json: borrowing JSONExport
    ) throws(ImportDefect) {
        let host = json.key(registry)
        let parts = Self.withoutScheme(host).split(separator: "/").map(String.init)
        let found = FoundCredential(parts)
        try found.add(open: "registry", Array(host.utf8).span)
        let isHub = ["index.docker.io/v1/", "docker.io"].contains(Self.withoutScheme(host))
        if isHub { found.know(issuer: "docker-hub") }
        let password = isHub ? "token" : "secret"
        // Docker takes what is in `auth` for user and password, whatever stands beside it.
        try split(json.member("auth", of: registry), json, found, password)
        for member in json.members(of: registry) where json.key(member) != "auth" {
            switch json.key(member) {
            case "username": try found.add("username", member, of: json)
            case "password": try found.add(secret: password, member, of: json)
            case "identitytoken": try found.add(secret: "identity_token", member, of: json)
            case "registrytoken": try found.add(secret: "registry_token", member, of: json)
            default: try found.add(json.key(member), member, of: json)
            }
        }
        batch.leaveOutUnread(of: registry, found.title, json)
        try batch.take(found)
    }

    static func withoutScheme(_ host: String) -> String {
        for scheme in ["https://", "http://"] where host.hasPrefix(scheme) {
            return String(host.dropFirst(scheme.count))
        }
        return host
    }

    /// `base64(user:password)`.
    private func split(
        _ member: Int?, _ json: borrowing JSONExport, _ found: FoundCredential, _ password: String
    ) throws(ImportDefect) {
        let encoded = json.value(member)
        guard let member, !encoded.isEmpty else { return }
        guard
            try UserAndPassword.add(
                base64: encoded.bytes, to: found, as: password, endingInZeros: true)
        else {
            throw json.defect("\"auth\" is not base64 of a user and a password", at: member)
        }
    }
}

/// `user:password`, as HTTP's Basic scheme joins them (RFC 7617).
enum UserAndPassword {
    /// Adds both to `found`; false if `text` is not base64 of the two. Zero bytes around the
    /// password are none of it where a program fills up with them.
    static func add(
        base64 text: Span<UInt8>, to found: FoundCredential, as password: String,
        endingInZeros mayEndInZeros: Bool = false
    ) throws(ImportDefect) -> Bool {
        switch Base64.decodedPaddedOrNot(text) {
        case .some(let joined):
            let bytes = joined.bytes
            guard let colon = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: ":") }) else {
                return false
            }
            try found.add("username", bytes.extracting(0..<colon))
            var (start, end) = (colon + 1, bytes.count)
            while mayEndInZeros, start < end, bytes[end - 1] == 0 { end -= 1 }
            while mayEndInZeros, start < end, bytes[start] == 0 { start += 1 }
            try found.add(secret: password, bytes.extracting(start..<end))
            return true
        case .none: return false
        }
    }
}
