// The private part of entries: sealed under the vault's own key while it is open, to its public
// key while it is locked (spec, `docs/spec/audit-log.md`).

internal import SecretMemory
public import VaultModel

/// Seals and opens the private parts of one epoch; wiped when it ends.
public struct AuditKey: ~Copyable {
    /// How a private part is sealed; its first byte.
    fileprivate enum Form: UInt8 {
        /// Cobblestone-256 under "audit".
        case open = 1
        /// HPKE to the deposit key.
        case locked = 2
    }

    private let vault: VaultID
    private let epoch: Epoch
    private let key: Cobblestone
    /// What is sealed to the public key opens with it too.
    public let inbox: InboxKey

    public init(root: borrowing RootKey, vault: VaultID, epoch: Epoch) {
        self.vault = vault
        self.epoch = epoch
        let audit = root.subkey(.audit, vault: vault, epoch: epoch)
        key = Cobblestone(key: audit.bytes)
        inbox = InboxKey(root: root, vault: vault, epoch: epoch)
    }

    init(audit: Span<UInt8>, deposit: Span<UInt8>, vault: VaultID, epoch: Epoch) {
        self.vault = vault
        self.epoch = epoch
        key = Cobblestone(key: audit)
        inbox = InboxKey(material: deposit, vault: vault, epoch: epoch)
    }

    /// The epoch whose keys a sealed detail names, or nil if there is none.
    public static func epoch(of sealed: [UInt8]) -> Epoch? {
        guard sealed.count >= 5 else { return nil }
        var reader = CanonicalReader(sealed.span.extracting(1...))
        return reader.number(UInt32.self).map { Epoch($0) }
    }

    /// u8 1 ‖ u32 epoch ‖ Cobblestone-256(pad(detail)), in the context of the entry's number.
    public func seal(_ detail: AuditDetail, number: UInt64) throws(VaultError) -> [UInt8] {
        let encoded = AuditDetailCoding.encode(detail)
        let padded = Padding.pad(encoded.span)
        let sealed = try key.seal(padded.bytes, context: Self.context(vault, epoch, number))
        return Self.start(.open, epoch) + sealed
    }

    /// What was sealed; nil if there is nothing. Anything but exactly what was sealed for this
    /// entry is `.tampered(.auditEntry(number))`.
    public func open(_ sealed: [UInt8], number: UInt64) throws(VaultError) -> AuditDetail? {
        if sealed.isEmpty { return nil }
        var reader = CanonicalReader(sealed.span)
        guard let form = reader.number(UInt8.self).flatMap({ Form(rawValue: $0) }),
            reader.number(UInt32.self) == epoch.number,
            let detail = open(form, sealed.span.extracting(5...), number)
        else { throw .tampered(.auditEntry(number)) }
        return detail
    }

    private func open(_ form: Form, _ sealed: Span<UInt8>, _ number: UInt64) -> AuditDetail? {
        switch form {
        case .open:
            switch key.open(sealed, context: Self.context(vault, epoch, number)) {
            case .some(let padded): return Self.detail(in: padded.bytes)
            case .none: return nil
            }
        case .locked:
            var reader = CanonicalReader(sealed)
            guard let enc = reader.bytes(X25519.byteCount) else { return nil }
            let opened = inbox.open(
                sealed.extracting(X25519.byteCount...), from: enc, info: Self.info(vault, epoch),
                authenticating: Self.number(number))
            switch opened {
            case .some(let padded): return Self.detail(in: padded.bytes)
            case .none: return nil
            }
        }
    }

    private static func detail(in padded: Span<UInt8>) -> AuditDetail? {
        guard let place = Padding.value(in: padded) else { return nil }
        return AuditDetailCoding.decode(padded.extracting(place))
    }

    /// u8 2 ‖ u32 epoch ‖ enc 32 ‖ HPKE ciphertext of pad(detail): whoever writes it needs no
    /// secret. info = D("audit-locked") ‖ vault id ‖ u32 epoch, aad = u64 number.
    public static func seal(
        _ detail: AuditDetail, number: UInt64, to depositKey: [UInt8], vault: VaultID,
        epoch: Epoch
    ) throws(VaultError) -> [UInt8] {
        let encoded = AuditDetailCoding.encode(detail)
        let padded = Padding.pad(encoded.span)
        let sealed = try HPKE.seal(
            padded.bytes, to: depositKey, info: info(vault, epoch),
            authenticating: Self.number(number))
        guard let sealed else { throw .tampered(.head) }
        return start(.locked, epoch) + sealed.enc + sealed.ciphertext
    }

    private static func start(_ form: Form, _ epoch: Epoch) -> [UInt8] {
        var start = CanonicalBytes(capacity: 5)
        start.add(form.rawValue)
        start.add(epoch.number)
        return start.bytes
    }

    /// D("audit") ‖ vault id ‖ u32 epoch ‖ u64 number.
    private static func context(_ vault: VaultID, _ epoch: Epoch, _ number: UInt64) -> [UInt8] {
        var context = CanonicalBytes(domain: "audit")
        context.add(vault.bytes)
        context.add(epoch.number)
        context.add(number)
        return context.bytes
    }

    private static func info(_ vault: VaultID, _ epoch: Epoch) -> [UInt8] {
        var info = CanonicalBytes(domain: "audit-locked")
        info.add(vault.bytes)
        info.add(epoch.number)
        return info.bytes
    }

    private static func number(_ number: UInt64) -> [UInt8] {
        var bytes = CanonicalBytes(capacity: 8)
        bytes.add(number)
        return bytes.bytes
    }
}
