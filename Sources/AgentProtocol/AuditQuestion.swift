// What an agent is asked about the log and about all rows.

public import SecretMemory
public import VaultModel

/// A question about the audit log, or for an audit.
public enum AuditQuestion: Hashable, Sendable {
    case enter
    case events(AuditPage, of: RecordID?, atMost: Int)
    case record(SecretName)
    case keys
    case verifyRows

    /// Most events in one answer: no more of the longest than a frame has place for.
    static let mostEvents = 256

    @_lifetime(reader: copy reader)
    static func read(_ topic: Topic, _ reader: inout CanonicalReader) -> AuditQuestion? {
        switch topic {
        case .enterAudit: .enter
        case .record: reader.name().map { .record($0) }
        case .keys: .keys
        case .verifyRows: .verifyRows
        default: readEvents(&reader)
        }
    }

    @_lifetime(reader: copy reader)
    private static func readEvents(_ reader: inout CanonicalReader) -> AuditQuestion? {
        guard let isFrom = reader.flag(), let number = reader.number(UInt64.self),
            let object = reader.optionalIdentifier(), let count = reader.number(UInt16.self),
            (1...mostEvents).contains(Int(count))
        else { return nil }
        return .events(
            isFrom ? .from(number) : .before(number), of: object.map { RecordID($0) },
            atMost: Int(count))
    }
}

extension AgentClient {
    public func enterAudit(at time: Timestamp) throws(VaultError) {
        try command(FrameWriter(.enterAudit))
    }

    public func events(
        _ page: AuditPage, of object: RecordID?, atMost count: Int,
        damaged: (UInt64) throws(VaultError) -> Void
    ) throws(VaultError) -> [AuditEvent] {
        var writer = FrameWriter(.events)
        switch page {
        case .before(let number):
            writer.add(false)
            writer.add(number)
        case .from(let number):
            writer.add(true)
            writer.add(number)
        }
        writer.add(ifAny: object?.identifier)
        writer.add(UInt16(max(1, min(count, AuditQuestion.mostEvents))))
        let found = try ask(writer.finish()) { $0.eventPage() }
        for number in found.damaged { try damaged(number) }
        return found.events
    }

    public func record(of name: SecretName) throws(VaultError) -> RecordID? {
        try ask(about(name, .record).finish()) { reader in
            reader.optionalIdentifier().map { $0.map { RecordID($0) } }
        }
    }

    public func keys(at time: Timestamp) throws(VaultError) -> [(RecordID, Metadata)] {
        try send(FrameWriter(.keys).finish())
        var found: [(RecordID, Metadata)] = []
        while true {
            let answer = try receive()
            switch answer.topic {
            case .part: found += try Self.read(answer.frame) { $0.keys() }
            case .done:
                let count = try Self.read(answer.frame) { $0.number(UInt64.self) }
                guard count == UInt64(found.count) else { throw .agentRefused(.malformed) }
                return found
            default: throw .agentRefused(.malformed)
            }
        }
    }

    public func verifyRows(
        progress: (UInt64, UInt64) -> Void
    ) throws(VaultError) -> VerifiedRows {
        let found = try ask(FrameWriter(.verifyRows).finish()) { $0.verifiedRows() }
        progress(1, 1)
        return found
    }
}

extension Reply {
    public static func events(_ events: [AuditEvent], damaged: [UInt64]) -> SecretBytes {
        var writer = FrameWriter(.done, capacity: 256 * (1 + events.count))
        writer.add(UInt32(events.count))
        for event in events { writer.add(event) }
        writer.add(UInt32(damaged.count))
        for number in damaged { writer.add(number) }
        return writer.finish()
    }

    public static func record(_ record: RecordID?) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(ifAny: record?.identifier)
        return writer.finish()
    }

    /// Several frames, as of a list.
    public static func keys(_ keys: [(RecordID, Metadata)]) -> SecretBytes {
        var frames = parts(of: keys.count) { place, part in
            part.add(raw: keys[place].0.identifier.bytes.span)
            part.add(keys[place].1)
        }
        var last = FrameWriter(.done)
        last.add(UInt64(keys.count))
        frames.append(last.finish().bytes)
        return frames
    }

    public static func rows(_ rows: VerifiedRows) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(rows.secrets)
        writer.add(rows.versions)
        return writer.finish()
    }
}

extension FrameWriter {
    mutating func add(ifAny identifier: Identifier?) {
        add(identifier != nil)
        if let identifier { add(raw: identifier.bytes.span) }
    }

    fileprivate mutating func add(_ event: AuditEvent) {
        add(event.number)
        add(event.time.milliseconds)
        add(event.operation.rawValue)
        add(event.outcome.rawValue)
        add(event.user)
        add(event.process)
        add(ifAny: event.object?.identifier)
        add(event.detail != nil)
        if let detail = event.detail { add(prefixed: AuditDetailCoding.encode(detail).span) }
    }
}

extension CanonicalReader {
    @_lifetime(self: copy self)
    mutating func identifier() -> Identifier? {
        bytes(Identifier.byteCount).flatMap { Identifier($0.span) }
    }

    /// An identifier that may be absent; nil if it is neither.
    @_lifetime(self: copy self)
    mutating func optionalIdentifier() -> Identifier?? {
        guard let isThere = flag() else { return nil }
        guard isThere else { return .some(nil) }
        return identifier().map { .some($0) }
    }

    @_lifetime(self: copy self)
    mutating func eventPage() -> (events: [AuditEvent], damaged: [UInt64])? {
        guard let count = number(UInt32.self), count <= AuditQuestion.mostEvents else { return nil }
        var events: [AuditEvent] = []
        for _ in 0..<count {
            guard let event = event() else { return nil }
            events.append(event)
        }
        guard let others = number(UInt32.self), others <= AuditQuestion.mostEvents else {
            return nil
        }
        var damaged: [UInt64] = []
        for _ in 0..<others {
            guard let number = number(UInt64.self) else { return nil }
            damaged.append(number)
        }
        return (events, damaged)
    }

    @_lifetime(self: copy self)
    private mutating func event() -> AuditEvent? {
        guard let number = number(UInt64.self), let time = self.number(UInt64.self),
            let operation = self.number(UInt8.self).flatMap(AuditOperation.init(rawValue:)),
            let outcome = self.number(UInt8.self).flatMap(AuditOutcome.init(rawValue:)),
            let user = self.number(UInt32.self), let process = self.number(UInt32.self),
            let object = optionalIdentifier(), let hasDetail = flag()
        else { return nil }
        var detail: AuditDetail?
        if hasDetail {
            guard let bytes = prefixed(atMost: AuditEntry.longestDetail),
                let read = AuditDetailCoding.decode(bytes)
            else { return nil }
            detail = read
        }
        return AuditEvent(
            number: number, time: Timestamp(milliseconds: time), operation: operation,
            outcome: outcome, user: user, process: process, object: object.map { RecordID($0) },
            detail: detail)
    }

    @_lifetime(self: copy self)
    mutating func keys() -> [(RecordID, Metadata)]? {
        var found: [(RecordID, Metadata)] = []
        while !isAtEnd {
            guard let record = identifier(), let secret = metadata() else { return nil }
            found.append((RecordID(record), secret))
        }
        return found
    }

    @_lifetime(self: copy self)
    fileprivate mutating func verifiedRows() -> VerifiedRows? {
        guard let secrets = number(UInt64.self), let versions = number(UInt64.self) else {
            return nil
        }
        return VerifiedRows(secrets: secrets, versions: versions)
    }
}
