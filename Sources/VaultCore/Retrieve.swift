// Handing out a value: found, allowed and opened; nothing is released before the last check.

internal import Sealing
public import SecretMemory
internal import Storage
public import VaultModel

/// Asked about a secret that is handed out by grant only, with the grants of it that hold. Fails
/// with `.notGranted` if whoever asks has none.
public typealias GrantCheck = (Metadata, RecordID, [Grant]) throws(VaultError) -> Void

/// Who asks for which version.
public struct FetchQuestion {
    public let name: SecretName
    public let version: VersionSelector
    public let disabled: DisabledUse
    public let caller: Caller
    /// Asked if the secret is handed out by grant only.
    public let check: GrantCheck

    public init(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, by caller: Caller,
        check: @escaping GrantCheck
    ) {
        self.name = name
        self.version = version
        self.disabled = disabled
        self.caller = caller
        self.check = check
    }
}

extension OpenVault {
    /// Answers several askers in one transaction: each question is entered in the log as its
    /// asker's, with its own outcome, and what `opened` and `failed` are told, in order, must not
    /// leave before this returns, nor at all if it fails.
    ///
    /// Returns how many were answered, one at least. Behind one that took a grant there is no other
    /// one: whoever was judged must not change while others are.
    public func fetchEach(
        _ questions: ArraySlice<FetchQuestion>, at time: Timestamp,
        opened: (borrowing OpenedSecret) -> Void, failed: (VaultError) -> Void
    ) throws(VaultError) -> Int {
        try readingAll(at: time) { () throws(VaultError) -> Int in
            var count = 0
            for question in questions {
                count += 1
                if try answer(question, at: time, opened, failed) { break }
            }
            return count
        }
    }

    /// Returns whether the asker was judged.
    private func answer(
        _ question: FetchQuestion, at time: Timestamp,
        _ opened: (borrowing OpenedSecret) -> Void, _ failed: (VaultError) -> Void
    ) throws(VaultError) -> Bool {
        log.caller = question.caller
        var isJudged = false
        let check: GrantCheck = { metadata, rid, grants throws(VaultError) in
            isJudged = true
            try question.check(metadata, rid, grants)
        }
        var note = AuditNote(.read, question.name)
        var failure: VaultError?
        do throws(VaultError) {
            opened(
                try open(
                    question.name, question.version, disabled: question.disabled, &note, check,
                    at: time))
        } catch {
            failure = error
            failed(error)
        }
        try log.add(note, AuditOutcome(of: failure), at: time)
        return isJudged
    }

    /// Opens one version with all its secret fields. The asker has a key of the vault, which is
    /// more than a grant.
    public func fetch(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret {
        let note = AuditNote(.read, name)
        return try reading(note, at: time) { (note: inout AuditNote) throws(VaultError) in
            try open(name, version, disabled: disabled, &note, nil, at: time)
        }
    }

    /// The same without an entry in the log, which cannot be written: only for a person's own eyes.
    /// A mark is left outside of the vault before, and the next entry reports it.
    public func fetchUnlogged(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp,
        check: GrantCheck? = nil
    ) throws(VaultError) -> OpenedSecret {
        var note = AuditNote(.read, name)
        return try looking { () throws(VaultError) in
            let opened = try open(name, version, disabled: disabled, &note, check, at: time)
            // What was refused needs no mark; without a mark nothing leaves.
            try anchor.markBrokenGlass(at: time)
            return opened
        }
    }

    private func open(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse,
        _ note: inout AuditNote, _ check: GrantCheck?, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret {
        let found = try require(name, &note)
        if found.metadata.status == .disabled, disabled == .refuse { throw .disabled(name) }
        if found.metadata.requiresReason, log.caller.attribution.reason == nil {
            throw .reasonMissing(name)
        }
        if found.metadata.requiresGrant, let check {
            try check(found.metadata, found.rid, try grants(of: found.rid, at: time))
        }
        guard let summary = found.metadata.version(version) else {
            throw .versionMissing(name, version)
        }
        note.version = summary.number
        if summary.state == .destroyed { throw .versionDestroyed(name, summary.number) }
        return try open(summary, of: found.metadata, found.rid)
    }

    /// Opens a version with all its secret fields, allowed or not.
    func open(
        _ version: VersionSummary, of metadata: Metadata, _ rid: RecordID
    ) throws(VaultError) -> OpenedSecret {
        let value = try plaintext(of: version, named: metadata.name, rid)
        let secrets = try FieldPacking.unpack(
            value.bytes, kind: FieldPacking.kind(of: version.fields), names: version.fields,
            naming: .record(metadata.name, version: version.number))
        return OpenedSecret(metadata: metadata, version: version, secrets: secrets)
    }

    /// The plaintext of a version's record; its state in the clear column must be the sealed one,
    /// and its blob the one that the state tree knows.
    func plaintext(of version: VersionSummary, in found: Found) throws(VaultError) -> SecretBytes {
        try plaintext(of: version, named: found.metadata.name, found.rid)
    }

    private func plaintext(
        of version: VersionSummary, named name: SecretName, _ rid: RecordID
    ) throws(VaultError) -> SecretBytes {
        let object = DamagedObject.record(name, version: version.number)
        guard let row = try store.record(rid: rid, version: version.number),
            row.state == version.state, row.epoch == keyring.epoch
        else { throw .tampered(object) }
        let digest = tree.digest(of: row.blob)
        guard ConstantTime.areEqual(digest.span, row.digest.span) else { throw .tampered(object) }
        return try keyring.open(
            record: row.blob.span, rid: rid, version: version.number,
            kind: FieldPacking.kind(of: version.fields), naming: object)
    }
}
