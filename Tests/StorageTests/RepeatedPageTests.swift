// Files in which one page is listed in many places: SQLite scans them again and again.

import TestSupport
import Testing
import VaultModel

@testable import Storage

@Suite("pages that are listed again and again")
struct RepeatedPageTests {
    private static let pageBytes = 4_096

    /// An interior page of a table whose children are all the same page.
    private func interior(_ child: Int, children: Int, headerAt start: Int) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: Self.pageBytes)
        func put(_ value: Int, _ bytes: Int, at offset: Int) {
            for index in 0..<bytes {
                page[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * (bytes - 1 - index)))
            }
        }
        let content = Self.pageBytes - 5 * children
        page[start] = 5
        put(children, 2, at: start + 3)
        put(content, 2, at: start + 5)
        put(child, 4, at: start + 8)
        for cell in 0..<children {
            put(content + 5 * cell, 2, at: start + 12 + 2 * cell)
            put(child, 4, at: content + 5 * cell)
            page[content + 5 * cell + 4] = 100
        }
        return page
    }

    /// Moves the page `root` to the end of the file and puts `levels` pages over it, each of which
    /// lists the one below 200 times.
    private func repeatPage(_ root: Int, levels: Int, in file: FileOnDisk) throws {
        var bytes = try file.bytes()
        let header = root == 1 ? 100 : 0
        let start = (root - 1) * Self.pageBytes
        var moved = Array(bytes[start..<start + Self.pageBytes])
        if header > 0 {
            // Offsets in a page count from its start, so the cells stay where they are.
            moved.replaceSubrange(0..<100, with: Array(moved[100..<200]))
        }
        bytes += moved
        for _ in 1..<levels {
            bytes += interior(bytes.count / Self.pageBytes, children: 200, headerAt: 0)
        }
        let top = interior(bytes.count / Self.pageBytes, children: 200, headerAt: header)
        bytes.replaceSubrange(start + header..<start + Self.pageBytes, with: top[header...])
        let pages = bytes.count / Self.pageBytes
        for index in 0..<4 {
            bytes[28 + index] = UInt8(truncatingIfNeeded: pages >> (24 - 8 * index))
        }
        try file.write(bytes)
    }

    @Test("descriptions that come a second time end a list and a count")
    func descriptions() throws {
        let vault = try SampleVault()
        let root = try Tamperer(vault.path).integer(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'metadata'")
        try repeatPage(Int(root), levels: 6, in: vault.file)
        let store = try Store.open(at: vault.path, .readOnly)
        var seen = 0
        #expect(throws: VaultError.tampered(.container)) {
            try store.forEachMetadata { _ in seen += 1 }
        }
        #expect(seen == 3)
        #expect(throws: VaultError.tampered(.container)) { _ = try store.metadataCount() }
    }

    @Test("a schema that goes on and on is given up")
    func schema() throws {
        let vault = try SampleVault()
        try repeatPage(1, levels: 5, in: vault.file)
        #expect(throws: VaultError.self) { _ = try Store.open(at: vault.path, .readOnly) }
    }
}
