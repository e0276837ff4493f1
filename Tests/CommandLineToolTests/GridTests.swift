// Tables for people and for spreadsheets.

import Testing

@testable import CommandLineTool

@Suite("tables")
struct GridTests {
    private let grid = Grid(
        [
            Grid.Column(title: "NAME", rank: 0),
            Grid.Column(title: "N", rank: 1, alignment: .right),
            Grid.Column(title: "WORDS", rank: 2),
        ],
        [["a", "1", "long words"], ["bb/cc/dd/ee/ff", "100", ""]])

    @Test("are as wide as they need to be where there is no terminal")
    func file() {
        let (text, omitted) = grid.text(for: .file)
        #expect(
            text == """
                NAME              N  WORDS
                a                 1  long words
                bb/cc/dd/ee/ff  100

                """)
        #expect(omitted == [])
    }

    @Test("leave the least important columns out until the rest fits, then cut the middle")
    func narrow() {
        #expect(grid.text(for: .terminal(columns: 31)).text == grid.text(for: .file).text)
        let (two, omitted) = grid.text(for: .terminal(columns: 30))
        #expect(omitted == ["WORDS"])
        #expect(two == "NAME              N\na                 1\nbb/cc/dd/ee/ff  100\n")
        let (one, both) = grid.text(for: .terminal(columns: 10))
        #expect(both == ["N", "WORDS"])
        #expect(one == "NAME\na\nbb/c…ee/ff\n")
        // There is an end to it.
        #expect(grid.text(for: .terminal(columns: 1)).text == "NAME\na\nbb/…e/ff\n")
    }

    @Test("cut what may be cut before they leave a column out")
    func flexible() {
        let grid = Grid(
            [
                Grid.Column(title: "NAME", rank: 0, least: 8),
                Grid.Column(title: "BY", rank: 1, least: 5),
                Grid.Column(title: "N", rank: 2),
            ],
            [["abcdefghijkl", "/usr/bin/curl", "12345"], ["a", "b", "c"]])
        func lines(_ columns: Int) -> [Substring] {
            grid.text(for: .terminal(columns: columns)).text.split(separator: "\n")
        }
        #expect(lines(34)[1] == "abcdefghijkl  /usr/bin/curl  12345")
        #expect(lines(30)[1] == "abcd…hijkl  /usr/…/curl  12345")
        #expect(lines(22)[1] == "abc…ijkl  /u…rl  12345")
        // Without the last column there is room again.
        #expect(lines(21)[1] == "abcd…ijkl  /usr…/curl")
        #expect(lines(14)[1] == "abcdefghijkl")
        #expect(lines(6)[1] == "abc…ijkl")
    }

    @Test("cut a cell in its middle, to the width exactly", arguments: 1...12)
    func cutting(_ width: Int) {
        let cut = Grid.cut("abcdefghijkl", to: width)
        #expect(cut.count == width)
        #expect(width == 12 ? cut == "abcdefghijkl" : cut.contains("…"))
    }
}

@Suite("CSV")
struct CSVTextTests {
    @Test("has a header, lines that end in CR LF, and quotes where they have to be")
    func text() {
        #expect(
            CSVText.text(["a", "b"], [["1", "x,y"], ["", "say \"hi\""], ["a;b", " c "]])
                == "a,b\r\n1,\"x,y\"\r\n,\"say \"\"hi\"\"\"\r\n\"a;b\",\" c \"\r\n")
    }

    @Test(
        "gives what a spreadsheet would calculate an apostrophe",
        arguments: [
            "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\u{ff1d}1", " =1", "\u{a0}=1",
        ])
    func formulas(_ text: String) {
        let cell = CSVText.cell(text)
        #expect(cell.hasPrefix("'") || cell.hasPrefix("\"'"), "\(cell)")
    }

    @Test("has no line break, tab or quote left that could end a cell")
    func breaks() {
        #expect(CSVText.cell("a\r\n=1") == "a\\x0d\\x0a=1")
        #expect(CSVText.cell("\t=1") == "\\x09=1")
        #expect(CSVText.cell("a\",=1") == "\"a\"\",=1\"")
        #expect(CSVText.cell("a=b") == "a=b")
        #expect(CSVText.cell("\u{202e}x") == "\\u{202e}x")
    }
}
