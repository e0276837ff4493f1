// What is kept of an epoch that a rekey ended: the keys for its log and its deposits, no others
// (spec, "Rekeying").

internal import SecretMemory
public import VaultModel

/// Opens details of the log and deposits that were sealed before a rekey.
public struct RetiredKey: ~Copyable {
    public let epoch: Epoch
    private let vault: VaultID
    private let audit, deposit: SecretBytes
    /// In bytes: two subkeys.
    private static let plaintextCount = 64

    /// The keys of an epoch that is about to end.
    public init(root: borrowing RootKey, vault: VaultID, epoch: Epoch) {
        self.epoch = epoch
        self.vault = vault
        audit = root.subkey(.audit, vault: vault, epoch: epoch)
        deposit = root.subkey(.deposit, vault: vault, epoch: epoch)
    }

    fileprivate init(epoch: Epoch, vault: VaultID, _ plaintext: Span<UInt8>) {
        self.epoch = epoch
        self.vault = vault
        audit = SecretBytes(copying: plaintext.extracting(first: 32))
        deposit = SecretBytes(copying: plaintext.extracting(last: 32))
    }

    public borrowing func auditKey() -> AuditKey {
        AuditKey(audit: audit.bytes, deposit: deposit.bytes, vault: vault, epoch: epoch)
    }

    fileprivate borrowing func plaintext() -> SecretBytes {
        var plaintext = SecretBytes(capacity: Self.plaintextCount)
        plaintext.append(audit.bytes)
        plaintext.append(deposit.bytes)
        return plaintext
    }
}

/// Seals and opens the retired keys of a vault under the keys of its epoch.
public struct RetirementKey: ~Copyable {
    private let vault: VaultID
    private let epoch: Epoch
    private let key: Cobblestone

    public init(root: borrowing RootKey, vault: VaultID, epoch: Epoch) {
        self.vault = vault
        self.epoch = epoch
        let subkey = root.subkey(.retired, vault: vault, epoch: epoch)
        key = Cobblestone(key: subkey.bytes)
    }

    /// Cobblestone-256(pad(audit 32 ‖ deposit 32)).
    public borrowing func seal(_ retired: borrowing RetiredKey) throws(VaultError) -> [UInt8] {
        let plaintext = retired.plaintext()
        let padded = Padding.pad(plaintext.bytes)
        return try key.seal(padded.bytes, context: context(retired.epoch))
    }

    /// The keys of an epoch that is over; `.tampered(.retiredKey)` if they are not what was
    /// sealed.
    public borrowing func open(
        _ sealed: [UInt8], of retired: Epoch
    ) throws(VaultError) -> RetiredKey {
        switch key.open(sealed.span, context: context(retired)) {
        case .some(let padded):
            guard let place = Padding.value(in: padded.bytes), place.count == 64 else {
                throw .tampered(.retiredKey(retired))
            }
            return RetiredKey(epoch: retired, vault: vault, padded.bytes.extracting(place))
        case .none: throw .tampered(.retiredKey(retired))
        }
    }

    /// D("retired") ‖ vault id ‖ u32 epoch ‖ u32 the epoch that is over.
    private borrowing func context(_ retired: Epoch) -> [UInt8] {
        var context = CanonicalBytes(domain: "retired")
        context.add(vault.bytes)
        context.add(epoch.number)
        context.add(retired.number)
        return context.bytes
    }
}
