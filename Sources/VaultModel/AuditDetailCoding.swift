// The private part of an entry as bytes: tagged attributes (spec, `docs/spec/audit-log.md`).

/// `u32 count ‖ count × (u16 tag ‖ lp(value))`, tags ascending, what is unknown left out.
/// What decodes encodes to the same bytes; an unknown tag is refused.
public enum AuditDetailCoding {
    private enum Tag: UInt16 {
        case chain = 1
        case terminal = 2
        case unit = 3
        case workingDirectory = 4
        case job = 5
        case reason = 6
        case name = 7
        case newName = 8
        case version = 9
        case prefix = 10
        case slot = 11
        case count = 12
        case recipient = 13
    }

    public static func encode(_ detail: AuditDetail) -> [UInt8] {
        var attributes = CanonicalBytes(capacity: 256)
        var count: UInt32 = 0
        func add(_ tag: Tag, _ value: some Collection<UInt8>) {
            attributes.add(tag.rawValue)
            attributes.add(prefixed: value)
            count += 1
        }
        let who = detail.attribution
        if !who.chain.isEmpty { add(.chain, chain(who.chain)) }
        if let terminal = who.terminal { add(.terminal, text(terminal)) }
        if let unit = who.unit { add(.unit, text(unit)) }
        if let directory = who.workingDirectory { add(.workingDirectory, text(directory)) }
        if let job = who.job { add(.job, text(job)) }
        if let reason = who.reason { add(.reason, text(reason)) }
        if let name = detail.name { add(.name, name.text.utf8) }
        if let name = detail.newName { add(.newName, name.text.utf8) }
        if let version = detail.version { add(.version, number(version)) }
        if let prefix = detail.prefix { add(.prefix, text(prefix)) }
        if let slot = detail.slot { add(.slot, [slot]) }
        if let number = detail.count { add(.count, Self.number(number)) }
        if let name = detail.recipient { add(.recipient, name.text.utf8) }
        var encoded = CanonicalBytes(capacity: 4 + attributes.bytes.count)
        encoded.add(count)
        encoded.add(attributes.bytes)
        return encoded.bytes
    }

    /// The text, without its beginning if it is longer than the log takes.
    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count > Attribution.longestText else { return bytes }
        // Not in the middle of a character.
        let rest = bytes.suffix(Attribution.longestText).drop { $0 & 0xc0 == 0x80 }
        return Array(rest)
    }

    private static func number(_ number: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        var bytes = CanonicalBytes()
        bytes.add(number)
        return bytes.bytes
    }

    private static func chain(_ chain: [ActingProcess]) -> [UInt8] {
        let known = chain.prefix(Attribution.longestChain)
        var bytes = CanonicalBytes()
        bytes.add(UInt8(known.count))
        for process in known {
            bytes.add(process.pid)
            bytes.add(process.executable.rawValue)
            bytes.add(prefixed: text(process.path))
        }
        return bytes.bytes
    }
}

// Decoding.
extension AuditDetailCoding {
    /// The detail, or nil unless `bytes` are exactly what `encode` writes for it.
    public static func decode(_ bytes: Span<UInt8>) -> AuditDetail? {
        var reader = CanonicalReader(bytes)
        guard let count = reader.number(UInt32.self), count <= 64 else { return nil }
        var detail = AuditDetail(Attribution())
        var last: UInt16 = 0
        for _ in 0..<count {
            guard let raw = reader.number(UInt16.self), raw > last, let tag = Tag(rawValue: raw),
                let value = reader.prefixed(atMost: bytes.count), read(tag, value, into: &detail)
            else { return nil }
            last = raw
        }
        return reader.isAtEnd ? detail : nil
    }

    /// Reads one attribute to its end; false if it is not as it is written.
    private static func read(
        _ tag: Tag, _ value: Span<UInt8>, into detail: inout AuditDetail
    ) -> Bool {
        var reader = CanonicalReader(value)
        switch tag {
        case .chain: return readChain(&reader, into: &detail) && reader.isAtEnd
        case .terminal, .unit, .workingDirectory, .job, .reason, .name, .newName, .prefix,
            .recipient:
            guard value.count <= Attribution.longestText, let text = String(validUTF8: value)
            else { return false }
            return take(text, as: tag, into: &detail)
        case .version: detail.version = reader.number()
        case .slot: detail.slot = reader.number()
        case .count: detail.count = reader.number()
        }
        return reader.isAtEnd && value.count > 0
    }

    private static func take(_ text: String, as tag: Tag, into detail: inout AuditDetail) -> Bool {
        switch tag {
        case .terminal: detail.attribution.terminal = text
        case .unit: detail.attribution.unit = text
        case .workingDirectory: detail.attribution.workingDirectory = text
        case .job: detail.attribution.job = text
        case .reason: detail.attribution.reason = text
        case .prefix: detail.prefix = text
        case .name:
            detail.name = SecretName(text)
            return detail.name != nil
        case .newName:
            detail.newName = SecretName(text)
            return detail.newName != nil
        case .recipient:
            detail.recipient = SecretName(text)
            return detail.recipient != nil
        case .chain, .version, .slot, .count: return false
        }
        return true
    }

    @_lifetime(reader: copy reader)
    private static func readChain(
        _ reader: inout CanonicalReader, into detail: inout AuditDetail
    ) -> Bool {
        guard let count = reader.number(UInt8.self),
            (1...UInt8(Attribution.longestChain)).contains(count)
        else { return false }
        for _ in 0..<count {
            guard let pid = reader.number(UInt32.self),
                let executable = reader.number(UInt8.self).flatMap({
                    ActingProcess.Executable(rawValue: $0)
                }), let path = reader.text(atMost: Attribution.longestText)
            else { return false }
            detail.attribution.chain.append(
                ActingProcess(pid: pid, path: path, executable: executable))
        }
        return true
    }
}
