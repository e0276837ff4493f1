// Storing what a client wants to be kept: another version of a secret that is there, or a new one.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// Keeps credentials that clients hand over. Nothing is overwritten: a value that was there stays
/// as the version before.
struct LoginKeeper {
    let door: any Door
    /// Whether what is kept is an identity token rather than a password.
    var isToken = false

    /// Stores `password` as a version of `secret`, unless it is the current one already.
    func keep(
        _ password: Span<UInt8>, as draft: SecretDraft, in secret: Metadata
    ) throws(Complaint) {
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(secret.name, .current, disabled: .allow, at: Clock.now())
        }
        let field = try field(of: opened)
        // Of a password and a token only one is what the client has now.
        let rivals = isToken ? LoginField.passwords : [LoginField.identityToken]
        let others = opened.secrets.names.filter { $0 != field && !rivals.contains($0) }
        if opened.secrets.contains(field), others.count + 1 == opened.secrets.names.count,
            Self.areEqual(opened.secrets.value(of: field), password)
        {
            return try settle(secret, draft)
        }
        var secrets = SecretFields(capacity: password.count)
        _ = secrets.add(field, password)
        for name in others { _ = secrets.add(name, opened.secrets.value(of: name)) }
        var next = draft
        next.name = secret.name
        next.issuer = secret.issuer
        next.status = .enabled
        next.tags = []
        try store(next, secrets, .addVersion)
    }

    /// Whether a password is the current one of `secret`.
    func holds(_ password: Span<UInt8>, in secret: Metadata) throws(Complaint) -> Bool {
        let opened = try Complaint.from { () throws(VaultError) in
            try door.fetch(secret.name, .current, disabled: .allow, at: Clock.now())
        }
        return Self.areEqual(opened.secrets.value(of: try opened.passwordField()), password)
    }

    /// The field that is to hold what is kept.
    private func field(of opened: borrowing OpenedSecret) throws(Complaint) -> FieldName {
        if isToken { return LoginField.identityToken }
        guard opened.secrets.names != [LoginField.identityToken] else { return .secret }
        return try opened.passwordField()
    }

    /// The value is there; what is said of it may not be.
    private func settle(_ secret: Metadata, _ draft: SecretDraft) throws(Complaint) {
        var changes: [DescriptionChange] = []
        if secret.status == .disabled { changes.append(.status(.enabled)) }
        for (field, value) in draft.fields where secret.fields[field] != value {
            changes.append(.set(field, value))
        }
        guard !changes.isEmpty else { return }
        _ = try Complaint.from { () throws(VaultError) in
            try door.edit(secret.name, changes, at: Clock.now())
        }
    }

    /// Stores `password` under the name of the draft, or beside it if the name is another secret's.
    /// A removed secret of the same place comes back with it.
    func keepNew(
        _ password: Span<UInt8>, as draft: SecretDraft, isSame: (Metadata) -> Bool
    ) throws(Complaint) {
        var next = draft
        for number in 2...SecretName.mostBeside {
            switch try occupant(of: next.name) {
            case .none:
                var secrets = SecretFields(capacity: password.count)
                _ = secrets.add(isToken ? LoginField.identityToken : .secret, password)
                return try store(next, secrets, .refuse)
            case .some(let other) where other.removed != nil && isSame(other):
                let restored = try Complaint.from { () throws(VaultError) in
                    try door.restore(other.name, at: Clock.now())
                }
                return try keep(password, as: draft, in: restored)
            case .some: next.name = draft.name.beside(number)
            }
        }
        throw Complaint(VaultError.nameTaken(draft.name))
    }

    private func occupant(of name: SecretName) throws(Complaint) -> Metadata? {
        do throws(VaultError) { return try door.describe(name, at: Clock.now()) } catch {
            guard case .secretMissing = error else { throw Complaint(error) }
            return nil
        }
    }

    private func store(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, _ conflict: NameConflict
    ) throws(Complaint) {
        do throws(VaultError) {
            _ = try door.store(draft, secrets, conflict, at: Clock.now())
        } catch { throw Complaint(error) }
    }

    /// Compared in a time that does not tell where they differ.
    static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

extension SecretName {
    /// The nearest name to these parts.
    static func fitting(_ parts: [String]) -> SecretName {
        SecretName(FittingName.secret(parts))
            ?? { preconditionFailure("command line: a name that does not fit") }()
    }
}
