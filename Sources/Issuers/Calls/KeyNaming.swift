// What tells one key of a secret from the others at the issuer, and where a call goes.

public import VaultModel

extension IssuerProfile {
    /// The public field whose value is what calls name one key by; nil if none does.
    public var keyField: FieldName? {
        guard let list = call(.list), let places = list.reply.keys else { return nil }
        let names = places.fields.keys.sorted { $0.text < $1.text }
        let ending = [call(.revoke), call(.deactivate)].compactMap { $0 }
        return names.first { name in ending.contains { $0.mentions(name) } } ?? names.first
    }
}

extension IssuerCall {
    /// Whether the end of a new credential can be said.
    public var takesExpiry: Bool {
        texts.contains { text in
            text.parts.contains {
                guard case .given(let value) = $0 else { return false }
                return value != .label && value != .assertion
            }
        }
    }

    /// The end of a new credential as the issuer can keep it: whole days where it takes a day.
    public func roundedExpiry(_ end: Timestamp) -> Timestamp {
        let isDay = texts.contains { $0.parts.contains(.given(.expiryDay)) }
        return isDay
            ? Timestamp(milliseconds: end.milliseconds - end.milliseconds % 86_400_000) : end
    }

    /// The fields that decide which host the call goes to.
    public func hostFields(of profile: IssuerProfile) -> Set<FieldName> {
        if case .field(let base) = url.parts.first { return [base] }
        var names: Set<FieldName> = []
        var authority = ""
        for part in url.parts {
            switch part {
            case .literal(let text): authority += text
            case .field(let name): names.insert(name)
            case .derived(let name):
                if let derived = profile.derived.first(where: { $0.name == name }) {
                    names.insert(derived.source)
                    let all = Array(derived.texts.values) + [derived.otherwise].compactMap { $0 }
                    for case .field(let name) in all.flatMap(\.parts) { names.insert(name) }
                }
            case .given: break
            }
            // What follows the slash behind the host is no part of it.
            if authority.dropFirst("https://".count).contains("/") { break }
        }
        return names
    }

    /// The first field without which the call cannot be made, or would be about no key, and that is
    /// not among these.
    public func missing(
        in fields: [FieldName: String], of profile: IssuerProfile
    ) -> FieldName? {
        let key = [profile.keyField].compactMap { $0 }.filter(mentions)
        return (needs + key).first { name in
            let field = profile.field(name)
            let isGiven = fields[name].map { !$0.isEmpty } ?? (field?.defaultValue != nil)
            return field?.role != .secret && !isGiven
        }
    }

    func mentions(_ name: FieldName) -> Bool {
        needs.contains(name) || texts.contains { $0.parts.contains(.field(name)) }
    }

    private var texts: [CallText] {
        let entries = query + headers
        let basics = basic.map { [$0.user, $0.password] } ?? []
        return [url] + entries.map(\.text) + basics + body.texts
    }
}

extension IssuerCall.Body {
    fileprivate var texts: [CallText] {
        switch self {
        case .none: []
        case .form(let entries): entries.map(\.text)
        case .json(let pattern): pattern.texts
        }
    }
}

extension JSONPattern {
    fileprivate var texts: [CallText] {
        switch self {
        case .object(let members): members.flatMap(\.value.texts)
        case .array(let elements): elements.flatMap(\.texts)
        case .text(let text): [text]
        case .literal: []
        }
    }
}
