// Jobs and grants as bytes (spec, "Policy").

internal import SecretMemory
internal import VaultModel

/// `lp(name) ‖ public key 32 ‖ pre-shared key 32 ‖ u64 created ‖ u32 count ‖
/// count × (lp(secret) ‖ rid 16 ‖ u64 expiry)`, secrets ascending; an expiry of 0 is none. What
/// decodes encodes to the same bytes.
enum JobCoding {
    static func encode(_ job: Job, _ preShared: Span<UInt8>) -> SecretBytes {
        var bytes = CanonicalBytes()
        bytes.add(prefixed: job.name.text.utf8)
        bytes.add(job.publicKey)
        var encoded = SecretBytes(copying: bytes.bytes.span)
        encoded.append(preShared)
        bytes = CanonicalBytes()
        bytes.add(job.created.milliseconds)
        bytes.add(UInt32(job.deliveries.count))
        for delivery in job.deliveries {
            bytes.add(prefixed: delivery.name.text.utf8)
            bytes.add(delivery.rid.bytes)
            bytes.add(delivery.expires?.milliseconds ?? 0)
        }
        encoded.append(bytes.bytes.span)
        return encoded
    }

    /// The job and its pre-shared key, or nil unless `bytes` are exactly what `encode` writes.
    static func decode(_ bytes: Span<UInt8>, id: JobID) -> OpenedJob? {
        var reader = CanonicalReader(bytes)
        guard let name = reader.text(atMost: SecretName.longest).flatMap(SecretName.init),
            let publicKey = reader.bytes(X25519.byteCount)
        else { return nil }
        let start = 4 + name.text.utf8.count + X25519.byteCount
        guard bytes.count >= start + JobIdentity.keyCount else { return nil }
        let preShared = SecretBytes(
            copying: bytes.extracting(start..<start + JobIdentity.keyCount))
        var rest = CanonicalReader(bytes.extracting((start + JobIdentity.keyCount)...))
        guard let created = rest.number(UInt64.self), let count = rest.number(UInt32.self),
            count <= Job.mostDeliveries
        else { return nil }
        var job = Job(
            id: id, name: name, created: Timestamp(milliseconds: created), publicKey: publicKey)
        for _ in 0..<count {
            guard let delivery = delivery(&rest),
                job.deliveries.last.map({ $0.name < delivery.name }) ?? true
            else { return nil }
            job.add(delivery)
        }
        return rest.isAtEnd ? OpenedJob(job, preShared) : nil
    }

    @_lifetime(reader: copy reader)
    private static func delivery(_ reader: inout CanonicalReader) -> Delivery? {
        guard let secret = reader.text(atMost: SecretName.longest).flatMap(SecretName.init),
            let rid = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let expiry = reader.number(UInt64.self)
        else { return nil }
        return Delivery(of: secret, RecordID(rid), until: Timestamp(orNever: expiry))
    }
}

/// `rid 16 ‖ lp(secret) ‖ lp(path) ‖ digest 32 ‖ u64 created ‖ u64 expiry ‖ lp(note)`. What decodes
/// encodes to the same bytes.
enum GrantCoding {
    static func encode(_ grant: Grant) -> [UInt8] {
        var bytes = CanonicalBytes()
        bytes.add(grant.rid.bytes)
        bytes.add(prefixed: grant.name.text.utf8)
        bytes.add(prefixed: grant.program.path.utf8)
        bytes.add(grant.program.digest)
        bytes.add(grant.created.milliseconds)
        bytes.add(grant.expires?.milliseconds ?? 0)
        bytes.add(prefixed: grant.note.utf8)
        return bytes.bytes
    }

    static func decode(_ bytes: Span<UInt8>, id: GrantID) -> Grant? {
        var reader = CanonicalReader(bytes)
        guard let rid = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let secret = reader.text(atMost: SecretName.longest).flatMap(SecretName.init),
            let path = reader.text(atMost: GrantedProgram.longestPath),
            let digest = reader.bytes(32),
            let program = GrantedProgram(path: path, digest: digest),
            let created = reader.number(UInt64.self), let expiry = reader.number(UInt64.self),
            let note = reader.text(atMost: Grant.longestNote), reader.isAtEnd
        else { return nil }
        return Grant(
            id: id, rid: RecordID(rid), name: secret, program: program,
            created: Timestamp(milliseconds: created), until: Timestamp(orNever: expiry),
            note: note)
    }
}

extension Timestamp {
    /// Nil for 0, which stands for never.
    init?(orNever milliseconds: UInt64) {
        guard milliseconds != 0 else { return nil }
        self.init(milliseconds: milliseconds)
    }
}
