// The secret fields of one version as one plaintext (spec, "Records").

public import SecretMemory
public import VaultModel

/// The plaintext of a record before it is padded.
public struct PackedFields: ~Copyable {
    public let bytes: SecretBytes
    public let kind: RecordKind
}

/// One field: its value as it is. Several: `u16 count ‖ count × (lp(name) ‖ lp(value))`.
public enum FieldPacking {
    /// The layout of a version with these fields: a field that is called `secret` and alone needs
    /// no name in the plaintext, and neither does any other that is alone, for the metadata names
    /// it.
    public static func kind(of names: [FieldName]) -> RecordKind {
        names.count == 1 ? .single : .several
    }

    public static func pack(_ fields: borrowing SecretFields) -> PackedFields {
        let names = fields.names
        precondition(!names.isEmpty, "sealing: a record without a field")
        guard names.count > 1 else {
            let only = SecretBytes(copying: fields.value(of: names[0]))
            return PackedFields(bytes: only, kind: .single)
        }
        var packed = SecretBytes()
        append(UInt16(names.count), to: &packed)
        for name in names {
            append(UInt32(name.text.utf8.count), to: &packed)
            for byte in name.text.utf8 { packed.append(byte) }
            let value = fields.value(of: name)
            append(UInt32(value.count), to: &packed)
            packed.append(value)
        }
        return PackedFields(bytes: packed, kind: .several)
    }

    private static func append(
        _ number: some FixedWidthInteger & UnsignedInteger, to bytes: inout SecretBytes
    ) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// The fields again; they must be those that the metadata names, in that order.
    public static func unpack(
        _ bytes: Span<UInt8>, kind: RecordKind, names: [FieldName], naming object: DamagedObject
    ) throws(VaultError) -> SecretFields {
        var fields = SecretFields(capacity: bytes.count)
        switch kind {
        case .single:
            guard names.count == 1, fields.add(names[0], bytes) else { throw .tampered(object) }
        case .several:
            var reader = CanonicalReader(bytes)
            guard names.count > 1, reader.number(UInt16.self).map(Int.init) == names.count else {
                throw .tampered(object)
            }
            for name in names {
                guard reader.text(atMost: 64) == name.text,
                    let value = reader.prefixed(atMost: bytes.count), fields.add(name, value)
                else { throw .tampered(object) }
            }
            guard reader.isAtEnd else { throw .tampered(object) }
        }
        return fields
    }
}
