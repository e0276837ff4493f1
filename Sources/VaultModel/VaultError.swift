// Every way in which the vault can fail. Payloads are words of this room, so no secret can ride in
// one.

/// What went wrong. The command line turns each case into words, a hint and an exit code by an
/// exhaustive switch, so a new case does not compile without them.
public enum VaultError: Error, Hashable, Sendable {
    // Locked or wrong key
    /// Asked of a vault that was not unlocked.
    case locked
    /// Nothing given opens a slot. One text for a wrong passphrase and for a replaced slot.
    case wrongKey
    /// Bytes that are neither a key file nor a recovery code, or a code with a typing error.
    case unusableKey
    /// A passphrase that no slot can have.
    case unusablePassphrase(PassphraseDefect)
    /// The sheet of a slot that is not put back.
    case unusableSheet(SheetDefect)

    // Not found
    case vaultMissing(path: String)
    case secretMissing(SecretName)
    case fieldMissing(SecretName, FieldName)
    case versionMissing(SecretName, VersionSelector)
    case slotMissing(UInt8)
    case depositMissing(DepositID)
    case jobMissing(SecretName)
    /// The secret is not delivered to the job.
    case notDelivered(SecretName, to: SecretName)
    case grantMissing(GrantID)

    // Jobs
    /// Bytes that are not the identity of a job, or no longer.
    case unusableIdentity
    /// The identity is of a job of another vault.
    case foreignIdentity
    case jobTaken(SecretName)
    /// The time is over that the secret was delivered for.
    case deliveryExpired(SecretName)
    /// There are as many jobs, deliveries or grants as a vault takes.
    case policyFull

    // Refused
    case vaultExists(path: String)
    case nameTaken(SecretName)
    /// Taken by a secret that `rm` hid.
    case nameTakenByRemoved(SecretName)
    case disabled(SecretName)
    case removed(SecretName)
    /// Asked to bring back what is not hidden.
    case notRemoved(SecretName)
    case managedElsewhere(SecretName)
    /// The version's blob is destroyed.
    case versionDestroyed(SecretName, UInt32)
    /// The secret has several secret fields, so one must be named.
    case fieldAmbiguous(SecretName, [FieldName])
    /// Asked to write a secret field as if it were public.
    case fieldIsSecret(SecretName, FieldName)
    case lastSlot
    case noFreeSlot
    /// Asked to accept a version that is not pending, or no version is.
    case versionNotPending(SecretName)
    /// Several versions are pending, so one must be named.
    case pendingAmbiguous(SecretName, [UInt32])
    /// A rotation of the secret runs: it is gone on with or abandoned first.
    case rotationRunning(SecretName)
    /// The rotation is not where it was when this step was decided on: another process went on.
    case rotationMoved(SecretName)
    /// A step that does not follow from where the rotation stands.
    case rotationUnfit(SecretName)
    /// Another deposit lies in the inbox under the same number.
    case depositDiffers(DepositID)
    /// The deposit lies in the inbox already, and was set aside there.
    case depositSetAside(DepositID)
    /// This machine has not seen the vault's key for deposits.
    case depositKeyUnknown
    case unsafeFile(path: String, FileDefect)
    /// It cannot be looked at what this machine remembers of the vault.
    case memoryClosed(path: String, errno: Int32)

    // Integrity
    case tampered(DamagedObject)

    /// The vault is older than this machine last saw it.
    case rolledBack(Rollback)

    // The audit log
    /// The log is not whole; the first entry that is not as it was written.
    case logBroken(at: UInt64, AuditDefect)
    /// The vault is older than the receipt, or another one.
    case receiptDiffers(AuditReceipt)
    /// The secret is used only by those who say why.
    case reasonMissing(SecretName)
    /// An agent hands the secret only to programs that it was granted to.
    case notGranted(SecretName, RefusedProgram)
    /// The program runs what others hold, so a secret is not granted to it as a file.
    case interpreter(path: String)
    /// What was asked for was not done, since it could not be logged.
    case notLogged(path: String, LogObstacle)

    // Format
    case refusedFormat(path: String, FormatDefect)

    /// Bytes that are no capsule.
    case notACapsule(CapsuleDefect)

    // Not stored, input or output
    case valueTooLong
    case valueEmpty
    case metadataTooLong
    case tooManyVersions(SecretName)
    case io(IOOperation, path: String, errno: Int32)
    case storage(code: Int32)
    /// `needed` bytes must be free for what was asked for, if it is known how many.
    case diskFull(path: String, needed: UInt64? = nil)
    case noMemory(mebibytes: UInt32)
    case noRandomness
    /// What was read back after writing is not what was written.
    case readBackDiffers

    // Busy
    case busy(path: String)
    /// Another process gave the vault a new root key while it was open here.
    case rekeyed(path: String)
    /// Others changed the key slots while a key was derived.
    case slotsChanged(path: String)

    /// Whoever fed an import gave up; nothing was changed.
    case abandoned

    // The agent
    /// The agent's end of the connection and ours do not fit together.
    case agentRefused(AgentDefect)
    /// The connection to the agent ended before the answer was here.
    case agentLost
    /// Another agent for this vault is running.
    case agentRunning
    /// The folder or the path of the agent's socket cannot be used.
    case agentSocket(path: String, errno: Int32)
}

/// Why an agent and a client do not talk (`docs/spec/agent-protocol.md`).
public enum AgentDefect: Hashable, Sendable, CaseIterable {
    /// The other end belongs to another user.
    case otherUser
    /// It is of another release.
    case otherVersion
    /// It has another vault open.
    case otherVault
    /// It said something that is no message.
    case malformed
    /// It was asked for what takes a key of the vault, each time.
    case takesKey
}

/// Why a passphrase cannot be used (`docs/spec/vault-format.md`, "Passphrases").
public enum PassphraseDefect: Hashable, Sendable, CaseIterable {
    case empty, tooLong, holdsNUL, invalidUTF8
}

/// Why a file or directory is not trusted.
public enum FileDefect: Hashable, Sendable {
    case symbolicLink, notRegular, notDirectory, foreignOwner, hardLinked
    /// What a vault that is gone left behind: it would be taken for a new one's.
    case leftOver
    /// Readable or writable by others; the octal mode it should have.
    case openToOthers(shouldBe: UInt16)
    case networkFileSystem
}

/// What does not fit its authentication.
public enum DamagedObject: Hashable, Sendable {
    /// Both copies of every slot.
    case slots
    case metadata(SecretName?)
    case record(SecretName, version: UInt32)
    /// The head of the state tree: absent, edited, or of another root key.
    case head
    /// Rows that are not those of the state tree: removed, put back, doubled or edited.
    case state
    /// Rows of one secret, or of others whose rows lie with its.
    case rows(of: SecretName)
    /// The audit log does not fit itself, its signing key or the head.
    case audit
    /// One entry of the audit log.
    case auditEntry(UInt64)
    /// SQLite found the file malformed.
    case container
    /// The key for deposits is not the one that this machine has seen.
    case depositKey
    /// The keys that are kept of an epoch that is over.
    case retiredKey(Epoch)
    /// A deposit or capsule that the vault cannot open: edited, or for another vault.
    case deposit(DepositID)
    /// Rows of the policy: edited, removed, put back, or not those of the head.
    case policy
    /// What was delivered to a job, which does not open with its identity.
    case delivery(SecretName)
}

/// Why a text is not read as a capsule.
public enum CapsuleDefect: Hashable, Sendable, CaseIterable {
    /// It has no beginning or no end.
    case unmarked
    /// Characters that no capsule has, or too many.
    case malformed
    /// Its checksum differs: it was damaged on the way.
    case checksum
}

extension VaultError {
    /// Whether what could not be stored could wait where no key is needed: the way to the keys is
    /// closed, not the vault.
    public var isAboutTheDoor: Bool {
        switch self {
        case .rekeyed, .locked, .agentLost, .agentRefused: true
        default: false
        }
    }

    /// Whether another name could have what could not be stored.
    public var isAboutTheName: Bool {
        switch self {
        case .nameTaken, .nameTakenByRemoved, .managedElsewhere, .tooManyVersions,
            .rotationRunning, .metadataTooLong, .tampered(.metadata), .tampered(.record),
            .tampered(.state):
            true
        default: false
        }
    }
}

/// How a vault is older than it was.
public enum Rollback: Hashable, Sendable {
    /// An earlier generation than the one that was seen.
    case generation(found: UInt64, seen: UInt64)
    /// The audit log ends before what was seen of it.
    case entries(found: UInt64, seen: UInt64)
    /// Another state of the same generation, or another log: it went on from an older copy.
    case forked
}

/// Why an entry could not be written.
public enum LogObstacle: Hashable, Sendable {
    case diskFull
    case readOnly
    case io(errno: Int32)
}

/// Why a file is not opened as a vault.
public enum FormatDefect: Hashable, Sendable, CaseIterable {
    case notAVault, truncated, newerVersion, unknownSuite, unknownSlotKind, unknownFlags
    case schemaDiffers, plantedJournal, kdfOutOfBounds
}

/// What was being done when the system refused.
public enum IOOperation: Hashable, Sendable, CaseIterable {
    case open, create, read, write, sync, rename, remove, makeDirectory, inspect, run, lock
}
