// Journals in every state, and issuers of every kind.

import Rotation
import VaultModel

enum Sample {
    static func key(_ text: String) -> KeyID {
        guard let key = KeyID(text) else { preconditionFailure("a key's id") }
        return key
    }

    static let boot = Identifier([UInt8](0..<16))!
    static let begun = Timestamp(milliseconds: 1_700_000_000_000)
    static let reading = ClockReading(
        wall: begun, running: ClockReading.Running(boot: boot, milliseconds: 5_000))

    /// So many seconds after `reading`, by both clocks.
    static func later(_ seconds: UInt64) -> ClockReading {
        ClockReading(
            wall: begun.adding(seconds: seconds),
            running: ClockReading.Running(boot: boot, milliseconds: 5_000 + seconds * 1_000))
    }

    /// The states that there are in a mode.
    static func states(_ mode: RotationMode) -> [RotationState] {
        RotationState.allCases.filter {
            mode != .inPlace || ![.deactivated, .revoked, .restoring].contains($0)
        }
    }

    /// A coherent journal in that state.
    static func journal(
        _ state: RotationState, _ mode: RotationMode = .dual, grace: UInt64 = 600,
        known: [KeyID]? = [key("old")]
    ) -> RotationJournal {
        var journal = RotationJournal(
            id: RotationID(boot), mode: mode, old: 1, grace: grace, begun: begun)
        journal.state = state
        journal.known = mode == .inPlace ? nil : known
        journal.attempts = state == .intended ? 0 : 1
        switch state {
        case .intended, .creating, .searching: break
        case .pending, .verified: journal.new = 2
        case .promoted, .deactivated, .revoked, .retired:
            journal.new = 2
            journal.waiting = reading
        case .restoring:
            journal.new = 2
            journal.waiting = reading
            journal.end = .asked
        case .abandoning, .abandoned:
            journal.new = 2
            journal.end = .asked
        }
        precondition(journal.isCoherent, "a sample that contradicts itself")
        return journal
    }

    /// Everything can be done by calls.
    static let able = Abilities(
        create: .call, revoke: .call, list: true, verify: true, deactivate: true, activate: true,
        slots: 2, settling: 60, soak: 3_600)

    /// Every combination of what can be done and what cannot.
    static let abilities: [Abilities] = {
        var all: [Abilities] = []
        for bits in 0..<64 {
            for revoke in Doer.allCases {
                var abilities = Abilities(
                    create: bits & 1 == 0 ? .call : .person, revoke: revoke, list: bits & 2 == 0,
                    verify: bits & 4 == 0)
                abilities.deactivate = bits & 8 == 0
                abilities.activate = bits & 16 == 0
                abilities.renewsItself = bits & 32 == 0
                all.append(abilities)
            }
        }
        return all
    }()

    /// Every event, of every key.
    static let events: [Event] =
        [
            .resume, .clock(reading), .clock(later(10_000)), .listed([]),
            .listed([key("old"), key("new")]), .listed([key("old"), key("stray")]), .created,
            .refused, .full, .lost, .unreachable, .confirmed, .strayDeleted(key("stray")),
            .strayKept(key("stray")), .abandon, .hasten,
        ]
        + RotatedKey.allCases.flatMap { which -> [Event] in
            [
                .verified(which), .notYetEffective(which), .rejected(which),
                .deactivated(which, later(900)), .activated(which), .revoked(which),
            ]
        }
}
