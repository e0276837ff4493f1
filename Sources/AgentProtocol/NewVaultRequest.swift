// What a new vault is made of.

public import SecretMemory
public import VaultModel

/// Where a vault is made and which keys open it; at least one must be there.
public struct NewVaultRequest: ~Copyable {
    public let path: String
    public let parameters: KDFParameters
    public let passphrase: SecretBytes?
    /// The text of a key file.
    public let keyFile: SecretBytes?
    public let recoveryCode: SecretBytes?

    public init(
        path: String, parameters: KDFParameters, passphrase: consuming SecretBytes?,
        keyFile: consuming SecretBytes?, recoveryCode: consuming SecretBytes?
    ) {
        self.path = path
        self.parameters = parameters
        self.passphrase = passphrase
        self.keyFile = keyFile
        self.recoveryCode = recoveryCode
    }
}
