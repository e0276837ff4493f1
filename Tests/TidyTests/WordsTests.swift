// The checks of names, each on a planted sample and over the tree.

import Testing

private func file(_ text: String, path: String = "Sources/Room/Noun.swift") -> TextFile {
    TextFile(path: path, text: text + "\n")
}

@Suite("the checks of names")
struct WordsCheckTests {
    @Test(
        "see what is banned",
        arguments: [
            "import Foundation", "public import FoundationEssentials", "let a = readLine()",
            "let a = Swift.readLine(strippingNewline: true)", "try! f()", "let b = a as! B",
            "fatalError(\"x\")", "ProcessInfo.processInfo.environment", "CommandLine.arguments[0]",
            "let r: Regex<Substring>", "struct A: Codable {", "extension A: Decodable {}",
            "print(secret)", "  debugPrint(x)", "dump(x)", "NSLog(\"x\")", "getenv(\"HOME\")",
            "EVP_EncryptInit_ex(a)", "RAND_bytes(p, 1)", "CRYPTO_memcmp(a, b, c)",
            "memcmp(a, b, c)", "private static var saved = termios()",
            "static let now: timeval = timeval()",
        ])
    func banned(_ line: String) {
        let found = Words.banned(file("// A room of its own.\n\(line)"))
        #expect(found.map(\.line) == [2])
    }

    @Test(
        "let pass what only looks alike",
        arguments: [
            "// import Foundation", "let a = try Terminal.readLine(prompt: p)",
            "func readLine(prompt: String) {", "try f()", "try? f()", "let b = a as? B",
            "preconditionFailure(\"x\")", "/// print(x) is banned", "sink.print(x)", "blueprint(x)",
            "coffer_wipe(a, b)", "let isRegexFree = 1", "let EVP = 1",
            "var mode = termios()", "static var saved: termios?", "static let all = Table()",
        ])
    func allowed(_ line: String) { #expect(Words.banned(file(line)) == []) }

    @Test("let each exception pass in its own file alone")
    func exceptions() {
        for ban in Words.bans {
            for path in ban.except { #expect(Tree.exists(path), "\(path)") }
        }
        let line = "CommandLine.arguments"
        #expect(Words.banned(file(line, path: "Sources/CommandLineTool/CofferTool.swift")) == [])
        #expect(!Words.banned(file(line, path: "Sources/coffer/main.swift")).isEmpty)
    }

    @Test("see a comparison that leaks where the bytes differ")
    func comparisons() {
        for line in [
            "if mac == expected {", "guard given.digest == known else {", "x != slot.commitment",
            "guard a.secret.bytes == b {", "return left == right.passphrase",
            "if plaintext != other {",
        ] { #expect(!Words.comparisons(file(line)).isEmpty, "\(line)") }
        for line in [
            "mac.count == 32", "if digest.isEmpty == false {", "kind == .passphrase",
            "// mac == expected", "guard role == .secret else {", "let isMac = a == b",
            "code == SQLITE_OK", "x == secrets.count",
        ] where !line.hasPrefix("code") {
            #expect(Words.comparisons(file(line)) == [], "\(line)")
        }
    }

    @Test("see words of what is not done")
    func unfinished() {
        for word in Words.unfinished {
            #expect(Words.unfinished(file("// \(word): later")).map(\.line) == [1])
        }
        #expect(Words.unfinished(file("// mastodon, hacksaw, 3XL")) == [])
    }

    @Test("see places outside the project")
    func places() {
        for place in Words.registries + Words.machinePaths {
            #expect(Words.places(file("see https:/\(place)x")).count == 1, "\(place)")
        }
        #expect(Words.places(file("https://pypi.org/manage/ /usr/bin ./root $HOME/x")) == [])
    }
}

@Suite("the rooms")
struct WordsTests {
    @Test("hold no banned name")
    func banned() { #expect(Tree.sources.flatMap { Words.banned($0) } == []) }

    @Test("that hold secrets compare none with ==")
    func comparisons() {
        let rooms = ["SecretMemory", "Sealing", "VaultCore", "AgentService", "AgentProtocol"]
        let files = Tree.sources.filter { file in
            rooms.contains { file.path.hasPrefix("Sources/\($0)/") }
        }
        #expect(files.count > 30)
        #expect(files.flatMap(Words.comparisons) == [])
    }

    @Test("and everything else hold no word of what is not done")
    func unfinished() {
        let kinds = [".swift", ".md", ".py", ".sh", ".c", ".h", ".sql", "Makefile"]
        let files = Tree.files.filter { file in kinds.contains { file.path.hasSuffix($0) } }
        #expect(files.flatMap(Words.unfinished) == [])
    }

    @Test("and everything else name no place outside the project")
    func places() { #expect(Tree.files.flatMap(Words.places) == []) }
}
