// Reading what a profile says of replies.

internal import VaultModel

extension ProfileReader {
    func statuses(of node: Int) throws(ProfileDiagnostic) -> ReplyStatuses {
        var statuses = ReplyStatuses()
        if let member = document.member("statuses", of: node) {
            try check(member, keys: ["done", "refused", "missing", "full"])
            if document.member("done", of: member) != nil {
                statuses.done = try numbers("done", of: member)
            }
            if document.member("refused", of: member) != nil {
                statuses.refused = try numbers("refused", of: member)
            }
            if document.member("missing", of: member) != nil {
                statuses.missing = try numbers("missing", of: member)
            }
            statuses.full = try numbers("full", of: member)
        }
        if let member = document.member("errors", of: node) {
            try check(member, keys: ["at", "refused", "missing", "full"])
            statuses.errorPlace = DocumentShape.path(try string("at", of: member))
            statuses.refusedErrors = try texts("refused", of: member)
            statuses.missingErrors = try texts("missing", of: member)
            statuses.fullErrors = try texts("full", of: member)
        }
        return statuses
    }

    private func numbers(_ key: String, of node: Int) throws(ProfileDiagnostic) -> [Int] {
        guard let list = document.member(key, of: node) else { return [] }
        var numbers: [Int] = []
        for element in try array(list) {
            guard document[element].kind == .number,
                let number = document.string(element, in: text).flatMap({ Int($0) }),
                (200...599).contains(number)
            else { throw finding(element, "a status from 200 to 599 is needed") }
            numbers.append(number)
        }
        return numbers
    }

    private func texts(_ key: String, of node: Int) throws(ProfileDiagnostic) -> [String] {
        guard let list = document.member(key, of: node) else { return [] }
        var texts: [String] = []
        for element in try array(list) { texts.append(try string(element)) }
        return texts
    }

    func reply(of node: Int, _ known: KnownNames) throws(ProfileDiagnostic) -> ReplyPlaces {
        var places = ReplyPlaces()
        guard let reply = document.member("reply", of: node) else { return places }
        try check(
            reply,
            keys: [
                "format", "fields", "document", "token", "life", "usual_life", "proof", "keys",
            ])
        let formats = ReplyPlaces.Format.allCases.map(\.rawValue)
        let format = try word("format", of: reply, formats, ReplyPlaces.Format.json.rawValue)
        places.format = ReplyPlaces.Format(rawValue: format) ?? .json
        places.fields = try fieldPlaces(of: reply, known)
        places.token = try path("token", of: reply)
        places.life = try path("life", of: reply)
        if document.member("usual_life", of: reply) != nil {
            let life = try integer("usual_life", of: reply)
            guard (1...Int64(SessionLife.longest)).contains(life) else {
                throw finding(reply, "\"usual_life\" is from 1 to 999,999,999 seconds")
            }
            places.usualLife = UInt64(life)
        }
        if let member = document.member("document", of: reply) {
            try check(member, keys: ["at", "base64"])
            places.document = ReplyPlaces.DocumentPlace(
                path: DocumentShape.path(try string("at", of: member)),
                isBase64: try boolean("base64", of: member, false))
        }
        if let member = document.member("proof", of: reply) {
            try check(member, keys: ["at", "is"])
            _ = try need("is", of: member)
            places.proof = ReplyPlaces.ProofPlace(
                path: DocumentShape.path(try string("at", of: member)),
                values: try texts("is", of: member))
        }
        places.keys = try keys(of: reply, known)
        return places
    }

    private func path(_ key: String, of node: Int) throws(ProfileDiagnostic) -> [String]? {
        try optionalString(key, of: node).map(DocumentShape.path)
    }

    private func fieldPlaces(
        of node: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> [FieldName: [String]] {
        var places: [FieldName: [String]] = [:]
        for member in try members("fields", of: node) {
            guard let name = FieldName(document[member].key), known.field(name) != nil else {
                throw finding(member, "there is no field of this name")
            }
            places[name] = DocumentShape.path(try string(member))
        }
        return places
    }

    private func keys(
        of reply: Int, _ known: KnownNames
    ) throws(ProfileDiagnostic) -> ReplyPlaces.KeyPlaces? {
        guard let node = document.member("keys", of: reply) else { return nil }
        try check(node, keys: ["at", "fields", "last_part_after", "state", "active", "more"])
        let fields = try fieldPlaces(of: node, known)
        guard !fields.isEmpty, fields.keys.allSatisfy({ known.field($0)?.role == .publicField })
        else {
            throw finding(node, "\"fields\" names the public fields that tell credentials apart")
        }
        return ReplyPlaces.KeyPlaces(
            list: DocumentShape.path(try string("at", of: node)), fields: fields,
            lastPartAfter: try optionalString("last_part_after", of: node),
            state: try path("state", of: node), activeStates: try texts("active", of: node),
            more: try path("more", of: node))
    }
}

/// How long session tokens live.
public enum SessionLife {
    /// The longest that any issuer gives, in seconds.
    public static let longest: UInt64 = 999_999_999
}
