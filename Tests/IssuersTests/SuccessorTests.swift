// What takes the place of credentials: data of profiles, read, refused and held against each other.

import Testing
import VaultModel

@testable import Issuers

private func read(_ successors: String) throws(ProfileDiagnostic) -> IssuerProfile {
    let text = """
        {"schema": 1, "id": "acme", "title": "Acme", "fields": [
          {"name": "user", "title": "User", "role": "public", "environment": ["ACME_USER"]},
          {"name": "token", "title": "Token", "role": "secret", "environment": ["ACME_TOKEN"]}],
         "successors": \(successors)}
        """
    return try ProfileReader(Array(text.utf8).span).profile(from: .user(path: "acme.json"))
}

private func words(_ successors: String) -> String? {
    do throws(ProfileDiagnostic) {
        _ = try read(successors)
        return nil
    } catch {
        return error.words
    }
}

private func name(_ text: String) throws -> FieldName { try #require(FieldName(text)) }

@Suite("what takes the place of a credential")
struct SuccessorTests {
    @Test("is read, in its order")
    func reading() throws {
        let profile = try read(
            """
            [{"issuer": "two", "reason": "why", "fields": {"login": {"from": "user"}},
              "environment": {"ACME_TOKEN": "TWO_TOKEN"}, "setup": ["a", "b"], "stops": ["c"]},
             {"issuer": "three"}]
            """)
        #expect(profile.successors.map(\.issuer.text) == ["two", "three"])
        let first = try #require(profile.successors.first)
        #expect(first.reason == "why")
        #expect(first.fields == [try name("login")])
        #expect(first.environment == ["ACME_TOKEN": "TWO_TOKEN"])
        #expect(first.setup == ["a", "b"])
        #expect(first.stops == ["c"])
        #expect(try read("[]").successors.isEmpty)
    }

    @Test("gets the public fields that are known, and no others")
    func fields() throws {
        let profile = try read(
            """
            [{"issuer": "two", "fields": {"login": {"from": "user"},
              "place": {"from": "user", "texts": {"a": "east", "b": ""}}}}]
            """)
        let successor = try #require(profile.successors.first)
        let (user, login, place) = (try name("user"), try name("login"), try name("place"))
        #expect(successor.fields(from: [user: "a"]) == [login: "a", place: "east"])
        #expect(successor.fields(from: [user: "b"]) == [login: "b"])
        #expect(successor.fields(from: [user: "c"]) == [login: "c"])
        #expect(successor.fields(from: [user: ""]).isEmpty)
        #expect(successor.fields(from: [:]).isEmpty)
        #expect(successor.unknownFields(from: [user: "a"]).isEmpty)
        #expect(successor.unknownFields(from: [user: "b"]).isEmpty)
        #expect(successor.unknownFields(from: [user: "c"]) == [place])
        #expect(successor.unknownFields(from: [:]).isEmpty)
    }

    @Test(
        "is refused for what the schema does not know",
        arguments: [
            (#"{}"#, "an array is needed"), (#"[1]"#, "an object is needed"),
            (#"[{}]"#, "\"issuer\" is missing"),
            (#"[{"issuer": "Two"}]"#, "\"issuer\" is 1 to 64 of a-z, 0-9 and -"),
            (#"[{"issuer": "acme"}]"#, "\"issuer\" is another profile, each once"),
            (
                #"[{"issuer": "two"}, {"issuer": "two"}]"#,
                "\"issuer\" is another profile, each once"
            ),
            (
                #"[{"issuer": "two", "url": "x"}]"#,
                "unknown key; known ones are issuer, reason, fields, environment, setup, stops"
            ),
            (#"[{"issuer": "two", "fields": []}]"#, "an object is needed"),
            (
                #"[{"issuer": "two", "fields": {"A": {"from": "user"}}}]"#,
                "this is no name of a field"
            ),
            (#"[{"issuer": "two", "fields": {"a": "user"}}]"#, "an object is needed"),
            (#"[{"issuer": "two", "fields": {"a": {}}}]"#, "\"from\" is missing"),
            (
                #"[{"issuer": "two", "fields": {"a": {"from": "token"}}}]"#,
                "\"from\" names no public field"
            ),
            (
                #"[{"issuer": "two", "fields": {"a": {"from": "other"}}}]"#,
                "\"from\" names no public field"
            ),
            (
                #"[{"issuer": "two", "fields": {"a": {"from": "user", "texts": {"x": 1}}}}]"#,
                "a text of at most 1,024 bytes is needed"
            ),
            (
                #"[{"issuer": "two", "environment": {"ACME_TOKEN": "LD_PRELOAD"}}]"#,
                "this is no variable that a profile may set"
            ),
            (
                #"[{"issuer": "two", "environment": {"PATH": "TWO"}}]"#,
                "this is no variable that a profile may set"
            ),
            (#"[{"issuer": "two", "setup": "a"}]"#, "an array is needed"),
            (#"[{"issuer": "two", "stops": [1]}]"#, "a text of at most 1,024 bytes is needed"),
        ])
    func refusals(_ successors: String, _ expected: String) {
        #expect(words(successors) == expected)
    }

    private static let builtIn = ProfileCatalog(userDirectory: nil).all(userFiles: [])

    @Test("fits the profiles that it names, among those that are built in")
    func consistent() throws {
        var count = 0
        for profile in Self.builtIn {
            for successor in profile.successors {
                count += 1
                let target = try #require(
                    Self.builtIn.first { $0.id == successor.issuer }, "\(profile.id)")
                for field in successor.fields {
                    #expect(target.field(field)?.role == .publicField, "\(field)")
                }
                let old = Set(profile.fields.flatMap(\.environment))
                let new = Set(target.fields.flatMap(\.environment))
                #expect(Set(successor.environment.keys) == old, "\(profile.id)")
                #expect(Set(successor.environment.values).isSubset(of: new), "\(profile.id)")
                #expect(!successor.setup.isEmpty && !successor.stops.isEmpty)
            }
        }
        #expect(count == 4)
    }

    @Test("of ZPA takes a cloud over where its counterpart is known")
    func zpa() throws {
        let zpa = try #require(Self.builtIn.first { $0.id.text == "zpa" })
        let successor = try #require(zpa.successors.first)
        #expect(successor.issuer.text == "zscaler-oneapi")
        let (cloud, customer) = (try name("cloud"), try name("customer_id"))
        let gov = successor.fields(from: [cloud: "GOV", customer: "72058"])
        #expect(gov == [cloud: "zscalergov", customer: "72058"])
        #expect(successor.fields(from: [cloud: "PRODUCTION"]).isEmpty)
        #expect(successor.unknownFields(from: [cloud: "PRODUCTION"]).isEmpty)
        #expect(successor.unknownFields(from: [cloud: "BETA"]) == [cloud])
        #expect(successor.environment["ZPA_CLIENT_SECRET"] == "ZSCALER_CLIENT_SECRET")
    }
}
