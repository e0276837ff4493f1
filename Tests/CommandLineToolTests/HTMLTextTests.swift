// HTML as it is put together, and the reader that the tests hold it against.

import Testing

@testable import CommandLineTool

private func page(_ content: HTMLText...) -> String {
    HTMLText.document(["lang": "en"], .element("body", content))
}

@Suite("HTML")
struct HTMLTextTests {
    @Test("escapes text, attributes, and what acts on the eye")
    func escaped() {
        let text = "<b a='1'>&\"\u{202e}\n"
        let shown = "&lt;b a=&#39;1&#39;&gt;&amp;&quot;\\u{202e}\\x0a"
        #expect(HTMLText.text(text).markup == shown)
        #expect(HTMLText.outside(text).markup == "<bdi>\(shown)</bdi>")
        #expect(HTMLText.path("a/<b").markup == "<bdi>a/<wbr>&lt;b</bdi>")
        let element = HTMLText.element("p", ["title": text, "class": ""], .text("x"), .empty)
        #expect(element.markup == "<p title=\"\(shown)\">x</p>")
        #expect(HTMLText.void("meta", ["name": "a\"b"]).markup == "<meta name=\"a&quot;b\">")
    }

    @Test("is read back as it was meant")
    func reading() throws {
        let text = page(
            .element("p", ["title": "a<b"], .text("x & y")), .path("a/b"), .style("p{margin:0}"))
        let root = try StrictHTML.page(text)
        #expect(root.name == "html" && root["lang"] == "en")
        #expect(root.all.map(\.name) == ["html", "body", "p", "bdi", "wbr", "style"])
        #expect(root.all("p")[0]["title"] == "a<b" && root.all("p")[0].text == "x & y")
        #expect(root.all("bdi")[0].text == "a/b" && root.all("style")[0].text == "p{margin:0}")
    }

    @Test(
        "that ours never is, the reader of the tests refuses",
        arguments: [
            "<p>", "</p>", "<p></b>", "<p><b></p></b>", "<p a=b></p>", "<p a='b'></p>",
            "<p a=\"b\" a=\"c\"></p>", "<p a></p>", "<p a=\"<\"></p>", "a > b", "\"", "it's",
            "&nbsp;", "& ", "&amp", "<!-- x -->", "< p></p>", "<p  a=\"b\"></p>", "<p/>",
        ])
    func refused(_ content: String) {
        #expect(throws: StrictHTML.Failure.self) {
            try StrictHTML.page("<!DOCTYPE html>\n<html>\(content)</html>\n")
        }
    }

    @Test("with something around it is refused by the reader of the tests")
    func around() throws {
        let text = page()
        _ = try StrictHTML.page(text)
        for other in [" " + text, text + " ", String(text.dropLast()), String(text.dropFirst(16))] {
            #expect(throws: StrictHTML.Failure.self) { try StrictHTML.page(other) }
        }
    }
}
