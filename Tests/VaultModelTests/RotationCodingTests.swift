// The journal of a rotation: its bytes, and what may follow what.

import Testing
import VaultModel

@Suite("The journal of a rotation")
struct RotationCodingTests {
    private static let id = Identifier([UInt8](0..<16))!
    private static let time = Timestamp(milliseconds: 1_700_000_000_123)
    private static let clock = ClockReading(
        wall: time, running: ClockReading.Running(boot: id, milliseconds: 77))

    private static func key(_ text: String) -> KeyID { KeyID(text)! }

    static func journal(
        _ state: RotationState, _ change: (inout RotationJournal) -> Void = { _ in }
    ) -> RotationJournal {
        var journal = RotationJournal(
            id: RotationID(id), mode: .dual, old: 2, grace: 86_400, begun: time)
        journal.state = state
        journal.attempts = state == .intended ? 0 : 1
        switch state {
        case .intended, .creating, .searching: break
        case .pending, .verified: journal.new = 3
        case .promoted, .deactivated, .revoked, .retired:
            (journal.new, journal.waiting) = (3, clock)
        case .restoring: (journal.new, journal.waiting, journal.end) = (3, clock, .asked)
        case .abandoning, .abandoned: journal.end = .asked
        }
        change(&journal)
        return journal
    }

    static let journals: [RotationJournal] =
        RotationState.allCases.map { journal($0) }
        + RotationMode.allCases.map { mode in
            RotationJournal(id: RotationID(id), mode: mode, old: 1, grace: 0, begun: time)
        }
        + RotationEnd.allCases.map { end in journal(.abandoned) { $0.end = end } }
        + [
            journal(.creating) { $0.known = [] },
            journal(.searching) {
                $0.known = [key("a"), key("b")]
                $0.strays = [key("c"), key("\u{e9}")]
                ($0.attempts, $0.doubts) = (.max, .max)
            },
            journal(.promoted) {
                $0.waiting = ClockReading(wall: time)
                $0.expires = time
            },
            journal(.retired) {
                $0.known = (0..<RotationJournal.mostKeys).map { key("k\(10_000 + $0)") }
                $0.strays = [key(String(repeating: "x", count: KeyID.longest))]
            },
            journal(.abandoned) { $0.new = 3 },
        ]

    @Test("comes back as it was written, and not if it is cut or longer", arguments: journals)
    func roundTrip(journal: RotationJournal) {
        let encoded = RotationCoding.encode(journal)
        #expect(RotationCoding.decode(encoded.span) == journal)
        for count in encoded.indices.prefix(400) {
            #expect(RotationCoding.decode(encoded.span.extracting(first: count)) == nil)
        }
        #expect(RotationCoding.decode((encoded + [0]).span) == nil)
        var metadata = Metadata(name: SecretName("a")!, created: Self.time)
        metadata.rotation = journal
        let whole = MetadataCoding.encode(metadata)
        #expect(MetadataCoding.decode(whole.span) == metadata)
    }

    @Test("has one form: a byte that differs is another journal or none")
    func malleable() {
        for journal in Self.journals {
            let encoded = RotationCoding.encode(journal)
            for place in encoded.indices.prefix(300) {
                for bit in 0..<8 {
                    var changed = encoded
                    changed[place] ^= 1 << bit
                    guard let read = RotationCoding.decode(changed.span) else { continue }
                    #expect(read != journal)
                    #expect(RotationCoding.encode(read) == changed)
                }
            }
        }
    }

    @Test(
        "is none if it contradicts itself or is beyond its bounds",
        arguments: [
            journal(.intended) { $0.new = 3 }, journal(.intended) { $0.attempts = 1 },
            journal(.creating) { $0.attempts = 0 }, journal(.creating) { $0.end = .asked },
            journal(.searching) { $0.waiting = clock }, journal(.pending) { $0.new = nil },
            journal(.pending) { $0.new = 2 }, journal(.verified) { $0.new = 1 },
            journal(.promoted) { $0.waiting = nil }, journal(.retired) { $0.end = .full },
            journal(.restoring) { $0.end = nil }, journal(.abandoned) { $0.end = nil },
            journal(.searching) { $0.strays = [key("b"), key("a")] },
            journal(.searching) { $0.known = [key("a"), key("a")] },
            journal(.searching) {
                $0.known = (0...RotationJournal.mostKeys).map { key("k\(10_000 + $0)") }
            },
            RotationJournal(id: RotationID(id), mode: .dual, old: 0, grace: 0, begun: time),
            RotationJournal(
                id: RotationID(id), mode: .dual, old: 1, grace: RotationJournal.longestGrace + 1,
                begun: time),
        ])
    func incoherent(journal: RotationJournal) {
        #expect(!journal.isCoherent)
        #expect(RotationCoding.decode(RotationCoding.encode(journal).span) == nil)
    }

    @Test("names a key in 1 to 256 bytes, and takes no two for one that look alike")
    func keys() {
        #expect(KeyID("") == nil)
        #expect(KeyID(String(repeating: "k", count: 256)) != nil)
        #expect(KeyID(String(repeating: "k", count: 257)) == nil)
        #expect(Self.key("\u{e9}") != Self.key("e\u{301}"))
        #expect(Set([Self.key("\u{e9}"), Self.key("e\u{301}")]).count == 2)
    }

    @Test("may be followed by what its specification lists, and never by a state left behind")
    func following() {
        for from in RotationState.allCases {
            for to in RotationState.allCases {
                var next = Self.journal(to)
                let before = Self.journal(from)
                next.new = before.new
                guard next.isCoherent else { continue }
                next.attempts = max(next.attempts, before.attempts)
                let isFollowing = from == to || from.following.contains(to)
                if next.isCoherent { #expect(before.mayBecome(next) == isFollowing) }
            }
            #expect(from.following.isEmpty == from.isOver)
        }
    }

    @Test("keeps what it was begun with")
    func immutable() {
        let before = Self.journal(.searching) { ($0.attempts, $0.doubts) = (3, 2) }
        func may(_ change: (inout RotationJournal) -> Void) -> Bool {
            var next = before
            change(&next)
            return before.mayBecome(next)
        }
        #expect(may { _ in })
        #expect(may { $0.strays = [Self.key("x")] })
        #expect(!may { $0.attempts = 2 })
        #expect(!may { $0.doubts = 1 })
        #expect(!may { $0.expires = Self.time })
        #expect(!may { $0.new = 3 })
        for other in [
            RotationJournal(
                id: RotationID(.zero), mode: .dual, old: 2, grace: 86_400, begun: Self.time),
            RotationJournal(
                id: RotationID(Self.id), mode: .command, old: 2, grace: 86_400, begun: Self.time),
            RotationJournal(
                id: RotationID(Self.id), mode: .dual, old: 1, grace: 86_400, begun: Self.time),
            RotationJournal(
                id: RotationID(Self.id), mode: .dual, old: 2, grace: 86_401, begun: Self.time),
            RotationJournal(
                id: RotationID(Self.id), mode: .dual, old: 2, grace: 86_400,
                begun: Timestamp(milliseconds: 1)),
        ] {
            #expect(!Self.journal(.intended).mayBecome(other))
        }
    }

    @Test("says what becomes of the versions, once")
    func effects() {
        func effect(_ from: RotationState, _ to: RotationState) -> RotationEffect {
            let before = Self.journal(from)
            var next = Self.journal(to)
            next.new = before.new
            return before.effect(of: next)
        }
        for state in RotationState.allCases { #expect(effect(state, state) == .none) }
        #expect(effect(.verified, .promoted) == .promote)
        #expect(effect(.restoring, .promoted) == .none)
        #expect(effect(.restoring, .abandoning) == .rollBack)
        #expect(effect(.promoted, .retired) == .retireOld)
        #expect(effect(.revoked, .retired) == .retireOld)
        #expect(effect(.pending, .abandoned) == .retireNew)
        #expect(effect(.creating, .abandoned) == .none)
        #expect(effect(.promoted, .deactivated) == .none)
    }

    @Test("waits for a value while one may be on its way, and for one only")
    func storing() {
        for state in RotationState.allCases {
            let before = Self.journal(state)
            let next = before.storing(9, expires: Self.time, at: Self.time)
            switch state {
            case .creating, .searching: #expect(next?.state == .pending)
            case .abandoning: #expect(next?.state == .abandoning)
            default: #expect(next == nil)
            }
            guard let next else { continue }
            #expect(next.new == 9 && next.expires == Self.time && next.isCoherent)
            #expect(next.storing(10, expires: nil, at: Self.time) == nil)
        }
    }

    @Test("passes on what is left at the issuer and what nobody can tell")
    func followed() {
        let last = Self.journal(.abandoned) {
            $0.strays = [Self.key("x")]
            $0.doubts = 2
        }
        let next = last.followed(by: Self.journal(.intended))
        #expect(next.strays == [Self.key("x")] && next.doubts == 2)
        #expect(next.state == .intended && next.isCoherent)
    }
}
