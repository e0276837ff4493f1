// Many rotations with every fault, killed anywhere and gone on with: what is valid at the issuer is
// stored or reported, and what is live there and nowhere else does not stay unsaid.

import Rotation
import TestSupport
import Testing
import VaultModel

@Suite("A rotation that is killed anywhere")
struct ModelTests {
    private static let walks: UInt64 = 4_000

    /// What must hold after every single thing that happens.
    private static func check(_ world: World) {
        let journal = world.disk.journal
        #expect(journal.isCoherent)
        let states = world.disk.versions.values.map(\.state)
        #expect(states.filter { $0 == .current }.count == 1)
        guard let current = world.disk.current else { return }
        if journal.mode == .inPlace {
            let valid = world.issuer.valid
            let mayBeUnderWay =
                [.creating, .searching].contains(journal.state)
                || journal.state == .abandoning && journal.new == nil
            #expect(
                world.disk.held.contains(valid) || mayBeUnderWay || journal.doubts > 0
                    || journal.end == .valueLost)
        } else {
            // Whoever uses the current version is never locked out.
            #expect(world.issuer.accepts(current, at: world.now), "\(journal.state)")
        }
    }

    /// What must hold when everything is over.
    private static func checkEnd(_ world: World) {
        let journal = world.disk.journal
        #expect(journal.state.isOver)
        if journal.mode == .inPlace {
            let isHeld = world.disk.held.contains(world.issuer.valid)
            #expect(isHeld || journal.end == .valueLost || journal.doubts > 0)
            #expect(!isHeld || journal.end != .valueLost || world.hasArrivedLate)
            return
        }
        let said = world.disk.held.union(journal.strays).union(journal.known ?? [])
        for key in world.issuer.made where world.issuer.isLive(key) && !said.contains(key) {
            #expect(journal.doubts > 0, "\(key) is live and unsaid")
        }
        // No key is taken for a stray that is none.
        for key in journal.strays { #expect(world.issuer.made.contains(key)) }
        // What others made is as it was.
        for key in world.issuer.keys.keys where key.text.hasPrefix("other") {
            #expect(world.issuer.isLive(key))
        }
        guard journal.state == .retired else { return }
        #expect(world.disk.versions[1]?.state == .retired)
        if world.abilities.revoke != .nobody { #expect(!world.issuer.isLive(Sample.key("old"))) }
    }

    private struct Tally {
        var ends: [RotationState: Int] = [:]
        var kills = 0
        var lost = 0
        var strays = 0
    }

    /// Walks to the end; kills and faults stop after a while, so that there is one.
    private static func walk(_ seed: UInt64, _ mode: RotationMode, _ tally: inout Tally) {
        var world = World(seed: seed, mode: mode)
        var event = Event.resume
        for round in 0..<400 where !world.disk.journal.state.isOver {
            if round > 40 { world.faults = 0 }
            do throws(World.Stop) {
                try world.run(from: event, check: check)
            } catch {
                if error == .killed { tally.kills += 1 }
            }
            world.now += world.generator.next() % 400
            // The machine is started anew from time to time, and someone changes their mind.
            if world.happens(oneIn: 3) { world.boot += 1 }
            event = world.happens(oneIn: 4) ? .abandon : .resume
        }
        checkEnd(world)
        world.arrive()
        checkEnd(world)
        tally.ends[world.disk.journal.state, default: 0] += 1
        if world.disk.journal.end == .valueLost { tally.lost += 1 }
        if !world.disk.journal.strays.isEmpty { tally.strays += 1 }
    }

    @Test("loses nothing and leaves nothing unsaid", arguments: RotationMode.allCases)
    func walks(mode: RotationMode) {
        var tally = Tally()
        for seed in 0..<Self.walks { Self.walk(seed, mode, &tally) }
        // The walks go everywhere: else they would prove little.
        #expect(tally.ends[.retired, default: 0] > 500)
        #expect(tally.ends[.abandoned, default: 0] > 500)
        #expect(tally.kills > 1_000)
        #expect(mode == .inPlace ? tally.lost > 10 : tally.lost == 0)
    }

    @Test("rotates in one go where nothing goes wrong", arguments: RotationMode.allCases)
    func undisturbed(mode: RotationMode) throws {
        for seed in 0..<200 as Range<UInt64> {
            var world = World(seed: seed, mode: mode)
            world.faults = 0
            var rounds = 0
            while !world.disk.journal.state.isOver, rounds < 40 {
                try? world.run(check: Self.check)
                // Someone comes back later.
                world.now += ModelIssuer.settling
                rounds += 1
            }
            Self.checkEnd(world)
            #expect(world.disk.journal.attempts <= 1)
            let isFull = world.disk.journal.end == .full
            #expect(world.disk.journal.state == .retired || isFull)
            if isFull { #expect(world.issuer.keys.count >= world.issuer.slots) }
        }
    }
}
