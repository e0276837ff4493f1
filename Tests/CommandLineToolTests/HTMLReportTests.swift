// The page of `audit report --html`: what is on it, that it is whole, and that nothing on it acts.

import Foundation
import TestSupport
import Testing
import VaultModel

@testable import CommandLineTool

@Sendable private func read(_ sample: PageSample) throws -> StrictHTML {
    try StrictHTML.page(try sample.report.text)
}

/// Pages of every kind.
private enum Pages {
    /// A good log, an empty vault; one key; many; a bad log and an ended acceptance; hostile texts.
    static let all = Result { try samples().map(read) }

    private static func samples() throws -> [PageSample] {
        var bad = try PageSample.vault(keys: 3)
        bad.verification = LogVerification(
            verdict: .bad, entries: 0, seals: 0, unsealed: 0, notes: ["entry 7 does not fit", "b"])
        bad.acceptances = "single-slot - 2026-12-31 <b>&\"it's\" fine\nexpired a 2026-11-01\n"
        bad.slots = [PageSample.slot(0, .rawKey)]
        bad.receipt = ""
        return [
            PageSample(), try .vault(keys: 1), try .vault(keys: 40), bad,
            try .hostile(SampleEvents.hostile),
        ]
    }
}

@Suite("the page of a report")
struct HTMLReportTests {
    @Test("has the answers at the top, and a place for each question")
    func answers() throws {
        let page = try Pages.all.get()[2]
        let tiles = page.all("dl", "tiles")[0]
        #expect(
            tiles.all("dt").map(\.text)
                == ["Keys", "Findings", "Due", "Uses in 30 days", "Log"])
        #expect(tiles.all("dd", "big").first?.text == "40")
        #expect(tiles.all("dd", "big").last?.text == "✓ whole")
        #expect(
            page.all("h2").map(\.text) == [
                "At a glance", "Findings", "Ages and dates of expiry", "Uses by day",
                "Programs by key", "Keys", "What opens the vault", "Log and receipt",
            ])
        #expect(page.all("nav")[0].all("a").map(\.text) == page.all("h2").map(\.text))
        #expect(page.all("code", "receipt")[0].text.hasPrefix("coffer receipt v1 "))
        #expect(page.all("title")[0].text.contains("2026-11-25"))
        #expect(page.all("time")[0].text == "2026-11-25T12:00:00Z")
    }

    @Test("shows of a key what the inventory shows")
    func inventory() throws {
        var sample = PageSample()
        var secret = try CommandLineToolTests.sample("zpa/prod/ci", age: days(40)) {
            $0.label = "a label"
            $0.tags = ["one", "two"]
            $0.expires = noon.adding(seconds: days(30))
            $0.maximumAge = days(365)
            $0.status = .disabled
            $0.isManagedElsewhere = true
        }
        let fields = [("role", "Admin"), ("session_validity", "3600"), ("client_id", "not-shown")]
        for (name, value) in fields { secret.fields[try #require(FieldName(name))] = value }
        try sample.add(secret)
        try sample.add(try CommandLineToolTests.sample("gone") { $0.removed = noon })
        try sample.add(.read, 0, noon.before(60), "/usr/bin/curl")
        let keys = try #require(try read(sample).element(id: "keys"))
        let row = try #require(keys.all("tbody").first?.children.first)
        #expect(
            row.children.map(\.text) == [
                "zpa/prod/cia labeltags: one, two", "generic", "○ disabledmanaged elsewhere",
                "Admin",
                "3600", "2026-10-1640 days", "365 d", "2026-12-25", "1", "2026-11-25/usr/bin/curl",
                "1",
            ])
        #expect(keys.all("tr").count == 2)
        #expect(keys.all("p", "note").map(\.text) == ["Removed, and not listed: 1 key."])
        #expect(try !sample.report.text.contains("not-shown"))
        #expect(try !sample.report.text.contains("gone"))
    }

    @Test("shows findings by severity with their hints, and apart from them what is accepted")
    func findings() throws {
        var sample = PageSample()
        try sample.add(try CommandLineToolTests.sample("a") { $0.expires = noon.before(days(1)) })
        try sample.add(
            try CommandLineToolTests.sample("b") { $0.expires = noon.adding(seconds: days(3)) })
        sample.slots = [PageSample.slot(0, .rawKey)]
        sample.acceptances = "single-slot - 2026-12-31 <b>&\"it's\"\nexpired c 2026-11-01\n"
        let section = try #require(try read(sample).element(id: "findings"))
        #expect(section.all("h3").map(\.text) == ["High: 1", "Medium: 1", "Accepted: 1"])
        let items = section.all("li").map(\.text)
        #expect(items[0].contains("capture a --replace") && items[0].contains("expired"))
        #expect(items[2].hasSuffix("accepted until 2026-12-31: <b>&\"it's\""))
        #expect(section.all("code").map(\.text).contains("coffer capture a --replace"))
        #expect(section.all("p", "note")[0].text.contains("has ended on 2026-11-01"))
        let empty = try #require(try read(PageSample()).element(id: "findings"))
        #expect(empty.all("p").map(\.text) == ["Nothing was found."])
    }

    @Test("shows programs by key, and sums up what are too many")
    func programs() throws {
        var sample = PageSample()
        try sample.add(try CommandLineToolTests.sample("a"))
        try sample.add(.read, 0, noon, "/z")
        for number in 0..<20 {
            try sample.add(.read, 0, noon.before(60), "/p\(number % 10)\(number)")
        }
        try sample.add(.read, 0, noon.before(90), "/z")
        let section = try #require(try read(sample).element(id: "programs"))
        let rows = try #require(section.all("tbody").first).children
        #expect(rows.count == ProgramsSection.mostPrograms + 1)
        #expect(rows[0].children[0]["rowspan"] == "\(rows.count)")
        #expect(rows[0].text == "a/z22026-11-25")
        #expect(rows.last?.text == "9 others92026-11-25")
    }

    @Test("says of the log what was found, whichever it is")
    func verification() throws {
        let pages = try Pages.all.get().map { try #require($0.element(id: "log")) }
        #expect(pages[0].all("p", "good").count == 1 && pages[0].all("p", "high").isEmpty)
        #expect(pages[3].all("p", "high").count == 1 && pages[3].all("p", "good").isEmpty)
        #expect(pages[3].all("li").map(\.text) == ["entry 7 does not fit", "b"])
        #expect(pages[0].all("dd").map(\.text) == ["12,345", "678", "3"])
        #expect(
            pages[3].all("code", "receipt").isEmpty && pages[0].all("code", "receipt").count == 1)
    }

    @Test("counts as people do")
    func counts() {
        #expect(
            [0, 999, 1_000, 12_345, 1_000_000].map { Count.digits($0) }
                == ["0", "999", "1,000", "12,345", "1,000,000"])
        #expect(Count.digits(-1_234) == "-1,234" && Count.digits(-123) == "-123")
        #expect(Count.digits(UInt64.max) == "9,223,372,036,854,775,807")
        #expect(Count.of(1, "key") == "1 key" && Count.of(2_000, "key") == "2,000 keys")
        #expect(Count.of(0, "entry") == "0 entries" && Count.of(3, "day") == "3 days")
    }

    @Test("is of a sane size with 2,000 keys: all are in the table, some are drawn")
    func size() throws {
        let text = try PageSample.vault(keys: 2_000).report.text
        #expect(text.utf8.count < 4_000_000)
        let keys = text.components(separatedBy: "<section ").first { $0.hasPrefix("id=\"keys\"") }
        #expect(keys?.components(separatedBy: "<tr>").count == 2_002)
        let ages = text.components(separatedBy: "<section ").first { $0.hasPrefix("id=\"ages\"") }
        #expect(ages?.components(separatedBy: "class=\"when\"").count == Timeline.mostRows + 1)
        #expect(ages?.contains("Of 2,000 keys the 60 ") == true)
    }
}

@Suite("nothing on the page of a report")
struct HTMLReportSafetyTests {
    @Test("runs or leads out of it: no script, no handler, no style of its own, no address")
    func inert() throws {
        for page in try Pages.all.get() {
            let names = Set(page.all.map(\.name))
            #expect(
                names.isDisjoint(with: [
                    "script", "iframe", "object", "embed", "img", "link", "base", "form", "use",
                    "image", "foreignObject", "audio", "video",
                ]))
            for element in page.all {
                for (name, value) in element.attributes {
                    #expect(!name.hasPrefix("on") && !["style", "src", "action"].contains(name))
                    #expect(name != "href" || value.hasPrefix("#"))
                }
            }
        }
        let plain = try PageSample.vault(keys: 40).report.text
        for text in ["http:", "https:", "url(", "@import", "<script", "javascript", "data:"] {
            #expect(!plain.contains(text), "\(text)")
        }
    }

    @Test("is applied but the one style, by its digest")
    func policy() throws {
        let page = try read(PageSample())
        let policy = page.all("meta").first { $0["http-equiv"] == "Content-Security-Policy" }
        #expect(
            policy?["content"]
                == "default-src 'none'; style-src 'sha256-\(PageStyle.digest)'; base-uri 'none';"
                + " form-action 'none'")
        let rules = try #require(page.all("style").first?.text)
        #expect(page.all("style").count == 1 && rules == PageStyle.rules)
        let folder = try TemporaryFolder()
        try Data(rules.utf8).write(to: URL(fileURLWithPath: folder.file("rules")))
        let sum = try TestProcess(
            words: ["/usr/bin/sha256sum"], environment: [:], directory: folder.path
        ).plainly(input: folder.file("rules"))
        let digits = Array(sum.text(sum.output).prefix(64))
        let bytes = stride(from: 0, to: 64, by: 2).compactMap {
            UInt8(String(digits[$0...($0 + 1)]), radix: 16)
        }
        #expect(Data(bytes).base64EncodedString() == PageStyle.digest)
    }

    /// Random texts of what means something in HTML, in CSS, to the eye or to UTF-8.
    private static func texts() -> [String] {
        let parts = [
            "<", ">", "\"", "'", "&", "/", "=", "`", " ", "\n", "\0", "\u{1b}", "\u{202e}",
            "\u{200b}",
            "]]>", "<!--", "-->", "</td>", "</style>", "<script>", "&lt;", "&#60;", "onload=",
            "javascript:", "url(x)", "}", "{", "é", "e\u{301}", "ש", "東", "😀", "\u{fffd}", "x",
        ]
        var random = SeededGenerator(seed: 7)
        return (0..<40).map { _ in
            (0..<Int.random(in: 1...12, using: &random)).map { _ in
                parts[Int.random(in: 0..<parts.count, using: &random)]
            }.joined()
        }
    }

    @Test("that somebody else wrote is anything but text", arguments: texts())
    func hostile(_ text: String) throws {
        let page = try read(try PageSample.hostile(text))
        let plain = try read(try PageSample.hostile("x"))
        func shape(_ page: StrictHTML) -> [String] {
            page.all.filter { $0.name != "wbr" }.map { element in
                element.name + element.attributes.keys.sorted().joined(separator: " ")
            }
        }
        #expect(shape(page) == shape(plain))
        let shown = Escaped.text(text)
        // Label, two tags, role, session and program; two programs; note and receipt.
        let places = [("keys", 6), ("programs", 2), ("log", 2)]
        for (id, count) in places {
            let found = page.element(id: id)?.text.components(separatedBy: shown).count ?? 0
            #expect(found > count, "\(id)")
        }
        for element in page.all {
            #expect(element.text.unicodeScalars.allSatisfy { Escaped.isHarmless($0) || $0 == "\n" })
        }
    }
}

@Suite("a screen reader finds on the page of a report")
struct HTMLReportAccessTests {
    @Test("its language, its title, its landmarks and a way past the contents")
    func landmarks() throws {
        for page in try Pages.all.get() {
            #expect(page["lang"] == "en" && page.all("title").first?.text.isEmpty == false)
            for name in ["header", "nav", "main", "footer", "h1"] {
                #expect(page.all(name).count == 1, "\(name)")
            }
            #expect(page.all("nav")[0]["aria-label"] == "Contents")
            #expect(page.all("body")[0].children[0]["href"] == "#main")
        }
    }

    @Test("headings in order, and no link or label that leads nowhere")
    func order() throws {
        for page in try Pages.all.get() {
            let levels = page.all.compactMap { element in
                element.name.first == "h" ? Int(element.name.dropFirst()) : nil
            }
            #expect(levels.first == 1 && levels.count { $0 == 1 } == 1)
            #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 })
            let ids = page.all.compactMap { $0["id"] }
            #expect(Set(ids).count == ids.count)
            for element in page.all {
                let labels = element["aria-labelledby"]?.split(separator: " ") ?? []
                let target = element["href"].map { [$0.dropFirst()] } ?? []
                for id in labels + target { #expect(ids.contains(String(id)), "\(id)") }
            }
        }
    }

    @Test("in every table a caption, and headings that say what they head")
    func tables() throws {
        for page in try Pages.all.get() {
            for table in page.all("table") {
                #expect(table.children.first?.name == "caption")
                #expect(table.children.first?.text.isEmpty == false)
                for heading in table.all("th") {
                    #expect(["col", "row", "rowgroup"].contains(heading["scope"]))
                    #expect(!heading.text.isEmpty)
                }
                let width = table.all("thead")[0].all("th").count
                for row in table.all("tbody").flatMap(\.children) {
                    let isFirst = row.children.first?.name == "th"
                    #expect(row.children.count == (isFirst ? width : width - 1))
                }
            }
        }
    }

    @Test("for every drawing words, or none at all of it")
    func drawings() throws {
        func check(_ element: StrictHTML) {
            if element.name == "svg" {
                if element["aria-hidden"] == "true" { return }
                #expect(element["role"] == "img")
                #expect(element.children.prefix(2).map(\.name) == ["title", "desc"])
                return
            }
            if element["aria-hidden"] == "true" { return }
            element.children.forEach(check)
        }
        for page in try Pages.all.get() { check(page) }
    }

    @Test("colours that stand out: words by 4.5 to 1, shapes by 3 to 1")
    func contrast() throws {
        /// Relative luminance (WCAG 2.2).
        func luminance(_ colour: UInt32) -> Double {
            let parts = [16, 8, 0].map { shift in
                let part = Double(colour >> UInt32(shift) & 0xff) / 255
                return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        func contrast(_ one: UInt32, _ other: UInt32) -> Double {
            let both = [luminance(one), luminance(other)].sorted()
            return (both[1] + 0.05) / (both[0] + 0.05)
        }
        #expect(abs(contrast(0xff_ff_ff, 0) - 21) < 0.001)
        for (palette, grounds) in [(Palette.light, [UInt32(0xff_ff_ff)]), (Palette.dark, [])] {
            #expect(Set(palette.keys) == Set(PageColour.allCases))
            for ground in try grounds + [.paper, .panel].map({ try #require(palette[$0]) }) {
                for (colours, least) in [(PageColour.ofWords, 4.5), (PageColour.ofShapes, 3)] {
                    for colour in colours {
                        let found = contrast(try #require(palette[colour]), ground)
                        #expect(found >= least, "\(colour): \(found)")
                    }
                }
            }
        }
    }
}
