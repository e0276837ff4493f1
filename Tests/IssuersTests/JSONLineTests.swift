// Lines of an import.

import Issuers
import SecretMemory
import Testing
import VaultModel

private struct Entry: Equatable {
    var draft: SecretDraft
    var secrets: [String: String]
}

private func entry(_ line: String) throws -> Entry {
    let line = Array(line.utf8)
    let parsed = try JSONLine.parse(line.span)
    let draft = parsed.draft
    let fields = parsed.takeSecrets()
    var secrets: [String: String] = [:]
    for name in fields.names {
        secrets[name.text] = String(decoding: bytes(of: fields.value(of: name)), as: UTF8.self)
    }
    return Entry(draft: draft, secrets: secrets)
}

@Suite("a line of an import")
struct JSONLineTests {
    private func draft(_ name: String) throws -> SecretDraft {
        SecretDraft(name: try #require(SecretName(name)))
    }

    @Test("needs a name and a secret, and no more")
    func least() throws {
        let parsed = try entry(#"{"name":"a/b","secret":"s\u0000\n"}"#)
        #expect(parsed == Entry(draft: try draft("a/b"), secrets: ["secret": "s\0\n"]))
    }

    @Test("takes everything that is known of a secret")
    func most() throws {
        let parsed = try entry(
            #"""
            {"tags":["x","y"],"name":"a","issuer":"zpa","label":"l\"","fields":{"client_id":"c"},
             "secrets":{"client_secret":"s","extra":"e"},"status":"disabled",
             "expires":"2027-03-31","maximum_age_seconds":7776000,"managed_elsewhere":true}
            """#)
        var wanted = try draft("a")
        wanted.issuer = try #require(IssuerID("zpa"))
        wanted.label = "l\""
        wanted.fields = [try #require(FieldName("client_id")): "c"]
        wanted.tags = ["x", "y"]
        wanted.status = .disabled
        wanted.expires = Timestamp(iso8601: "2027-03-31")
        wanted.maximumAge = 7_776_000
        wanted.isManagedElsewhere = true
        #expect(parsed == Entry(draft: wanted, secrets: ["client_secret": "s", "extra": "e"]))
    }

    @Test("the end of an export is told from a secret")
    func end() throws {
        func count(_ line: String) -> Int? {
            let line = Array(line.utf8)
            return JSONLine.count(inEnd: line.span)
        }
        for number in [0, 1, 4_000_000_000] {
            #expect(count(JSONLine.end(count: number)) == number)
        }
        #expect(count(#" { "exported" : 7 } "#) == 7)
        for line in [
            #"{"name":"a","secret":"s"}"#, #"{"exported":"1"}"#, #"{"exported":-1.5}"#,
            #"{"exported":1,"name":"a"}"#, "{}", "1", "", #"{"exported":1"#,
            #"{"exported":99999999999999999999}"#,
        ] {
            #expect(count(line) == nil, "\(line)")
        }
    }

    @Test("null means no date and no age")
    func nulls() throws {
        let parsed = try entry(
            #"{"name":"a","secret":"s","expires":null,"maximum_age_seconds":null}"#)
        #expect(parsed.draft == (try draft("a")))
    }

    @Test(
        "that does not fit the schema is refused, with the key of the schema",
        arguments: [
            ("[]", "an object is needed"), ("\"x\"", "an object is needed"),
            (#"{"secret":"s"}"#, "\"name\" is missing or is no name"),
            (#"{"name":"a//b","secret":"s"}"#, "\"name\" is missing or is no name"),
            (#"{"name":7,"secret":"s"}"#, "\"name\" is not a text"),
            (#"{"name":"a"}"#, "\"secret\" or \"secrets\" is missing"),
            (#"{"name":"a","secrets":{}}"#, "\"secret\" or \"secrets\" is missing"),
            (#"{"name":"a","secret":""}"#, "a secret is empty"),
            (#"{"name":"a","secret":7}"#, "a secret is not a text"),
            (#"{"name":"a","secret":null}"#, "a secret is not a text"),
            (#"{"name":"a","secret":{"x":"y"}}"#, "a secret is not a text"),
            (#"{"name":"a","secrets":"s"}"#, "\"secrets\" is not an object"),
            (#"{"name":"a","secrets":{"A b":"s"}}"#, "\"secrets\" holds a name that no field has"),
            (
                #"{"name":"a","secret":"s","secrets":{"secret":"t"}}"#,
                "a secret field is there twice"
            ),
            (#"{"name":"a","secret":"s","issuer":"A"}"#, "\"issuer\" is no issuer's id"),
            (#"{"name":"a","secret":"s","label":[]}"#, "\"label\" is not a text"),
            (#"{"name":"a","secret":"s","fields":[]}"#, "\"fields\" is not an object"),
            (#"{"name":"a","secret":"s","fields":{"x":1}}"#, "\"fields\" is not a text"),
            (
                #"{"name":"a","secret":"s","fields":{"X":"1"}}"#,
                "\"fields\" holds a name that no field has"
            ),
            (#"{"name":"a","secret":"s","tags":"x"}"#, "\"tags\" is not an array"),
            (#"{"name":"a","secret":"s","tags":[1]}"#, "\"tags\" is not a text"),
            (#"{"name":"a","secret":"s","status":"on"}"#, "\"status\" is `enabled` or `disabled`"),
            (#"{"name":"a","secret":"s","expires":"soon"}"#, "\"expires\" is no date"),
            (#"{"name":"a","secret":"s","expires":"2027-02-29"}"#, "\"expires\" is no date"),
            (
                #"{"name":"a","secret":"s","maximum_age_seconds":-1}"#,
                "\"maximum_age_seconds\" is no whole number"
            ),
            (
                #"{"name":"a","secret":"s","maximum_age_seconds":1.5}"#,
                "\"maximum_age_seconds\" is no whole number"
            ),
            (
                #"{"name":"a","secret":"s","maximum_age_seconds":"60"}"#,
                "\"maximum_age_seconds\" is no whole number"
            ),
            (
                #"{"name":"a","secret":"s","managed_elsewhere":"true"}"#,
                "\"managed_elsewhere\" is true or false"
            ),
            (
                #"{"name":"a","secret":"s","Name":"b"}"#,
                "it holds a key that an import does not know; known are name, secret, secrets,"
                    + " secret_base64, secrets_base64, issuer, label, fields, tags, status,"
                    + " expires, maximum_age_seconds, managed_elsewhere, requires_reason and"
                    + " requires_grant"
            ),
        ])
    func refused(_ line: String, _ words: String) {
        #expect(throws: CredentialError.badEntry(words)) { try entry(line) }
    }

    @Test("that is no JSON is refused with its place")
    func noJSON() {
        #expect(throws: CredentialError.empty) { try entry("") }
        #expect(throws: CredentialError.badJSON(.unexpectedEnd)) { try entry("{\"name\":\"a") }
        #expect(throws: CredentialError.badJSON(.duplicateKey(offset: 12))) {
            try entry(#"{"name":"a","name":"b"}"#)
        }
    }
}
