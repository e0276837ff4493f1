// What an agent is asked about rotations and what became of versions.

public import SecretMemory
public import VaultModel

/// A question about a rotation. That a value arrived is a question of its own: it holds one.
public enum RotationQuestion: Hashable, Sendable {
    case begin(SecretName, RotationMode, grace: UInt64)
    case advance(SecretName, from: RotationJournal, to: RotationJournal)
    case history(SecretName)
    case rollBack(SecretName, VersionSwap)

    @_lifetime(reader: copy reader)
    static func read(_ topic: Topic, _ reader: inout CanonicalReader) -> RotationQuestion? {
        guard let name = reader.name() else { return nil }
        switch topic {
        case .history: return .history(name)
        case .rollBack:
            guard let current = reader.number(UInt32.self),
                let previous = reader.number(UInt32.self)
            else { return nil }
            return .rollBack(name, VersionSwap(current: current, previous: previous))
        case .beginRotation:
            guard let mode = reader.number(UInt8.self).flatMap(RotationMode.init(rawValue:)),
                let grace = reader.number(UInt64.self), grace <= RotationJournal.longestGrace
            else { return nil }
            return .begin(name, mode, grace: grace)
        default:
            guard let seen = reader.journal(), let next = reader.journal() else { return nil }
            return .advance(name, from: seen, to: next)
        }
    }
}

extension AgentClient {
    public func beginRotation(
        _ name: SecretName, _ mode: RotationMode, grace: UInt64, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        guard grace <= RotationJournal.longestGrace else { throw .rotationUnfit(name) }
        var writer = about(name, .beginRotation)
        writer.add(mode.rawValue)
        writer.add(grace)
        return try ask(writer.finish()) { $0.metadata() }
    }

    public func advanceRotation(
        _ name: SecretName, from seen: RotationJournal, to next: RotationJournal,
        at time: Timestamp
    ) throws(VaultError) -> Metadata {
        // What contradicts itself is no journal that could be sent.
        guard seen.isCoherent, next.isCoherent else { throw .rotationUnfit(name) }
        var writer = about(name, .advanceRotation)
        writer.add(seen)
        writer.add(next)
        return try ask(writer.finish()) { $0.metadata() }
    }

    public func storeRotated(
        _ value: RotatedValue, _ secrets: borrowing SecretFields, at time: Timestamp
    ) throws(VaultError) -> RotatedReceipt {
        var writer = FrameWriter(.storeRotated, capacity: 1_024)
        writer.add(value)
        writer.add(secrets)
        return try ask(writer.finish()) { $0.rotatedReceipt() }
    }

    public func history(
        of name: SecretName, at time: Timestamp
    ) throws(VaultError) -> VersionHistory {
        try ask(about(name, .history).finish()) { $0.history() }
    }

    public func rollBack(
        _ name: SecretName, _ swap: VersionSwap, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        var writer = about(name, .rollBack)
        writer.add(swap.current)
        writer.add(swap.previous)
        return try ask(writer.finish()) { $0.metadata() }
    }
}

extension Reply {
    public static func rotated(_ rotated: RotatedReceipt) -> SecretBytes {
        var writer = FrameWriter(.done)
        writer.add(rotated.receipt)
        writer.add(rotated.isAwaited)
        return writer.finish()
    }

    public static func history(_ history: VersionHistory) -> SecretBytes {
        var writer = FrameWriter(.done, capacity: 512 + 16 * history.moves.count)
        writer.add(history.metadata)
        writer.add(UInt32(history.moves.count))
        for move in history.moves {
            writer.add(move.version)
            writer.add(move.time.milliseconds)
            writer.add(move.operation.rawValue)
        }
        return writer.finish()
    }
}

extension FrameWriter {
    mutating func add(_ journal: RotationJournal) {
        add(prefixed: RotationCoding.encode(journal).span)
    }

    mutating func add(_ value: RotatedValue) {
        add(value.name.text)
        add(value.seen)
        add(value.fields)
        add(ifAny: value.expires?.milliseconds)
    }
}

extension CanonicalReader {
    @_lifetime(self: copy self)
    mutating func journal() -> RotationJournal? {
        guard let bytes = prefixed(atMost: Frame.longest) else { return nil }
        return RotationCoding.decode(bytes)
    }

    @_lifetime(self: copy self)
    mutating func rotatedValue() -> RotatedValue? {
        guard let name = name(), let seen = journal(), let fields = fields(),
            let expires = optionalNumber()
        else { return nil }
        return RotatedValue(
            name: name, seen: seen, fields: fields,
            expires: expires.map { Timestamp(milliseconds: $0) })
    }

    @_lifetime(self: copy self)
    mutating func rotatedReceipt() -> RotatedReceipt? {
        guard let receipt = receipt(), let isAwaited = flag() else { return nil }
        return RotatedReceipt(receipt: receipt, isAwaited: isAwaited)
    }

    @_lifetime(self: copy self)
    mutating func history() -> VersionHistory? {
        guard let metadata = metadata(), let count = number(UInt32.self),
            count <= VersionHistory.mostMoves
        else { return nil }
        var moves: [VersionMove] = []
        for _ in 0..<count {
            guard let version = number(UInt32.self), let time = number(UInt64.self),
                let operation = number(UInt8.self).flatMap(AuditOperation.init(rawValue:)),
                operation.movesVersions
            else { return nil }
            moves.append(
                VersionMove(
                    version: version, time: Timestamp(milliseconds: time), operation: operation))
        }
        return VersionHistory(metadata: metadata, moves: moves)
    }
}
