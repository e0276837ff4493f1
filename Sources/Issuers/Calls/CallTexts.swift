// Reading the texts of a call: where a placeholder may stand, and for what.

internal import VaultModel

extension ProfileReader {
    /// Whether a secret may stand there. Addresses end up in the logs of servers and proxies.
    enum SecretPlace { case publicOnly, anywhere }

    func callText(
        _ node: Int, _ known: KnownNames, _ place: SecretPlace
    ) throws(ProfileDiagnostic) -> CallText {
        let written = try string(node)
        let text: CallText
        do throws(CallText.Defect) {
            text = try CallText(written) { known.part($0) }
        } catch {
            throw finding(
                node, error == .noEnd ? "a placeholder has no end" : "a placeholder names no field")
        }
        if place == .publicOnly, let secret = known.secret(in: text) {
            throw finding(node, "the secret field \"\(secret)\" must not stand in an address")
        }
        return text
    }

    func optionalText(
        _ key: String, of node: Int, _ known: KnownNames, _ place: SecretPlace = .publicOnly
    ) throws(ProfileDiagnostic) -> CallText? {
        guard let member = document.member(key, of: node) else { return nil }
        return try callText(member, known, place)
    }

    func members(_ key: String, of node: Int) throws(ProfileDiagnostic) -> [Int] {
        guard let object = document.member(key, of: node) else { return [] }
        guard document[object].kind == .object else { throw finding(object, "an object is needed") }
        return document[object].children
    }

    func entries(
        _ key: String, of node: Int, _ known: KnownNames, _ place: SecretPlace
    ) throws(ProfileDiagnostic) -> [IssuerCall.Entry] {
        var entries: [IssuerCall.Entry] = []
        for member in try members(key, of: node) {
            entries.append(
                IssuerCall.Entry(
                    name: document[member].key, text: try callText(member, known, place)))
        }
        return entries
    }

    func headers(
        _ key: String, of node: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> [IssuerCall.Entry] {
        let headers = try entries(key, of: node, known, .anywhere)
        for member in try members(key, of: node) {
            try checkHeader(document[member].key, member)
            guard HeaderText.isPlain(try string(member)) else {
                throw finding(member, HeaderText.words)
            }
        }
        return headers
    }

    func checkHeader(_ name: String, _ node: Int) throws(ProfileDiagnostic) {
        guard HeaderText.isName(name) else {
            throw finding(node, "this is no header that a call may set")
        }
    }

    func basic(
        of node: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> IssuerCall.BasicProof? {
        guard let member = document.member("basic", of: node) else { return nil }
        try check(member, keys: ["user", "password", "encoded"])
        return IssuerCall.BasicProof(
            user: try callText(try need("user", of: member), known, .publicOnly),
            password: try callText(try need("password", of: member), known, .anywhere),
            isEncoded: try boolean("encoded", of: member, false))
    }

    func names(
        _ key: String, of node: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> [FieldName] {
        guard let list = document.member(key, of: node) else { return [] }
        var names: [FieldName] = []
        for element in try array(list) {
            guard let name = FieldName(try string(element)), known.field(name) != nil else {
                throw finding(element, "there is no field of this name")
            }
            names.append(name)
        }
        return names
    }

    /// An address: https, and its host made of nothing but what was checked to be part of one.
    func address(_ node: Int, _ known: KnownNames) throws(ProfileDiagnostic) -> CallText {
        let text = try callText(node, known, .publicOnly)
        if case .field(let name) = text.parts.first {
            guard known.field(name)?.kind == .url else {
                throw finding(node, "\"url\" must begin with https://")
            }
        } else {
            guard text.head.hasPrefix("https://") else {
                throw finding(node, "\"url\" must begin with https://")
            }
            try checkHost(of: text, node, known)
        }
        for case .literal(let literal) in text.parts where !AddressText.isPlain(literal) {
            throw finding(node, "a character that an address cannot hold, or a query of its own")
        }
        return text
    }

    private func checkHost(
        of text: CallText, _ node: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) {
        var parts = text.parts
        parts[0] = .literal(String(text.head.dropFirst("https://".count)))
        if parts[0] == .literal("") { parts.removeFirst() }
        var host: [CallText.Part] = []
        for part in parts {
            if case .literal(let literal) = part, literal.contains("/") {
                let rest = String(literal.prefix { $0 != "/" })
                if !rest.isEmpty { host.append(.literal(rest)) }
                break
            }
            host.append(part)
        }
        guard !host.isEmpty else { throw finding(node, "\"url\" has no host") }
        for part in host {
            switch part {
            // What a derived text comes to is checked when the call is made, field by field.
            case .derived: continue
            case .literal(let literal):
                guard !literal.contains("@") else { throw finding(node, "\"url\" has a user") }
            case .given: throw finding(node, Self.hostWords)
            case .field(let name):
                let kind = known.field(name)?.kind
                guard kind == .label || kind == .host && host.count == 1 else {
                    throw finding(node, Self.hostWords)
                }
            }
        }
    }

    private static let hostWords =
        "a host is made of fields of the kind \"label\", or is a field of the kind \"host\""
}

/// What a header may be.
enum HeaderText {
    static let words = "a header holds no control character"

    /// Names that decide where a message ends or goes, and are curl's to set.
    private static let others = [
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer",
        "expect", "proxy-authorization", "proxy-connection",
    ]

    static func isName(_ name: String) -> Bool {
        let isToken = name.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
                || "-_".utf8.contains($0)
        }
        return isToken && !name.isEmpty && name.utf8.count <= 64
            && !others.contains(name.lowercased())
    }

    static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy(isPlain) }

    static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f }
}
