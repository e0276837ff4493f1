// The checks of lists, on planted samples and over the tree.

import Testing

private func page(_ text: String, path: String = "docs/a/b.md") -> TextFile {
    TextFile(path: path, text: text)
}

private func dead(_ text: String) -> [Int] {
    Lists.deadLinks(
        page(text), exists: { ["docs/a/b.md", "docs/c.md", "README.md"].contains($0) },
        headings: { _ in ["there"] }
    ).map(\.line)
}

@Suite("the checks of lists")
struct ListsCheckTests {
    @Test("see what is in one list alone, or twice")
    func differences() {
        #expect(Lists.differences(["a", "b"], ["b", "a"]) == [])
        #expect(Lists.differences(["a", "b"], ["b", "c"]) == ["a", "c"])
        #expect(Lists.differences(["a", "a"], ["a"]) == ["a line is there twice"])
        #expect(
            Lists.quoted("x [\"no\"] let y = [\n\"a\", \"b\",\n]", behind: "let y = ") == [
                "a", "b",
            ])
    }

    @Test("see a dead link, and no other")
    func links() {
        #expect(dead("[x](../c.md)\n[x](c.md)\n[x](../../README.md) and [y](../d.md)\n") == [2, 3])
        #expect(dead("[x](https://e/x) [x](#there) [x](../c.md#there)\n") == [])
        #expect(dead("[x](#gone)\n[x](../c.md#gone)\n") == [1, 2])
        #expect(dead("`[x](c.md)`\n```\n[x](c.md)\n```\n[x](c.md)\n") == [5])
    }

    @Test("make anchors of headings")
    func headings() {
        let text = "# The `key`, once\n```\n# no\n```\n## A - b_c 2\n"
        #expect(Lists.headings(page(text)) == ["the-key-once", "a---b_c-2"])
    }

    @Test("see a page that the source names and nobody wrote")
    func pages() {
        #expect(Lists.pages(page("/// See `docs/none-such.md`, \"Keys\".\n")).count == 1)
        #expect(Lists.pages(page("/// See `docs/threat-model.md` and docs/.\n")) == [])
    }
}

@Suite("the lists")
struct ListsTests {
    private func text(_ path: String) throws -> String { try #require(Tree.file(path)).text }

    private func names(in folder: String, ending: String) -> [String] {
        Tree.paths.filter { $0.hasPrefix(folder) && $0.hasSuffix(ending) }
            .map { String($0.dropFirst(folder.count).dropLast(ending.count)) }
    }

    @Test("of profiles agree: the folder, the manifest and the program")
    func profiles() throws {
        let files = names(in: "Sources/Issuers/Profiles/", ending: ".json")
        #expect(files.count >= 20)
        let manifest = Lists.quoted(try text("Package.swift"), behind: "let profiles = ")
        #expect(Lists.differences(manifest, files) == [])
        let program = try text("Sources/Issuers/BuiltInProfiles.swift")
        let rows = program.split(separator: "\n").filter { $0.contains("PackageResources.") }
        let table = rows.map { $0.split(separator: "\"")[1] }.map(String.init)
        #expect(Lists.differences(table, files) == [])
        for (row, id) in zip(rows, table) {
            let resource = id.map { $0 == "-" ? "_" : String($0) }.joined() + "_json"
            #expect(row.contains("{ PackageResources.\(resource) }"), "\(id)")
            #expect(try text("Sources/Issuers/Profiles/\(id).json").contains("\"id\": \"\(id)\","))
        }
    }

    @Test("of migrations agree: the folder, the manifest and the program, counted up from 1")
    func migrations() throws {
        let files = names(in: "migrations/", ending: ".sql")
        #expect(!files.isEmpty)
        let manifest = try text("Package.swift")
        let program = try text("migrations/Migrations.swift")
        for (index, name) in files.enumerated() {
            let number = String(index + 1)
            let padded = String(repeating: "0", count: 4 - number.count) + number
            #expect(name.hasPrefix("m\(padded)_"))
            #expect(manifest.contains(".embedInCode(\"\(name).sql\")"))
            #expect(program.contains("PackageResources.\(name)_sql"))
            #expect(program.contains("version: \(number), "))
        }
    }

    @Test("of links lead to files and headings that are there")
    func links() {
        let pages = Tree.markdown
        #expect(pages.count > 10)
        let findings = pages.flatMap { page in
            Lists.deadLinks(page, exists: Tree.exists) { path in
                Tree.file(path).map(Lists.headings) ?? []
            }
        }
        #expect(findings == [])
    }

    @Test("of pages that the source names have them")
    func pages() { #expect(Tree.sources.flatMap(Lists.pages) == []) }

    @Test("of decisions has every page, under its own title, counted up from 1")
    func decisions() throws {
        let pages = names(in: "docs/decisions/", ending: ".md").filter { $0 != "README" }
        #expect(pages.count >= 11)
        let list = try text("docs/decisions/README.md")
        for (index, page) in pages.enumerated() {
            let number = String(page.prefix(4))
            #expect(Int(number) == index + 1)
            let first = try #require(Tree.file("docs/decisions/\(page).md")?.lines.first)
            let title = first.dropFirst("# \(number): ".count)
            #expect(first == "# \(number): \(title)")
            #expect(list.contains("| [\(number)](\(page).md) | \(title) |\n"), "\(page)")
        }
    }
}
