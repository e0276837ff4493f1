// Many secrets in one transaction: all of them or none.

import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("an import")
struct ImportTests {
    private let vault: TestVault
    private let open: OpenedVault

    init() throws {
        vault = try TestVault()
        open = try vault.opened()
    }

    private func store(
        _ name: SecretName, _ value: [UInt8], _ conflict: NameConflict = .refuse
    ) throws(VaultError) {
        try open.vault.storeInBatch(
            SecretDraft(name: name), secretFields([(.secret, value)]), conflict,
            at: TestVault.created)
    }

    private func importing(_ numbers: Range<Int>) throws(VaultError) {
        let count = try open.vault.importing(at: .later(1)) { () throws(VaultError) -> Int in
            for number in numbers { try store(SecretName("s/\(number)")!, [UInt8(number)]) }
            return numbers.count
        }
        precondition(count == numbers.count)
    }

    @Test("everything in it is stored")
    func all() throws {
        try importing(1..<200)
        let reader = try vault.opened(.reading)
        #expect(try reader.names().count == 199)
        for number in 1..<200 {
            #expect(try reader.value(SecretName("s/\(number)")!) == [UInt8(number)])
        }
    }

    @Test("one that fails leaves what earlier imports stored, and nothing of its own")
    func failing() throws {
        try importing(1..<10)
        let error = VaultError.nameTaken("s/5")
        #expect(throws: error) {
            try open.vault.importing(at: .later(1)) { () throws(VaultError) -> Int in
                for number in 10..<20 { try store(SecretName("s/\(number)")!, [1]) }
                try store("s/5", [1])
                return 0
            }
        }
        #expect(try open.names().count == 9)
        #expect(throws: VaultError.secretMissing("s/10")) { try open.value("s/10") }
        #expect(try open.value("s/5") == [5])
        try importing(10..<20)
        #expect(try open.names().count == 19)
    }

    @Test("whoever feeds it may give up, and nothing was changed")
    func abandoned() throws {
        #expect(throws: VaultError.abandoned) {
            try open.vault.importing(at: .later(1)) { () throws(VaultError) -> Int in
                try store("a", [1])
                throw .abandoned
            }
        }
        #expect(try open.names() == [])
    }

    @Test("a name that stands in it twice is refused with the whole import")
    func duplicate() throws {
        #expect(throws: VaultError.nameTaken("a")) {
            try open.vault.importing(at: .later(1)) { () throws(VaultError) -> Int in
                try store("b", [2])
                try store("a", [1])
                try store("a", [1])
                return 0
            }
        }
        #expect(try open.names() == [])
    }

    @Test("where versions may be added, a name that stands in it twice gets two, in their order")
    func duplicateAsVersions() throws {
        try open.capture("a", [0])
        _ = try open.vault.importing(at: .later(1)) { () throws(VaultError) -> Int in
            try store("a", [1], .addVersion)
            try store("a", [2], .addVersion)
            return 2
        }
        #expect(try open.value("a") == [2])
        #expect(try open.value("a", .previous) == [1])
        #expect(try open.value("a", .number(1)) == [0])
    }

    @Test("a rehearsal refuses what it would refuse, and leaves nothing, not even in the log")
    func rehearsal() throws {
        for (number, name) in (["hidden", "elsewhere", "full", "there"] as [SecretName])
            .enumerated()
        {
            try open.capture(name, [UInt8(number)])
        }
        try open.vault.remove("hidden", at: .later(1))
        _ = try open.vault.edit("elsewhere", [.managedElsewhere(true)], at: .later(1))
        let most = Dictionary(
            uniqueKeysWithValues: (0..<Metadata.mostEntries).map { (FieldName("f\($0)")!, "x") })
        _ = try open.vault.edit(
            "full", most.sorted { $0.key < $1.key }.map { .set($0.key, $0.value) }, at: .later(1))
        func events() throws(VaultError) -> Int {
            try open.vault.events(.newest, of: nil, atMost: 200).count
        }
        let before = try events()
        func rehearse(_ name: SecretName, _ conflict: NameConflict) -> VaultError? {
            var draft = SecretDraft(name: name)
            draft.fields = ["more": "x"]
            do throws(VaultError) {
                try open.vault.rehearse(draft, [.secret], conflict, at: .later(2))
                return nil
            } catch { return error }
        }
        for conflict in [NameConflict.refuse, .addVersion] {
            #expect(rehearse("hidden", conflict) == .nameTakenByRemoved("hidden"))
            #expect(rehearse("new", conflict) == nil)
        }
        #expect(rehearse("there", .refuse) == .nameTaken("there"))
        #expect(rehearse("there", .addVersion) == nil)
        #expect(rehearse("elsewhere", .addVersion) == .managedElsewhere("elsewhere"))
        #expect(rehearse("full", .addVersion) == .metadataTooLong)
        #expect(try events() == before)
        #expect(try open.names() == ["elsewhere", "full", "there"])
        #expect(try open.value("there") == [3])
    }

    @Test("a name that a hidden secret holds stops it")
    func hidden() throws {
        try open.capture("a", [0])
        try open.vault.remove("a", at: .later(1))
        for conflict in [NameConflict.refuse, .addVersion] {
            #expect(throws: VaultError.nameTakenByRemoved("a")) {
                try open.vault.importing(at: .later(1)) { () throws(VaultError) -> Int in
                    try store("b", [1])
                    try store("a", [1], conflict)
                    return 0
                }
            }
        }
        #expect(try open.names() == [])
    }

    @Test(
        "a value that cannot be stored stops it",
        arguments: [(0, VaultError.valueEmpty), (16 * 1_024 * 1_024 + 1, .valueTooLong)])
    func badValue(count: Int, error: VaultError) throws {
        #expect(throws: error) {
            try open.vault.importing(at: .later(1)) { () throws(VaultError) -> Int in
                try store("a", [1])
                try store("b", [UInt8](repeating: 1, count: count))
                return 0
            }
        }
        #expect(try open.names() == [])
    }

    @Test("a full disk stops it: nothing is stored, and it can be run again")
    func full() throws {
        try importing(1..<3)
        let pages = try open.connection.integer("PRAGMA page_count")
        try open.connection.run("PRAGMA max_page_count=\(pages + 3)")
        #expect(throws: VaultError.diskFull(path: vault.path)) {
            try open.vault.importing(at: .later(1)) { () throws(VaultError) -> Int in
                for number in 3..<100 {
                    try store(SecretName("s/\(number)")!, [UInt8](repeating: 1, count: 900))
                }
                return 0
            }
        }
        #expect(try vault.opened(.reading).names() == ["s/1", "s/2"])
        try open.connection.run("PRAGMA max_page_count=1000000")
        try importing(3..<100)
        #expect(try open.names().count == 99)
    }
}
