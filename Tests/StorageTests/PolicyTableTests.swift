// The table of the policy: what is written is read, in one order, and nothing of another form.

import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("the table of the policy")
struct PolicyTableTests {
    private let vault: SampleVault
    private let store: Store

    init() throws {
        vault = try SampleVault()
        store = try Store.open(at: vault.path, .readWrite)
    }

    private func row(_ kind: PolicyKind, _ number: UInt8, count: Int = 200) -> SealedPolicy {
        SealedPolicy(
            PolicyColumns(
                kind, Identifier([number] + [UInt8](repeating: 7, count: 15))!,
                digest: [UInt8](repeating: number, count: 32)),
            blob: [UInt8](repeating: number, count: count))
    }

    @Test("rows come in the order of kind and id, long blobs left where they are")
    func order() throws {
        let rows = [
            row(.delivery, 1, count: 300), row(.job, 9), row(.delivery, 0), row(.grant, 5),
            row(.job, 2),
        ]
        for row in rows { try store.setPolicy(row) }
        let found = try store.policy(blobsAtMost: 200)
        #expect(found.map(\.columns) == [3, 4, 1, 2, 0].map { rows[$0].columns })
        #expect(found.map(\.blob) == [3, 4, 1, 2].map { rows[$0].blob } + [nil])
        for row in rows { #expect(try store.policy(row.columns.kind, row.columns.id) == row) }
        #expect(try store.policy(.grant, rows[0].columns.id) == nil)
    }

    @Test("a row takes the place of one of its kind and id alone, and goes alone")
    func replaced() throws {
        let id = row(.job, 1).columns.id
        try store.setPolicy(row(.job, 1))
        try store.setPolicy(row(.delivery, 1))
        let other = SealedPolicy(
            PolicyColumns(.job, id, digest: [UInt8](repeating: 9, count: 32)),
            blob: [UInt8](repeating: 9, count: 128))
        try store.setPolicy(other)
        #expect(try store.policy(.job, id) == other)
        try store.deletePolicy(.job, id)
        #expect(try store.policy(.job, id) == nil)
        #expect(try store.policy(.delivery, id) == row(.delivery, 1))
    }

    @Test("a blob is not shorter than any that is sealed, and a row of no kind is damage")
    func bounds() throws {
        #expect(throws: VaultError.tampered(.container)) {
            try store.setPolicy(row(.job, 1, count: 127))
        }
        try store.setPolicy(row(.job, 1))
        for edit in [
            "kind = 0", "kind = 4", "kind = 300", "id = zeroblob(15)", "digest = zeroblob(31)",
            "digest = zeroblob(33)",
        ] {
            let copy = try SampleVault()
            do {
                let store = try Store.open(at: copy.path, .readWrite)
                try store.setPolicy(row(.job, 1))
            }
            try Tamperer.edit(copy.path, "UPDATE policy SET \(edit)")
            let edited = try Store.open(at: copy.path, .readOnly)
            #expect(throws: VaultError.self, "\(edit)") { _ = try edited.policy(blobsAtMost: 0) }
        }
    }
}
