// What is said of secrets, as fields of a frame. Descriptions travel as they lie in the vault.

internal import SecretMemory
internal import VaultModel

extension FrameWriter {
    mutating func add(_ metadata: Metadata) { add(prefixed: MetadataCoding.encode(metadata).span) }

    mutating func add(_ version: VersionSelector) { add(version.description) }

    mutating func add(_ draft: SecretDraft) {
        add(draft.name.text)
        add(draft.issuer.text)
        add(UInt8(draft.status.map { $0 == .disabled ? 2 : 1 } ?? 0))
        add(draft.label)
        add(draft.fields)
        add(UInt32(draft.tags.count))
        for tag in draft.tags { add(tag) }
        add(ifAny: draft.expires?.milliseconds)
        add(ifAny: draft.maximumAge)
        add(draft.isManagedElsewhere)
        add(UInt8(draft.requiresReason.map { $0 ? 2 : 1 } ?? 0))
        add(draft.requiresGrant)
    }

    mutating func add(_ fields: [FieldName: String]) {
        add(UInt32(fields.count))
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            add(name.text)
            add(value)
        }
    }

    mutating func add(_ change: DescriptionChange) {
        switch change {
        case .label(let text): addChange(1, text)
        case .set(let name, let value):
            addChange(2, name.text)
            add(value)
        case .setOfCurrent(let name, let value):
            addChange(12, name.text)
            add(value)
        case .unset(let name): addChange(3, name.text)
        case .tag(let text): addChange(4, text)
        case .untag(let text): addChange(5, text)
        case .expires(let time):
            add(UInt8(6))
            add(ifAny: time?.milliseconds)
        case .maximumAge(let seconds):
            add(UInt8(7))
            add(ifAny: seconds)
        case .managedElsewhere(let flag):
            add(UInt8(8))
            add(flag)
        case .requiresReason(let flag):
            add(UInt8(9))
            add(flag)
        case .requiresGrant(let flag):
            add(UInt8(11))
            add(flag)
        case .status(let status):
            add(UInt8(10))
            add(status == .disabled)
        }
    }

    private mutating func addChange(_ kind: UInt8, _ text: String) {
        add(kind)
        add(text)
    }
}

extension CanonicalReader {
    /// Longest text of a description that is passed on to where it is judged, in bytes.
    static var longestText: Int { 65_536 }

    @_lifetime(self: copy self)
    mutating func metadata() -> Metadata? {
        guard let bytes = prefixed(atMost: Frame.longest) else { return nil }
        return MetadataCoding.decode(bytes)
    }

    /// Descriptions to the end of a part of a list.
    @_lifetime(self: copy self)
    mutating func descriptions() -> [Metadata]? {
        var found: [Metadata] = []
        while !isAtEnd {
            guard let secret = metadata() else { return nil }
            found.append(secret)
        }
        return found
    }

    /// How many descriptions a list has, and how many did not open.
    @_lifetime(self: copy self)
    mutating func counts() -> (all: UInt64, damaged: Int)? {
        guard let all = number(UInt64.self),
            let damaged = number(UInt64.self).flatMap({ Int(exactly: $0) })
        else { return nil }
        return (all, damaged)
    }

    @_lifetime(self: copy self)
    mutating func name() -> SecretName? {
        text(atMost: SecretName.longest).flatMap(SecretName.init)
    }

    @_lifetime(self: copy self)
    mutating func field() -> FieldName? { text(atMost: 64).flatMap(FieldName.init) }

    @_lifetime(self: copy self)
    mutating func version() -> VersionSelector? { text(atMost: 16).flatMap(VersionSelector.init) }

    /// A text that may be absent; nil if it is neither.
    @_lifetime(self: copy self)
    mutating func optionalText(atMost longest: Int) -> String?? {
        guard let isThere = flag() else { return nil }
        guard isThere else { return .some(nil) }
        return text(atMost: longest).map { .some($0) }
    }

    @_lifetime(self: copy self)
    mutating func optionalNumber() -> UInt64?? {
        guard let isThere = flag() else { return nil }
        guard isThere else { return .some(nil) }
        return number(UInt64.self).map { .some($0) }
    }

    @_lifetime(self: copy self)
    mutating func draft() -> SecretDraft? {
        guard let name = name(), let issuer = text(atMost: 64).flatMap(IssuerID.init),
            let status = number(UInt8.self), status <= 2,
            let label = text(atMost: Self.longestText), let fields = fields(), let tags = tags(),
            let expires = optionalNumber(), let age = optionalNumber(), let isManaged = flag(),
            let reason = number(UInt8.self), reason <= 2, let needsGrant = flag()
        else { return nil }
        var draft = SecretDraft(name: name, issuer: issuer)
        draft.status = [nil, .enabled, .disabled][Int(status)]
        draft.label = label
        draft.fields = fields
        draft.tags = tags
        draft.expires = expires.map { Timestamp(milliseconds: $0) }
        draft.maximumAge = age
        draft.isManagedElsewhere = isManaged
        draft.requiresReason = [nil, false, true][Int(reason)]
        draft.requiresGrant = needsGrant
        return draft
    }

    @_lifetime(self: copy self)
    mutating func fields() -> [FieldName: String]? {
        guard let count = number(UInt32.self), count <= Metadata.mostEntries else { return nil }
        var fields: [FieldName: String] = [:]
        for _ in 0..<count {
            guard let name = field(), let value = text(atMost: Self.longestText) else { return nil }
            guard fields.updateValue(value, forKey: name) == nil else { return nil }
        }
        return fields
    }

    @_lifetime(self: copy self)
    private mutating func tags() -> [String]? {
        guard let count = number(UInt32.self), count <= Metadata.mostEntries else { return nil }
        var tags: [String] = []
        for _ in 0..<count {
            guard let tag = text(atMost: Self.longestText) else { return nil }
            tags.append(tag)
        }
        return tags
    }

    @_lifetime(self: copy self)
    mutating func change() -> DescriptionChange? {
        switch number(UInt8.self) {
        case 1: text(atMost: Self.longestText).map(DescriptionChange.label)
        case 2: setting().map(DescriptionChange.set)
        case 3: field().map(DescriptionChange.unset)
        case 4: text(atMost: Self.longestText).map(DescriptionChange.tag)
        case 5: text(atMost: Self.longestText).map(DescriptionChange.untag)
        case 6: optionalNumber().map { .expires($0.map { Timestamp(milliseconds: $0) }) }
        case 7: optionalNumber().map(DescriptionChange.maximumAge)
        case 8: flag().map(DescriptionChange.managedElsewhere)
        case 9: flag().map(DescriptionChange.requiresReason)
        case 10: flag().map { .status($0 ? .disabled : .enabled) }
        case 11: flag().map(DescriptionChange.requiresGrant)
        case 12: setting().map(DescriptionChange.setOfCurrent)
        default: nil
        }
    }

    @_lifetime(self: copy self)
    private mutating func setting() -> (FieldName, String)? {
        guard let name = field(), let value = text(atMost: Self.longestText) else { return nil }
        return (name, value)
    }
}
