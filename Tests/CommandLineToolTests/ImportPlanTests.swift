// The names under which an import stores, and the archives that it refuses.

import Testing
import VaultModel

@testable import CommandLineTool
@testable import Issuers

private func plan(_ paths: [[String]], prefix: String = "") throws -> ImportPlan {
    var batch = ImportBatch()
    let value: [UInt8] = [1]
    for path in paths {
        let found = FoundCredential(path)
        try found.add(secret: "secret", value.span)
        try batch.take(found)
    }
    return ImportPlan(batch, prefix: prefix)
}

@Suite("the plan of an import")
struct ImportPlanTests {
    private func names(_ paths: [[String]], prefix: String = "") throws -> [String] {
        try plan(paths, prefix: prefix).items.map(\.name.text)
    }

    @Test("gives each credential a name of its own, whatever names there are")
    func numbered() throws {
        let paths = [["a"], ["a"], ["a-2"], ["a"], ["a b"], ["a-b"]]
        #expect(try names(paths) == ["a", "a-3", "a-2", "a-4", "a-b", "a-b-2"])
        let shared = try plan(paths).shared
        #expect(shared.map(\.name) == ["a", "a-b"])
        #expect(shared.map(\.count) == [3, 2])
    }

    @Test("puts the prefix before every name, and keeps them within bounds")
    func prefixed() throws {
        #expect(try names([["a", "b"], [".."]], prefix: "x/y/") == ["x/y/a/b", "x/y/_"])
        let long = [String(repeating: "n", count: 300)]
        let found = try names([long, long], prefix: "x/")
        #expect(found[0] == "x/" + String(repeating: "n", count: 126))
        #expect(found[1] == "x/" + String(repeating: "n", count: 124) + "-2")
    }

    @Test("keeps a name that was changed as the label, and says so")
    func labels() throws {
        let items = try plan([["My Bank"], ["a"], ["é" + String(repeating: "é", count: 600)]]).items
        #expect(items.map(\.isRenamed) == [true, false, true])
        #expect(items[0].draft.label == "My Bank")
        #expect(items[1].draft.label == "")
        #expect(items[2].draft.label == String(repeating: "é", count: 512))
    }

    @Test("leaves out what is to be skipped")
    func skipped() throws {
        var planned = try plan([["a"], ["b"]])
        planned.skip(Set([planned.items[0].name]))
        #expect(planned.items.map(\.name.text) == ["b"])
    }
}

@Suite("the list of an archive")
struct ZipArchiveTests {
    private func line(_ name: String, mode: String = "-rw-r--r--", size: String = "10") -> String {
        "\(mode)  3.0 unx \(size) tx defN 26-Nov-25 22:34 \(name)"
    }

    private func refusal(_ lines: [String]) -> String? {
        do throws(Complaint) {
            try ZipArchive.check(lines, needing: "export.data")
            return nil
        } catch {
            #expect(error.code == .usage)
            return error.words
        }
    }

    @Test("that is honest is taken")
    func honest() {
        let lines = [line("export.attributes"), line("export.data"), line("files/a b..c")]
        #expect(refusal(lines) == nil)
    }

    @Test(
        "with what no honest one holds is refused",
        arguments: [
            ("../x", "leads out"), ("a/../../x", "leads out"), ("/etc/x", "leads out"),
            ("..", "leads out"), ("a\\..\\x", "leads out"), ("C:x", "leads out"),
            ("export.data", "a name twice"),
        ])
    func hostile(_ name: String, _ words: String) {
        #expect(refusal([line("export.data"), line(name)])?.contains(words) == true)
    }

    @Test("with a link, without the member, with one that is too long, or unreadable")
    func others() {
        let link = line("x", mode: "lrwxrwxrwx")
        #expect(refusal([line("export.data"), link])?.contains("symbolic link") == true)
        #expect(refusal([line("x")])?.contains("holds no export.data") == true)
        #expect(refusal([])?.contains("holds no export.data") == true)
        let long = line("export.data", size: "25165825")
        #expect(refusal([long])?.contains("longer than 24 MiB") == true)
        #expect(refusal(["x"])?.contains("cannot be read") == true)
    }
}
