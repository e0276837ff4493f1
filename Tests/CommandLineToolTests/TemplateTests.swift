// What a template is taken to be, and where what is wrong with it is.

import SecretMemory
import Testing
import VaultModel

@testable import CommandLineTool

/// The pieces of a template, its values in angle brackets.
private func pieces(_ text: String) throws -> [String] {
    let template = try Template(secret(Array(text.utf8)))
    var found: [String] = []
    for piece in template.pieces {
        switch piece {
        case .text(let range):
            found.append(
                String(
                    decoding: bytes(of: SecretBytes(copying: template.text(range))), as: UTF8.self))
        case .value(let value):
            let filter = value.filter.map { "|\($0.rawValue)" } ?? ""
            found.append("<\(value.reference)\(filter)@\(value.place.words)>")
        }
    }
    return found
}

private func defect(_ text: String) -> String? {
    complaint { try Template(secret(Array(text.utf8))) }?.words
}

@Suite("templates")
struct TemplateTests {
    @Test("are text and references")
    func parts() throws {
        #expect(try pieces("") == [])
        #expect(try pieces("a { } }} b") == ["a { } }} b"])
        #expect(try pieces("{{coffer://a}}") == ["<a@line 1, column 1>"])
        #expect(
            try pieces("x{{ coffer://a/b#c@previous |json }}{{\tcoffer://d | shell }}\ny")
                == [
                    "x", "<a/b#c@previous|json@line 1, column 2>", "<d|shell@line 1, column 37>",
                    "\ny",
                ])
        #expect(try pieces("é\n é{{ coffer://a }}") == ["é\n é", "<a@line 2, column 3>"])
        #expect(try pieces("{{ coffer://a@2 }}") == ["<a@2@line 1, column 1>"])
    }

    @Test("have two braces themselves in quotes")
    func braces() throws {
        #expect(try pieces("a{{ \"{{\" }}b") == ["a", "{{", "b"])
        #expect(try pieces("{{\"{{\"}} }}") == ["{{", " }}"])
        #expect(try pieces("{") == ["{"])
        #expect(try pieces("a{") == ["a{"])
    }

    @Test("say where they are wrong, and repeat nothing")
    func defects() {
        let place = "the template, line 2, column 3: "
        for (inside, words) in [
            ("{{", "`{{` is not closed by `}}`"), ("{{ coffer://a }", "`{{` is not closed by `}}`"),
            ("{{ coffer://a\(String(repeating: " ", count: 600)) }}", "`{{` is not closed by `}}`"),
            ("{{}}", "`{{` begins no reference to a secret"),
            ("{{ .Zq7xK9 }}", "`{{` begins no reference to a secret"),
            ("{{ Zq7xK9 | json }}", "`{{` begins no reference to a secret"),
            ("{{ COFFER://a }}", "`{{` begins no reference to a secret"),
            ("{{{ coffer://a }}}", "`{{` begins no reference to a secret"),
            ("{{ coffer://Zq7 xK9 }}", "this is no reference to a secret"),
            ("{{ coffer://Zq7/../xK9 }}", "this is no reference to a secret"),
            ("{{ coffer://a#Zq7xK9 }}", "this is no reference to a secret"),
            ("{{ coffer://é }}", "this is no reference to a secret"),
            ("{{ coffer://a\n}}", "this is no reference to a secret"),
            ("{{ coffer:// }}", "`{{` begins no reference to a secret"),
            ("{{ coffer://a | Zq7xK9 }}", "there is no such filter"),
            ("{{ coffer://a | }}", "there is no such filter"),
            ("{{ coffer://a | json | shell }}", "there is no such filter"),
            ("{{ coffer://{{ coffer://b }} }}", "this is no reference to a secret"),
        ] {
            let found = complaint { try Template(secret(Array("x\nab\(inside)\n".utf8))) }
            #expect(found?.words == place + words, "\(inside)")
            #expect(found?.code == .usage)
            #expect(found?.hints.count == 1)
            #expect(found.map { reveals($0.everything, "Zq7xK9") } == false)
        }
    }

    @Test("hold as many references as there may be, and no more")
    func most() {
        let many = String(repeating: "{{coffer://a}}", count: 65_537)
        #expect(defect(many)?.hasSuffix("there are too many references") == true)
        #expect(defect(String(many.dropFirst(14))) == nil)
        let open = String(repeating: "{ ", count: 1 << 16) + "{{"
        #expect(defect(open)?.hasSuffix("is not closed by `}}`") == true)
    }

    @Test("filters make of each byte what they say")
    func filters() throws {
        let all = Array(UInt8.min...UInt8.max)
        func filtered(_ value: [UInt8], _ filter: ValueFilter) -> Result<String, Unfit> {
            var output = SecretBytes()
            do throws(Unfit) {
                try filter.apply(value.span, into: &output)
                return .success(text(of: output))
            } catch { return .failure(error) }
        }
        #expect(try filtered(all, .url).get().hasPrefix("%00%01"))
        #expect(try filtered(all, .base64).get().hasPrefix("AAECAwQF"))
        #expect(filtered(all, .shell) == .failure(.nul))
        #expect(filtered(all, .json) == .failure(.noText))
        #expect(filtered(all, .yaml) == .failure(.noText))
        #expect(ValueFilter.names == "shell, json, yaml, url, base64")
    }
}
