// Sealed rows as they lie in the file: ciphertext and what may be known without a key.

/// How the plaintext of a record is laid out; the raw value is part of the seal's context.
public enum RecordKind: UInt8, Hashable, Sendable {
    /// The value of the only secret field, as it is.
    case single = 1
    /// Several named secret fields.
    case several = 2
}

/// What of a sealed version stands in the clear: all that the state tree needs to know of it.
public struct RecordColumns: Hashable, Sendable {
    public let rid: RecordID
    public let version: UInt32
    public let epoch: Epoch
    public var state: VersionState
    /// SHA-256 of the blob: whoever checks the tree reads no value.
    public let digest: [UInt8]

    public init(
        rid: RecordID, version: UInt32, epoch: Epoch, state: VersionState, digest: [UInt8]
    ) {
        self.rid = rid
        self.version = version
        self.epoch = epoch
        self.state = state
        self.digest = digest
    }
}

/// One sealed version of a secret.
public struct SealedRecord: Hashable, Sendable {
    public let columns: RecordColumns
    /// Cobblestone-256: salt 24, commitment 32, chunks.
    public let blob: [UInt8]

    public init(_ columns: RecordColumns, blob: [UInt8]) {
        self.columns = columns
        self.blob = blob
    }

    public var rid: RecordID { columns.rid }
    public var version: UInt32 { columns.version }
    public var epoch: Epoch { columns.epoch }
    public var state: VersionState { columns.state }
    public var digest: [UInt8] { columns.digest }
}

/// What stays of a secret that was purged: neither it nor an older version can be put back.
public struct Tombstone: Hashable, Sendable {
    public let rid: RecordID
    /// The last version that there was.
    public let version: UInt32
    public let epoch: Epoch

    public init(rid: RecordID, version: UInt32, epoch: Epoch) {
        self.rid = rid
        self.version = version
        self.epoch = epoch
    }
}

/// The sealed description of a secret and the blind index under which it is found.
public struct SealedMetadata: Hashable, Sendable {
    public let index: BlindIndexValue
    public let rid: RecordID
    /// Counted up with every change of the description.
    public let revision: UInt64
    public let epoch: Epoch
    public let blob: [UInt8]

    public init(
        index: BlindIndexValue, rid: RecordID, revision: UInt64, epoch: Epoch, blob: [UInt8]
    ) {
        self.index = index
        self.rid = rid
        self.revision = revision
        self.epoch = epoch
        self.blob = blob
    }
}

/// The head of the state tree as it lies in the file.
public struct SealedHead: Hashable, Sendable {
    public let bytes: [UInt8]
    /// HMAC-SHA-256 of the bytes.
    public let code: [UInt8]

    public init(bytes: [UInt8], code: [UInt8]) {
        self.bytes = bytes
        self.code = code
    }
}

/// What a row of the policy says; the raw value is part of the digest in the head.
public enum PolicyKind: UInt8, Hashable, Sendable, CaseIterable {
    /// A secret that a program may have.
    case grant = 1
    /// A job and what is delivered to it.
    case job = 2
    /// A secret, sealed to a job.
    case delivery = 3
}

/// What of a row of the policy stands in the clear.
public struct PolicyColumns: Hashable, Sendable {
    public let kind: PolicyKind
    public let id: Identifier
    /// SHA-256 of the blob.
    public let digest: [UInt8]

    public init(_ kind: PolicyKind, _ id: Identifier, digest: [UInt8]) {
        self.kind = kind
        self.id = id
        self.digest = digest
    }
}

/// One row of the policy.
public struct SealedPolicy: Hashable, Sendable {
    public let columns: PolicyColumns
    public let blob: [UInt8]

    public init(_ columns: PolicyColumns, blob: [UInt8]) {
        self.columns = columns
        self.blob = blob
    }
}
