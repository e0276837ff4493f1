// A small file that several processes put their content in the place of, one after another.

import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("the file of an anchor")
struct AnchorFileTests {
    private let folder: TemporaryFolder
    private let file: AnchorFile

    init() throws {
        folder = try TemporaryFolder()
        let vault = try #require(Identifier([UInt8](repeating: 7, count: 16)))
        file = AnchorFile(of: VaultID(vault), in: folder.file("state/coffer"))
    }

    @Test("tells a file that is empty from one that is not there, and makes none for nothing")
    func empty() throws {
        #expect(try file.read() == nil)
        var seen: [[UInt8]?] = []
        try file.update { before in
            seen.append(before)
            return nil
        }
        #expect(try file.read() == nil)
        try FileOnDisk(file.path).write([])
        try FileOnDisk(file.path).setMode(0o600)
        #expect(try file.read() == [])
        try file.update(isSynced: true) { before in
            seen.append(before)
            return [1, 2, 3]
        }
        try file.update { before in
            seen.append(before)
            return [4]
        }
        #expect(seen == [nil, [], [1, 2, 3]])
        #expect(try file.read() == [4])
    }

    @Test("is removed only as it was seen")
    func removal() throws {
        try file.update { _ in [1] }
        try file.remove(ifStill: [2])
        #expect(try file.read() == [1])
        try file.remove(ifStill: [1])
        #expect(try file.read() == nil)
        // Another process did it before.
        try file.remove(ifStill: [1])
        try file.remove(ifStill: [])
        #expect(try file.read() == nil)
    }

    @Test("an error of whoever updates it leaves it as it was, and free for the next")
    func errors() throws {
        let error = VaultError.busy(path: "x")
        #expect(throws: error) { try file.update { _ throws(VaultError) in throw error } }
        #expect(try file.read() == nil)
        try file.update { _ in [1] }
        #expect(throws: error) { try file.update { _ throws(VaultError) in throw error } }
        #expect(try file.read() == [1])
        try file.update { before in (before ?? []) + [2] }
        #expect(try file.read() == [1, 2])
    }
}
