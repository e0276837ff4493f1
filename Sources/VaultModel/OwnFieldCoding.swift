// The public fields that versions have of their own, as bytes (spec, "Metadata").

/// `u32 n ‖ n × (u32 number ‖ u32 m ‖ m × (lp(field name) ‖ u8 1 ‖ lp(text) or u8 0))`: a byte of 0
/// where the version lacks a field that the secret has. Numbers and names ascend; a version without
/// fields of its own is left out, and so is the attribute if there is none.
enum OwnFieldCoding {
    static func encode(_ versions: [VersionSummary]) -> CanonicalBytes? {
        let owners = versions.filter { !$0.ownFields.isEmpty }
        guard !owners.isEmpty else { return nil }
        var bytes = CanonicalBytes()
        bytes.add(UInt32(owners.count))
        for version in owners {
            bytes.add(version.number)
            bytes.add(UInt32(version.ownFields.count))
            for (name, own) in version.ownFields.sorted(by: { $0.key < $1.key }) {
                bytes.add(prefixed: name.text.utf8)
                bytes.add(UInt8(own == .absent ? 0 : 1))
                if let text = own.text { bytes.add(prefixed: text.utf8) }
            }
        }
        return bytes
    }

    /// Reads them into the versions, which must be known: those that are not current and not
    /// destroyed. False if it is not as it is written.
    @_lifetime(reader: copy reader)
    static func read(
        _ reader: inout CanonicalReader, into versions: inout [VersionSummary]
    ) -> Bool {
        guard let count = reader.number(UInt32.self), count > 0, count <= versions.count else {
            return false
        }
        var last: UInt32 = 0
        for _ in 0..<count {
            guard let number = reader.number(UInt32.self), number > last,
                let place = versions.firstIndex(where: { $0.number == number }),
                versions[place].mayHaveOwnFields, let fields = fields(&reader)
            else { return false }
            versions[place].ownFields = fields
            last = number
        }
        return areWithinBounds(versions)
    }

    @_lifetime(reader: copy reader)
    private static func fields(_ reader: inout CanonicalReader) -> [FieldName: OwnField]? {
        guard let count = reader.number(UInt32.self), count > 0,
            count <= 2 * Metadata.mostEntries
        else { return nil }
        var fields: [FieldName: OwnField] = [:]
        var last: FieldName?
        for _ in 0..<count {
            guard let name = reader.text(atMost: 64).flatMap({ FieldName($0) }),
                last.map({ $0 < name }) ?? true, let own = own(&reader)
            else { return nil }
            fields[name] = own
            last = name
        }
        return fields
    }

    @_lifetime(reader: copy reader)
    private static func own(_ reader: inout CanonicalReader) -> OwnField? {
        switch reader.number(UInt8.self) {
        case 0: .absent
        case 1: reader.text(atMost: Metadata.longestField).map { .text($0) }
        default: nil
        }
    }

    /// Whether all versions together keep the bounds that `Metadata` states.
    static func areWithinBounds(_ versions: [VersionSummary]) -> Bool {
        var (count, length) = (0, 0)
        for version in versions {
            guard version.ownFields.count <= 2 * Metadata.mostEntries else { return false }
            count += version.ownFields.count
            for own in version.ownFields.values {
                let text = own.text?.utf8.count ?? 0
                guard text <= Metadata.longestField else { return false }
                length += text
            }
        }
        return count <= Metadata.mostOwnFields && length <= Metadata.longestOwnFields
    }
}

extension VersionSummary {
    /// The fields of the current version are those of the secret; a destroyed one has none.
    fileprivate var mayHaveOwnFields: Bool { state != .current && state != .destroyed }
}
