// Several secret values under their names.

import Testing
import VaultModel

@testable import SecretMemory

@Suite("Secret fields")
struct SecretFieldsTests {
    private static let client = FieldName("client_secret")!

    @Test("keep their values apart and their names in order, also when they grow")
    func adding() {
        var fields = SecretFields()
        let isEmpty = fields.isEmpty
        #expect(isEmpty)
        let names = (0..<100).map { FieldName("z\(999 - $0)")! }
        for (number, name) in names.enumerated() {
            let value = [UInt8](repeating: UInt8(number), count: number * 7)
            let isNew = fields.add(name, value.span)
            #expect(isNew)
        }
        #expect(fields.names == names)
        for (number, name) in names.enumerated() {
            let expected = [UInt8](repeating: UInt8(number), count: number * 7)
            #expect(copy(fields.value(of: name)) == expected)
            #expect(fields.count(of: name) == expected.count)
        }
    }

    @Test("take no name twice, and stay as they were")
    func repeated() {
        var fields = SecretFields()
        let (first, second): ([UInt8], [UInt8]) = ([1], [2, 3])
        let isNew = fields.add(.secret, first.span)
        let isNewAgain = fields.add(.secret, second.span)
        #expect(isNew)
        #expect(!isNewAgain)
        #expect(fields.names == [.secret])
        #expect(copy(fields.value(of: .secret)) == [1])
    }

    @Test("know which names they do not have")
    func missing() {
        var fields = SecretFields(capacity: 10)
        let nothing: [UInt8] = []
        _ = fields.add(.secret, nothing.span)
        let (has, hasNot) = (fields.contains(.secret), fields.contains(Self.client))
        #expect(has)
        #expect(!hasNot)
        #expect(fields.count(of: .secret) == 0)
        #expect(fields.count(of: Self.client) == nil)
        #expect(copy(fields.value(of: .secret)) == [])
    }

    @Test("asked for a name that they do not have end the program")
    func wrongName() async {
        await #expect(processExitsWith: .failure) {
            let fields = SecretFields()
            _ = fields.value(of: .secret)[0]
        }
    }
}
