// Which words typed in the open look like a secret.

import Testing
import VaultModel

@testable import Issuers

@Suite("a word that is typed in the open")
struct LikenessTests {
    private let catalog = ProfileCatalog(userDirectory: nil)

    @Test(
        "is like a secret if it has the shape of a built-in issuer's",
        arguments: [
            "ghp_0123456789abcdefghijABCDEFGHIJ012345", "npm_0123456789abcdefghijABCDEFGHIJ012345",
            "sk_live_0123456789abcdef", "glpat-0123456789abcdefghij",
            "xoxb-012345678901-abcdefghijkl", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ])
    func secrets(_ word: String) { #expect(catalog.isLikeSecret(word)) }

    @Test(
        "is none if it is short, or a name that has such a shape by its length alone",
        arguments: [
            "", "zpa/prod/ci", "ghp_bot", "github/ghp_0123456789abcdefghijABCDEFGHIJ012345",
            "team/service/environments/eu/databases/1", "0123456789abcdef0123456789abcdef",
            "team-service-environment-of-production-1",
            "a-name-of-many-words-that-goes-on-for-more-than-sixty-four-letters-1",
        ])
    func names(_ word: String) {
        #expect(SecretName(word) != nil || word.isEmpty)
        #expect(!catalog.isLikeSecret(word))
    }
}
