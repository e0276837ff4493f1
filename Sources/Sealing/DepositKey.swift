// The key pair to which deposits will be sealed: derived now, for the head names its public half.

internal import SecretMemory
internal import VaultModel

/// The HPKE key pair of an epoch's "deposit" subkey.
enum DepositKey {
    static func privateKey(
        of root: borrowing RootKey, vault: VaultID, epoch: Epoch
    ) -> SecretBytes {
        let material = root.subkey(.deposit, vault: vault, epoch: epoch)
        return HPKE.privateKey(from: material.bytes)
    }

    static func publicKey(of root: borrowing RootKey, vault: VaultID, epoch: Epoch) -> [UInt8] {
        let privateKey = privateKey(of: root, vault: vault, epoch: epoch)
        return X25519.publicKey(of: privateKey.bytes)
    }
}
