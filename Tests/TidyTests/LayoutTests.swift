// The layout checks, each on a planted sample and over the tree.

import Testing

private func file(_ text: String, path: String = "Sources/Room/Noun.swift") -> TextFile {
    TextFile(path: path, text: text)
}

private func places(_ findings: [Finding]) -> [Int] { findings.map(\.line) }

private func lines(_ count: Int, _ text: String = "x") -> String {
    String(repeating: "\(text)\n", count: count)
}

@Suite("the layout checks")
struct LayoutCheckTests {
    @Test("see a line of 101 columns, counted in characters")
    func columns() {
        let fits = String(repeating: "é", count: 100)
        #expect(places(Layout.columns(file("\(fits)\n\(fits)x\n\(fits)\n"))) == [2])
    }

    @Test("see a file of 401 lines")
    func length() {
        #expect(Layout.lines(file(lines(400))) == [])
        #expect(Layout.lines(file(lines(401))).map(\.words) == ["401 lines"])
    }

    @Test("see tabs, blanks at the end, and a wrong end")
    func blanks() {
        #expect(Layout.blanks(file("a\nb\n")) == [])
        #expect(places(Layout.blanks(file("a\n\tb\nc \nd\r\n"))) == [2, 3, 4])
        #expect(Layout.blanks(file("a")).map(\.words) == ["no newline at the end"])
        #expect(Layout.blanks(file("a\n\n")).map(\.words) == ["an empty line at the end"])
        #expect(Layout.blanks(file("")) == [])
    }

    @Test("see a file that does not say its duty")
    func duty() {
        #expect(Layout.duty(file("// What is shown of secrets.\n\nimport A\n")) == [])
        #expect(Layout.duty(file("// What is shown\n// of secrets.\n//\n// More\n")) == [])
        for text in [
            "import A\nlet a = 1\n", "// Secrets.\n", "// TBD\n", "\n// What is it.\n",
            "// no end to it\n",
        ] {
            #expect(places(Layout.duty(file(text))) == [1], "\(text)")
        }
    }

    @Test(
        "see a drawer",
        arguments: [
            "StringUtils.swift", "Helpers.swift", "String+Hex.swift", "Constants.swift",
            "VaultManager.swift", "Extensions.swift",
        ])
    func drawers(_ name: String) {
        #expect(!Layout.name("Sources/Room/\(name)").isEmpty)
        #expect(Layout.name("Sources/Room/Noun.swift") == [])
    }

    @Test(
        "see a function of 71 lines, wherever its signature breaks",
        arguments: [
            "    func f() {",
            "    private static func f(\n        _ a: Int\n    ) throws(E) -> Int {",
            "    init?(_ a: Int) {", "    deinit {",
            "    @_lifetime(self: copy self)\n    mutating func f()\n    {",
            "    public consuming func f<R: ~Copyable>() {", "    subscript(a: Int) -> Int {",
        ])
    func functions(_ head: String) {
        let height = head.split(separator: "\n").count { !$0.contains("@_lifetime") }
        func sample(_ count: Int) -> TextFile {
            file("struct S {\n\(head)\n\(lines(count - height - 1, "        x"))    }\n}\n")
        }
        #expect(Layout.functions(sample(70)) == [])
        let found = Layout.functions(sample(71))
        #expect(found.count == 1)
        #expect(found.first?.words.hasSuffix("has 71 lines") == true)
    }

    @Test("do not take a short function, a requirement or a branch for a long one")
    func shortFunctions() {
        let text = """
            protocol P {
                func a() throws(E) -> Int
                func b()

                /// More.
                func c()
            }
            struct S {
                func d() { e() }
                func f() {
                    guard x else {
                        return
                    }
                }
            \(lines(90, "    let x = 1"))
            }

            """
        #expect(Layout.functions(file(text)) == [])
    }
}

@Suite("the tree")
struct LayoutTests {
    @Test("is there")
    func thereIsATree() {
        #expect(Tree.sources.count >= 100)
        #expect(Tree.swift.count >= 130)
        #expect(Tree.file("Package.swift") != nil)
    }

    @Test("has lines of at most 100 columns")
    func columns() { #expect(Tree.swift.flatMap(Layout.columns) == []) }

    @Test("has files of at most 400 lines")
    func length() { #expect(Tree.swift.flatMap(Layout.lines) == []) }

    @Test("has functions of at most 70 lines")
    func functions() { #expect(Tree.swift.flatMap(Layout.functions) == []) }

    @Test("has no tabs, no blanks at the end, and a newline at the end")
    func blanks() {
        let kinds = [".swift", ".md", ".json", ".sql", ".h", ".c", ".py", ".modulemap"]
        let files = Tree.files.filter { file in kinds.contains { file.path.hasSuffix($0) } }
        #expect(files.count > 150)
        #expect(files.flatMap(Layout.blanks) == [])
    }

    @Test("has Swift files that say their duty first")
    func duty() {
        #expect(Tree.swift.filter { $0.path != "Package.swift" }.flatMap(Layout.duty) == [])
    }

    @Test("has rooms, not drawers")
    func names() { #expect(Tree.swift.map(\.path).flatMap(Layout.name) == []) }
}
