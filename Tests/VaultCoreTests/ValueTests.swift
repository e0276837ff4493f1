// Values of every size and content, byte for byte.

import TestSupport
import Testing
import VaultModel

@testable import Storage
@testable import VaultCore

@Suite("values")
struct ValueTests {
    private static let mebibyte = 1_024 * 1_024
    private let vault: TestVault
    private let open: OpenedVault

    init() throws {
        vault = try TestVault()
        open = try vault.opened()
    }

    private func value(_ count: Int) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(count))
        let block = random.bytes(min(count, 4_096))
        var value: [UInt8] = []
        value.reserveCapacity(count + block.count)
        while value.count < count { value += block }
        return Array(value.prefix(count))
    }

    @Test(
        "a value whose length lies on an edge of padding or chunk comes back exactly (E75)",
        arguments: [
            1, 2, 16, 58, 59, 60, 61, 63, 64, 123, 124, 1_018, 1_019, 1_020, 1_023, 1_024, 1_025,
            16_378, 16_379, 16_380, 16_383, 16_384, 16_385, 32_763, 32_767, 32_768, 32_769, 65_536,
        ])
    func edges(_ count: Int) throws {
        let value = value(count)
        let receipt = try open.capture("a", value)
        #expect(receipt.version.fields == [.secret])
        #expect(try vault.opened(.reading).value("a") == value)
        // The same as one of several fields, between others.
        try open.capture(
            SecretDraft(name: "several"), [("x", [1]), ("y", value), ("z", [0, 0])])
        #expect(try open.value("several", field: "x") == [1])
        #expect(try open.value("several", field: "y") == value)
        #expect(try open.value("several", field: "z") == [0, 0])
    }

    @Test(
        "large values come back exactly (E74)",
        arguments: [10 * mebibyte, 16 * mebibyte - 1, 16 * mebibyte])
    func large(_ count: Int) throws {
        let value = value(count)
        try open.capture("a", value)
        let isEqual = try vault.opened(.reading).value("a") == value
        #expect(isEqual)
    }

    @Test("a value over 16 MiB is refused whole, alone or among others (E74)")
    func tooLarge() throws {
        let value = value(16 * Self.mebibyte + 1)
        #expect(throws: VaultError.valueTooLong) { try open.capture("a", value) }
        #expect(throws: VaultError.valueTooLong) {
            try open.capture(SecretDraft(name: "a"), [("x", [1]), ("y", value)])
        }
        let half = Array(value.prefix(9 * Self.mebibyte))
        #expect(throws: VaultError.valueTooLong) {
            try open.capture(SecretDraft(name: "a"), [("x", half), ("y", half)])
        }
        #expect(throws: VaultError.secretMissing("a")) { try open.value("a") }
        #expect(try open.names() == [])
    }

    @Test("an empty value is refused, alone or among others (E74)")
    func empty() throws {
        #expect(throws: VaultError.valueEmpty) { try open.capture("a", []) }
        #expect(throws: VaultError.valueEmpty) {
            try open.capture(SecretDraft(name: "a"), [("x", [1]), ("y", [])])
        }
        #expect(try open.names() == [])
    }

    static let contents: [[UInt8]] = [
        Array(0...255), [0], [0, 0, 0], [10], [13, 10], Array("a\r\nb\n\n".utf8),
        [0xff, 0xfe], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf, 65],
        Array("-----BEGIN COFFER CAPSULE-----".utf8), Array("--help".utf8), Array("@file".utf8),
        Array("{\"a\": \"b\"}".utf8), Array(" leading and trailing ".utf8),
        [UInt8](repeating: 0, count: 20_000), [1] + [UInt8](repeating: 0, count: 70),
    ]

    @Test("a value is bytes: none is added, taken or understood (E74, E81)", arguments: contents)
    func bytes(_ value: [UInt8]) throws {
        try open.capture("a", value)
        #expect(try open.value("a") == value)
        #expect(try vault.opened(.reading).value("a") == value)
    }

    @Test("equal values are not equal in the file (B42)")
    func unlinkable() throws {
        let value = value(200)
        try open.capture("a", value)
        try open.capture("b", value)
        let rids = try ["a", "b"].map { try open.rid(of: $0) }
        #expect(rids[0] != rids[1])
        let blobs = try rids.map { try #require(try open.vault.store.record(rid: $0, version: 1)) }
            .map(\.blob)
        #expect(blobs[0].count == blobs[1].count)
        for part in [0..<24, 24..<56, 56..<blobs[0].count] {
            #expect(blobs[0][part] != blobs[1][part])
        }
    }

    @Test("many fields keep their order and their values")
    func fields() throws {
        let fields = (0..<200).map {
            (FieldName("field_\($0)")!, [UInt8](repeating: UInt8($0), count: $0 + 1))
        }
        let receipt = try open.capture(SecretDraft(name: "a"), fields)
        #expect(receipt.version.fields == fields.map(\.0))
        let opened = try open.vault.fetch("a", .current, disabled: .refuse, at: TestVault.created)
        let names = opened.secrets.names
        #expect(names == fields.map(\.0))
        for (name, value) in fields { #expect(try open.value("a", field: name) == value) }
    }
}
