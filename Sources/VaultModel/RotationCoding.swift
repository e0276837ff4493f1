// The journal of a rotation as bytes (spec, "Metadata").

/// One layout with the optional parts behind a byte that says whether they are there. What decodes
/// encodes to the same bytes; what contradicts itself is refused.
public enum RotationCoding {
    public static func encode(_ journal: RotationJournal) -> [UInt8] {
        var bytes = CanonicalBytes(capacity: 128)
        bytes.add(journal.id.bytes)
        bytes.add(journal.mode.rawValue)
        bytes.add(journal.state.rawValue)
        bytes.add(journal.end?.rawValue ?? 0)
        bytes.add(journal.begun.milliseconds)
        bytes.add(journal.changed.milliseconds)
        bytes.add(journal.old)
        bytes.add(journal.new ?? 0)
        bytes.add(journal.attempts)
        bytes.add(journal.doubts)
        bytes.add(journal.grace)
        add(journal.waiting, to: &bytes)
        bytes.add(UInt8(journal.expires == nil ? 0 : 1))
        if let expires = journal.expires { bytes.add(expires.milliseconds) }
        bytes.add(UInt8(journal.known == nil ? 0 : 1))
        if let known = journal.known { add(known, to: &bytes) }
        add(journal.strays, to: &bytes)
        return bytes.bytes
    }

    private static func add(_ reading: ClockReading?, to bytes: inout CanonicalBytes) {
        bytes.add(UInt8(reading.map { $0.running == nil ? 1 : 2 } ?? 0))
        guard let reading else { return }
        bytes.add(reading.wall.milliseconds)
        guard let running = reading.running else { return }
        bytes.add(running.boot.bytes)
        bytes.add(running.milliseconds)
    }

    private static func add(_ keys: [KeyID], to bytes: inout CanonicalBytes) {
        bytes.add(UInt32(keys.count))
        for key in keys { bytes.add(prefixed: key.text.utf8) }
    }

    /// The journal, or nil unless `bytes` are exactly what `encode` writes for it.
    public static func decode(_ bytes: Span<UInt8>) -> RotationJournal? {
        var reader = CanonicalReader(bytes)
        guard let journal = read(&reader), reader.isAtEnd, journal.isCoherent else { return nil }
        return journal
    }

    @_lifetime(reader: copy reader)
    private static func read(_ reader: inout CanonicalReader) -> RotationJournal? {
        guard let id = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let mode = reader.number(UInt8.self).flatMap(RotationMode.init(rawValue:)),
            let state = reader.number(UInt8.self).flatMap(RotationState.init(rawValue:)),
            let end = reader.number(UInt8.self),
            end == 0 || RotationEnd(rawValue: end) != nil,
            let begun = reader.number(UInt64.self), let changed = reader.number(UInt64.self),
            let old = reader.number(UInt32.self), let new = reader.number(UInt32.self),
            let attempts = reader.number(UInt32.self), let doubts = reader.number(UInt32.self),
            let grace = reader.number(UInt64.self)
        else { return nil }
        var journal = RotationJournal(
            id: RotationID(id), mode: mode, old: old, grace: grace,
            begun: Timestamp(milliseconds: begun))
        journal.state = state
        journal.end = RotationEnd(rawValue: end)
        journal.changed = Timestamp(milliseconds: changed)
        journal.new = new == 0 ? nil : new
        journal.attempts = attempts
        journal.doubts = doubts
        return readRest(&reader, into: &journal) ? journal : nil
    }

    @_lifetime(reader: copy reader)
    private static func readRest(
        _ reader: inout CanonicalReader, into journal: inout RotationJournal
    ) -> Bool {
        guard let clock = reader.number(UInt8.self), clock <= 2 else { return false }
        if clock > 0 {
            guard let reading = reading(&reader, isRunning: clock == 2) else { return false }
            journal.waiting = reading
        }
        guard let expires = reader.number(UInt8.self), expires <= 1 else { return false }
        if expires == 1 {
            guard let time = reader.number(UInt64.self) else { return false }
            journal.expires = Timestamp(milliseconds: time)
        }
        guard let isKnown = reader.number(UInt8.self), isKnown <= 1 else { return false }
        if isKnown == 1 {
            guard let known = keys(&reader) else { return false }
            journal.known = known
        }
        guard let strays = keys(&reader) else { return false }
        journal.strays = strays
        return true
    }

    @_lifetime(reader: copy reader)
    private static func reading(
        _ reader: inout CanonicalReader, isRunning: Bool
    ) -> ClockReading? {
        guard let wall = reader.number(UInt64.self) else { return nil }
        guard isRunning else { return ClockReading(wall: Timestamp(milliseconds: wall)) }
        guard let boot = reader.bytes(Identifier.byteCount).flatMap({ Identifier($0) }),
            let milliseconds = reader.number(UInt64.self)
        else { return nil }
        return ClockReading(
            wall: Timestamp(milliseconds: wall),
            running: ClockReading.Running(boot: boot, milliseconds: milliseconds))
    }

    @_lifetime(reader: copy reader)
    private static func keys(_ reader: inout CanonicalReader) -> [KeyID]? {
        guard let count = reader.number(UInt32.self), count <= RotationJournal.mostKeys else {
            return nil
        }
        var keys: [KeyID] = []
        for _ in 0..<count {
            guard let text = reader.text(atMost: KeyID.longest), let key = KeyID(text) else {
                return nil
            }
            keys.append(key)
        }
        return keys
    }
}
