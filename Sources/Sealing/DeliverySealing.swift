// Sealing a version to a job, and opening it with the job's identity (spec, "Deliveries").

public import SecretMemory
public import VaultModel

extension OpenedJob {
    /// Where the job finds the secret of that name.
    public borrowing func deliveryID(of secret: SecretName, in vault: VaultID) -> Identifier {
        SealedDelivery.id(of: secret, vault, job.id, preShared.bytes)
    }

    /// Seals a version of a secret for the job: `value` are its fields, packed. Nil if it is too
    /// long for a row.
    public borrowing func seal(
        _ version: VersionSummary, of metadata: Metadata, _ rid: RecordID, _ value: Span<UInt8>,
        in vault: VaultID, until expires: Timestamp?, at time: Timestamp
    ) throws(VaultError) -> SealedPolicy? {
        let id = deliveryID(of: metadata.name, in: vault)
        let plaintext = DeliveryPlaintext.write(rid, metadata.delivered(version), value)
        let padded = Padding.pad(plaintext.bytes)
        let sealed = try HPKE.seal(
            padded.bytes, to: job.publicKey, info: SealedDelivery.info(vault, job.id),
            authenticating: SealedDelivery.authenticated(id, time, expires),
            sharing: preShared.bytes, named: job.id.bytes)
        guard let sealed else { throw .tampered(.policy) }
        let delivery = SealedDelivery(time: time, expires: expires, sealed: sealed)
        guard delivery.bytes.count <= SealedDelivery.longest else { return nil }
        return delivery.row(id)
    }
}

extension JobIdentity {
    /// Where the job finds the secret of that name.
    public borrowing func deliveryID(of secret: SecretName) -> Identifier {
        SealedDelivery.id(of: secret, vault, job, preShared.bytes)
    }

    /// What was delivered under that id, or nil if it is not exactly what the vault sealed there
    /// for this job.
    public borrowing func open(_ delivery: SealedDelivery, _ id: Identifier) -> OpenedDelivery? {
        let opened = HPKE.open(
            delivery.ciphertext.span, from: delivery.enc, with: privateKey.bytes,
            info: SealedDelivery.info(vault, job),
            authenticating: SealedDelivery.authenticated(id, delivery.time, delivery.expires),
            sharing: preShared.bytes, named: job.bytes)
        switch opened {
        case .some(let padded):
            guard let place = Padding.value(in: padded.bytes) else { return nil }
            return DeliveryPlaintext.read(padded.bytes.extracting(place))
        case .none: return nil
        }
    }
}

/// A delivery that was opened.
public struct OpenedDelivery: ~Copyable {
    public let rid: RecordID
    public let secret: OpenedSecret

    fileprivate init(rid: RecordID, secret: consuming OpenedSecret) {
        self.rid = rid
        self.secret = secret
    }

    public consuming func takeSecret() -> OpenedSecret { secret }
}

extension Metadata {
    /// What a job learns of a secret beside the value of one version.
    fileprivate func delivered(_ version: VersionSummary) -> Metadata {
        var delivered = Metadata(name: name, issuer: issuer, created: created)
        delivered.fields = fields
        delivered.expires = expires
        delivered.requiresReason = requiresReason
        delivered.versions = [version]
        return delivered
    }
}

/// `rid 16 ‖ lp(description) ‖ lp(value)`: the description as in metadata, with one version, the
/// value as in a record.
enum DeliveryPlaintext {
    static func write(
        _ rid: RecordID, _ metadata: Metadata, _ value: Span<UInt8>
    ) -> SecretBytes {
        let description = MetadataCoding.encode(metadata)
        var plaintext = SecretBytes(capacity: 24 + description.count + value.count)
        plaintext.append(rid.bytes.span)
        var head = CanonicalBytes()
        head.add(prefixed: description)
        head.add(UInt32(value.count))
        plaintext.append(head.bytes.span)
        plaintext.append(value)
        return plaintext
    }

    /// Nil unless `bytes` are exactly what `write` makes of something.
    static func read(_ bytes: Span<UInt8>) -> OpenedDelivery? {
        var reader = CanonicalReader(bytes)
        guard let rid = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let description = reader.prefixed(atMost: bytes.count),
            let value = reader.prefixed(atMost: Keyring.longestRecord), reader.isAtEnd,
            let metadata = MetadataCoding.decode(description),
            metadata.versions.count == 1, let version = metadata.version(.current),
            metadata == metadata.delivered(version)
        else { return nil }
        do throws(VaultError) {
            let secrets = try FieldPacking.unpack(
                value, kind: FieldPacking.kind(of: version.fields), names: version.fields,
                naming: .delivery(metadata.name))
            return OpenedDelivery(
                rid: RecordID(rid),
                secret: OpenedSecret(metadata: metadata, version: version, secrets: secrets))
        } catch { return nil }
    }
}
