// Values as fields of a frame: copied from locked memory to locked memory.

internal import SecretMemory
internal import VaultModel

extension FrameWriter {
    /// `u32 count ‖ count × (lp(name) ‖ lp(value))`
    mutating func add(_ secrets: borrowing SecretFields) {
        let names = secrets.names
        add(UInt32(names.count))
        for name in names {
            add(name.text)
            add(prefixed: secrets.value(of: name))
        }
    }

    mutating func add(_ opened: borrowing OpenedSecret) {
        add(opened.metadata)
        add(opened.version.number)
        add(opened.secrets)
    }

    mutating func add(_ receipt: Receipt) {
        add(receipt.metadata)
        add(receipt.version.number)
        add(UInt32(receipt.lastFour.count))
        for (name, tail) in receipt.lastFour.sorted(by: { $0.key < $1.key }) {
            add(name.text)
            add(tail)
        }
    }
}

extension CanonicalReader {
    @_lifetime(self: copy self)
    mutating func secrets() -> SecretFields? {
        guard let count = number(UInt32.self), count <= Metadata.mostEntries else { return nil }
        var secrets = SecretFields(capacity: 256)
        for _ in 0..<count {
            guard let name = field(), let value = prefixed(atMost: Frame.longest),
                secrets.add(name, value)
            else { return nil }
        }
        return secrets
    }

    @_lifetime(self: copy self)
    mutating func opened() -> OpenedSecret? {
        guard let metadata = metadata(), let version = summary(in: metadata),
            let secrets = secrets(), secrets.names == version.fields
        else { return nil }
        return OpenedSecret(metadata: metadata, version: version, secrets: secrets)
    }

    @_lifetime(self: copy self)
    private mutating func summary(in metadata: Metadata) -> VersionSummary? {
        guard let number = number(UInt32.self) else { return nil }
        return metadata.version(.number(number))
    }

    @_lifetime(self: copy self)
    mutating func receipt() -> Receipt? {
        guard let metadata = metadata(), let version = summary(in: metadata),
            let count = number(UInt32.self), count <= Metadata.mostEntries
        else { return nil }
        var lastFour: [FieldName: String] = [:]
        for _ in 0..<count {
            guard let name = field(), let tail = text(atMost: 4) else { return nil }
            lastFour[name] = tail
        }
        return Receipt(metadata: metadata, version: version, lastFour: lastFour)
    }
}
