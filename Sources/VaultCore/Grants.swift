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
        return try change(AuditNote(.grantAdd, name), at: time) {
            (note: inout AuditNote) throws(VaultError) in
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

    /// The grants of one secret that hold at that time. Nothing is entered in the log, and nothing
    /// is read while the policy is what it was.
    public func grants(of name: SecretName, at time: Timestamp) throws(VaultError) -> [Grant] {
        try looking { () throws(VaultError) in
            try policy.grants(after: tree.head).filter {
                $0.name == name && !$0.isOver(at: time)
            }
        }
    }
}
