// Whether every row is what was left in the vault, and which secret's is the first that is not.

internal import Sealing
internal import Storage
public import VaultModel

extension OpenVault {
    /// Holds all rows against the state tree and the head, and every blob against its digest. Names
    /// the first object that does not fit. `progress` is told how many of how many rows are done.
    public func verifyRows(
        progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> VerifiedRows {
        try looking { () throws(VaultError) in
            let head = tree.head
            try policy.verify(after: head)
            let total = head.descriptions + head.records
            var done: UInt64 = 0
            func advance() {
                done += 1
                if done & 0x3ff == 0 { progress(min(done, total), total) }
            }
            let readers = rowReaders()
            var census = StateTree.Census()
            var secrets: [RecordID: Metadata] = [:]
            try forEachDescription(readers, &census) { rid, metadata throws(VaultError) in
                advance()
                guard let metadata else { throw .tampered(.metadata(nil)) }
                secrets[rid] = metadata
            }
            try inPortions(
                store.forEachBlob, size: { $0.blob.count }, with: readers,
                work: { $0.key.digest(of: $1.blob.span) },
                use: { rows, digests throws(VaultError) in
                    for (row, digest) in zip(rows, digests) {
                        advance()
                        try check(row, digest, of: secrets[row.rid])
                    }
                })
            try tree.count(&census, readers)
            if let misfit = try tree.misfit(census, readers) { throw misfit.error(among: secrets) }
            progress(total, total)
            return VerifiedRows(secrets: head.descriptions, versions: head.records)
        }
    }

    /// A version must be one that its description knows, and its blob the one of its digest.
    private func check(
        _ row: SealedRecord, _ digest: [UInt8], of secret: Metadata?
    ) throws(VaultError) {
        guard let secret else { throw .tampered(.state) }
        guard let version = secret.version(.number(row.version)), version.state == row.state,
            row.epoch == keyring.epoch, ConstantTime.areEqual(digest.span, row.digest.span)
        else { throw .tampered(.record(secret.name, version: row.version)) }
    }
}

extension StateMisfit {
    /// Names a secret whose rows lie where it does not fit.
    fileprivate func error(among secrets: [RecordID: Metadata]) -> VaultError {
        guard case .bucket(let number) = self else { return .tampered(.state) }
        let names = secrets.filter { $0.key.bucket == number }.map(\.value.name)
        return .tampered(names.min().map { .rows(of: $0) } ?? .state)
    }
}
