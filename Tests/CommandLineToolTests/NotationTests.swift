// Values as other programs write them, and what each notation cannot hold.

import Foundation
import SecretMemory
import Testing
import VaultModel

@testable import CommandLineTool

private typealias Writer = (Span<UInt8>, inout SecretBytes) throws(Unfit) -> Void

private func written(_ value: [UInt8], _ write: Writer) -> Result<String, Unfit> {
    var output = SecretBytes()
    do throws(Unfit) {
        try write(value.span, &output)
        return .success(text(of: output))
    } catch {
        return .failure(error)
    }
}

private func written(_ value: String, _ write: Writer) -> Result<String, Unfit> {
    written(Array(value.utf8), write)
}

@Suite("notations")
struct NotationTests {
    private let latin: [UInt8] = [0x66, 0xfc, 0x72]

    @Test("a word of a shell is in single quotes")
    func shell() {
        #expect(written("", Notation.shell) == .success("''"))
        #expect(written("a $b `c` \\ \"d\"\n", Notation.shell) == .success("'a $b `c` \\ \"d\"\n'"))
        #expect(written("it's", Notation.shell) == .success(#"'it'\''s'"#))
        #expect(written("''", Notation.shell) == .success(#"''\'''\'''"#))
        #expect(written("a\0b", Notation.shell) == .failure(.nul))
        var output = SecretBytes()
        #expect(throws: Never.self) { try Notation.shell(latin.span, into: &output) }
        #expect(bytes(of: output) == [0x27] + latin + [0x27])
    }

    @Test("JSON and YAML are strings in quotes, of text alone")
    func strings() throws {
        let value = "q\" b\\ n\n t\t z\0 e\u{1b} l\u{2028} é 🔑 \u{e0001}"
        let json = try written(value, Notation.json).get()
        let read = try JSONSerialization.jsonObject(
            with: Data(json.utf8), options: .fragmentsAllowed)
        #expect(read as? String == value)
        #expect(json.utf8.allSatisfy { $0 >= 0x20 })
        #expect(
            written(value, Notation.yaml)
                == .success(#""q\" b\\ n\n t\t z\x00 e\x1b l\u2028 é 🔑 \U000e0001""#))
        #expect(written(latin, Notation.json) == .failure(.noText))
        #expect(written(latin, Notation.yaml) == .failure(.noText))
        // A surrogate in the shape of UTF-8 is none.
        #expect(written([0xed, 0xa0, 0x80], Notation.yaml) == .failure(.noText))
    }

    @Test("a line holds what has no line break")
    func line() {
        #expect(written(" a='b' #c", Notation.line) == .success(" a='b' #c"))
        for end in ["\n", "\r"] {
            #expect(written("a\(end)b", Notation.line) == .failure(.lineBreak))
        }
        #expect(written("\0", Notation.line) == .failure(.nul))
        #expect(written(latin, Notation.line) == .failure(.noText))
    }

    @Test("a line is as long as docker reads, its name included")
    func longLine() {
        for (before, room) in [("", 65_535), ("V=", 65_533), ("X=1\nV=", 65_533)] {
            for excess in 0...1 {
                let value = [UInt8](repeating: UInt8(ascii: "x"), count: room + excess)
                let outcome = written(value) { (value, output) throws(Unfit) in
                    output.append(before)
                    try Notation.line(value, into: &output)
                }
                let whole = before + String(repeating: "x", count: room)
                let wanted: Result<String, Unfit> =
                    excess == 0 ? .success(whole) : .failure(.longLine)
                #expect(outcome == wanted)
            }
        }
    }

    @Test("systemd's double quotes escape what a shell's do")
    func systemd() {
        #expect(
            written("a\"b\\c`d$e 'f'\n#g", Notation.systemd)
                == .success("\"a\\\"b\\\\c\\`d\\$e 'f'\n#g\""))
        #expect(written("a\0", Notation.systemd) == .failure(.nul))
        #expect(written(latin, Notation.systemd) == .failure(.noText))
        for code: UInt32 in [0xfeff, 0xfdd0, 0xfdef, 0xfffe, 0xffff, 0x1fffe, 0x10ffff] {
            let scalar = Unicode.Scalar(code).map(String.init) ?? ""
            #expect(written("a\(scalar)", Notation.systemd) == .failure(.noCharacter))
        }
        #expect(written("\u{fffd}\u{fdcf}\u{fdf0}", Notation.systemd).map(\.count) == .success(5))
    }

    @Test(".env files get the quotes that all readers undo alike")
    func dotenv() {
        #expect(
            written("a \"b\" $c #d\ne\\f", Notation.dotenv) == .success("'a \"b\" $c #d\ne\\f'"))
        #expect(written("it's", Notation.dotenv) == .success("\"it's\""))
        for value in [
            "it's $a", "it's `a`", "it's \"b\"", #"it's \n"#, #"a\\b"#, #"\\$a"#, "a\\",
        ] {
            #expect(written(value, Notation.dotenv) == .failure(.quotes), "\(value)")
        }
        #expect(written("a${b}", Notation.dotenv) == .failure(.expansion))
        #expect(written("a\r\nb", Notation.dotenv) == .failure(.lineBreak))
        #expect(written("a\0b", Notation.dotenv) == .failure(.nul))
        #expect(written(latin, Notation.dotenv) == .failure(.noText))
    }

    @Test("a complaint says which, in words of its own")
    func words() {
        let all: [Unfit] = [
            .nul, .lineBreak, .noText, .noCharacter, .expansion, .quotes, .longLine,
        ]
        #expect(Set(all.map(\.words)).count == all.count)
    }

    @Test("the name of a Secret is a label")
    func kubernetes() throws {
        func name(_ text: String) -> String? {
            SecretName(text).flatMap { KubernetesSecret.name(for: $0) }
        }
        #expect(name("zpa/prod/CI.1") == "zpa-prod-ci-1")
        #expect(name("_a@b_/+c+") == "a-b---c")
        #expect(name("_") == nil)
    }
}
