// The keys of an open vault, each with one purpose (spec, "Keys").

public import SecretMemory
public import VaultModel

/// The key from which all others of an epoch are derived.
public struct RootKey: ~Copyable, Sendable {
    static let byteCount = 32
    let bytes: SecretBytes

    /// Draws a new one.
    public init() throws(VaultError) {
        var drawn = SecretBytes(zeros: Self.byteCount)
        var span = drawn.mutableBytes
        try Randomness.fill(&span)
        bytes = drawn
    }

    init(_ bytes: consuming SecretBytes) {
        precondition(bytes.count == Self.byteCount, "sealing: a root key has 32 bytes")
        self.bytes = bytes
    }
}

/// The purpose of a subkey: the label stands in its derivation, so a key of one purpose is of no
/// use for another.
enum SubkeyPurpose {
    case records, metadata, nameIndex, state, audit, deposit, retired, policy

    var label: StaticString {
        switch self {
        case .records: "rec"
        case .metadata: "meta"
        case .nameIndex: "idx"
        case .state: "state"
        case .audit: "audit"
        case .deposit: "deposit"
        case .retired: "retired"
        case .policy: "policy"
        }
    }
}

extension RootKey {
    /// HKDF-SHA-512(salt = vault id, info = D("sub") ‖ u16 suite ‖ u32 epoch ‖ label), 32 bytes.
    func subkey(
        _ purpose: SubkeyPurpose, vault: VaultID, epoch: Epoch, suite: Suite = .one
    ) -> SecretBytes {
        var info = CanonicalBytes(domain: "sub")
        info.add(suite.number)
        info.add(epoch.number)
        let label = purpose.label
        unsafe info.add(UnsafeBufferPointer(start: label.utf8Start, count: label.utf8CodeUnitCount))
        let salt = vault.bytes
        let extracted = HKDF.extract(salt: salt.span, bytes.bytes)
        let nothing: [UInt8] = []
        return HKDF.expand(extracted, info: info.bytes.span, nothing.span, count: 32)
    }
}

/// The subkeys of an open vault; wiped when it ends. The root key is not among them.
public struct Keyring: ~Copyable {
    public let vault: VaultID
    public let epoch: Epoch
    private let records: Cobblestone
    private let metadata: Cobblestone
    private let nameIndex: HMAC

    public init(root: borrowing RootKey, vault: VaultID, epoch: Epoch) throws(VaultError) {
        self.vault = vault
        self.epoch = epoch
        let recordKey = root.subkey(.records, vault: vault, epoch: epoch)
        records = Cobblestone(key: recordKey.bytes)
        let metadataKey = root.subkey(.metadata, vault: vault, epoch: epoch)
        metadata = Cobblestone(key: metadataKey.bytes)
        let indexKey = root.subkey(.nameIndex, vault: vault, epoch: epoch)
        nameIndex = HMAC(.sha256, key: indexKey.bytes)
    }

    private init(copying other: borrowing Keyring) {
        vault = other.vault
        epoch = other.epoch
        records = other.records.copy()
        metadata = other.metadata.copy()
        nameIndex = other.nameIndex.copy()
    }

    /// The same keys, for another thread.
    public borrowing func copy() -> Keyring { Keyring(copying: self) }

    /// HMAC-SHA-256(idx, D("name") ‖ name), its first 16 bytes.
    public func blindIndex(of name: SecretName) -> BlindIndexValue {
        var message = CanonicalBytes(domain: "name")
        message.add(name.text.utf8)
        nameIndex.begin()
        nameIndex.update(message.bytes.span)
        var code = [UInt8](repeating: 0, count: 32)
        var span = code.mutableSpan
        nameIndex.finish(into: &span)
        guard let identifier = Identifier(code.span.extracting(first: 16)) else {
            preconditionFailure("sealing: an index has sixteen bytes")
        }
        return BlindIndexValue(identifier)
    }
}

// Records.
extension Keyring {
    /// Longest value, in bytes: 16 MiB.
    public static let longestValue = 16 * 1_024 * 1_024
    /// Longest plaintext of a record: a value and the names around it.
    static let longestRecord = longestValue + 65_536

    /// Seals the secret fields of one version, packed by `FieldPacking`.
    public func seal(
        record: Span<UInt8>, rid: RecordID, version: UInt32, kind: RecordKind
    ) throws(VaultError) -> [UInt8] {
        guard record.count <= Self.longest(kind) else { throw .valueTooLong }
        let padded = Padding.pad(record)
        return try records.seal(padded.bytes, context: context(rid, version, kind))
    }

    /// Opens a record; anything but exactly what was sealed there is `.tampered(object)`.
    public func open(
        record: Span<UInt8>, rid: RecordID, version: UInt32, kind: RecordKind,
        naming object: DamagedObject
    ) throws(VaultError) -> SecretBytes {
        // What `seal` would not write is refused, before memory is taken for it.
        let longest = Self.longest(kind)
        guard record.count <= Cobblestone.sealedCount(Padding.paddedCount(longest)) else {
            throw .tampered(object)
        }
        let opened = try Self.open(record, with: records, context(rid, version, kind), object)
        guard opened.count <= longest else { throw .tampered(object) }
        return opened
    }

    private static func longest(_ kind: RecordKind) -> Int {
        kind == .single ? longestValue : longestRecord
    }

    private func context(_ rid: RecordID, _ version: UInt32, _ kind: RecordKind) -> [UInt8] {
        var context = CanonicalBytes(domain: "rec")
        context.add(vault.bytes)
        context.add(epoch.number)
        context.add(rid.bytes)
        context.add(version)
        context.add(kind.rawValue)
        return context.bytes
    }

    private static func open(
        _ sealed: Span<UInt8>, with key: borrowing Cobblestone, _ context: [UInt8],
        _ object: DamagedObject
    ) throws(VaultError) -> SecretBytes {
        switch key.open(sealed, context: context) {
        case .some(let padded):
            guard let place = Padding.value(in: padded.bytes) else { throw .tampered(object) }
            return SecretBytes(copying: padded.bytes.extracting(place))
        case .none: throw .tampered(object)
        }
    }
}

// Metadata.
extension Keyring {
    public func seal(
        metadata description: Metadata, rid: RecordID, revision: UInt64
    ) throws(VaultError) -> [UInt8] {
        let encoded = MetadataCoding.encode(description)
        let padded = Padding.pad(encoded.span)
        return try metadata.seal(padded.bytes, context: context(rid, revision))
    }

    /// Opens a description; anything but exactly what was sealed there is `.tampered(object)`.
    public func open(
        metadata sealed: Span<UInt8>, rid: RecordID, revision: UInt64, naming object: DamagedObject
    ) throws(VaultError) -> Metadata {
        let encoded = try Self.open(sealed, with: metadata, context(rid, revision), object)
        guard let description = MetadataCoding.decode(encoded.bytes) else {
            throw .tampered(object)
        }
        return description
    }

    private func context(_ rid: RecordID, _ revision: UInt64) -> [UInt8] {
        var context = CanonicalBytes(domain: "meta")
        context.add(vault.bytes)
        context.add(epoch.number)
        context.add(rid.bytes)
        context.add(revision)
        return context.bytes
    }
}
