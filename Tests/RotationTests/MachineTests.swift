// The machine, state by state and event by event.

import Foundation
import Testing
import VaultModel

@testable import Rotation

@Suite("The machine that rotates a key")
struct MachineTests {
    /// What it answers, or nil if it refuses.
    private static func answer(
        _ event: Event, _ journal: RotationJournal, _ abilities: Abilities = Sample.able
    ) -> Move? {
        let machine = Machine(
            abilities, held: [Sample.key("old"), Sample.key("new")], newID: Sample.key("new"))
        do throws(MachineRefusal) { return try machine.answer(event, in: journal) } catch {
            return nil
        }
    }

    private struct Case {
        let journal: RotationJournal
        let event: Event
        let abilities: Abilities
        let move: Move?
    }

    /// Every state with every event, in every mode, at every kind of issuer.
    private static func everyCase(_ body: (Case) -> Void) {
        for abilities in Sample.abilities {
            for mode in RotationMode.allCases {
                for state in Sample.states(mode) {
                    for known in [nil, [Sample.key("old")]] {
                        var journal = Sample.journal(state, mode, known: known)
                        for strays in [[], [Sample.key("stray")]] {
                            journal.strays = strays
                            for event in Sample.events {
                                body(
                                    Case(
                                        journal: journal, event: event, abilities: abilities,
                                        move: answer(event, journal, abilities)))
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("only ever gives a journal that may follow, and stores a value whenever one arrives")
    func legal() {
        var count = 0
        Self.everyCase { found in
            count += 1
            guard let move = found.move else {
                #expect(found.event == .abandon)
                return
            }
            #expect(move.storesValue == (found.event == .created))
            #expect(found.journal.mayBecome(move.journal), "\(found)")
        }
        #expect(count == 192 * (3 * 12 + 9) * 2 * 2 * Sample.events.count)
    }

    @Test("refuses nothing but to abandon what is over, or whose old key is gone")
    func refusals() {
        Self.everyCase { found in
            guard found.event == .abandon else { return }
            let isGone =
                found.journal.state == .revoked || found.journal.state.isOver
                || found.journal.mode == .inPlace
                    && [.promoted, .deactivated].contains(found.journal.state)
            #expect((found.move == nil) == isGone, "\(found.journal.state)")
        }
    }

    @Test("journals a call for a key before it is made, each with a number of its own")
    func journalledBeforeTheCall() {
        Self.everyCase { found in
            guard let move = found.move else { return }
            let asks = move.steps.contains { $0 == .create || $0 == .guide(.create) }
            guard asks else { return }
            #expect(move.journal.state == .creating)
            #expect(move.journal.attempts == found.journal.attempts + 1)
            #expect([.intended, .searching].contains(found.journal.state))
        }
    }

    @Test("touches the old key only when the new one is in use, and never one that was exchanged")
    func oldKeyIsSafe() {
        Self.everyCase { found in
            guard let move = found.move else { return }
            let ends: [Step] = [.deactivate(.old), .revoke(.old), .guide(.revoke(.old))]
            guard move.steps.contains(where: ends.contains) else { return }
            #expect([.promoted, .deactivated].contains(move.journal.state))
            #expect(found.journal.mode != .inPlace)
            #expect(move.journal.waiting != nil)
        }
    }

    @Test("makes the new key go only when it is abandoned, after the old one was put back")
    func newKeyIsSafe() {
        Self.everyCase { found in
            guard let move = found.move else { return }
            let ends: [Step] = [.deactivate(.new), .revoke(.new), .guide(.revoke(.new))]
            guard move.steps.contains(where: ends.contains) else { return }
            #expect(move.journal.state == .abandoning)
            #expect(found.journal.mode != .inPlace)
        }
    }

    @Test("always knows what to do next when it is gone on with")
    func resumable() {
        Self.everyCase { found in
            guard found.event == .resume, let move = found.move else { return }
            if found.journal.state.isOver {
                #expect(move.steps.isEmpty == found.journal.strays.isEmpty)
            } else {
                #expect(!move.steps.isEmpty)
            }
        }
    }

    @Test("does the same again when a state is gone on with twice, but for a call's number")
    func idempotent() {
        Self.everyCase { found in
            guard found.event == .resume, let once = found.move else { return }
            guard once.journal == found.journal else { return }
            #expect(Self.answer(.resume, once.journal, found.abilities) == once)
        }
    }

    @Test("counts a call that nobody can look for, once")
    func doubts() throws {
        var blind = Sample.able
        blind.list = false
        let creating = Sample.journal(.creating, known: nil)
        for event in [Event.resume, .lost] {
            let move = try #require(Self.answer(event, creating, blind))
            #expect(move.journal.state == .searching && move.journal.doubts == 1)
            #expect(move.steps == [.tell(.noList), .ask(.createAgain)])
            let again = try #require(Self.answer(.resume, move.journal, blind))
            #expect(again == Move(journal: move.journal, steps: move.steps))
            let abandoned = try #require(Self.answer(.abandon, move.journal, blind))
            #expect(abandoned.journal.doubts == 1)
        }
        #expect(Self.answer(.abandon, creating, blind)?.journal.doubts == 1)
        #expect(Self.answer(.abandon, Sample.journal(.creating))?.journal.doubts == 0)
    }

    @Test("names a key that was made and never arrived, and offers to delete it")
    func strays() throws {
        let (old, stray) = (Sample.key("old"), Sample.key("stray"))
        let searching = Sample.journal(.searching)
        let found = try #require(Self.answer(.listed([stray, old]), searching))
        #expect(found.journal.strays == [stray])
        #expect(found.steps == [.offerDeletion([stray])])
        #expect(found.journal.state == .searching)
        // Deleted, it is looked again; kept, it is known from then on.
        let deleted = try #require(Self.answer(.strayDeleted(stray), found.journal))
        #expect(deleted.journal.strays == [] && deleted.steps == [.goOn])
        #expect(Self.answer(.listed([old]), deleted.journal)?.journal.state == .creating)
        let kept = try #require(Self.answer(.strayKept(stray), found.journal))
        #expect(kept.journal.known == [old, stray])
        #expect(Self.answer(.listed([stray, old]), kept.journal)?.journal.state == .creating)
        // One that shows only when everything is over is named then.
        let late = try #require(
            Self.answer(.listed([stray, Sample.key("new")]), Sample.journal(.revoked)))
        #expect(late.journal.state == .retired && late.journal.strays == [stray])
        #expect(late.steps.first == .offerDeletion([stray]))
        #expect(Self.answer(.resume, late.journal)?.steps == [.offerDeletion([stray])])
    }

    @Test("does not offer to delete a key whose value came late and is stored")
    func lateValues() throws {
        let stray = Sample.key("stray")
        let machine = Machine(Sample.able, held: [stray])
        for state in [RotationState.retired, .abandoned] {
            var journal = Sample.journal(state)
            journal.strays = [stray, Sample.key("z")]
            let move = try machine.answer(.resume, in: journal)
            #expect(move.steps == [.offerDeletion([Sample.key("z")])])
        }
        var searching = Sample.journal(.searching)
        searching.strays = [stray]
        let found = try machine.answer(.listed([stray, Sample.key("z")]), in: searching)
        #expect(found.journal.strays == [Sample.key("z")])
        let abandoned = try machine.answer(.listed([stray]), in: Sample.journal(.abandoning))
        #expect(abandoned.steps == [.tell(.ended(.asked))])
    }

    @Test("waits for the grace by the clocks, says what became of them, and can be hastened")
    func grace() throws {
        let (promoted, off) = (Sample.journal(.promoted), Sample.journal(.deactivated))
        let set = ClockReading(
            wall: Sample.begun.adding(seconds: 100_000),
            running: ClockReading.Running(boot: Sample.boot, milliseconds: 15_000))
        let waits = try #require(Self.answer(.clock(set), promoted))
        #expect(
            waits.steps
                == [
                    .tell(.clockSet(forward: true, seconds: 99_990)),
                    .waitUntil(Sample.begun.adding(seconds: 100_590)),
                ])
        let restarted = ClockReading(wall: Sample.begun.adding(seconds: 700))
        #expect(
            Self.answer(.clock(restarted), promoted)?.steps
                == [.tell(.byWallClock), .deactivate(.old)])
        #expect(Self.answer(.clock(Sample.later(600)), promoted)?.steps == [.deactivate(.old)])
        #expect(
            Self.answer(.clock(Sample.later(600)), off)?.steps
                == [.waitUntil(Sample.begun.adding(seconds: 3_600))])
        #expect(Self.answer(.clock(Sample.later(3_600)), off)?.steps == [.revoke(.old)])
        #expect(Self.answer(.hasten, promoted)?.steps == [.deactivate(.old)])
        #expect(Self.answer(.hasten, off)?.steps == [.revoke(.old)])
        #expect(Self.answer(.hasten, Sample.journal(.promoted, .inPlace))?.steps == [])
    }

    @Test("does not ask for a key where there is no place for one")
    func full() throws {
        let (old, other) = (Sample.key("old"), Sample.key("other"))
        let move = try #require(Self.answer(.listed([other, old]), Sample.journal(.intended)))
        #expect(move.journal.state == .abandoned && move.journal.end == .full)
        #expect(move.steps == [.tell(.full([old, other])), .tell(.ended(.full))])
        // The issuer knows better than the list.
        var creating = Sample.journal(.creating)
        #expect(Self.answer(.full, creating)?.journal.state == .abandoned)
        creating.attempts = 2
        let second = try #require(Self.answer(.full, creating))
        #expect(second.journal.state == .abandoning && second.journal.end == .full)
    }

    @Test("tells whether a value that was exchanged is lost by asking for the old one")
    func exchanged() throws {
        let searching = Sample.journal(.searching, .inPlace)
        #expect(
            Self.answer(.resume, searching)?.steps == [.wait(seconds: 60), .verify(.old)])
        #expect(Self.answer(.verified(.old), searching)?.journal.state == .creating)
        #expect(Self.answer(.rejected(.old), searching)?.journal.state == .creating)
        var alone = Sample.able
        alone.renewsItself = true
        let lost = try #require(Self.answer(.rejected(.old), searching, alone))
        #expect(lost.journal.state == .abandoned && lost.journal.end == .valueLost)
        #expect(lost.steps.first == .tell(.valueLost))
    }

    @Test("presents no exchanged value where the issuer takes that for theft")
    func exchangedAndNeverTried() throws {
        var wary = Sample.able
        wary.oldMayBeTried = false
        let searching = Sample.journal(.searching, .inPlace)
        #expect(Self.answer(.resume, searching, wary)?.steps == [.ask(.createAgain)])
        #expect(Self.answer(.confirmed, searching, wary)?.journal.state == .creating)
        let abandoned = try #require(Self.answer(.abandon, searching, wary))
        #expect(abandoned.steps == [.ask(.abandonUnseen)])
        let lost = try #require(Self.answer(.lost, Sample.journal(.creating, .inPlace), wary))
        #expect(lost.journal.doubts == 1)
        let rejected = Self.answer(.rejected(.new), Sample.journal(.pending, .inPlace), wary)
        #expect(rejected?.steps == [.tell(.newRejected)])
    }

    /// The table of `docs/spec/rotation.md`: what follows where everything can be done by calls.
    @Test("does what its specification says, line by line")
    func specification() throws {
        let lines = try Specification.transitions()
        var said: [String: String] = [:]
        for line in lines { said["\(line.state) \(line.event)"] = line.next }
        #expect(said.count == lines.count)
        for state in RotationState.allCases {
            for (word, event) in Specification.events {
                let journal = Sample.journal(state)
                let move = Self.answer(event, journal)
                let expected = said.removeValue(forKey: "\(state.word) \(word)")
                let found =
                    switch move {
                    case .none: "refused"
                    case .some(let move) where move.storesValue:
                        journal.storing(2, expires: nil, at: Sample.begun)?.state.word ?? "beside"
                    case .some(let move) where move.journal == journal && move.steps.isEmpty: "-"
                    case .some(let move): move.journal.state.word
                    }
                #expect(found == expected ?? "-", "\(state.word), \(word)")
            }
        }
        #expect(said.isEmpty, "lines about nothing: \(said.keys.sorted())")
    }
}

/// The table of transitions as the specification prints it.
enum Specification {
    static let events: [(String, Event)] = [
        ("resume", .resume), ("clock: not over", .clock(Sample.later(10))),
        ("clock: over", .clock(Sample.later(100_000))), ("listed: nothing new", .listed([])),
        ("listed: a stray", .listed([Sample.key("stray")])), ("created", .created),
        ("refused", .refused), ("full", .full), ("lost", .lost),
        ("verified new", .verified(.new)), ("not yet effective new", .notYetEffective(.new)),
        ("rejected new", .rejected(.new)), ("verified old", .verified(.old)),
        ("not yet effective old", .notYetEffective(.old)), ("rejected old", .rejected(.old)),
        ("deactivated old", .deactivated(.old, Sample.later(900))),
        ("deactivated new", .deactivated(.new, Sample.later(900))),
        ("activated old", .activated(.old)), ("revoked old", .revoked(.old)),
        ("revoked new", .revoked(.new)), ("unreachable", .unreachable),
        ("confirmed", .confirmed), ("abandon", .abandon),
        ("hasten", .hasten),
    ]

    static func transitions() throws -> [(state: String, event: String, next: String)] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs/spec/rotation.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "| state | event | next |"))
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.split(separator: "|").map {
                $0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            }.map { String($0) }
            return (cells[0], cells[1], cells[2])
        }
    }
}
