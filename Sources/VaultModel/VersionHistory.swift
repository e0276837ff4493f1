// What was done to the versions of a secret, and since when each is what it is.

/// One thing that was done to a version.
public struct VersionMove: Hashable, Sendable {
    public let version: UInt32
    public let time: Timestamp
    public let operation: AuditOperation

    public init(version: UInt32, time: Timestamp, operation: AuditOperation) {
        self.version = version
        self.time = time
        self.operation = operation
    }
}

/// The versions of a secret and what was done to them.
public struct VersionHistory: Hashable, Sendable {
    /// Most moves that are told.
    public static let mostMoves = 4_096

    public let metadata: Metadata
    /// The oldest first.
    public let moves: [VersionMove]

    public init(metadata: Metadata, moves: [VersionMove]) {
        self.metadata = metadata
        self.moves = moves
    }
}

extension AuditOperation {
    /// Whether it is told in a history of versions.
    public var movesVersions: Bool {
        switch self {
        case .capture, .accept, .discard, .rotate, .rotateStore, .promote, .rollBack, .retire,
            .rotateAbandon:
            true
        default: false
        }
    }
}

extension Metadata {
    /// The keys that a rotation left at the issuer and no version holds: none of them is called as
    /// a public field of one says.
    public var strays: [KeyID] {
        guard let rotation else { return [] }
        let said = Set(versions.flatMap { fields(of: $0).values.compactMap { KeyID($0) } })
        return rotation.strays.filter { !said.contains($0) }
    }
}

extension VersionHistory {
    /// Since when each version has its state, as far as the moves tell.
    public var since: [UInt32: Timestamp] {
        var found: [UInt32: (state: VersionState, since: Timestamp)] = [:]
        for move in moves {
            switch move.operation {
            case .rotateStore: found[move.version] = (.pending, move.time)
            case .retire, .rotateAbandon: found[move.version] = (.retired, move.time)
            case .capture, .accept, .promote: supersede(by: move, keepsPrevious: false, &found)
            case .rollBack: supersede(by: move, keepsPrevious: true, &found)
            default: continue
            }
        }
        var since: [UInt32: Timestamp] = [:]
        for version in metadata.versions {
            // What the moves do not explain, they do not date.
            if let last = found[version.number], last.state == version.state {
                since[version.number] = last.since
            }
        }
        return since
    }

    private func supersede(
        by move: VersionMove, keepsPrevious: Bool,
        _ found: inout [UInt32: (state: VersionState, since: Timestamp)]
    ) {
        for version in metadata.versions where version.number != move.version {
            // One that came without an entry of its own was in use if it is older.
            let isOlder = version.number < move.version
            switch found[version.number]?.state ?? (isOlder ? .current : .pending) {
            case .current: found[version.number] = (.previous, move.time)
            case .previous where !keepsPrevious: found[version.number] = (.retired, move.time)
            default: continue
            }
        }
        found[move.version] = (.current, move.time)
    }
}
