// The one way to a vault: what a front end may ask, in process or from the agent.
//
// Nothing here names a key of the vault or a row of its file. A question that needs an unlocked
// vault fails with `.locked` before `unlock`.

public import SecretMemory
public import VaultModel

/// A vault as a front end sees it.
public protocol Door: AnyObject {
    /// What may be known without a key.
    func facts() throws(VaultError) -> VaultFacts

    /// How many secrets there are, removed ones too.
    func secretCount() throws(VaultError) -> UInt64

    /// Looks through the whole container for damage; `.tampered(.container)` if there is any.
    func checkContainer() throws(VaultError)

    /// Opens the vault; `.wrongKey` if `offer` opens no slot, `.rolledBack` if it is older than it
    /// was seen here, unless `choice` is to accept that.
    func unlock(
        with offer: borrowing KeyOffer, at time: Timestamp, rollback choice: RollbackChoice
    ) throws(VaultError) -> AnchorState

    /// Whether `unlock` found key slots that no coffer left there. A person must be told: the next
    /// change of the vault takes them over as they are.
    var slotsWereChanged: Bool { get }

    /// What became of what waited in the inbox when `unlock` opened the vault.
    var depositNotices: [DepositNotice] { get }

    /// What kept `unlock` from taking it in, if anything did: it waits on.
    var depositObstacle: VaultError? { get }

    /// Where deposits go, as this machine last saw it with the vault open. Needs no key.
    func depositAddress() throws(VaultError) -> DepositAddress

    /// The same, and whether a deposit could be made now: asked before the value is.
    func preflightDeposit() throws(VaultError) -> DepositAddress

    /// Seals a secret and lays it into the inbox; when this returns it is on disk and was read
    /// back. Needs no key.
    func deposit(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> DepositReceipt

    /// What lies in the inbox. Needs no key.
    func waitingDeposits() throws(VaultError) -> [WaitingDeposit]

    /// Seals a secret that could not be stored, as a text that only this vault can open.
    func capsule(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> Capsuled

    /// Lays the deposit of a capsule into the inbox, and takes it in if the vault is open: then it
    /// must be one for this vault.
    func takeIn(
        capsule text: [UInt8], at time: Timestamp
    ) throws(VaultError) -> (receipt: DepositReceipt, notices: [DepositNotice])

    /// A deposit in the inbox; what is in it shows with a key.
    func depositFacts(_ id: DepositID, at time: Timestamp) throws(VaultError) -> DepositFacts

    /// The same as a text that can be tried elsewhere. Needs no key.
    func capsule(of id: DepositID) throws(VaultError) -> Capsuled

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

    /// Stores what `next` yields until it yields `.end`: all or nothing. Returns how many.
    /// `.give up` ends it with `.abandoned`.
    func storeAll(
        _ conflict: NameConflict, at time: Timestamp, next: () -> ImportStep
    ) throws(VaultError) -> Int

    /// Opens one version with all its secret fields.
    func fetch(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret

    /// The description of a secret, hidden ones too.
    func describe(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata

    /// Descriptions in the order of names that begin with `prefix`.
    func list(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> Inventory

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

    /// Opens one version for a person's eyes while the log cannot be written; a mark is left that
    /// the next entry reports.
    func fetchUnlogged(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret

    /// Enters that the log is read, once for a command.
    func enterAudit(at time: Timestamp) throws(VaultError)

    /// At most `count` events of a page; of one record only if `object` is given, with those in
    /// which values of many secrets were handed out. While the vault is locked their details stay
    /// sealed. `damaged` is told the numbers of entries that do not open.
    func events(
        _ page: AuditPage, of object: RecordID?, atMost count: Int,
        damaged: (UInt64) throws(VaultError) -> Void
    ) throws(VaultError) -> [AuditEvent]

    /// When this returns, every event that was given is on disk.
    func syncLog() throws(VaultError)

    /// The record of the secret that has this name now, or nil.
    func record(of name: SecretName) throws(VaultError) -> RecordID?

    /// Every secret with its record, hidden ones too.
    func keys(at time: Timestamp) throws(VaultError) -> [(RecordID, Metadata)]

    /// Lends each secret field of each current version to `body`, with a fingerprint that is equal
    /// for equal values within this call.
    func examine(
        at time: Timestamp,
        _ body: (Metadata, FieldName, Span<UInt8>, ValueFingerprint) -> Void
    ) throws(VaultError)

    /// Where the vault stands, for a receipt. Needs no key.
    func receipt() throws(VaultError) -> AuditReceipt

    /// Verifies the whole log, and all rows if the vault is open. Needs no key.
    func verify(
        against receipt: AuditReceipt?, progress: (AuditStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> AuditVerification

    /// Enters that a copy of the vault is made. Needs no key.
    func enterBackup(at time: Timestamp) throws(VaultError)

    /// Writes a copy of the vault to `path`, sealed as it is: complete and verified, or none. Needs
    /// no key; the rows are verified too with one that opens the vault.
    func backUp(
        to path: String, verifying key: borrowing KeyOffer?, at time: Timestamp,
        progress: (CopyStage, UInt64, UInt64) -> Void
    ) throws(VaultError) -> VerifiedRows?

    /// Where a backup of this time goes in a folder.
    func backupPath(in folder: String, at time: Timestamp) -> String

    /// Removes the oldest backups of this vault in a folder beyond the newest `count`; returns
    /// their paths.
    func rotate(_ folder: String, keeping count: Int) throws(VaultError) -> [String]

    /// Enters that the vault came from a backup.
    func enterRestore(at time: Timestamp) throws(VaultError)

    /// Lends every secret whose name begins with `prefix` to `body`, which is false to stop; what
    /// is damaged is in the tally.
    func export(
        prefix: String, at time: Timestamp, _ body: (borrowing OpenedSecret) -> Bool
    ) throws(VaultError) -> ExportTally

    /// The lines of a slot's sheet, which holds no key. Needs none.
    func sheet(ofSlot number: UInt8) throws(VaultError) -> [String]

    /// Adds a slot for `newKey`; `key` is one that opens the vault. Returns the slot's number.
    func addSlot(
        for newKey: borrowing KeyOffer, openedBy key: borrowing KeyOffer,
        parameters: KDFParameters, at time: Timestamp
    ) throws(VaultError) -> UInt8

    /// Puts `newKey` in the place of the slot `number`, or of the one that `key` opens if nil.
    func replaceSlot(
        _ number: UInt8?, by newKey: borrowing KeyOffer, openedBy key: borrowing KeyOffer,
        parameters: KDFParameters, at time: Timestamp
    ) throws(VaultError) -> OldRows

    /// Seals every row again under a new root key. Only `key` opens the vault afterwards.
    func rekey(
        openedBy key: borrowing KeyOffer, parameters: KDFParameters, at time: Timestamp,
        progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> (epoch: Epoch, rows: OldRows)

    /// Removes a slot, never the last one.
    func removeSlot(
        _ number: UInt8, openedBy key: borrowing KeyOffer, at time: Timestamp
    ) throws(VaultError) -> OldRows
}
