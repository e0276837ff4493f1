// What the audit log says: one operation, its outcome and who asked for it.

/// What was done; the raw value is the byte in the entry (`docs/spec/audit-log.md`).
public enum AuditOperation: UInt8, Hashable, Sendable, CaseIterable {
    /// The vault was made.
    case initialise = 1
    /// A version of a secret was stored.
    case capture = 2
    /// A value was opened to be handed out.
    case read = 3
    /// Descriptions were listed.
    case list = 4
    /// One description was shown.
    case show = 5
    case edit = 6
    case rename = 7
    case enable = 8
    case disable = 9
    /// A secret was hidden.
    case remove = 10
    /// A hidden secret was brought back.
    case undelete = 11
    case purge = 12
    /// Many secrets were stored at once.
    case importing = 13
    case slotAdd = 14
    case slotReplace = 15
    case slotRemove = 16
    /// The vault was opened to stay open.
    case unlock = 17
    /// Keys were offered that open nothing; the detail counts them.
    case failedUnlock = 18
    case lock = 19
    /// An older state of the vault was accepted.
    case acceptRollback = 20
    /// A value was shown on a terminal while the log could not be written.
    case breakGlass = 21
    /// The log or a report over it was read.
    case audit = 22
    /// A secret was laid into the inbox, without a key of the vault.
    case deposit = 23
    /// What was deposited became a pending version; about the deposit itself, the object is its
    /// identifier.
    case takeIn = 24
    /// A deposit that does not open was set aside; the object is its identifier.
    case quarantine = 25
    /// A pending version became the current one.
    case accept = 26
    /// Every row was sealed again under a new root key.
    case rekey = 27
    /// Values of many secrets were opened to be handed out together.
    case exporting = 30
    /// A copy of the whole vault, sealed as it is, was begun.
    case backup = 31
    /// The vault was put in its place from a backup.
    case restore = 32
    /// A damaged key slot was put back from its sheet.
    case slotMend = 33
    /// Other users tried to speak to the agent; the detail counts them.
    case refusedPeer = 35
    /// A deposit that was set aside, or a pending version, was dropped.
    case discard = 34
    /// A job was added, to which secrets can be delivered.
    case jobAdd = 36
    case jobRemove = 37
    /// A secret was sealed to a job.
    case deliver = 38
    /// A delivery was taken out: by a person, or since it was over or its secret out of use.
    case revoke = 39
    /// A job opened what was delivered to it, without a key of the vault.
    case collect = 40
    /// A program was granted a secret; the object is the secret's record.
    case grantAdd = 41
    case grantRemove = 42
    /// A person allowed a program a secret, once or while the vault stays unlocked.
    case permit = 43
    /// A rotation of the current version was begun.
    case rotate = 48
    /// A step of a rotation was journalled: before a call to the issuer, or behind one.
    case rotateStep = 49
    /// A value that the issuer gave was stored as a pending version.
    case rotateStore = 50
    /// The new version of a rotation became the current one.
    case promote = 51
    /// A previous version became the current one again.
    case rollBack = 52
    /// A rotation ended: its old version is retired.
    case retire = 53
    /// A rotation ended without a new key in use.
    case rotateAbandon = 54

    /// The word for it, in tables, filters and JSON.
    public var word: String {
        switch self {
        case .initialise: "init"
        case .capture: "capture"
        case .read: "read"
        case .list: "list"
        case .show: "show"
        case .edit: "edit"
        case .rename: "rename"
        case .enable: "enable"
        case .disable: "disable"
        case .remove: "rm"
        case .undelete: "undelete"
        case .purge: "purge"
        case .importing: "import"
        case .slotAdd: "slot-add"
        case .slotReplace: "slot-replace"
        case .slotRemove: "slot-remove"
        case .unlock: "unlock"
        case .failedUnlock: "failed-unlock"
        case .lock: "lock"
        case .acceptRollback: "accept-rollback"
        case .breakGlass: "break-glass"
        case .audit: "audit"
        case .deposit: "deposit"
        case .takeIn: "take-in"
        case .quarantine: "quarantine"
        case .accept: "accept"
        case .rekey: "rekey"
        case .exporting: "export"
        case .backup: "backup"
        case .restore: "restore"
        case .slotMend: "slot-mend"
        case .refusedPeer: "refused-peer"
        case .discard: "discard"
        case .jobAdd: "job-add"
        case .jobRemove: "job-remove"
        case .deliver: "deliver"
        case .revoke: "revoke"
        case .collect: "collect"
        case .grantAdd: "grant-add"
        case .grantRemove: "grant-remove"
        case .permit: "permit"
        case .rotate: "rotate"
        case .rotateStep: "rotate-step"
        case .rotateStore: "rotate-store"
        case .promote: "promote"
        case .rollBack: "rollback"
        case .retire: "retire"
        case .rotateAbandon: "rotate-abandon"
        }
    }
}

/// How it ended; the raw value is the byte in the entry.
public enum AuditOutcome: UInt8, Hashable, Sendable, CaseIterable {
    case done = 0
    /// There was no such secret, version or field.
    case missing = 1
    /// Policy, status or a wrong key kept it from happening.
    case refused = 2
    /// What was asked for is damaged or was tampered with.
    case damaged = 3
    /// The system failed.
    case failed = 4

    public var word: String {
        switch self {
        case .done: "done"
        case .missing: "missing"
        case .refused: "refused"
        case .damaged: "damaged"
        case .failed: "failed"
        }
    }
}

/// What only an open vault shows of an entry.
public struct AuditDetail: Hashable, Sendable {
    public var attribution: Attribution
    /// The secret that was meant, by the name it had then.
    public var name: SecretName?
    /// The name it got.
    public var newName: SecretName?
    public var version: UInt32?
    /// What a list was asked for: the beginning of names.
    public var prefix: String?
    /// The slot that was changed, or whose key opened the vault.
    public var slot: UInt8?
    /// How many secrets, attempts or generations.
    public var count: UInt64?
    /// The job that a secret was delivered to.
    public var recipient: SecretName?

    public init(_ attribution: Attribution) { self.attribution = attribution }
}

/// Which part of the log is asked for, one page at a time.
public enum AuditPage: Hashable, Sendable {
    /// Before a number, the newest first.
    case before(UInt64)
    /// From a number on, the oldest first.
    case from(UInt64)

    /// The newest page.
    public static let newest = AuditPage.before(.max)
}

/// One entry of the log, opened as far as the keys at hand go.
public struct AuditEvent: Hashable, Sendable {
    /// Sequence number, from 0 without gaps.
    public let number: UInt64
    public let time: Timestamp
    public let operation: AuditOperation
    public let outcome: AuditOutcome
    /// The user and the process that asked.
    public let user: UInt32
    public let process: UInt32
    /// The record that was meant, or nil.
    public let object: RecordID?
    /// Nil while the vault is locked.
    public let detail: AuditDetail?

    public init(
        number: UInt64, time: Timestamp, operation: AuditOperation, outcome: AuditOutcome,
        user: UInt32, process: UInt32, object: RecordID?, detail: AuditDetail?
    ) {
        self.number = number
        self.time = time
        self.operation = operation
        self.outcome = outcome
        self.user = user
        self.process = process
        self.object = object
        self.detail = detail
    }
}
