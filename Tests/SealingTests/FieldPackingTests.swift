// Secret fields as one plaintext.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

@Suite("Packed fields")
struct FieldPackingTests {
    private static func fields(_ pairs: [(String, [UInt8])]) -> SecretFields {
        var fields = SecretFields()
        for (name, value) in pairs { _ = fields.add(FieldName(name)!, value.span) }
        return fields
    }

    private static func unpack(
        _ bytes: [UInt8], _ kind: RecordKind, _ names: [String]
    ) -> Result<[[UInt8]], VaultError> {
        do throws(VaultError) {
            let names = names.map { FieldName($0)! }
            let fields = try FieldPacking.unpack(
                bytes.span, kind: kind, names: names, naming: TestKeys.object)
            return .success(names.map { copy(fields.value(of: $0)) })
        } catch { return .failure(error) }
    }

    @Test("are the value itself if there is one, whatever it is called")
    func single() {
        for name in ["secret", "client_secret"] {
            for value: [UInt8] in [[], [0], [1, 2, 3], Array(0...255)] {
                let packed = FieldPacking.pack(Self.fields([(name, value)]))
                let kind = packed.kind
                #expect(kind == .single)
                #expect(copy(packed.bytes.bytes) == value)
                #expect(Self.unpack(value, .single, [name]) == .success([value]))
            }
        }
    }

    @Test("are a count and each name and value if there are several, in the order they came in")
    func several() {
        let packed = FieldPacking.pack(Self.fields([("b", [1, 2]), ("a", [])]))
        let kind = packed.kind
        let expected: [UInt8] =
            [0, 2] + [0, 0, 0, 1, 0x62] + [0, 0, 0, 2, 1, 2] + [0, 0, 0, 1, 0x61] + [0, 0, 0, 0]
        #expect(kind == .several)
        #expect(copy(packed.bytes.bytes) == expected)
        #expect(Self.unpack(expected, .several, ["b", "a"]) == .success([[1, 2], []]))
        let refused = Result<[[UInt8]], VaultError>.failure(.tampered(TestKeys.object))
        #expect(Self.unpack(expected, .several, ["a", "b"]) == refused)
        #expect(Self.unpack(expected, .several, ["b"]) == refused)
        #expect(Self.unpack(expected, .several, ["b", "a", "c"]) == refused)
        #expect(Self.unpack(expected, .several, []) == refused)
        #expect(Self.unpack(expected, .single, ["b", "a"]) == refused)
        #expect(Self.unpack(expected, .single, []) == refused)
    }

    @Test("that end early or late are refused")
    func lengths() {
        let packed = FieldPacking.pack(Self.fields([("b", [1, 2]), ("a", [3])]))
        let bytes = copy(packed.bytes.bytes)
        let refused = Result<[[UInt8]], VaultError>.failure(.tampered(TestKeys.object))
        for count in bytes.indices {
            #expect(Self.unpack(Array(bytes.prefix(count)), .several, ["b", "a"]) == refused)
        }
        #expect(Self.unpack(bytes + [0], .several, ["b", "a"]) == refused)
    }

    @Test("may be many, with the longest names there are")
    func many() {
        let pairs = (0..<300).map { number in
            ("f\(number)_".padding(64), TestKeys.pattern(number))
        }
        let packed = FieldPacking.pack(Self.fields(pairs))
        let opened = Self.unpack(copy(packed.bytes.bytes), .several, pairs.map(\.0))
        #expect(opened == .success(pairs.map(\.1)))
    }
}

extension String {
    fileprivate func padding(_ length: Int) -> String {
        self + String(repeating: "x", count: length - utf8.count)
    }
}
