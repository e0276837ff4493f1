// Since when each version is what it is.

import Testing
import VaultModel

@Suite("The history of a secret")
struct VersionHistoryTests {
    private static func history(
        _ states: [VersionState], _ moves: [(AuditOperation, UInt32)]
    ) -> [UInt32: UInt64] {
        var metadata = Metadata(
            name: SecretName("a")!, created: Timestamp(milliseconds: 0))
        metadata.versions = states.enumerated().map { place, state in
            VersionSummary(
                number: UInt32(place + 1), state: state, created: Timestamp(milliseconds: 0),
                fields: [.secret])
        }
        let dated = moves.enumerated().map { place, move in
            VersionMove(
                version: move.1, time: Timestamp(milliseconds: UInt64(place + 1)),
                operation: move.0)
        }
        return VersionHistory(metadata: metadata, moves: dated).since.mapValues(\.milliseconds)
    }

    @Test("dates each state by what brought it about")
    func dates() {
        #expect(Self.history([.current], [(.capture, 1)]) == [1: 1])
        #expect(
            Self.history(
                [.retired, .previous, .current], [(.capture, 1), (.capture, 2), (.capture, 3)])
                == [1: 3, 2: 3, 3: 3])
        #expect(
            Self.history(
                [.retired, .current],
                [(.capture, 1), (.rotate, 1), (.rotateStore, 2), (.promote, 2), (.retire, 1)])
                == [1: 5, 2: 4])
        #expect(
            Self.history(
                [.current, .previous], [(.capture, 1), (.capture, 2), (.rollBack, 1)])
                == [1: 3, 2: 3])
        #expect(
            Self.history(
                [.retired, .current, .previous],
                [(.capture, 1), (.capture, 2), (.capture, 3), (.rollBack, 2)])
                == [1: 3, 2: 4, 3: 4])
        #expect(
            Self.history(
                [.current, .retired],
                [(.capture, 1), (.rotate, 1), (.rotateStore, 2), (.rotateAbandon, 2)])
                == [1: 1, 2: 4])
    }

    @Test("dates nothing that it does not explain")
    func unknown() {
        // Imported, then replaced: when the first became the previous one is known all the same.
        #expect(Self.history([.previous, .current], [(.capture, 2)]) == [1: 1, 2: 1])
        #expect(Self.history([.current], []) == [:])
        // The log tells something else than the description.
        #expect(Self.history([.current, .pending], [(.capture, 1), (.capture, 2)]) == [:])
    }
}
