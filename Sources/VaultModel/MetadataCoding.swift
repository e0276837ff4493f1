// Metadata as bytes: a name and a list of tagged attributes (spec, "Metadata").

/// `lp(name) ‖ u32 count ‖ count × (u16 tag ‖ lp(value))`, tags ascending, defaults left out.
/// What decodes encodes to the same bytes; an unknown tag is refused.
public enum MetadataCoding {
    private enum Tag: UInt16 {
        case issuer = 1
        case status = 2
        case label = 3
        case fields = 4
        case tags = 5
        case created = 6
        case modified = 7
        case expires = 8
        case removed = 9
        case maximumAge = 10
        case managedElsewhere = 11
        case versions = 12
        case reason = 13
        case grant = 14
        case rotation = 15
        case ownFields = 16

        /// Whether the value is no list with an end of its own.
        var isReadWhole: Bool { self == .issuer || self == .label || self == .rotation }
    }

    public static func encode(_ metadata: Metadata) -> [UInt8] {
        let (count, attributes) = counted(metadata)
        var encoded = CanonicalBytes()
        encoded.add(prefixed: metadata.name.text.utf8)
        encoded.add(count)
        encoded.add(attributes)
        return encoded.bytes
    }

    /// What `encode` writes behind the name; nothing at all if every attribute is left out.
    public static func attributes(of metadata: Metadata) -> [UInt8] {
        let (count, attributes) = counted(metadata)
        guard count > 0 else { return [] }
        var encoded = CanonicalBytes()
        encoded.add(count)
        encoded.add(attributes)
        return encoded.bytes
    }

    private static func counted(_ metadata: Metadata) -> (count: UInt32, attributes: [UInt8]) {
        var attributes = CanonicalBytes()
        var count: UInt32 = 0
        func add(_ tag: Tag, _ value: CanonicalBytes) {
            attributes.add(tag.rawValue)
            attributes.add(prefixed: value.bytes)
            count += 1
        }
        if metadata.issuer != .generic { add(.issuer, text(metadata.issuer.text)) }
        if metadata.status == .disabled { add(.status, number(UInt8(1))) }
        if !metadata.label.isEmpty { add(.label, text(metadata.label)) }
        if !metadata.fields.isEmpty { add(.fields, fields(metadata.fields)) }
        if !metadata.tags.isEmpty { add(.tags, texts(metadata.tags)) }
        if metadata.created.milliseconds != 0 { add(.created, time(metadata.created)) }
        if metadata.modified != metadata.created { add(.modified, time(metadata.modified)) }
        if let expires = metadata.expires { add(.expires, time(expires)) }
        if let removed = metadata.removed { add(.removed, time(removed)) }
        if let age = metadata.maximumAge { add(.maximumAge, number(age)) }
        if metadata.isManagedElsewhere { add(.managedElsewhere, number(UInt8(1))) }
        if !metadata.versions.isEmpty { add(.versions, versions(metadata.versions)) }
        if metadata.requiresReason { add(.reason, number(UInt8(1))) }
        if metadata.requiresGrant { add(.grant, number(UInt8(1))) }
        if let rotation = metadata.rotation {
            add(.rotation, raw(RotationCoding.encode(rotation)))
        }
        if let own = OwnFieldCoding.encode(metadata.versions) { add(.ownFields, own) }
        return (count, attributes.bytes)
    }

    private static func text(_ text: String) -> CanonicalBytes {
        var bytes = CanonicalBytes()
        bytes.add(text.utf8)
        return bytes
    }

    private static func raw(_ encoded: [UInt8]) -> CanonicalBytes {
        var bytes = CanonicalBytes()
        bytes.add(encoded)
        return bytes
    }

    private static func number(_ number: some FixedWidthInteger & UnsignedInteger) -> CanonicalBytes
    {
        var bytes = CanonicalBytes()
        bytes.add(number)
        return bytes
    }

    private static func time(_ time: Timestamp) -> CanonicalBytes { number(time.milliseconds) }

    private static func texts(_ texts: [String]) -> CanonicalBytes {
        var bytes = number(UInt32(texts.count))
        for text in texts { bytes.add(prefixed: text.utf8) }
        return bytes
    }

    private static func fields(_ fields: [FieldName: String]) -> CanonicalBytes {
        var bytes = number(UInt32(fields.count))
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            bytes.add(prefixed: name.text.utf8)
            bytes.add(prefixed: value.utf8)
        }
        return bytes
    }

    private static func versions(_ versions: [VersionSummary]) -> CanonicalBytes {
        var bytes = number(UInt32(versions.count))
        for version in versions {
            bytes.add(version.number)
            bytes.add(version.state.rawValue)
            bytes.add(version.created.milliseconds)
            bytes.add(UInt16(version.fields.count))
            for field in version.fields { bytes.add(prefixed: field.text.utf8) }
        }
        return bytes
    }
}

// Decoding.
extension MetadataCoding {
    /// The description, or nil unless `bytes` are exactly what `encode` writes for it.
    public static func decode(_ bytes: Span<UInt8>) -> Metadata? {
        var reader = CanonicalReader(bytes)
        guard let nameText = reader.text(atMost: SecretName.longest),
            let name = SecretName(nameText)
        else { return nil }
        return read(&reader, of: name, bytes.count)
    }

    /// The description of that name, or nil unless `attributes` are exactly what `attributes(of:)`
    /// writes for it.
    public static func metadata(_ name: SecretName, attributes: Span<UInt8>) -> Metadata? {
        guard attributes.count > 0 else { return Attributes(of: name).found }
        var reader = CanonicalReader(attributes)
        let metadata = read(&reader, of: name, attributes.count)
        return metadata == Attributes(of: name).found ? nil : metadata
    }

    @_lifetime(reader: copy reader)
    private static func read(
        _ reader: inout CanonicalReader, of name: SecretName, _ longest: Int
    ) -> Metadata? {
        guard let count = reader.number(UInt32.self), count <= 64 else { return nil }
        var said = Attributes(of: name)
        var last: UInt16 = 0
        for _ in 0..<count {
            guard let raw = reader.number(UInt16.self), raw > last, let tag = Tag(rawValue: raw),
                let value = reader.prefixed(atMost: longest), said.read(tag, value)
            else { return nil }
            last = raw
        }
        guard reader.isAtEnd else { return nil }
        return said.found
    }

    /// What the attributes said so far.
    private struct Attributes {
        /// What they describe; what is not said is as it is by default.
        var found: Metadata

        init(of name: SecretName) {
            found = Metadata(name: name, created: Timestamp(milliseconds: 0))
        }

        /// Reads one attribute to its end; false if it is not as it is written.
        mutating func read(_ tag: Tag, _ value: Span<UInt8>) -> Bool {
            var reader = CanonicalReader(value)
            let isRead =
                switch tag {
                case .issuer, .label: readText(tag, value)
                case .status, .managedElsewhere, .reason, .grant:
                    readFlag(tag, reader.number(UInt8.self))
                case .fields: readFields(&reader)
                case .tags: readTags(&reader)
                case .created, .modified, .expires, .removed, .maximumAge:
                    readNumber(tag, reader.number(UInt64.self))
                case .versions: readVersions(&reader)
                case .rotation: readRotation(value)
                case .ownFields: OwnFieldCoding.read(&reader, into: &found.versions)
                }
            return isRead && (tag.isReadWhole || reader.isAtEnd)
        }

        private mutating func readText(_ tag: Tag, _ value: Span<UInt8>) -> Bool {
            let text = String(validUTF8: value)
            guard let text, !text.isEmpty else { return false }
            if tag == .label {
                found.label = text
                return text.utf8.count <= Metadata.longestLabel
            }
            guard let named = IssuerID(text), named != .generic else { return false }
            found.issuer = named
            return true
        }

        private mutating func readRotation(_ value: Span<UInt8>) -> Bool {
            found.rotation = RotationCoding.decode(value)
            return found.rotation != nil
        }

        private mutating func readFlag(_ tag: Tag, _ value: UInt8?) -> Bool {
            switch tag {
            case .status: found.status = .disabled
            case .reason: found.requiresReason = true
            case .grant: found.requiresGrant = true
            default: found.isManagedElsewhere = true
            }
            return value == 1
        }

        private mutating func readNumber(_ tag: Tag, _ value: UInt64?) -> Bool {
            guard let value else { return false }
            let time = Timestamp(milliseconds: value)
            switch tag {
            case .created:
                found.created = time
                found.modified = time
                return value != 0
            case .modified:
                found.modified = time
                return time != found.created
            case .expires: found.expires = time
            case .removed: found.removed = time
            default: found.maximumAge = value
            }
            return true
        }

        @_lifetime(reader: copy reader)
        private mutating func readFields(_ reader: inout CanonicalReader) -> Bool {
            guard let count = reader.number(UInt32.self), count > 0, count <= Metadata.mostEntries
            else { return false }
            var last: FieldName?
            for _ in 0..<count {
                guard let text = reader.text(atMost: 64), let name = FieldName(text),
                    last.map({ $0 < name }) ?? true,
                    let value = reader.text(atMost: Metadata.longestField)
                else { return false }
                found.fields[name] = value
                last = name
            }
            return true
        }

        @_lifetime(reader: copy reader)
        private mutating func readTags(_ reader: inout CanonicalReader) -> Bool {
            guard let count = reader.number(UInt32.self), count > 0, count <= Metadata.mostEntries
            else { return false }
            for _ in 0..<count {
                guard let tag = reader.text(atMost: Metadata.longestTag), !tag.isEmpty,
                    found.tags.last.map({ $0.utf8.lexicographicallyPrecedes(tag.utf8) }) ?? true
                else { return false }
                found.tags.append(tag)
            }
            return true
        }

        @_lifetime(reader: copy reader)
        private mutating func readVersions(_ reader: inout CanonicalReader) -> Bool {
            guard let count = reader.number(UInt32.self), count > 0, count <= Metadata.mostEntries
            else { return false }
            for _ in 0..<count {
                guard let version = Self.version(&reader),
                    version.number > found.versions.last?.number ?? 0
                else { return false }
                found.versions.append(version)
            }
            return true
        }

        @_lifetime(reader: copy reader)
        private static func version(_ reader: inout CanonicalReader) -> VersionSummary? {
            guard let number = reader.number(UInt32.self),
                let state = reader.number(UInt8.self).flatMap(VersionState.init(rawValue:)),
                let created = reader.number(UInt64.self), let count = reader.number(UInt16.self),
                count > 0, count <= Metadata.mostEntries
            else { return nil }
            var names: [FieldName] = []
            for _ in 0..<count {
                guard let text = reader.text(atMost: 64), let name = FieldName(text),
                    !names.contains(name)
                else { return nil }
                names.append(name)
            }
            return VersionSummary(
                number: number, state: state, created: Timestamp(milliseconds: created),
                fields: names)
        }
    }
}
