// Bytes at random, always the same ones: no parser traps, and what is read is whole.

import SecretMemory
import Testing
import VaultModel

@testable import Issuers

/// SplitMix64: small, seeded, the same on every machine.
private struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

private let seeds = [
    #"{"AccessKey":{"AccessKeyId":"AKIA","SecretAccessKey":"a\u00e9\n/+"},"n":[1,-2.5e3,null]}"#,
    #"{"clientId":"c","clientSecret":"\ud83d\ude00","enabled":true,"name":"x"}"#,
    #"{"name":"a/b","secrets":{"x":"1"},"tags":["t"],"expires":"2027-01-01","status":"enabled"}"#,
    "Access key ID,Secret access key\r\nAKIA,\"a\"\"b\nc\"\r\n", "[[[[[]]]]]", "ghp_0123456789",
    #"{"schema":1,"id":"a","title":"t","fields":[{"name":"s","title":"S","role":"secret"}]}"#,
].map { Array($0.utf8) }

/// Bytes that mean something to one of the parsers.
private let telling = Array("{}[]\",:\\u0dE+-.\n\r \t\0tfn".utf8) + [0xff, 0xc3, 0xe2, 0xf0, 0x80]

extension Chance {
    fileprivate mutating func mutant() -> [UInt8] {
        var text = seeds[Int.random(in: 0..<seeds.count, using: &self)]
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = Int.random(in: 0...text.count, using: &self)
            let byte = telling[Int.random(in: 0..<telling.count, using: &self)]
            switch Int.random(in: 0..<5, using: &self) {
            case 0: text.insert(byte, at: place)
            case 1 where place < text.count: text.remove(at: place)
            case 2 where place < text.count: text[place] = byte
            case 3 where place < text.count:
                text[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            default: text.removeLast(text.count - place)
            }
        }
        return text
    }
}

@Suite("mutated documents")
struct MutationTests {
    /// 4 × 25,000 inputs of each parser.
    @Test("never trap, and what parses is consistent", arguments: [1, 2, 3, 4] as [UInt64])
    func mutated(_ seed: UInt64) throws {
        var chance = Chance(state: seed)
        let profiles = try ["aws-iam", "zpa", "generic"].map { try profile($0) }
        var counts = (json: 0, csv: 0, lines: 0)
        for _ in 0..<25_000 {
            let text = chance.mutant()
            if isConsistentJSON(text) { counts.json += 1 }
            if isConsistentCSV(text) { counts.csv += 1 }
            if (try? JSONLine.parse(text.span)) != nil { counts.lines += 1 }
            for profile in profiles {
                if let parsed = try? CredentialParser.parse(output: text.span, with: profile) {
                    let isEmpty = parsed.secrets.isEmpty
                    #expect(!isEmpty)
                }
            }
            _ = try? ProfileReader(text.span).profile(from: .builtIn)
        }
        // The mutants reach the inside of the parsers: a good part of them is still well formed.
        #expect(counts.json > 1_000)
        #expect(counts.csv > 1_000)
        #expect(counts.lines > 20)
    }

    private func isConsistentJSON(_ text: [UInt8]) -> Bool {
        guard let document = try? JSONDocument(text.span) else { return false }
        var seen = [Int](repeating: 0, count: document.nodes.count)
        for (index, node) in document.nodes.enumerated() {
            #expect(node.range.lowerBound >= 0 && node.range.upperBound <= text.count)
            for child in node.children {
                #expect(child > index)
                seen[child] += 1
                let inner = document.nodes[child].range
                #expect(node.range.lowerBound < inner.lowerBound)
                #expect(inner.upperBound < node.range.upperBound)
            }
            guard node.kind == .string || node.kind == .number else { continue }
            let words = document.string(index, in: text.span)
            #expect(words != nil)
            switch document.secret(index, in: text.span) {
            case .some(let secret):
                let value = bytes(of: secret.bytes)
                #expect(words.map { Array($0.utf8) } == value)
            case .none: Issue.record("a string without bytes")
            }
        }
        // Every node but the root hangs at exactly one other.
        #expect(seen[0] == 0)
        #expect(seen.dropFirst().allSatisfy { $0 == 1 })
        return true
    }

    private func isConsistentCSV(_ text: [UInt8]) -> Bool {
        guard let document = try? CSVDocument(text.span) else { return false }
        #expect(document.header.count == document.values.count)
        var end = 0
        for cell in document.header + document.values {
            #expect(cell.range.lowerBound >= end && cell.range.upperBound <= text.count)
            end = cell.range.upperBound
        }
        for column in document.values.indices {
            let secret = document.secret(column, in: text.span)
            let count = secret.count
            #expect(count <= document.values[column].range.count)
        }
        return true
    }

    @Test("patterns made at random never trap, and match within their steps")
    func patterns() {
        var chance = Chance(state: 5)
        let letters = Array("ab01-_|()[]{},?+*\\wd.^$ ".utf8)
        var compiled = 0
        for _ in 0..<25_000 {
            let count = Int.random(in: 1...12, using: &chance)
            let pattern = (0..<count).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &chance)]
            }
            guard let shape = try? Shape(String(decoding: pattern, as: UTF8.self)) else { continue }
            compiled += 1
            let value = chance.mutant()
            var steps = 0
            _ = shape.matches(value.span, counting: &steps)
            #expect(steps <= value.count * shape.stateCount)
        }
        #expect(compiled > 500)
    }
}
