// What goes to paper and comes back: shares of a key, sheets of slots.

public import AgentProtocol
internal import Sealing
public import SecretMemory
internal import VaultCore
public import VaultModel

/// A new key that is in several hands.
public final class NewShares {
    /// Most shares of a key.
    public static let most = KeyShares.most

    private let key: RawKey
    private let shares: KeyShares

    /// Draws a key, of which `threshold` of `count` shares open the vault.
    public init(count: Int, threshold: Int) throws(VaultError) {
        let drawn = try RawKey()
        shares = try KeyShares(of: drawn, count: count, threshold: threshold)
        key = drawn
    }

    /// What a slot is made for.
    public var offer: KeyOffer { .rawKey(key.keyFile()) }

    /// A share as it is written down, from 1.
    public func text(of index: Int) -> SecretBytes { shares.text(of: index) }
}

/// Shares that people bring, until there are enough of them.
public final class BroughtShares {
    private var shares = ShareCollection()

    public init() {}

    /// How many more are needed; nil before the first.
    public var missing: Int? { shares.threshold.map { $0 - shares.count } }

    public func add(_ text: borrowing SecretBytes) throws(ShareDefect) {
        try shares.add(text.bytes)
    }

    /// The key that they give.
    public func offer() -> KeyOffer { .rawKey(shares.key().keyFile()) }
}

/// Slots that come back.
public enum SlotMending {
    /// Puts a damaged slot back from its sheet; returns its number.
    public static func mend(
        from sheet: String, at path: String, by caller: Caller, memory: String?, time: Timestamp
    ) throws(VaultError) -> UInt8 {
        try LockedVault.mendSlot(
            from: sheet, at: path, by: caller, memory: memory, time: time)
    }
}
