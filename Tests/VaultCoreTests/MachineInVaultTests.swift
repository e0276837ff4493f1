// The machine and the vault together: what the machine wants journalled, the vault takes, whatever
// happens and wherever it ends; each walk is on a real file that is opened anew after every kill.

import Rotation
import SecretMemory
import TestSupport
import Testing
import VaultModel

@testable import VaultCore

@Suite("a rotation in a vault that is opened anew after every kill")
struct MachineInVaultTests {
    private static let name: SecretName = "aws/ci"
    private static let field: FieldName = "key_id"

    /// One rotation in one file.
    private struct Walk {
        struct Killed: Error {}

        var generator: SeededGenerator
        let vault: TestVault
        let abilities: Abilities
        var open: OpenedVault
        /// Keys at the issuer, by what they are called; their values are the bytes of that.
        var keys: Set<KeyID> = [KeyID("old")!]
        var count = 0
        var now: UInt64 = 10
        var kills = 0

        init(seed: UInt64, mode: RotationMode) throws {
            generator = SeededGenerator(seed: seed)
            vault = try TestVault(memory: true)
            open = try vault.opened()
            let draft = Walk.draft("old")
            try open.capture(draft, [(.secret, Array("old".utf8))])
            _ = try open.vault.beginRotation(name, mode, grace: 600, at: .later(5))
            let lists = seed % 3 > 0
            abilities = Abilities(
                create: .call, revoke: .call, list: lists, verify: true, deactivate: seed % 2 == 0,
                activate: seed % 2 == 0, renewsItself: seed % 5 == 0, settling: 60, soak: 60)
        }

        static func draft(_ key: String) -> SecretDraft {
            var draft = SecretDraft(name: name)
            draft.fields = [field: key]
            return draft
        }

        mutating func mayDie() throws {
            guard generator.next() % 9 == 0 else { return }
            kills += 1
            throw Killed()
        }

        mutating func time() -> Timestamp {
            now += 1
            return .later(now)
        }

        mutating func metadata() throws -> Metadata {
            try open.vault.describe(name, at: time())
        }

        mutating func machine() throws -> (Machine, RotationJournal) {
            let metadata = try metadata()
            let journal = try #require(metadata.rotation)
            func id(_ version: VersionSummary) -> KeyID? {
                metadata.fields(of: version)[field].flatMap { KeyID($0) }
            }
            let new = journal.new.flatMap { metadata.version(.number($0)) }.flatMap(id)
            let held = Set(metadata.versions.compactMap(id))
            return (Machine(abilities, held: held, newID: new), journal)
        }

        mutating func run(from first: Event) throws {
            var event: Event? = first
            var value: KeyID?
            var steps: [Step] = []
            while true {
                if let happened = event {
                    let (machine, journal) = try machine()
                    let move: Move
                    do { move = try machine.answer(happened, in: journal) } catch { return }
                    try mayDie()
                    try commit(move, journal, &value)
                    try mayDie()
                    if !move.steps.isEmpty { steps = move.steps }
                }
                guard !steps.isEmpty else { return }
                event = try take(steps.removeFirst(), &value)
            }
        }

        mutating func commit(
            _ move: Move, _ journal: RotationJournal, _ value: inout KeyID?
        ) throws {
            if move.storesValue, let key = value {
                let rotated = RotatedValue(
                    name: name, seen: journal, fields: [field: key.text])
                let receipt = try open.vault.storeRotated(
                    rotated, secretFields([(.secret, Array(key.text.utf8))]), at: time())
                #expect(receipt.isAwaited == (move.steps == [.goOn]))
                value = nil
            } else if move.journal != journal {
                _ = try open.vault.advanceRotation(
                    name, from: journal, to: move.journal, at: time())
            }
        }

        mutating func key(_ which: RotatedKey) throws -> KeyID {
            let metadata = try metadata()
            let journal = try #require(metadata.rotation)
            let number = try #require(which == .old ? journal.old : journal.new)
            let version = try #require(metadata.version(.number(number)))
            return try #require(metadata.fields(of: version)[field].flatMap { KeyID($0) })
        }

        mutating func take(_ step: Step, _ value: inout KeyID?) throws -> Event? {
            try mayDie()
            switch step {
            case .goOn: return .resume
            case .wait(let seconds):
                now += seconds
                return nil
            case .waitUntil:
                now += 1_000
                return .resume
            case .readClock: return .clock(ClockReading(wall: time()))
            case .list: return .listed(keys.sorted())
            case .create:
                if generator.next() % 6 == 0 { return .lost }
                count += 1
                let key = KeyID("key\(count)")!
                let mode = try metadata().rotation?.mode
                if mode == .inPlace { keys = [] }
                keys.insert(key)
                try mayDie()
                if generator.next() % 6 == 0 { return .lost }
                value = key
                return .created
            case .verify(let which):
                return keys.contains(try key(which)) ? .verified(which) : .rejected(which)
            case .deactivate(let which):
                return .deactivated(which, ClockReading(wall: time()))
            case .activate(let which): return .activated(which)
            case .revoke(let which):
                keys.remove(try key(which))
                return .revoked(which)
            case .offerDeletion(let strays):
                let stray = try #require(strays.first)
                keys.remove(stray)
                return .strayDeleted(stray)
            case .ask: return .confirmed
            case .tell: return nil
            case .guide: return nil
            }
        }

        /// Every value opens and is the one of its key; one version is current.
        mutating func check() throws {
            let metadata = try metadata()
            #expect(metadata.versions.filter { $0.state == .current }.count == 1)
            for version in metadata.versions {
                let opened = try open.vault.fetch(
                    name, .number(version.number), disabled: .refuse, at: time())
                let id = try #require(opened.fields[field])
                let value = opened.secrets.value(of: .secret)
                #expect(value.withUnsafeBufferPointer { Array($0) } == Array(id.utf8))
            }
            let current = metadata.fields[field].flatMap { KeyID($0) }
            guard metadata.rotation?.mode != .inPlace, let current else { return }
            #expect(keys.contains(current), "the current key is not at the issuer")
        }
    }

    @Test("ends with every value in its place", arguments: [RotationMode.dual, .inPlace])
    func walks(mode: RotationMode) throws {
        var (kills, retired, abandoned) = (0, 0, 0)
        for seed in 0..<24 as Range<UInt64> {
            var walk = try Walk(seed: seed, mode: mode)
            var event = Event.resume
            for _ in 0..<200 {
                do { try walk.run(from: event) } catch is Walk.Killed {
                    walk.open = try walk.vault.opened(at: walk.time())
                }
                try walk.check()
                if try walk.metadata().rotation?.state.isOver == true { break }
                event = walk.generator.next() % 12 == 0 ? .abandon : .resume
            }
            let state = try walk.metadata().rotation?.state
            #expect(state?.isOver == true)
            if state == .retired { retired += 1 } else { abandoned += 1 }
            kills += walk.kills
            _ = try walk.open.vault.verifyRows { _, _ in }
        }
        #expect(kills > 24 && retired > 6 && abandoned > 0)
    }
}
