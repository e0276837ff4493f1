// What a document holds besides that its profile has no field for.

import Issuers
import Testing
import VaultModel

private func leftovers(json text: String, as id: String) throws -> [String] {
    let text = Array(text.utf8)
    return try CredentialParser.parse(json: text.span, with: try profile(id)).leftovers
}

private func leftovers(csv text: String) throws -> [String] {
    let text = Array(text.utf8)
    return try CredentialParser.parse(csv: text.span, with: try profile("aws-iam")).leftovers
}

@Suite("what is left over of a document")
struct LeftoverTests {
    @Test("is nothing where the issuer answers as it does", arguments: documents)
    func usual(_ sample: Sample) throws {
        #expect(try leftovers(json: sample.text, as: sample.issuer) == [])
    }

    @Test("is every text that has no field, by its path, in the document's order")
    func paths() throws {
        let text = #"""
            {"z":"1","client_id":"c","client_secret":"s","list":["x",{"deep":{"er":"y"}},""],
             "number":1,"flag":true,"nothing":null,"a":"2"}
            """#
        #expect(
            try leftovers(json: text, as: "oauth2-client")
                == ["z", "list.0", "list.1.deep.er", "a"])
    }

    @Test("is not what stands below an ignored path, nor what only looks like one")
    func ignored() throws {
        let text = #"""
            {"client_id":"c","client_secret":"s","redirect_uris":["https://x"],
             "contacts":{"a":{"b":"c"}},"deep":{"contacts":"x"},"contacts.a":"y"}
            """#
        #expect(
            try leftovers(json: text, as: "oauth2-client") == ["deep.contacts", "contacts.a"])
    }

    @Test("is what stands where a field should, but is no value")
    func noValue() throws {
        let text = #"{"client_id":"c","client_secret":"s","scope":{"a":"b"}}"#
        #expect(try leftovers(json: text, as: "oauth2-client") == ["scope.a"])
    }

    @Test("is nothing of a document that is kept whole")
    func whole() throws {
        let text = #"{"client_email":"a@b","private_key_id":"1","private_key":"k","other":"x"}"#
        #expect(try leftovers(json: text, as: "google-service-account") == [])
    }

    @Test("is a column with a value under a heading that has no field")
    func columns() throws {
        let keys = "Access key ID,Secret access key"
        #expect(try leftovers(csv: "\(keys)\na,b\n") == [])
        #expect(
            try leftovers(csv: "Password,CONSOLE login link ,\(keys)\nhunter2,https://x,a,b\n")
                == ["Password"])
        #expect(try leftovers(csv: "Password,\(keys)\n,a,b\n") == [])
    }

    @Test("a value alone leaves nothing over, and is told from a document")
    func alone() throws {
        let text = Array("tok-1\n".utf8)
        let parsed = try CredentialParser.parse(output: text.span, with: try profile("github"))
        #expect(parsed.form == .valueAlone)
        #expect(parsed.leftovers == [])
    }

    @Test(
        "text holds a document if a line of it begins as JSON does",
        arguments: [
            ("{", true), (" \t[1]", true), ("WARN: x\n{\"a\":1}", true), ("a\n\n  [", true),
            ("", false), ("a {", false), ("-----BEGIN KEY-----\nMIIE\n", false),
            ("a\n\"{\"", false),
        ])
    func documentInText(_ text: String, _ isThere: Bool) {
        #expect(CredentialParser.holdsDocument(Array(text.utf8).span) == isThere)
    }

    @Test("a value has an issuer's shape only where the profile has a pattern")
    func shapes() throws {
        func isShaped(_ text: String, _ id: String, _ field: Int = 0) throws -> Bool {
            let profile = try profile(id)
            return profile.isShaped(Array(text.utf8).span, as: profile.secretFields[field])
        }
        let token = "ghp_" + String(repeating: "a", count: 36)
        #expect(try isShaped(token, "github"))
        #expect(try !isShaped(token + "a", "github"))
        #expect(try !isShaped(token, "generic"))
        #expect(try !isShaped("s", "zpa"))
    }
}
