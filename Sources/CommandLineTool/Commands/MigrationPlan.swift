// What a migration does and what it leaves to be done.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import VaultModel

/// From a secret of one profile to one of another that takes its place.
struct MigrationPlan {
    /// A variable of jobs: one becomes another, stays, goes or comes.
    struct Variable: Hashable, Sendable {
        let old: String?
        let new: String?
    }

    /// A delivery of the old secret.
    struct Recipient: Hashable, Sendable {
        let job: SecretName
        let until: Timestamp?
    }

    let old: Metadata
    let new: SecretName
    let profile: IssuerProfile
    let target: IssuerProfile
    let successor: Successor
    /// Public fields that the new one gets.
    let fields: [FieldName: String]
    let variables: [Variable]
    /// Nil if they cannot be seen: an agent does not tell them.
    let recipients: [Recipient]?
    /// Who used the current version of the old one of late; nil if it has none.
    let users: VersionUsers?

    /// How far back its users are looked for, in seconds.
    private static let lookBack: UInt64 = 30 * 86_400

    init(
        from name: SecretName, to new: SecretName, _ call: Invocation, _ door: any Door
    ) throws(Complaint) {
        let now = Clock.now()
        let old = try Complaint.from { () throws(VaultError) in
            try door.describe(name, at: now)
        }
        guard old.removed == nil else { throw Complaint(VaultError.removed(name)) }
        let profile = try ProfileCatalog.standard.named(old.issuer.text)
        let successor = try Self.successor(of: profile, call)
        let target = try ProfileCatalog.standard.named(successor.issuer.text)
        (self.old, self.new, self.profile) = (old, new, profile)
        (self.successor, self.target) = (successor, target)
        fields = try Self.fields(from: old, successor, target)
        variables = Self.variables(profile, successor, target)
        recipients = try Self.recipients(of: name, door)
        let since = Timestamp(milliseconds: now.milliseconds - Self.lookBack * 1_000)
        if let current = old.version(.current) {
            users = try VersionUsers.read(name, current.number, since: since, door)
        } else {
            users = nil
        }
    }

    private init(_ other: MigrationPlan, _ new: SecretName) {
        (old, self.new, profile, target) = (other.old, new, other.profile, other.target)
        (successor, fields, variables) = (other.successor, other.fields, other.variables)
        (recipients, users) = (other.recipients, other.users)
    }

    /// The same for the name that the new one got.
    func with(_ name: SecretName) -> MigrationPlan { MigrationPlan(self, name) }

    private static func successor(
        of profile: IssuerProfile, _ call: Invocation
    ) throws(Complaint) -> Successor {
        guard let first = profile.successors.first else {
            throw Complaint(
                .failed, "nothing is known that takes the place of \(profile.id)",
                hint: "`coffer issuer show \(profile.id)` shows what is known of it")
        }
        guard let named = call.value(of: MigrateCommand.target) else { return first }
        guard let found = profile.successors.first(where: { $0.issuer.text == named }) else {
            let known = profile.successors.map(\.issuer.text).joined(separator: ", ")
            throw Complaint(
                .usage,
                "`\(MigrateCommand.target.name)` names nothing that takes the place of"
                    + " \(profile.id)",
                hint: "one of \(known)")
        }
        return found
    }

    /// What is taken over, if the new profile allows it, and where it came from.
    private static func fields(
        from old: Metadata, _ successor: Successor, _ target: IssuerProfile
    ) throws(Complaint) -> [FieldName: String] {
        for name in successor.fields where target.field(name)?.role != .publicField {
            throw Complaint(
                .failed,
                "the profile \(old.issuer) speaks of a public field \"\(name)\", which"
                    + " \(target.id) does not have")
        }
        var fields = successor.fields(from: old.fields)
        for (name, value) in fields {
            guard let field = target.field(name),
                target.defect(inPublic: value, of: field) == nil
            else {
                fields[name] = nil
                continue
            }
        }
        fields[.migratedFrom] = old.name.text
        return fields
    }

    /// In the order in which the profiles name them.
    private static func variables(
        _ profile: IssuerProfile, _ successor: Successor, _ target: IssuerProfile
    ) -> [Variable] {
        let map = successor.environment
        var old = profile.fields.flatMap(\.environment)
        old += map.keys.filter { !old.contains($0) }.sorted()
        let new = target.fields.flatMap(\.environment).filter { !map.values.contains($0) }
        return old.map { Variable(old: $0, new: map[$0]) }
            + new.map { Variable(old: nil, new: $0) }
    }

    private static func recipients(
        of name: SecretName, _ door: any Door
    ) throws(Complaint) -> [Recipient]? {
        guard let session = door as? Session else { return nil }
        let jobs = try Complaint.from { () throws(VaultError) in
            try session.jobs(at: Clock.now())
        }
        return jobs.flatMap { job in
            job.deliveries.filter { $0.name == name }
                .map { Recipient(job: job.name, until: $0.expires) }
        }
    }

    /// What is to be typed once the new one is there, and what for.
    var commands: [(line: String, meaning: String)] {
        var commands = [
            (line: "coffer run --secret \(new) -- COMMAND", meaning: "in place of \(old.name)")
        ]
        for recipient in recipients ?? [] {
            let until = recipient.until.map { " --expires \($0.date)" } ?? ""
            commands.append(
                (
                    line: "coffer deliver \(new) --to \(recipient.job)\(until)",
                    meaning: "\(recipient.job) gets \(old.name) so far"
                ))
            commands.append(
                (
                    line: "coffer deliver \(old.name) --to \(recipient.job) --revoke",
                    meaning: "once it asks for \(new)"
                ))
        }
        if recipients == nil {
            commands.append(
                (line: "coffer deliver --list", meaning: "which jobs get \(old.name)"))
        }
        commands.append(
            (
                line: "coffer audit log --name \(old.name) --since 30d",
                meaning: "whether anything still uses it"
            ))
        let place = profile.console.map { " at \($0)" } ?? " at its issuer"
        commands.append(
            (line: "coffer rm \(old.name)", meaning: "once nothing does, and it is deleted\(place)")
        )
        return commands
    }
}
