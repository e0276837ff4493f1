// What stands for the placeholders of a call: the fields of a credential, and what is given.

public import SecretMemory
public import VaultModel

/// Why a call cannot be made with a credential.
public enum CallDefect: Error, Hashable, Sendable {
    /// A value that the call needs is not there.
    case missing(FieldName)
    /// The call needs what was not given for it.
    case notGiven(GivenValue)
    /// The value of a field cannot stand where the call has it: no host, no header, no text.
    case unusable(FieldName)
    /// The profile knows no text for the value of a field, such as the host of a cloud.
    case unknown(FieldName)
    /// What comes out is no address.
    case noAddress
    /// The profile does not say how calls are made with such a credential.
    case noUse(IssuerID)
    /// The private key cannot be read, or is no RSA key.
    case noKey(FieldName)

    public var words: String {
        switch self {
        case .missing(let name): "it has no \"\(name)\""
        case .notGiven(let value): "\(value.rawValue) was not given"
        case .unusable(let name): "the value of \"\(name)\" cannot be sent as it is"
        case .unknown(let name): "the issuer has no such \"\(name)\", as far as its profile knows"
        case .noAddress: "its fields make no address"
        case .noUse(let id): "the profile \(id) does not say how calls are made with it"
        case .noKey(let name): "\"\(name)\" is no RSA private key in PEM"
        }
    }
}

/// A credential as calls see it: one of the vault, opened, with what is given for a call.
public final class CallCredential {
    public let profile: IssuerProfile
    /// Its public fields; those of the version that is meant.
    public var fields: [FieldName: String]
    public let secrets: SecretFields
    /// What is given for this call alone.
    public var given: [GivenValue: String] = [:]
    /// The signed assertion, if the call needs one.
    public var assertion: SecretBytes?

    public init(
        _ profile: IssuerProfile, fields: [FieldName: String], secrets: consuming SecretFields
    ) {
        self.profile = profile
        self.fields = fields
        self.secrets = secrets
    }

    /// Gives what a call for a new credential needs: a name for it and, unless it is to live for
    /// ever, its end.
    public func give(label: String, expires end: Timestamp?, at now: Timestamp) {
        given[.label] = label
        let ends: [GivenValue] = [.expiryDay, .expiryTime, .expiryEpoch, .expirySeconds]
        for value in ends { given[value] = nil }
        guard let end else { return }
        given[.expiryDay] = end.date
        given[.expiryTime] = end.description
        given[.expiryEpoch] = "\(end.milliseconds / 1_000)"
        given[.expirySeconds] =
            "\((end.milliseconds - min(now.milliseconds, end.milliseconds)) / 1_000)"
    }

    /// The public value of a field, or what the profile has for one that is not set.
    public func publicValue(_ name: FieldName) -> String? {
        if let value = fields[name], !value.isEmpty { return value }
        return profile.field(name)?.defaultValue
    }

    /// What the value of its field chooses; nil if that field has none and there is nothing for
    /// that.
    func text(derived name: FieldName) throws(CallDefect) -> CallText? {
        guard let derived = profile.derived.first(where: { $0.name == name }) else { return nil }
        let value = publicValue(derived.source)
        if let text = derived.texts[value ?? ""] { return text }
        guard value != nil else { return nil }
        return derived.otherwise
    }

    /// Whether every placeholder of a text has a value.
    func isFilled(_ text: CallText) throws(CallDefect) -> Bool {
        for part in text.parts {
            switch part {
            case .literal: continue
            case .field(let name):
                if !secrets.contains(name), publicValue(name) == nil { return false }
            case .derived(let name):
                guard let text = try self.text(derived: name), try isFilled(text) else {
                    return false
                }
            case .given(.assertion): if !hasAssertion { return false }
            case .given(let value): if given[value] == nil { return false }
            }
        }
        return true
    }

    private var hasAssertion: Bool {
        switch assertion {
        case .none: false
        case .some: true
        }
    }

    /// Gives the bytes of a text, one by one, with the field that they come from; nil for what the
    /// profile itself says.
    func spell(
        _ text: CallText, _ add: (UInt8, FieldName?) throws(CallDefect) -> Void
    ) throws(CallDefect) {
        for part in text.parts {
            switch part {
            case .literal(let literal): for byte in literal.utf8 { try add(byte, nil) }
            case .field(let name):
                if secrets.contains(name) {
                    try Self.spell(name, of: secrets, add)
                } else if let value = publicValue(name) {
                    for byte in value.utf8 { try add(byte, name) }
                } else {
                    throw .missing(name)
                }
            case .derived(let name):
                guard let chosen = try self.text(derived: name) else { throw missing(name) }
                try spell(chosen, add)
            case .given(.assertion):
                switch assertion {
                case .none: throw .notGiven(.assertion)
                case .some(let assertion):
                    for index in assertion.bytes.indices { try add(assertion.bytes[index], nil) }
                }
            case .given(let value):
                guard let text = given[value] else { throw .notGiven(value) }
                for byte in text.utf8 { try add(byte, nil) }
            }
        }
    }

    private static func spell(
        _ name: FieldName, of secrets: borrowing SecretFields,
        _ add: (UInt8, FieldName?) throws(CallDefect) -> Void
    ) throws(CallDefect) {
        let value = secrets.value(of: name)
        for index in value.indices { try add(value[index], name) }
    }

    private func missing(_ name: FieldName) -> CallDefect {
        guard let derived = profile.derived.first(where: { $0.name == name }) else {
            return .missing(name)
        }
        return publicValue(derived.source) == nil
            ? .missing(derived.source) : .unknown(derived.source)
    }

    /// A text without a secret in it, or nil where a placeholder has no value.
    func publicText(_ text: CallText) throws(CallDefect) -> String? {
        guard try isFilled(text) else { return nil }
        var bytes: [UInt8] = []
        try spell(text) { byte, name throws(CallDefect) in
            if let name, secrets.contains(name) { throw .unusable(name) }
            bytes.append(byte)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
