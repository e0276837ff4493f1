// Which programs may have which secrets without a person being asked.

internal import Sealing
internal import Storage
public import VaultModel

extension OpenVault {
    /// Grants a secret to a program until that time, in the place of a grant of both.
    public func addGrant(
        of name: SecretName, to program: GrantedProgram, until expires: Timestamp?,
        note words: String, at time: Timestamp
    ) throws(VaultError) -> Grant {
        guard words.utf8.count <= Grant.longestNote else { throw .metadataTooLong }
        let id = GrantID(try Randomness.identifier())
        var note = AuditNote(.grantAdd, name)
        note.program = program.path
        return try change(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            let found = try require(name, &note)
            for other in policy.ids(.grant) {
                let known = try policy.grant(other)
                guard known.rid == found.rid, known.program == program else { continue }
                try policy.remove(.grant, other)
            }
            guard policy.count(.grant) < Job.most else { throw .policyFull }
            let grant = Grant(
                id: id, rid: found.rid, name: name, program: program, created: time,
                until: expires, note: words)
            let row = try policy.key.seal(grant)
            try policy.put(row)
            guard try policy.key.grant(row) == grant else { throw .readBackDiffers }
            return grant
        }
    }

    public func revokeGrant(_ id: GrantID, at time: Timestamp) throws(VaultError) {
        try change(AuditNote(.grantRemove), at: time) {
            (note: inout AuditNote) throws(VaultError) in
            guard policy.ids(.grant).contains(id.identifier) else { throw .grantMissing(id) }
            let grant = try policy.grant(id.identifier)
            note.name = grant.name
            note.rid = grant.rid
            note.program = grant.program.path
            try policy.remove(.grant, id.identifier)
        }
    }

    /// Every grant, in the order of secrets and programs; those too whose time is over and that no
    /// change has taken out yet.
    public func grants(at time: Timestamp) throws(VaultError) -> [Grant] {
        try reading(AuditNote(.list), at: time) { (_: inout AuditNote) throws(VaultError) in
            try policy.grants(after: tree.head).sorted {
                ($0.name.text, $0.program.path) < ($1.name.text, $1.program.path)
            }
        }
    }

    /// The grants of one secret that hold at that time. Nothing is read while the policy is what it
    /// was. Within a transaction.
    func grants(of rid: RecordID, at time: Timestamp) throws(VaultError) -> [Grant] {
        try policy.grants(after: tree.head).filter { $0.rid == rid && !$0.isOver(at: time) }
    }

    /// Whether a secret is handed out by grant only. Nothing is entered in the log.
    public func needsGrant(_ name: SecretName) throws(VaultError) -> Bool {
        var note = AuditNote(.show, name)
        return try looking { () throws(VaultError) in
            try require(name, &note).metadata.requiresGrant
        }
    }

    /// Enters that a program is allowed to have a secret while the vault stays open here, which is
    /// in no file. Returns the secret's record.
    public func enterPermit(
        of name: SecretName, to program: String, at time: Timestamp
    ) throws(VaultError) -> RecordID {
        var note = AuditNote(.permit, name)
        note.program = program
        return try reading(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            try require(name, &note).rid
        }
    }
}
