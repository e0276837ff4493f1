// The formats of `get`, as they are written down.

import Testing

@testable import CommandLineTool

@Suite("formats of a secret")
struct SecretFormatTests {
    @Test("are all named, in words and one by one")
    func named() {
        let all = SecretFormat.allCases.map(\.rawValue)
        #expect(SecretFormat.words == all)
        #expect(SecretFormat.names == all.joined(separator: ", "))
    }
}
