// From a reply to an outcome, by what the profile says of replies.

internal import SecretMemory
internal import VaultModel

extension IssuerCall {
    /// What a reply to this call says.
    public func read(
        _ reply: borrowing CallReply, of profile: IssuerProfile
    ) -> CallOutcome {
        guard reply.status != 429, reply.status < 500 || reply.status > 599 else {
            return .later(seconds: reply.secondsToWait, status: reply.status)
        }
        if self.reply.format == .xml {
            switch MarkupReply.json(of: reply.body.bytes) {
            case .some(let text): return read(text.bytes, reply.status, profile)
            case .none: return read(Span(), reply.status, profile)
            }
        }
        return read(reply.body.bytes, reply.status, profile)
    }

    private func read(
        _ text: Span<UInt8>, _ status: Int, _ profile: IssuerProfile
    ) -> CallOutcome {
        let document = try? JSONDocument(text)
        if let place = statuses.errorPlace, let document, let node = document.node(at: place),
            let word = document.string(node, in: text)
        {
            if statuses.refusedErrors.contains(word) { return .refused }
            if statuses.missingErrors.contains(word) { return .missing }
            if statuses.fullErrors.contains(word) { return .full }
        }
        guard statuses.isDone(status) else {
            if statuses.full.contains(status) { return .full }
            if statuses.refused.contains(status) { return .refused }
            if statuses.missing.contains(status) { return .missing }
            return .failed(status: status)
        }
        guard let document else { return reply.needsNothing ? .done(CallResult()) : .notUnderstood }
        if let proof = reply.proof {
            let word = document.node(at: proof.path).flatMap { document.string($0, in: text) }
            guard let word else { return .notUnderstood }
            guard proof.values.contains(word) else { return .refused }
        }
        return ReplyReader(document, text, reply, profile).outcome()
    }
}

extension ReplyPlaces {
    /// Whether a reply may be anything.
    var needsNothing: Bool {
        fields.isEmpty && document == nil && token == nil && proof == nil && keys == nil
    }
}

/// Takes out of a reply what the profile names.
private struct ReplyReader: ~Copyable, ~Escapable {
    private let document: JSONDocument
    private let text: Span<UInt8>
    private let places: ReplyPlaces
    private let profile: IssuerProfile

    @_lifetime(copy text)
    init(
        _ document: JSONDocument, _ text: Span<UInt8>, _ places: ReplyPlaces,
        _ profile: IssuerProfile
    ) {
        self.document = document
        self.text = text
        self.places = places
        self.profile = profile
    }

    func outcome() -> CallOutcome {
        var result = CallResult()
        guard takeFields(&result), takeDocument(&result), takeToken(&result), takeKeys(&result)
        else { return .notUnderstood }
        return .done(result)
    }

    /// False if a field that a credential cannot be without is not there.
    private func takeFields(_ result: inout CallResult) -> Bool {
        for (name, place) in places.fields {
            guard let field = profile.field(name) else { continue }
            let node = document.node(at: place)
            switch field.role {
            case .publicField: if let node { result.fields[name] = publicText(node) }
            case .secret:
                guard let node else { return false }
                switch document.secret(node, in: text) {
                case .none: return false
                case .some(let value):
                    guard !value.isEmpty else { return false }
                    _ = result.secrets.add(name, value.bytes)
                }
            }
        }
        return true
    }

    private func publicText(_ node: Int) -> String? {
        guard let value = document.string(node, in: text), !value.isEmpty,
            value.utf8.count <= Metadata.longestField
        else { return nil }
        return value
    }

    /// A document of the issuer within the reply, read as `capture` would read it.
    private func takeDocument(_ result: inout CallResult) -> Bool {
        guard let place = places.document else { return true }
        guard let node = document.node(at: place.path) else { return false }
        guard document[node].kind == .string else {
            return take(text.extracting(document[node].range), &result)
        }
        switch document.secret(node, in: text) {
        case .none: return false
        case .some(let value):
            guard place.isBase64 else { return take(value.bytes, &result) }
            switch Base64.decoded(value.bytes) {
            case .none: return false
            case .some(let decoded): return take(decoded.bytes, &result)
            }
        }
    }

    private func take(_ inner: Span<UInt8>, _ result: inout CallResult) -> Bool {
        do throws(CredentialError) {
            let parsed = try CredentialParser.parse(json: inner, with: profile)
            for name in parsed.secrets.names {
                _ = result.secrets.add(name, parsed.secrets.value(of: name))
            }
            result.fields.merge(parsed.fields) { _, new in new }
            return true
        } catch {
            return false
        }
    }

    /// A token has no other bytes than those that a header can hold in one word.
    private func takeToken(_ result: inout CallResult) -> Bool {
        guard let place = places.token else { return true }
        guard let node = document.node(at: place), document[node].kind == .string else {
            return false
        }
        switch document.secret(node, in: text) {
        case .none: return false
        case .some(let token):
            guard Self.isOneWord(token.bytes) else { return false }
            result.token = SecretBytes(copying: token.bytes)
        }
        let said = places.life.flatMap { document.node(at: $0) }
            .flatMap { document.string($0, in: text) }.flatMap { UInt64($0) }
        result.life = (said ?? places.usualLife).map { min($0, SessionLife.longest) }
        return true
    }

    private static func isOneWord(_ token: Span<UInt8>) -> Bool {
        guard (1...65_536).contains(token.count) else { return false }
        for index in token.indices where !(0x21...0x7e).contains(token[index]) { return false }
        return true
    }

    private func takeKeys(_ result: inout CallResult) -> Bool {
        guard let places = places.keys else { return true }
        guard let list = document.node(at: places.list) else { return false }
        let node = document[list]
        guard node.kind == .array else {
            // An empty list of XML is an element without any.
            return node.kind == .null || node.kind == .string && node.range.isEmpty
        }
        for key in node.children {
            guard let listed = listedKey(key, places) else { return false }
            result.keys.append(listed)
        }
        if let more = places.more.flatMap({ document.node(at: $0) }) {
            let word = document.string(more, in: text) ?? ""
            // A word, an address, a truth; or how many pages there are.
            result.isCut = !["", "false", "0", "1"].contains(word)
        }
        return true
    }

    private func listedKey(_ node: Int, _ places: ReplyPlaces.KeyPlaces) -> ListedKey? {
        var fields: [FieldName: String] = [:]
        for (name, place) in places.fields {
            guard let found = document.node(at: place, below: node),
                var value = publicText(found)
            else { return nil }
            if let mark = places.lastPartAfter?.first,
                let last = value.split(separator: mark).last
            {
                value = String(last)
            }
            fields[name] = value
        }
        let state = places.state.flatMap { document.node(at: $0, below: node) }
            .flatMap { document.string($0, in: text) }
        return ListedKey(fields: fields, isActive: state.map(places.activeStates.contains))
    }
}
