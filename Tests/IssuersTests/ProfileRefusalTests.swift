// Profiles that are refused, with the line and column of what is wrong.

import Testing
import VaultModel

@testable import Issuers

/// The finding of a text that holds the mark `¦` where it must be; the mark is taken out first.
private func finding(_ marked: String) -> (found: ProfileDiagnostic?, line: Int, column: Int) {
    var text: [UInt8] = []
    var (line, column, place) = (1, 1, (0, 0))
    for character in marked {
        if character == "¦" {
            place = (line, column)
            continue
        }
        text += Array(String(character).utf8)
        column = character == "\n" ? 1 : column + String(character).utf8.count
        line += character == "\n" ? 1 : 0
    }
    return (defect(text), place.0, place.1)
}

private func defect(_ text: [UInt8]) -> ProfileDiagnostic? {
    do throws(ProfileDiagnostic) {
        _ = try ProfileReader(text.span).profile(from: .user(path: "x.json"))
        return nil
    } catch {
        return error
    }
}

private func expect(_ marked: String, _ words: String) {
    let (found, line, column) = finding(marked)
    #expect(found == ProfileDiagnostic(line: line, column: column, words), "\(marked)")
}

/// A profile with one public and one secret field, of which the test says the rest.
private func profileText(
    public publicField: String = "", secret: String = "", rest: String = "",
    head: String = #""schema": 1"#
) -> String {
    """
    {
      \(head), "id": "acme", "title": "Acmé",
      "fields": [
        {"name": "user", "title": "User", "role": "public"\(publicField)},
        {"name": "token", "title": "Token", "role": "secret"\(secret)}
      ]\(rest)
    }
    """
}

@Suite("a profile is refused")
struct ProfileRefusalTests {
    @Test("not for nothing")
    func fine() {
        #expect(defect(Array(profileText().utf8)) == nil)
    }

    @Test("for a key that is unknown, anywhere, or there twice")
    func keys() {
        let known =
            "schema, id, title, console, fields, json, csv, ignored, lifetime, derived,"
            + " authentication, calls, successors"
        expect(
            profileText(rest: #", "command": "¦curl""#), "unknown key; known ones are \(known)")
        expect(profileText(rest: ", \"colour\": ¦7"), "unknown key; known ones are \(known)")
        expect(
            profileText(rest: #", "lifetime": {"slots": 1, "days": ¦3}"#),
            "unknown key; known ones are slots, maximum_days, rotation, settling_seconds,"
                + " soak_seconds, reuse_revokes")
        expect(
            profileText(rest: #", "lifetime": {"settling_seconds": ¦601}"#),
            "a number from 0 to 600 is needed")
        expect(
            profileText(rest: #", "lifetime": {"soak_seconds": ¦-1}"#),
            "a number from 0 to 31536000 is needed")
        expect(
            profileText(rest: #", "calls": {"rotate": ¦{}}"#),
            "unknown key; known ones are exchange, verify, list, create, deactivate, activate,"
                + " revoke"
        )
        expect(
            profileText(
                rest: #", "calls": {"verify": {"url": "https://x", "argv": ¦["{{token}}"]}}"#),
            "unknown key; known ones are method, url, query, headers, form, json, with, needs,"
                + " basic, signature, assertion, statuses, errors, reply")
        expect(profileText(rest: #", ¦"title": "twice""#), "a key is there twice")
        expect(profileText(secret: #", ¦"name": "other""#), "a key is there twice")
        let words = finding(profileText(secret: #", "regex": "¦a""#)).found?.words
        #expect(words?.hasPrefix("unknown key; known ones are name, title, role, ") == true)
    }

    @Test("for a value of the wrong type")
    func types() {
        expect("¦[]", "an object is needed")
        expect("¦7", "an object is needed")
        expect(#"{"schema": 1, "id": ¦7, "title": "x", "fields": []}"#, Self.text)
        expect(profileText(public: ", \"required\": ¦1"), "true or false is needed")
        expect(profileText(public: #", "required": "¦true""#), "true or false is needed")
        expect(
            profileText(public: #", "kind": "integer", "least": "¦1", "most": 2"#),
            "a whole number is needed")
        expect(
            profileText(public: #", "kind": "integer", "least": ¦1.5, "most": 2"#),
            "a whole number is needed")
        expect(
            profileText(public: #", "kind": "integer", "least": ¦9223372036854775808, "most": 2"#),
            "a whole number is needed")
        expect(profileText(secret: #", "environment": "¦TOKEN""#), "an array is needed")
        expect(profileText(secret: ", \"environment\": [¦null]"), Self.text)
        expect(profileText(rest: ", \"json\": ¦{}"), "an array is needed")
        expect(profileText(rest: ", \"json\": [¦1]"), "an object is needed")
        expect(profileText(rest: #", "json": [{"token": ¦{}}]"#), Self.text)
        expect(profileText(rest: ", \"lifetime\": ¦[]"), "an object is needed")
        expect(
            profileText(rest: #", "calls": {"verify": {"url": "https://x", "query": ¦[]}}"#),
            "an object is needed")
        expect(
            profileText(secret: ", \"pattern\": ¦1"),
            "the pattern cannot be read at its character 1")
    }

    private static let text = "a text of at most 1,024 bytes is needed"

    @Test("for what is missing, or says something that nobody knows")
    func values() {
        expect(#"¦{"id": "acme"}"#, "\"schema\" is missing")
        expect("¦{\"schema\": 2}", "\"schema\" must be 1")
        expect("¦{\"schema\": 1}", "\"id\" is missing")
        expect(#"{"schema": 1, "id": "¦Acme"}"#, "\"id\" is 1 to 64 of a-z, 0-9 and -")
        expect(#"{"schema": 1, "id": "¦../up"}"#, "\"id\" is 1 to 64 of a-z, 0-9 and -")
        expect(#"¦{"schema": 1, "id": "acme"}"#, "\"fields\" is missing")
        expect(
            profileText(public: #", "kind": "¦float""#),
            "\"kind\" is one of text, integer, choice, url, host, label")
        expect(
            profileText(secret: #", "delivery": "¦argument""#),
            "\"delivery\" is one of value, file")
        expect(
            profileText(secret: #", "checksum": "¦md5""#), "\"checksum\" is one of crc32-base62")
        expect(
            profileText(rest: #", "lifetime": {"rotation": "¦never"}"#),
            "\"rotation\" is one of dual, in-place, guided")
        expect(
            profileText(rest: #", "console": "¦http://x""#), "\"console\" must begin with https://")
        expect(
            profileText(rest: #", "calls": {"verify": {"url": "¦file:///etc/passwd"}}"#),
            "\"url\" must begin with https://")
        expect(
            profileText(rest: #", "calls": {"verify": {"url": "https://x", "method": "¦TRACE"}}"#),
            "\"method\" is one of GET, POST, PUT, PATCH, DELETE")
        let long = String(repeating: "x", count: 1_025)
        expect(profileText(rest: ", \"console\": \"¦https://\(long)\""), Self.text)
    }

    @Test("for fields that make no credential")
    func fields() {
        let head = #"{"schema": 1, "id": "acme", "title": "x", "fields": "#
        let user = #"{"name": "user", "title": "User", "role": "public"}"#
        let token = #"{"name": "token", "title": "Token", "role": "secret"}"#
        expect("\(head)¦[]}", "there is no secret field")
        expect("\(head)¦[\(user)]}", "there is no secret field")
        expect("\(head)[\(token), ¦\(token)]}", "the field \"token\" is there twice")
        expect("\(head)[\(token), ¦\(user)]}", "public fields stand before secret ones")
        expect(
            #"\#(head)[{"name": "¦Token", "title": "x", "role": "secret"}]}"#,
            "\"name\" is 1 to 64 of a-z, 0-9 and _")
        expect(#"\#(head)[¦{"name": "token", "title": "x"}]}"#, "\"role\" is missing")
        expect(
            #"\#(head)[¦{"name": "token", "role": "secret", "title": "x", "default": "d"}]}"#,
            "a secret field has no kind and no default")
        expect(
            #"\#(head)[¦{"name": "token", "role": "secret", "title": "x", "kind": "url"}]}"#,
            "a secret field has no kind and no default")
        let many = (0..<65).map { #"{"name": "t\#($0)", "title": "T", "role": "secret"}"# }
        expect("\(head)¦[\(many.joined(separator: ","))]}", "there are more than 64 fields")
        #expect(finding("\(head)[\(many.dropLast().joined(separator: ","))]}").found == nil)
    }

    @Test("for bounds and choices that allow nothing")
    func kinds() {
        let words = "\"least\" is more than \"most\""
        let field = #"¦{"name": "n", "title": "N", "role": "public", "#
        func text(_ kind: String) -> String {
            #"{"schema": 1, "id": "a", "title": "x", "fields": [\#(field)\#(kind)}]}"#
        }
        expect(text(#""kind": "integer", "least": 2, "most": 1"#), words)
        expect(text(#""kind": "integer", "least": 2"#), "\"most\" is missing")
        expect(text(#""kind": "choice", "choices": []"#), "\"choices\" is empty")
        expect(text(#""kind": "choice""#), "\"choices\" is missing")
    }
}
