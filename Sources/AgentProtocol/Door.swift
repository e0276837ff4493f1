// The one way to an open vault: what a front end may ask, in process or from the agent.
//
// Nothing here names a key of the vault or a row of its file. What needs a key each time, or none,
// is not here: that is done in process.

public import SecretMemory
public import VaultModel

/// Where values come from: an open vault, or what of a locked one is delivered to a job.
public protocol ValueDoor: AnyObject {
    /// Opens one version with all its secret fields.
    func fetch(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret

    /// Opens one version for a person's eyes while the log cannot be written; a mark is left that
    /// the next entry reports.
    func fetchUnlogged(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret
}

/// An open vault as a front end sees it. Every question fails with `.locked` if it is not open, or
/// not any more.
public protocol Door: ValueDoor {
    /// Whether a secret could be stored under `name` now, asked before the issuer is. Returns the
    /// description of the one that is to get another version, or nil; that is not entered in the
    /// log, so whoever shows it asks for `describe`.
    func preflight(
        _ name: SecretName, _ conflict: NameConflict, at time: Timestamp
    ) throws(VaultError) -> Metadata?

    /// Stores a secret; when this returns it is on disk, was read back and opened.
    func store(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, _ conflict: NameConflict,
        at time: Timestamp
    ) throws(VaultError) -> Receipt

    /// The description of a secret, hidden ones too.
    func describe(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata

    /// Descriptions in the order of names that begin with `prefix`.
    func list(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> Inventory

    /// The names that begin with `prefix`, in their order, and no more of a description than a list
    /// shows.
    func names(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> NameList

    /// Applies changes together or not at all and returns the new description.
    func edit(
        _ name: SecretName, _ changes: [DescriptionChange], at time: Timestamp
    ) throws(VaultError) -> Metadata

    func rename(
        _ name: SecretName, to newName: SecretName, at time: Timestamp
    ) throws(VaultError) -> Metadata

    /// Hides a secret and refuses its use until `restore` or `purge`.
    func remove(_ name: SecretName, at time: Timestamp) throws(VaultError)
    func restore(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata
    /// Removes the rows of a secret from the file and from its log.
    func purge(_ name: SecretName, at time: Timestamp) throws(VaultError) -> OldRows

    /// Enters that the log is read, once for a command.
    func enterAudit(at time: Timestamp) throws(VaultError)
    /// At most `count` events of a page, of one record only if `object` is given; an entry that
    /// does not open goes to `damaged`.
    func events(
        _ page: AuditPage, of object: RecordID?, atMost count: Int,
        damaged: (UInt64) throws(VaultError) -> Void
    ) throws(VaultError) -> [AuditEvent]
    /// The record of the secret that has this name now, hidden ones too, or nil.
    func record(of name: SecretName) throws(VaultError) -> RecordID?
    /// Every secret with its record, hidden ones too, in the order of their names.
    func keys(at time: Timestamp) throws(VaultError) -> [(RecordID, Metadata)]
    /// Holds every row against the state tree; names the first that does not fit.
    func verifyRows(progress: (UInt64, UInt64) -> Void) throws(VaultError) -> VerifiedRows

    /// A deposit in the inbox, and for which secret it is.
    func depositFacts(_ id: DepositID, at time: Timestamp) throws(VaultError) -> DepositFacts
    /// Tries to take in what was set aside: these, or all of it.
    func retryDeposits(
        _ ids: [DepositID]?, at time: Timestamp
    ) throws(VaultError) -> [DepositNotice]
    /// Drops deposits, whatever is in them.
    func discardDeposits(_ ids: [DepositID], at time: Timestamp) throws(VaultError) -> OldRows
    /// Drops a pending version; with its only version the secret goes.
    func discard(
        _ name: SecretName, _ version: UInt32, at time: Timestamp
    ) throws(VaultError) -> OldRows
    /// A pending version, as it would be accepted: the one of that number, or the only one.
    func showPending(
        _ name: SecretName, _ version: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion
    /// Makes a pending version the current one: the one of that number, or the only one.
    func accept(
        _ name: SecretName, _ version: UInt32?, at time: Timestamp
    ) throws(VaultError) -> PendingVersion

    /// Begins a rotation of the current version: nothing was done at the issuer yet. The
    /// description that is returned has its journal.
    func beginRotation(
        _ name: SecretName, _ mode: RotationMode, grace: UInt64, at time: Timestamp
    ) throws(VaultError) -> Metadata
    /// Puts `next` in the place of the journal `seen`, with what it does to the versions.
    /// `.rotationMoved` if another process went on with it.
    func advanceRotation(
        _ name: SecretName, from seen: RotationJournal, to next: RotationJournal,
        at time: Timestamp
    ) throws(VaultError) -> Metadata
    /// Stores the value that the issuer gave as a pending version; when this returns it is on disk,
    /// was read back and opened. It is stored even if the rotation does not wait for it any more.
    func storeRotated(
        _ value: RotatedValue, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> RotatedReceipt
    /// The versions of a secret and what was done to them.
    func history(of name: SecretName, at time: Timestamp) throws(VaultError) -> VersionHistory
    /// The previous version becomes the current one again, here and not at the issuer;
    /// `.rotationMoved` if they are not these two any more.
    func rollBack(
        _ name: SecretName, _ swap: VersionSwap, at time: Timestamp
    ) throws(VaultError) -> Metadata
}
