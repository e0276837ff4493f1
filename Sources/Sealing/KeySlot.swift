// A key slot: the root key, sealed under a passphrase or a raw key (spec, "Slots").

public import VaultModel

/// Why the bytes of a slot are not used.
public enum KeySlotDefect: Error, Hashable, Sendable {
    /// Length, magic or checksum: bit rot. The other copy may be fine.
    case damaged
    /// The checksum is right and the content is not one that this program opens.
    case refused(FormatDefect)
}

/// The 224 bytes of a slot that passed every check that needs no key.
///
/// `"SLT1" ‖ number u8 ‖ kind u8 ‖ suite u16 ‖ vault id 16 ‖ epoch u32 ‖ memory u32 ‖ passes u32 ‖
/// lanes u32 ‖ argon version u32 ‖ salt 32 ‖ created u64 ‖ flags u32 ‖ sealed 104 ‖ SHA-256 32`
public struct KeySlot: Hashable, Sendable {
    public static let byteCount = 224
    static let headerCount = 88
    static let saltCount = 32
    static let argonVersion: UInt32 = 0x13
    private static let magic = Array("SLT1".utf8)
    private static let sealedCount = byteCount - headerCount - SHA256.byteCount

    public let bytes: [UInt8]
    public let number: UInt8
    public let kind: KeySlotKind
    public let vault: VaultID
    public let epoch: Epoch
    public let parameters: KDFParameters
    /// Whole seconds.
    public let created: Timestamp
    let salt: [UInt8]

    var header: [UInt8] { Array(bytes.prefix(Self.headerCount)) }
    var sealed: [UInt8] { Array(bytes.dropFirst(Self.headerCount).prefix(Self.sealedCount)) }

    /// Reads a slot. Every bound is checked here, before a key derivation could take memory for it.
    public init(parsing bytes: [UInt8]) throws(KeySlotDefect) {
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic) else { throw .damaged }
        let body = bytes.count - SHA256.byteCount
        guard SHA256.digest(bytes.span.extracting(first: body)).elementsEqual(bytes[body...])
        else { throw .damaged }
        var reader = CanonicalReader(bytes.span.extracting(Self.magic.count...))
        guard let number = reader.number(UInt8.self), let rawKind = reader.number(UInt8.self),
            let suite = reader.number(UInt16.self),
            let vault = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let epoch = reader.number(UInt32.self), let memory = reader.number(UInt32.self),
            let passes = reader.number(UInt32.self), let lanes = reader.number(UInt32.self),
            let argonVersion = reader.number(UInt32.self), let salt = reader.bytes(Self.saltCount),
            let created = reader.number(UInt64.self), let flags = reader.number(UInt32.self)
        else { throw .damaged }
        guard suite == Suite.one.number else { throw .refused(.unknownSuite) }
        guard let kind = KeySlotKind(rawValue: rawKind) else { throw .refused(.unknownSlotKind) }
        guard flags == 0 else { throw .refused(.unknownFlags) }
        guard number < KeySlotSummary.most, epoch >= 1, created <= 253_402_300_799 else {
            throw .damaged
        }
        self.bytes = bytes
        self.number = number
        self.kind = kind
        self.vault = VaultID(vault)
        self.epoch = Epoch(epoch)
        parameters = KDFParameters(memory: memory, passes: passes, lanes: lanes)
        self.created = Timestamp(milliseconds: created * 1_000)
        self.salt = salt
        switch kind {
        case .passphrase:
            guard argonVersion == Self.argonVersion,
                parameters.isAcceptable(ceiling: Argon2.memoryCeiling)
            else { throw .refused(.kdfOutOfBounds) }
        case .rawKey:
            guard argonVersion == 0, parameters == .none else { throw .refused(.kdfOutOfBounds) }
        }
    }

    /// The header of a slot that is about to be sealed.
    static func header(
        number: UInt8, kind: KeySlotKind, vault: VaultID, epoch: Epoch, parameters: KDFParameters,
        salt: [UInt8], created: Timestamp
    ) -> [UInt8] {
        var header = CanonicalBytes()
        header.add(magic)
        header.add(number)
        header.add(kind.rawValue)
        header.add(Suite.one.number)
        header.add(vault.bytes)
        header.add(epoch.number)
        header.add(parameters.memory)
        header.add(parameters.passes)
        header.add(parameters.lanes)
        header.add(kind == .passphrase ? argonVersion : 0)
        header.add(salt)
        header.add(created.milliseconds / 1_000)
        header.add(UInt32(0))
        return header.bytes
    }
}
