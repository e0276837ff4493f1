// A secret as a text that only its vault can open.

public import VaultModel

/// A capsule and what may be known of it.
public struct Capsuled: Hashable, Sendable {
    /// Lines of ASCII, marks included.
    public let text: [UInt8]
    public let receipt: DepositReceipt

    public init(text: [UInt8], receipt: DepositReceipt) {
        self.text = text
        self.receipt = receipt
    }
}
