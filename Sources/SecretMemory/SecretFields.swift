// The secret fields of one credential, side by side in one piece of locked memory.

public import VaultModel

/// Named secret values in the order in which they were added; a name stands at most once.
///
/// A noncopyable value cannot be an element of an `Array`, so the values lie one after another and
/// the names remember where.
public struct SecretFields: ~Copyable, Sendable {
    private var places: [Place] = []
    private var values: SecretBytes

    /// Where a value lies. Not a tuple, whose type would be made when the program runs.
    private struct Place {
        let name: FieldName
        let start: Int
        let end: Int
    }

    /// No fields yet, with room for `capacity` bytes of values.
    public init(capacity: Int = 0) { values = SecretBytes(capacity: capacity) }

    /// Copies of all fields of another.
    public init(copying others: borrowing SecretFields) {
        places = others.places
        values = SecretBytes(copying: others.values.bytes)
    }

    public var names: [FieldName] { places.map(\.name) }
    public var isEmpty: Bool { places.isEmpty }

    /// Adds a copy of `value`; false, and nothing changed, if the name is taken.
    public mutating func add(_ name: FieldName, _ value: Span<UInt8>) -> Bool {
        guard !contains(name) else { return false }
        let start = values.count
        values.append(value)
        places.append(Place(name: name, start: start, end: values.count))
        return true
    }

    public func contains(_ name: FieldName) -> Bool { places.contains { $0.name == name } }

    /// Length of a field's value in bytes, or nil if there is no such field.
    public func count(of name: FieldName) -> Int? {
        places.first { $0.name == name }.map { $0.end - $0.start }
    }

    /// The value of a field; the name must be one of `names`.
    @_lifetime(borrow self)
    public func value(of name: FieldName) -> Span<UInt8> {
        guard let place = places.first(where: { $0.name == name }) else {
            preconditionFailure("secret memory: no such field")
        }
        return values.bytes.extracting(place.start..<place.end)
    }
}
