// Reading the calls of a profile: what could carry a secret to the wrong place is refused.

internal import VaultModel

/// What the calls of a profile may speak of.
struct KnownNames {
    let id: IssuerID
    let source: ProfileSource
    let fields: [ProfileField]
    var derived: [DerivedText] = []

    /// What a placeholder stands for, or nil.
    func part(_ name: String) -> CallText.Part? {
        if let given = GivenValue(rawValue: name) { return .given(given) }
        guard let name = FieldName(name) else { return nil }
        if field(name) != nil { return .field(name) }
        return derived.contains { $0.name == name } ? .derived(name) : nil
    }

    func field(_ name: FieldName) -> ProfileField? { fields.first { $0.name == name } }

    /// The first secret in a text, or nil.
    func secret(in text: CallText) -> String? {
        for part in text.parts {
            switch part {
            case .literal: continue
            case .field(let name): if field(name)?.role == .secret { return name.text }
            case .derived(let name):
                guard let derived = derived.first(where: { $0.name == name }) else { continue }
                let texts = Array(derived.texts.values) + [derived.otherwise].compactMap { $0 }
                for text in texts { if let secret = secret(in: text) { return secret } }
            case .given(let value): if value == .assertion { return value.rawValue }
            }
        }
        return nil
    }
}

extension ProfileReader {
    func known(
        of root: Int, _ fields: [ProfileField], _ id: IssuerID, _ source: ProfileSource
    ) throws(ProfileDiagnostic) -> KnownNames {
        var known = KnownNames(id: id, source: source, fields: fields)
        guard let list = document.member("derived", of: root) else { return known }
        for node in try array(list) {
            try check(node, keys: ["name", "from", "texts", "otherwise"])
            guard let name = FieldName(try string("name", of: node)), known.part(name.text) == nil
            else {
                throw finding(try need("name", of: node), "\"name\" is no new name of a field")
            }
            guard let source = FieldName(try string("from", of: node)),
                known.field(source)?.role == .publicField
            else { throw finding(try need("from", of: node), "\"from\" names no public field") }
            var texts: [String: CallText] = [:]
            for member in try members("texts", of: node) {
                texts[document[member].key] = try callText(member, known, .anywhere)
            }
            var otherwise: CallText?
            if let member = document.member("otherwise", of: node) {
                otherwise = try callText(member, known, .anywhere)
            }
            // Not known before it is whole: so no text goes round in a circle.
            known.derived.append(
                DerivedText(name: name, source: source, texts: texts, otherwise: otherwise))
        }
        return known
    }

    /// How calls are made with a credential of this profile.
    func use(of root: Int, _ known: KnownNames) throws(ProfileDiagnostic) -> CredentialUse? {
        guard let node = document.member("authentication", of: root) else { return nil }
        let words = ["headers", "basic", "session", "aws"]
        try check(node, keys: words)
        let given = document[node].children
        guard given.count == 1 else {
            throw finding(node, "one of \(words.joined(separator: ", ")) is needed")
        }
        switch document[given[0]].key {
        case "headers": return .headers(try headers("headers", of: node, known))
        case "basic":
            guard let basic = try basic(of: node, known) else { break }
            return .basic(basic)
        case "session":
            try check(given[0], keys: ["header", "scheme"])
            let header = try optionalString("header", of: given[0]) ?? "authorization"
            let scheme = try optionalString("scheme", of: given[0]) ?? "Bearer"
            try checkHeader(header, given[0])
            guard HeaderText.isPlain(scheme) else { throw finding(given[0], HeaderText.words) }
            return .session(header: header, scheme: scheme)
        default: break
        }
        try check(given[0], keys: ["key", "secret", "session"])
        return .aws(
            key: try callText(try need("key", of: given[0]), known, .anywhere),
            secret: try callText(try need("secret", of: given[0]), known, .anywhere),
            session: try optionalText("session", of: given[0], known, .anywhere))
    }

    func calls(of root: Int, _ known: KnownNames) throws(ProfileDiagnostic) -> [IssuerCall] {
        guard let node = document.member("calls", of: root) else { return [] }
        let purposes = IssuerCall.Purpose.allCases
        try check(node, keys: purposes.map(\.rawValue))
        var calls: [IssuerCall] = []
        for purpose in purposes {
            guard let call = document.member(purpose.rawValue, of: node) else { continue }
            calls.append(try self.call(call, for: purpose, known))
        }
        return calls
    }

    private func call(
        _ node: Int, for purpose: IssuerCall.Purpose, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> IssuerCall {
        try check(
            node,
            keys: [
                "method", "url", "query", "headers", "form", "json", "with", "needs", "basic",
                "signature", "assertion", "statuses", "errors", "reply",
            ])
        let method = try word("method", of: node, ["GET", "POST", "PUT", "PATCH", "DELETE"], "GET")
        let url = try address(try need("url", of: node), known)
        let assertion = try assertion(of: node, known)
        let body = try body(of: node, known)
        guard body == .none || method != "GET" else {
            throw finding(node, "a GET has no body")
        }
        return IssuerCall(
            purpose: purpose, administration: try administration(of: node, known),
            needs: try names("needs", of: node, known), method: method, url: url,
            query: try entries("query", of: node, known, .publicOnly),
            headers: try headers("headers", of: node, known), body: body,
            basic: try basic(of: node, known), scope: try signature(of: node),
            assertion: assertion, statuses: try statuses(of: node),
            reply: try reply(of: node, known))
    }

    private func body(
        of node: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> IssuerCall.Body {
        guard let json = document.member("json", of: node) else {
            guard document.member("form", of: node) != nil else { return .none }
            return .form(try entries("form", of: node, known, .anywhere))
        }
        guard document.member("form", of: node) == nil else {
            throw finding(node, "\"form\" and \"json\" exclude each other")
        }
        return .json(try pattern(json, known))
    }

    private func pattern(
        _ node: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> JSONPattern {
        switch document[node].kind {
        case .string: return .text(try callText(node, known, .anywhere))
        case .object:
            var members: [JSONPattern.Member] = []
            for member in document[node].children {
                members.append(
                    JSONPattern.Member(
                        name: document[member].key, value: try pattern(member, known)))
            }
            return .object(members)
        case .array:
            var elements: [JSONPattern] = []
            for element in document[node].children {
                elements.append(try pattern(element, known))
            }
            return .array(elements)
        case .null: return .literal("null")
        case .number, .boolean: return .literal(document.string(node, in: text) ?? "null")
        }
    }

    /// Whose credential administers. One that the program brings a profile for goes to no address
    /// that another profile names.
    private func administration(
        of node: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> IssuerCall.Administration {
        guard let list = document.member("with", of: node) else { return .none }
        var (ids, isOwn): ([IssuerID], Bool) = ([], false)
        for element in try array(list) {
            let word = try string(element)
            if word == "self" {
                isOwn = true
                continue
            }
            guard let id = IssuerID(word) else {
                throw finding(element, "\"with\" names `self` or profiles")
            }
            guard known.source == .builtIn || BuiltInProfiles.bytes(of: id) == nil else {
                throw finding(
                    element, "the credentials of a built-in profile are for its own issuer alone")
            }
            ids.append(id)
        }
        guard isOwn || !ids.isEmpty else {
            throw finding(list, "\"with\" names `self` or profiles")
        }
        return .credential(of: ids, isOwn: isOwn)
    }

    private func signature(of node: Int) throws(ProfileDiagnostic) -> IssuerCall.SignatureScope? {
        guard let member = document.member("signature", of: node) else { return nil }
        try check(member, keys: ["service", "region"])
        let service = try string("service", of: member)
        let region = try string("region", of: member)
        guard HostName.isLabel(service), HostName.isLabel(region) else {
            throw finding(member, "\"service\" and \"region\" are letters, digits and -")
        }
        return IssuerCall.SignatureScope(service: service, region: region)
    }

    private func assertion(
        of node: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> AssertionPattern? {
        guard let member = document.member("assertion", of: node) else { return nil }
        try check(
            member,
            keys: ["key", "path", "key_id", "issuer", "subject", "audience", "scope", "life"])
        guard let key = FieldName(try string("key", of: member)), known.field(key)?.role == .secret
        else { throw finding(try need("key", of: member), "\"key\" names no secret field") }
        let life =
            document.member("life", of: member) == nil ? 300 : try integer("life", of: member)
        guard (1...3_600).contains(life) else {
            throw finding(member, "\"life\" is from 1 to 3,600 seconds")
        }
        return AssertionPattern(
            key: key, path: DocumentShape.path(try optionalString("path", of: member) ?? ""),
            keyID: try optionalText("key_id", of: member, known),
            issuer: try callText(try need("issuer", of: member), known, .publicOnly),
            subject: try optionalText("subject", of: member, known),
            audience: try callText(try need("audience", of: member), known, .publicOnly),
            scope: try optionalText("scope", of: member, known), life: UInt64(life))
    }
}
