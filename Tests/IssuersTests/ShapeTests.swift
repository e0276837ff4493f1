// The pattern language: what it means, what it refuses, and that it is linear.

import Testing

@testable import Issuers

private func shape(_ pattern: String) throws -> Shape { try Shape(pattern) }

private func matches(_ pattern: String, _ value: String) throws -> Bool {
    fits(try Shape(pattern), Array(value.utf8))
}

/// Spans are no part of an expectation, so the call stands here.
private func fits(_ shape: Shape, _ value: [UInt8]) -> Bool { shape.matches(value.span) }

@Suite("a pattern")
struct ShapeTests {
    @Test(
        "matches whole values",
        arguments: [
            ("abc", ["abc"], ["", "ab", "abcd", "xabc", "ABC"]), ("", [""], ["a"]),
            ("a?", ["", "a"], ["aa", "b"]), ("a*", ["", "a", "aaaa"], ["b", "ab"]),
            ("a+", ["a", "aaa"], ["", "ba"]), ("a{3}", ["aaa"], ["aa", "aaaa"]),
            ("a{2,4}", ["aa", "aaa", "aaaa"], ["a", "aaaaa"]), ("a{2,}", ["aa", "aaaaaa"], ["a"]),
            ("a{0}", [""], ["a"]), ("a{0,1}b", ["b", "ab"], ["aab"]),
            ("[a-cX_-]+", ["a", "cbX_-"], ["d", ""]), ("[-a]", ["-", "a"], ["b"]),
            ("[\\w-]+", ["aZ9_-"], ["a.", "é"]), ("\\d{2}", ["07"], ["7", "a7"]),
            ("(live|test)_x", ["live_x", "test_x"], ["live", "_x", "livetest_x"]),
            ("(a|b|)c", ["ac", "bc", "c"], ["abc"]), ("(ab)+", ["ab", "abab"], ["a", "aba"]),
            ("a|bc", ["a", "bc"], ["ac", "abc"]), ("\\.\\*\\\\", [".*\\"], ["x*\\"]),
            ("[\\]\\\\]+", ["]\\"], ["["]), ("(a(b|c)d)?e", ["e", "abde", "acde"], ["ade"]),
            ("()*a", ["a"], ["", "aa"]), ("sk-[\\w-]{2,3}AA", ["sk-xxAA", "sk-AAAA"], ["sk-xAA"]),
        ] as [(String, [String], [String])])
    func matching(_ pattern: String, _ fitting: [String], _ others: [String]) throws {
        for value in fitting { #expect(try matches(pattern, value), "\(value)") }
        for value in others { #expect(try !matches(pattern, value), "\(value)") }
    }

    @Test("never matches a byte beyond ASCII")
    func bytes() throws {
        let any = try shape("[ -~]*")
        for byte in UInt8.min...UInt8.max {
            #expect(fits(any, [byte]) == (0x20...0x7e).contains(byte))
        }
    }

    @Test(
        "that cannot be read is refused with its place",
        arguments: [
            ("(a", Shape.Defect.syntax(2)), ("a)", .syntax(1)), ("[a", .syntax(0)),
            ("[]", .syntax(0)), ("[z-a]", .syntax(0)), ("[^a]", .syntax(1)), ("[a[]", .syntax(2)),
            ("]", .syntax(0)), ("a{", .syntax(1)), ("a{}", .syntax(1)), ("a{x}", .syntax(1)),
            ("a{2,1}", .syntax(1)), ("a{1,2,3}", .syntax(1)), ("a{,2}", .syntax(1)),
            ("a{+2}", .syntax(1)), ("a{-1}", .syntax(1)), ("a{99999}", .syntax(1)),
            ("a{1,99999}", .syntax(1)), ("a{99999999999999999999}", .syntax(1)), ("}", .syntax(0)),
            ("*a", .syntax(0)), ("a|*", .syntax(2)), ("?", .syntax(0)), ("+", .syntax(0)),
            (".", .syntax(0)), ("^a", .syntax(0)), ("a$", .syntax(1)), ("\\", .syntax(0)),
            ("a\\n", .syntax(1)), ("\\1", .syntax(0)), ("\\b", .syntax(0)), ("(?:a)", .syntax(1)),
            ("(?=a)", .syntax(1)), ("[a-\\d]", .syntax(0)), ("[A-\\d]", .syntax(0)),
            ("[a-[]", .syntax(0)), ("a**", .syntax(2)), ("a+?", .syntax(2)),
            ("a{2}{2}", .syntax(4)),
        ] as [(String, Shape.Defect)])
    func syntax(_ pattern: String, _ defect: Shape.Defect) {
        #expect(throws: defect) { try shape(pattern) }
    }

    @Test(
        "that repeats a repeat is refused",
        arguments: [
            ("(a+)+b", 4), ("(a*)*", 4), ("(a|b?)+", 6), ("((a{2})){3}", 8), ("(x(a+)y){2,3}", 8),
        ])
    func repeats(_ pattern: String, _ place: Int) {
        #expect(throws: Shape.Defect.repeatInRepeat(place)) { try shape(pattern) }
    }

    @Test(
        "that is too large or not plain is refused",
        arguments: [
            ("[a-z]{4096}", Shape.Defect.tooLarge), ("(abcdefgh){600}", .tooLarge),
            (String(repeating: "a", count: 1_025), .tooLarge), ("é", .notASCII),
            ("a\nb", .notASCII), ("a\u{0}", .notASCII), ("\u{7f}", .notASCII),
        ] as [(String, Shape.Defect)])
    func bounds(_ pattern: String, _ defect: Shape.Defect) {
        #expect(throws: defect) { try shape(pattern) }
    }

    @Test("of many open groups is refused, not followed for ever")
    func nesting() {
        #expect(throws: Shape.Defect.syntax(1_024)) {
            try shape(String(repeating: "(", count: 1_024))
        }
    }
}

@Suite("matching is linear")
struct ShapeStepTests {
    /// Patterns on which a backtracking matcher would never end, and a value that drives it there.
    private static let hostile = [
        ("(a|a)*b", "a"), ("(a|a|a|a|a|a|a|a)*b", "a"), ("(a|ab|b)*c", "ab"),
        ("a*a*a*a*a*a*b", "a"),
        ("(\\w|\\d|[a-z])*!", "a1"), ("(|a|aa|aaa)*b", "a"),
        (String(repeating: "a?", count: 64) + String(repeating: "a", count: 64) + "b", "a"),
    ]

    private func steps(_ shape: Shape, _ value: [UInt8]) -> (fits: Bool, steps: Int) {
        var steps = 0
        let fits = shape.matches(value.span, counting: &steps)
        return (fits, steps)
    }

    @Test(
        "no step count exceeds length times states, and twice the length is twice the steps",
        arguments: hostile)
    func linear(_ pattern: String, _ unit: String) throws {
        let shape = try Shape(pattern)
        var counts: [Int] = []
        for length in [8_192, 16_384, 32_768, 65_536] {
            let value = Array(String(repeating: unit, count: length / unit.utf8.count).utf8)
            let (fits, steps) = steps(shape, value)
            #expect(!fits)
            #expect(steps <= length * shape.stateCount)
            counts.append(steps)
        }
        for (shorter, longer) in zip(counts, counts.dropFirst()) {
            #expect(longer <= 2 * shorter + 4 * shape.stateCount * shape.stateCount)
        }
    }

    @Test("a value of 1 MiB takes no step at all: it is no secret of that look")
    func longest() throws {
        let shape = try Shape("(a|a)*")
        let outcome = steps(shape, [UInt8](repeating: 0x61, count: 1_048_576))
        #expect(!outcome.fits)
        #expect(outcome.steps == 0)
        let bound = [UInt8](repeating: 0x61, count: Shape.longestValue)
        #expect(fits(shape, bound))
        #expect(!fits(shape, bound + [0x61]))
    }

    @Test("no pattern has more states than the bound")
    func states() throws {
        #expect(try Shape("[a-z]{4095}").stateCount == Shape.mostStates)
        for (pattern, _) in Self.hostile {
            #expect(try Shape(pattern).stateCount <= Shape.mostStates)
        }
    }
}
