// Names of other stores, the looks of secrets, and base64.

import SecretMemory
import Testing
import VaultModel

@testable import Issuers

@Suite("a fitting name")
struct FittingNameTests {
    @Test(
        "is the nearest that the grammar has",
        arguments: [
            (["a", "b"], "a/b"), (["a/b"], "a/b"), (["My Bank"], "My-Bank"), (["Zürich"], "Z-rich"),
            (["-x"], "x"), (["x--y"], "x--y"), ([".."], "_"), (["a", "..", "b"], "a/_/b"),
            (["/a//b/"], "a/b"), ([], "unnamed"), ([""], "unnamed"), (["漢字"], "unnamed"),
            (["a\u{1b}[2Jb"], "a-2Jb"), (["me@x.example"], "me@x.example"), (["a ", " b"], "a/b"),
        ])
    func secrets(_ path: [String], _ wanted: String) {
        #expect(FittingName.secret(path) == wanted)
    }

    @Test("is never longer than it may be, and always a name")
    func long() {
        let path = [String(repeating: "ab/", count: 100)]
        for longest in [64, 66, 127, 128] {
            let name = FittingName.secret(path, longest: longest)
            #expect(name.utf8.count <= longest && name.utf8.count > longest - 3)
            #expect(SecretName(name) != nil)
        }
    }

    @Test(
        "of a field is in its grammar too",
        arguments: [
            ("clientId", "client_id"), ("Client ID", "client_id"), ("OTPAuth", "otpauth"),
            ("1x", "field_1x"), ("", "field"), ("ü", "field"), ("__a__", "a"), ("a-b.c", "a_b_c"),
        ])
    func fields(_ text: String, _ wanted: String) {
        #expect(FittingName.field(text).text == wanted)
        #expect(FittingName.field(text, number: 2).text == wanted + "_2")
    }

    @Test("of a field is cut, with its number")
    func longField() {
        let long = String(repeating: "x", count: 300)
        #expect(FittingName.field(long).text.count == 64)
        #expect(FittingName.field(long, number: 10).text.hasSuffix("x_10"))
    }
}

@Suite("what looks secret")
struct SecretLooksTests {
    @Test(
        "by its name",
        arguments: [
            "password", "my_passphrase", "api_key", "token", "client_secret", "totp", "pin",
            "recovery_code", "private", "cvv", "pw", "psk", "puk", "secret_id", "session_id",
            "api", "session", "cookie", "connection", "webhook", "webhook_url", "dsn", "number",
            "card_number", "account_number", "notes", "colour", "x", "token_url", "key_id",
            "field", "field_1", "id_2_x", "user_pin",
        ])
    func names(_ name: String) { #expect(SecretLooks.isSecret(name: name)) }

    @Test(
        "and what does not",
        arguments: [
            "username", "user", "login", "url", "url_2", "access_key_id", "client_id", "id",
            "region", "account", "account_id", "reach_email_address", "proxy_host", "hostname",
            "user_name", "role_arn",
        ])
    func openNames(_ name: String) { #expect(!SecretLooks.isSecret(name: name)) }

    @Test("by its value")
    func values() {
        func looks(_ text: String) -> Bool {
            let text = Array(text.utf8)
            return SecretLooks.isSecret(value: text.span)
        }
        let token = "ghp_" + String(repeating: "a1B", count: 12)
        for text in [
            "otpauth://x", "-----BEGIN X", "postgres://u:p@h/d", "see x://a:b@c",
            "https://ghp_abcdef@github.example/x", "postgres://u:pa/ss@h/db", "u:p@h",
            "https://hooks.slack.com/services/T0/B0/xyz",
            "https://chat.example/api/webhooks/1/x", "Server=a;Password=hunter2;",
            "https://x.example/?sig=abc", "https://x.example/#access_token=abc", "PWD = x",
            token, "https://x.example/\(token)/y", "see \(token).", "eyJhbGciOi", "bearer x",
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        ] {
            #expect(looks(text), "\(text)")
        }
        for text in [
            "", "x", "https://h.example:80/a?page=2&design=x", "me@x.example", "://", "a=b",
            "arn:aws:iam::123456789012:role/reader", "0123456789abcdef0123456789abcdef01234567",
            "AKIAIOSFODNN7EXAMPLE", "a-long-name-of-a-host.in.some.region.example",
            "https://x.example/a/very/long/path/of/many/plain/words",
        ] {
            #expect(!looks(text), "\(text)")
        }
    }
}

@Suite("base64")
struct Base64TextTests {
    private func decoded(_ text: String) -> [UInt8]? {
        let text = Array(text.utf8)
        switch Base64.decodedPaddedOrNot(text.span) {
        case .some(let value): return bytes(of: value.bytes)
        case .none: return nil
        }
    }

    @Test("of RFC 4648's examples, with padding and without")
    func examples() {
        for (text, value) in [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"), ("Zm8", "fo"), ("Zg", "f"),
        ] { #expect(decoded(text) == Array(value.utf8), "\(text)") }
        #expect(decoded("+/+/") == [0xfb, 0xff, 0xbf])
    }

    @Test(
        "that is none",
        arguments: ["Z", "Zg=", "Zg===", "Zh==", "Zm9=", "Z g=", "Zm-_", "=", "===="])
    func refused(_ text: String) { #expect(decoded(text) == nil) }
}
