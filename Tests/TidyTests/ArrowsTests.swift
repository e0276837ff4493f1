// The checks of the arrows, on planted samples and over the tree.

import Testing

private func file(_ path: String, _ text: String) -> TextFile { TextFile(path: path, text: text) }

@Suite("the check of arrows")
struct ArrowsCheckTests {
    @Test("sees an import that the table does not have")
    func planted() {
        let text = """
            // A noun.

            internal import Glibc
            internal import VaultModel
            @preconcurrency import Sealing
            public import SecretMemory
            import struct Foundation.Data
            // import Sealing

            """
        let storage = file("Sources/Storage/Noun.swift", text)
        #expect(Arrows.imports(of: storage).map(\.line) == [5, 6, 7])
        let model = file("Sources/VaultModel/Noun.swift", "import Glibc\n")
        #expect(Arrows.imports(of: model).map(\.words) == ["VaultModel must not import Glibc"])
        let unknown = file("Sources/Drawer/Noun.swift", "")
        #expect(Arrows.imports(of: unknown).count == 1)
        #expect(Arrows.imports(of: file("Tests/X/Noun.swift", "import Foundation\n")) == [])
    }

    @Test("reads the manifest")
    func manifest() {
        let text = """
            func room(
                _ name: String, mayUse: [Target.Dependency] = []
            ) -> Target {}
            room("A"),
            room("B", path: "b", resources: [.embedInCode("x.sql")]),
            room(
                "C",
                mayUse: [
                    "A", "B",
                ]),
            room("D", mayUse: ["C"], resources: profiles),
            """
        #expect(Arrows.manifest(text) == ["A": [], "B": [], "C": ["A", "B"], "D": ["C"]])
    }
}

@Suite("the arrows")
struct ArrowsTests {
    @Test("of the files are those of the table")
    func files() {
        #expect(Tree.swift.flatMap(Arrows.imports(of:)) == [])
        let rooms = Set(Tree.swift.compactMap { Arrows.room(of: $0.path) })
        #expect(rooms == Set(Arrows.rooms.keys))
    }

    @Test("of the manifest are those of the table")
    func manifest() throws {
        let text = try #require(Tree.file("Package.swift")).text
        var table = Arrows.rooms
        // The program is an executable target, not a room.
        table["coffer"] = nil
        #expect(Arrows.manifest(text) == table)
    }

    @Test("are all used: what no file imports is no arrow")
    func used() {
        for (room, arrows) in Arrows.rooms {
            let files = Tree.swift.filter { Arrows.room(of: $0.path) == room }
            let imported = Set(files.flatMap { Arrows.imports($0).map(\.module) })
            #expect(arrows.subtracting(imported) == [], "\(room)")
        }
    }

    @Test("keep plaintext out of storage and keys out of the command line")
    func laws() {
        let storage = Arrows.rooms["Storage"] ?? []
        #expect(storage.isDisjoint(with: ["SecretMemory", "Sealing", "VaultCore"]))
        let tool = Arrows.rooms["CommandLineTool"] ?? []
        #expect(tool.isDisjoint(with: ["Sealing", "Storage", "VaultCore", "CSQLite", "COpenSSL"]))
        #expect(Arrows.rooms["VaultModel"] == [])
        #expect(Arrows.rooms["Issuers"]?.isDisjoint(with: ["Sealing", "Storage"]) == true)
    }
}
