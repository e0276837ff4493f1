// Sealed rows as they lie in the file: ciphertext and what may be known without a key.

/// How the plaintext of a record is laid out; the raw value is part of the seal's context.
public enum RecordKind: UInt8, Hashable, Sendable {
    /// The value of the only secret field, as it is.
    case single = 1
    /// Several named secret fields.
    case several = 2
}

/// One sealed version of a secret.
public struct SealedRecord: Hashable, Sendable {
    public let rid: RecordID
    public let version: UInt32
    public let epoch: Epoch
    public var state: VersionState
    /// Cobblestone-256: salt 24, commitment 32, chunks.
    public let blob: [UInt8]

    public init(rid: RecordID, version: UInt32, epoch: Epoch, state: VersionState, blob: [UInt8]) {
        self.rid = rid
        self.version = version
        self.epoch = epoch
        self.state = state
        self.blob = blob
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
