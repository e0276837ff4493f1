// With which credential of the vault the keys of a secret are administered.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import VaultModel

extension FieldName {
    /// The public field that names the secret which administers the keys of another.
    static let administrator = FieldName("administered_by")
}

extension Invocation {
    /// The secret that the command line names to administer keys with, if it names one.
    func administrator() throws(Complaint) -> SecretName? {
        try value(of: RotateCommand.admin).map { text throws(Complaint) in
            try SecretName.reading(text)
        }
    }
}

enum Administration {
    /// The credential that is named, or that the secret names, or itself, or the only one of the
    /// right issuer.
    static func find(
        for secret: Metadata, of profile: IssuerProfile, named: SecretName?, _ door: any Door
    ) throws(Complaint) -> Administrator {
        guard let (ids, isOwn) = need(of: profile) else { return .notNeeded }
        let chosen: SecretName?
        if let named { chosen = named } else { chosen = try remembered(by: secret) }
        if let name = chosen {
            guard name != secret.name else { return .itself }
            try check(name, ids, profile, isOwn, door)
            return .secret(name)
        }
        if isOwn { return .itself }
        let all = try Complaint.from { () throws(VaultError) in
            try door.list(prefix: "", removed: .hide, at: Clock.now())
        }.secrets.filter {
            // One that is disabled, or only deposited, administers nothing.
            ids.contains($0.issuer) && $0.name != secret.name && $0.status == .enabled
                && $0.version(.current) != nil
        }
        guard let only = all.first else { return .missing(ids.first ?? profile.id) }
        guard all.count == 1 else {
            throw Complaint(
                .usage, "several secrets could administer the keys of \"\(secret.name)\"",
                hint: "name one with \(RotateCommand.admin.name): "
                    + all.prefix(8).map(\.name.text).joined(separator: ", "))
        }
        return .secret(only.name)
    }

    /// Whose credential the calls need that make and delete keys; nil if they need none.
    private static func need(of profile: IssuerProfile) -> (ids: [IssuerID], isOwn: Bool)? {
        let purposes: [IssuerCall.Purpose] = [.create, .revoke, .list, .deactivate]
        for purpose in purposes {
            if case .credential(let ids, let isOwn) = profile.call(purpose)?.administration {
                return (ids, isOwn)
            }
        }
        return nil
    }

    private static func remembered(by secret: Metadata) throws(Complaint) -> SecretName? {
        guard let field = FieldName.administrator, let text = secret.fields[field] else {
            return nil
        }
        return try SecretName.reading(text)
    }

    private static func check(
        _ name: SecretName, _ ids: [IssuerID], _ profile: IssuerProfile, _ isOwn: Bool,
        _ door: any Door
    ) throws(Complaint) {
        let admin: Metadata
        do throws(VaultError) { admin = try door.describe(name, at: Clock.now()) } catch {
            throw Complaint(
                Complaint(error).code, "the administrator: \(Complaint(error).words)",
                hint: "`\(RotateCommand.admin.name) NAME` names another one")
        }
        guard ids.contains(admin.issuer) || isOwn && admin.issuer == profile.id else {
            throw Complaint(
                .usage, "\"\(name)\" is of \(admin.issuer), which administers no \(profile.id)",
                hint: "it is to be of \(ids.map(\.text).joined(separator: " or "))")
        }
    }
}
