// CSV of one header and one row, accepted and refused.

import SecretMemory
import Testing

@testable import Issuers

/// Why a text is refused, or nil.
func csvDefect(_ text: [UInt8]) -> CSVDefect? {
    do throws(CSVReading) {
        _ = try CSVDocument(text.span)
        return nil
    } catch {
        return error.defect
    }
}

/// The row by its headings; nil if it is refused.
private func row(_ text: String) -> [String: String]? {
    let text = Array(text.utf8)
    guard let document = try? CSVDocument(text.span) else { return nil }
    var row: [String: String] = [:]
    for index in document.header.indices {
        let heading = document.string(document.header[index], in: text.span) ?? "?"
        let secret = document.secret(index, in: text.span)
        row[heading] = String(decoding: bytes(of: secret.bytes), as: UTF8.self)
    }
    return row
}

@Suite("CSV")
struct CSVDocumentTests {
    @Test(
        "cells are read as RFC 4180 says",
        arguments: [
            ("a,b\n1,2\n", ["a": "1", "b": "2"]), ("a,b\n1,2", ["a": "1", "b": "2"]),
            ("a,b\r\n1,2\r\n", ["a": "1", "b": "2"]), ("a,b\n1,2\n\r\n\n", ["a": "1", "b": "2"]),
            ("\u{feff}a\n1", ["a": "1"]), ("a,b\n,\n", ["a": "", "b": ""]),
            ("a\n\"\"\n", ["a": ""]), ("a\n\"x,y\"\n", ["a": "x,y"]),
            ("a\n\"x\ny\r\nz\"\n", ["a": "x\ny\r\nz"]),
            ("a\n\"say \"\"hi\"\"\"\n", ["a": "say \"hi\""]),
            ("a\n\"\"\"\"\n", ["a": "\""]), ("\"a \"\"b\"\"\"\n1\n", ["a \"b\"": "1"]),
            ("a\nx\"y\n", ["a": "x\"y"]), ("a\n x \n", ["a": " x "]), ("a\nx\ry\n", ["a": "x\ry"]),
            ("a\nx\r", ["a": "x"]), ("a\n\0\n", ["a": "\0"]),
            ("a,b\nsecret,\n", ["a": "secret", "b": ""]),
        ])
    func accepted(_ text: String, _ wanted: [String: String]) { #expect(row(text) == wanted) }

    @Test(
        "what is no header and one row is refused",
        arguments: [
            ("", CSVDefect.noValues), ("\u{feff}", .noValues), ("a", .noValues),
            ("a,b\n", .noValues), ("a,b\r\n", .noValues), ("a,b\n1\n", .columnsDiffer),
            ("a,b\n1,2,3\n", .columnsDiffer), ("a,b\n\n", .columnsDiffer),
            ("a\n1\n2\n", .severalRows), ("a\n1\n \n", .severalRows), ("a\n1\n,\n", .severalRows),
            ("a\n\"x\n", .openQuote), ("a\n\"x\"y\n", .openQuote), ("a\n\"x\"\"\n", .openQuote),
            ("\"a\n1\n", .openQuote), ("a\n\"x\" \n", .openQuote),
        ])
    func refused(_ text: String, _ defect: CSVDefect) {
        #expect(csvDefect(Array(text.utf8)) == defect)
    }

    @Test("256 columns are read, more are not")
    func columns() {
        func table(_ count: Int) -> [UInt8] {
            let line = Array(repeating: "x", count: count).joined(separator: ",")
            return Array("\(line)\n\(line)\n".utf8)
        }
        #expect(csvDefect(table(256)) == nil)
        #expect(csvDefect(table(257)) == .tooManyColumns)
        #expect(csvDefect([UInt8](repeating: 0x2c, count: 1_000_000)) == .tooManyColumns)
    }

    @Test("a heading is found in any case and with blanks around it")
    func headings() throws {
        let text = Array(" Access key ID ,\tSECRET\nAKIA,s\n".utf8)
        let document = try CSVDocument(text.span)
        let found = ["access key id", "Secret", "key"].map { document.column($0, in: text.span) }
        #expect(found == [0, 1, nil])
    }

    @Test("a value that is not UTF-8 is kept byte for byte as a secret, and is no text")
    func notUTF8() throws {
        let text = Array("a\n".utf8) + [0xff, 0x00, 0xfe]
        let document = try CSVDocument(text.span)
        let secret = document.secret(0, in: text.span)
        let kept = bytes(of: secret.bytes)
        #expect(kept == [0xff, 0x00, 0xfe])
        let read = document.string(document.values[0], in: text.span)
        #expect(read == nil)
    }
}
