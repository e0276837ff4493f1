// Sealing a secret to a vault's public key, and opening what was sealed so (spec, "Deposits").

public import SecretMemory
public import VaultModel

extension SealedDeposit {
    /// Seals a secret for the vault at `address`. It is opened by its owner alone: not by whoever
    /// sealed it.
    public static func seal(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, to address: DepositAddress,
        at time: Timestamp
    ) throws(VaultError) -> SealedDeposit {
        let id = DepositID(try Randomness.identifier())
        let packed = FieldPacking.pack(secrets)
        let plaintext = DepositPlaintext.write(draft, packed.bytes.bytes, secrets.names)
        let padded = Padding.pad(plaintext.bytes)
        let sealed = try HPKE.seal(
            padded.bytes, to: address.key, info: info(address.vault, address.epoch),
            authenticating: authenticated(id, time, packed.kind))
        guard let sealed else { throw .tampered(.depositKey) }
        return SealedDeposit(
            id: id, epoch: address.epoch, time: time, kind: packed.kind, sealed: sealed)
    }
}

extension DepositAddress {
    /// Fails as sealing to this address would: asked before there is a value.
    public func rehearse() throws(VaultError) {
        let sealed = try HPKE.seal(
            [UInt8](repeating: 0, count: 1).span, to: key, info: SealedDeposit.info(vault, epoch),
            authenticating: [])
        guard sealed != nil else { throw .tampered(.depositKey) }
    }
}

/// A deposit that was opened.
public struct OpenedDeposit: ~Copyable {
    public let draft: SecretDraft
    private let secrets: SecretFields

    fileprivate init(draft: SecretDraft, secrets: consuming SecretFields) {
        self.draft = draft
        self.secrets = secrets
    }

    public consuming func takeSecrets() -> SecretFields { secrets }
}

/// The private key of an epoch's deposits; wiped when it ends.
public struct InboxKey: ~Copyable {
    private let vault: VaultID
    private let epoch: Epoch
    private let material: SecretBytes

    init(root: borrowing RootKey, vault: VaultID, epoch: Epoch) {
        self.vault = vault
        self.epoch = epoch
        material = root.subkey(.deposit, vault: vault, epoch: epoch)
    }

    init(material: Span<UInt8>, vault: VaultID, epoch: Epoch) {
        self.vault = vault
        self.epoch = epoch
        self.material = SecretBytes(copying: material)
    }

    /// What was deposited, or nil if it is not exactly what someone sealed for this vault and
    /// epoch.
    public borrowing func open(_ deposit: SealedDeposit) -> OpenedDeposit? {
        guard deposit.epoch == epoch else { return nil }
        let opened = open(
            deposit.ciphertext.span, from: deposit.enc,
            info: SealedDeposit.info(vault, epoch),
            authenticating: SealedDeposit.authenticated(deposit.id, deposit.time, deposit.kind))
        switch opened {
        case .some(let padded):
            guard let place = Padding.value(in: padded.bytes) else { return nil }
            return DepositPlaintext.read(padded.bytes.extracting(place), deposit.kind)
        case .none: return nil
        }
    }

    /// Opens what was sealed to the public key for another purpose.
    borrowing func open(
        _ ciphertext: Span<UInt8>, from enc: [UInt8], info: [UInt8], authenticating data: [UInt8]
    ) -> SecretBytes? {
        let privateKey = HPKE.privateKey(from: material.bytes)
        return HPKE.open(
            ciphertext, from: enc, with: privateKey.bytes, info: info, authenticating: data)
    }
}

/// `lp(name) ‖ lp(value) ‖ lp(attributes)`: the value as in a record of that kind, the attributes
/// as in a description, or nothing if there are none.
enum DepositPlaintext {
    static func write(
        _ draft: SecretDraft, _ value: Span<UInt8>, _ names: [FieldName]
    ) -> SecretBytes {
        let attributes = MetadataCoding.attributes(of: metadata(draft, names))
        let name = Array(draft.name.text.utf8)
        var plaintext = SecretBytes(
            capacity: 12 + name.count + value.count + attributes.count)
        append(name.span, to: &plaintext)
        append(value, to: &plaintext)
        append(attributes.span, to: &plaintext)
        return plaintext
    }

    private static func append(_ bytes: Span<UInt8>, to plaintext: inout SecretBytes) {
        for shift in [24, 16, 8, 0] {
            plaintext.append(UInt8(truncatingIfNeeded: bytes.count >> shift))
        }
        plaintext.append(bytes)
    }

    /// The draft as a description. A version says how the fields are called, unless it is one field
    /// that is called `secret`.
    private static func metadata(_ draft: SecretDraft, _ names: [FieldName]) -> Metadata {
        let start = Timestamp(milliseconds: 0)
        var metadata = Metadata(name: draft.name, issuer: draft.issuer, created: start)
        metadata.status = draft.status ?? .enabled
        metadata.label = draft.label
        metadata.fields = draft.fields
        metadata.tags = Set(draft.tags).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        metadata.expires = draft.expires
        metadata.maximumAge = draft.maximumAge
        metadata.isManagedElsewhere = draft.isManagedElsewhere
        metadata.requiresReason = draft.requiresReason ?? false
        metadata.requiresGrant = draft.requiresGrant
        if names != [.secret] {
            metadata.versions = [
                VersionSummary(number: 1, state: .pending, created: start, fields: names)
            ]
        }
        return metadata
    }

    /// Nil unless `bytes` are exactly what `write` makes of something.
    static func read(_ bytes: Span<UInt8>, _ kind: RecordKind) -> OpenedDeposit? {
        var reader = CanonicalReader(bytes)
        guard let text = reader.text(atMost: SecretName.longest), let name = SecretName(text),
            let value = reader.prefixed(atMost: Keyring.longestRecord),
            let attributes = reader.prefixed(atMost: bytes.count), reader.isAtEnd,
            let metadata = MetadataCoding.metadata(name, attributes: attributes),
            let names = names(in: metadata), FieldPacking.kind(of: names) == kind
        else { return nil }
        do throws(VaultError) {
            let secrets = try FieldPacking.unpack(
                value, kind: kind, names: names, naming: .metadata(name))
            return OpenedDeposit(draft: draft(metadata), secrets: secrets)
        } catch { return nil }
    }

    /// The fields that are deposited, or nil if the description is none of a draft.
    private static func names(in metadata: Metadata) -> [FieldName]? {
        let start = Timestamp(milliseconds: 0)
        guard metadata.created == start, metadata.modified == start, metadata.removed == nil,
            metadata.rotation == nil, metadata.versions.count <= 1
        else { return nil }
        guard let version = metadata.versions.first else { return [.secret] }
        guard version.number == 1, version.state == .pending, version.created == start,
            version.fields != [.secret], version.ownFields.isEmpty
        else { return nil }
        return version.fields
    }

    private static func draft(_ metadata: Metadata) -> SecretDraft {
        var draft = SecretDraft(name: metadata.name, issuer: metadata.issuer)
        draft.status = metadata.status == .disabled ? .disabled : nil
        draft.label = metadata.label
        draft.fields = metadata.fields
        draft.tags = metadata.tags
        draft.expires = metadata.expires
        draft.maximumAge = metadata.maximumAge
        draft.isManagedElsewhere = metadata.isManagedElsewhere
        draft.requiresReason = metadata.requiresReason ? true : nil
        draft.requiresGrant = metadata.requiresGrant
        return draft
    }
}
