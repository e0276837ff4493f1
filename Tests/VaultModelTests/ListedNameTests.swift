// Names as an agent keeps and sends them.

import Testing
import VaultModel

private func named(
    _ name: String, _ issuer: String, isDisabled: Bool = false, isManagedElsewhere: Bool = false
) -> ListedName {
    ListedName(
        name: SecretName(name)!, issuer: IssuerID(issuer)!, isDisabled: isDisabled,
        isManagedElsewhere: isManagedElsewhere)
}

@Suite("listed names")
struct ListedNameTests {
    private let names = [
        named("a", "generic"),
        named("a/b", "zpa", isDisabled: true),
        named("z", "aws-iam", isDisabled: true, isManagedElsewhere: true),
        named(String(repeating: "n", count: SecretName.longest), "x"),
    ]

    private func packed(_ names: [ListedName]) -> [UInt8] {
        var bytes: [UInt8] = []
        for name in names {
            name.pack { span in for index in span.indices { bytes.append(span[index]) } }
        }
        return bytes
    }

    private func unpacked(_ bytes: [UInt8]) -> [ListedName]? { ListedName.unpack(bytes.span) }

    @Test("come back from their bytes, in their order")
    func roundTrip() {
        #expect(unpacked(packed(names)) == names)
        #expect(unpacked([]) == [])
    }

    @Test("are nothing if a byte is missing or too many")
    func cuts() {
        let bytes = packed(names)
        let ends = Set((0...names.count).map { packed(Array(names[..<$0])).count })
        for end in bytes.indices where !ends.contains(end) {
            #expect(unpacked(Array(bytes[..<end])) == nil)
        }
        #expect(unpacked(bytes + [0]) == nil)
    }

    @Test("are nothing if a name, an issuer or a flag is none")
    func defects() {
        for hostile: [UInt8] in [
            [1, 0x1b, 1, 0x78, 0], [2, 0x2e, 0x2e, 1, 0x78, 0], [1, 0xff, 1, 0x78, 0],
            [0, 1, 0x78, 0], [1, 0x61, 1, 0x58, 0], [1, 0x61, 0, 0], [1, 0x61, 1, 0x78, 4],
        ] {
            #expect(unpacked(hostile) == nil, "\(hostile)")
        }
    }
}
