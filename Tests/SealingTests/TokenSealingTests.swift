// Session tokens between two commands: nobody opens them without the secret.

import SecretMemory
import Testing
import VaultModel

@testable import Sealing

private func fields(_ value: String, _ name: String = "client_secret") -> SecretFields {
    var fields = SecretFields()
    guard let name = FieldName(name) else { return fields }
    let bytes = Array(value.utf8)
    _ = fields.add(name, bytes.span)
    return fields
}

private func opens(
    _ sealed: [UInt8], _ secret: String, _ binding: String, name: String = "client_secret"
) -> Bool {
    let secrets = fields(secret, name)
    let bound = Array(binding.utf8)
    let sealing = TokenSealing(secrets, for: bound.span)
    switch sealing.open(sealed.span) {
    case .none: return false
    case .some(let token):
        return token.count == 5 && token.bytes[0] == UInt8(ascii: "t")
    }
}

@Suite("a sealed token")
struct TokenSealingTests {
    private func sealed() throws -> (bytes: [UInt8], name: [UInt8]) {
        let secrets = fields("a secret of the vault")
        let bound = Array("zpa".utf8)
        let sealing = TokenSealing(secrets, for: bound.span)
        let token = Array("token".utf8)
        return (try sealing.seal(token.span), sealing.name)
    }

    @Test("opens with the secret that it was given for, and for the same use")
    func opening() throws {
        let sealed = try sealed()
        #expect(opens(sealed.bytes, "a secret of the vault", "zpa"))
        #expect(!opens(sealed.bytes, "a secret of the Vault", "zpa"))
        #expect(!opens(sealed.bytes, "a secret of the vault", "zpb"))
    }

    @Test("opens with no byte changed, and none missing")
    func tampering() throws {
        let sealed = try sealed().bytes
        for index in sealed.indices {
            var other = sealed
            other[index] ^= 1
            #expect(!opens(other, "a secret of the vault", "zpa"))
        }
        #expect(!opens(Array(sealed.dropLast()), "a secret of the vault", "zpa"))
        #expect(!opens([], "a secret of the vault", "zpa"))
    }

    @Test("has a name that depends on both, and is not what seals it")
    func names() throws {
        let (one, two) = (try sealed(), try sealed())
        #expect(one.name == two.name)
        #expect(one.bytes != two.bytes)
        #expect(one.name.count == 16)
        let secrets = fields("a secret of the vault")
        let bound = Array("zpb".utf8)
        #expect(TokenSealing(secrets, for: bound.span).name != one.name)
    }
}
