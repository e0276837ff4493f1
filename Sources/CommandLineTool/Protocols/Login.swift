// Which secret a client means that names a place and perhaps a user, and no secret.

internal import Issuers
internal import SecretMemory
internal import VaultModel

/// What a client asks for.
struct Login {
    let address: ServiceAddress
    /// Nil if any user will do.
    let username: String?

    /// How well a secret fits: the more of the path agrees, then whether the user does.
    private struct Fit: Comparable {
        let path: Int
        let isUser: Bool

        static func < (left: Fit, right: Fit) -> Bool {
            (left.path, left.isUser ? 1 : 0) < (right.path, right.isUser ? 1 : 0)
        }
    }

    /// The secret that fits best, the newest of several, and how many fit as well as that. Only
    /// what is in use.
    func best(of secrets: [Metadata]) -> (secret: Metadata, count: Int)? {
        let fitting = secrets.compactMap { secret in fit(secret).map { (secret, $0) } }
        guard let most = fitting.map(\.1).max() else { return nil }
        let equal = fitting.filter { $0.1 == most }.map(\.0)
        // The order of `secrets`, that of names, decides between two of one moment.
        let newest = equal.reversed().max { Self.age($0) < Self.age($1) }
        return newest.map { ($0, equal.count) }
    }

    /// Secrets that fit but are disabled.
    func disabled(among secrets: [Metadata]) -> [Metadata] {
        secrets.filter { secret in
            var enabled = secret
            enabled.status = .enabled
            return secret.status == .disabled && fit(enabled) != nil
        }
    }

    private static func age(_ secret: Metadata) -> Timestamp {
        secret.version(.current)?.created ?? secret.created
    }

    private func fit(_ secret: Metadata) -> Fit? {
        guard secret.status == .enabled, secret.version(.current) != nil else { return nil }
        let said = secret.username
        if let username, let said, username != said { return nil }
        let path = secret.addresses(.web).compactMap { $0.fit(address) }.max()
        return path.map { Fit(path: $0, isUser: username != nil && said == username) }
    }
}

/// Public fields by which clients find a secret.
enum LoginField {
    static let username = named("username")
    static let url = named("url")
    static let host = named("host")
    static let registry = named("registry")
    static let identityToken = named("identity_token")
    /// The secret field that is the password where there are several.
    static let passwords = [named("password"), .secret, named("token")]

    private static func named(_ text: String) -> FieldName {
        FieldName(text) ?? { preconditionFailure("command line: a field") }()
    }
}

extension Metadata {
    /// Whose addresses are asked for.
    enum AddressKind { case web, registry }

    var username: String? { fields[LoginField.username] }

    /// The addresses that its public fields say.
    func addresses(_ kind: AddressKind) -> [ServiceAddress] {
        let fields =
            switch kind {
            case .web: [LoginField.url, LoginField.host]
            case .registry: [LoginField.registry]
            }
        return fields.compactMap { self.fields[$0].flatMap { ServiceAddress($0) } }
    }
}

extension OpenedSecret {
    /// The secret field that is its password: the only one, else one by that name.
    func passwordField() throws(Complaint) -> FieldName {
        let names = secrets.names
        if names.count == 1 { return names[0] }
        guard let found = LoginField.passwords.first(where: names.contains) else {
            throw Complaint(VaultError.fieldAmbiguous(metadata.name, names))
        }
        return found
    }

    /// Fails if the value of a field cannot stand in a line of its own.
    func refuseLineEnd(in value: Span<UInt8>, _ field: FieldName) throws(Complaint) {
        guard GitCredential.isLine(value) else {
            throw Complaint(
                .refused,
                "\"\(metadata.name)#\(field)\" holds a line end or a NUL, which the protocol has no"
                    + " way to carry",
                hint: "`coffer capture \(metadata.name) --replace` stores it without")
        }
    }
}
