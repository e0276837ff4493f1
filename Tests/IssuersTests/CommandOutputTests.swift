// What an issuing command prints when it prints no document: the secret alone.

import Issuers
import Testing
import VaultModel

@Suite("what an issuing command prints")
struct CommandOutputTests {
    @Test(
        "one line is the secret without its line end",
        arguments: ["tok-1", "tok-1\n", "tok-1\r\n", "tok-1\r"])
    func oneLine(_ text: String) throws {
        #expect(try take(output: text, as: "github") == Taken(secrets: ["token": "tok-1"]))
        #expect(try take(output: text, as: "generic") == Taken(secrets: ["secret": "tok-1"]))
    }

    @Test("blanks and a second line end belong to the secret")
    func blanks() throws {
        #expect(try take(output: " tok \n", as: "github") == Taken(secrets: ["token": " tok "]))
        #expect(try take(output: "tok\n\n", as: "generic") == Taken(secrets: ["secret": "tok\n\n"]))
    }

    @Test("several lines are the secret only where any text may be one")
    func severalLines() throws {
        let text = "one\ntwo\n"
        #expect(try take(output: text, as: "generic") == Taken(secrets: ["secret": text]))
        #expect(throws: CredentialError.severalLines) { try take(output: text, as: "github") }
    }

    @Test("JSON is a document for issuers that have one, a secret for the generic profile")
    func json() throws {
        let text = "{\"a\":1}"
        #expect(try take(output: text, as: "generic") == Taken(secrets: ["secret": text]))
        let token = FieldName("token").map { [$0] } ?? []
        #expect(throws: CredentialError.missing(token)) { try take(output: text, as: "github") }
        #expect(throws: CredentialError.badJSON(.unexpectedEnd)) {
            try take(output: "{\"clientId\":\"x", as: "zpa")
        }
    }

    @Test("nothing but a line end is nothing")
    func nothing() {
        #expect(throws: CredentialError.empty) { try take(output: "\n", as: "generic") }
        #expect(throws: CredentialError.empty) { try take(output: "\r\n", as: "github") }
    }

    @Test("CSV is recognised for issuers that have it")
    func csv() throws {
        let text = "Access key ID,Secret access key\nAKIA,s\n"
        let wanted = Taken(
            secrets: ["secret_access_key": "s"], fields: ["access_key_id": "AKIA"])
        #expect(try take(output: text, as: "aws-iam") == wanted)
    }
}
