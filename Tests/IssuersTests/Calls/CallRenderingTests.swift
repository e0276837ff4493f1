// A call becomes a configuration of curl, whatever is in the values.

import Foundation
import SecretMemory
import Testing
import VaultModel

@testable import Issuers

/// What trips over quoting: quotes, backslashes, line ends, options of their own, every byte.
private let hostile: [[UInt8]] = [
    Array(#"a"b\c\\d\"e"#.utf8), Array("one\ntwo\r\nthree\n".utf8),
    Array("x\"\nurl = \"https://evil.example\"\n".utf8), Array("\\n\\r\\t".utf8),
    Array("@/etc/passwd".utf8), Array("\u{b}\u{9} \u{7f}".utf8), Array("ünï \u{1f511}".utf8),
    Array(1...255), Array("#{}[]*?$(id)`id`%41&=+ ;".utf8), [0x22], [0x5c],
]

@Suite("a call as a configuration of curl")
struct CallRenderingTests {
    @Test("holds a hostile value in a form as it is", arguments: hostile)
    func forms(_ value: [UInt8]) throws {
        let read = try rendered(
            #""url": "https://x", "method": "POST", "form": {"a b": "<{{token}}>", "c": "d"}"#,
            token: value)
        #expect(read.options.map(\.name) == ["url", "request", "header", "header", "data-raw"])
        let body = try #require(read.value("data-raw"))
        let pairs = body.split(separator: "&").map { $0.split(separator: "=") }
        #expect(pairs.map { $0[0] } == ["a%20b", "c"])
        var decoded: [UInt8] = []
        var rest = Array(pairs[0][1].utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            decoded.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        #expect(decoded == Array("<".utf8) + value + Array(">".utf8))
    }

    @Test("holds a hostile text in JSON as it is", arguments: hostile)
    func json(_ value: [UInt8]) throws {
        let members =
            #""url": "https://x", "method": "POST", "json": {"a": ["{{token}}", 1], "n": null}"#
        guard let text = String(validating: value, as: UTF8.self) else {
            #expect(throws: CallDefect.unusable(field("token"))) {
                try rendered(members, token: value)
            }
            return
        }
        let read = try rendered(members, token: value)
        let body = try #require(read.value(inBytes: "data-raw"))
        let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        let array = try #require(object?["a"] as? [Any])
        #expect(array[0] as? String == text)
        #expect(array[1] as? Int == 1)
        #expect(object?["n"] is NSNull)
        #expect(read.header("content-type") == "application/json")
    }

    @Test("has no header with a line end or another control byte in it", arguments: hostile)
    func headers(_ value: [UInt8]) throws {
        let members = #""url": "https://x", "headers": {"x-key": "Key {{token}}"}"#
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            #expect(throws: CallDefect.unusable(field("token"))) {
                try rendered(members, token: value)
            }
            return
        }
        let read = try rendered(members, token: value)
        #expect(read.value(inBytes: "header") == Array("x-key: Key ".utf8) + value)
    }

    @Test("has user and password of HTTP in a header, encoded", arguments: hostile)
    func basic(_ value: [UInt8]) throws {
        let read = try rendered(
            #""url": "https://x", "basic": {"user": "{{user}}", "password": "{{token}}"}"#,
            ["user": "me:too"], token: value)
        let header = try #require(read.header("authorization"))
        let proof = try #require(Data(base64Encoded: String(header.dropFirst("Basic ".count))))
        #expect(Array(proof) == Array("me:too:".utf8) + value)
        #expect(read.values("user").isEmpty)
    }

    @Test("encodes what comes into an address, and goes nowhere else")
    func addresses() throws {
        func url(_ members: String, _ fields: [String: String]) throws -> String? {
            try rendered(members, fields).value("url")
        }
        #expect(
            try url(#""url": "https://x/a/{{user}}/b""#, ["user": "../?q=1#f /ü"])
                == "https://x/a/..%2F%3Fq%3D1%23f%20%2F%C3%BC/b")
        #expect(
            try url(
                #""url": "https://x/a", "query": {"q u": "{{user}}", "no": "{{site}}", "z": "1"}"#,
                ["user": "a&b=c"]) == "https://x/a?q%20u=a%26b%3Dc&z=1")
        #expect(
            try url(#""url": "https://{{site}}.x.net/""#, ["site": "Acme-1"])
                == "https://Acme-1.x.net/")
        #expect(
            try url(#""url": "https://{{home}}/p""#, ["home": "a.b.example"])
                == "https://a.b.example/p")
        #expect(
            try url(#""url": "{{base}}/p""#, ["base": "https://a.example:8443/up/"])
                == "https://a.example:8443/up/p")
        #expect(
            try url(#""url": "{{base}}", "query": {"z": "1"}"#, ["base": "https://a/t?q=1"])
                == "https://a/t?q=1&z=1")
    }

    @Test(
        "refuses what would lead to another host",
        arguments: [
            "evil.example/", "a.b", "a@evil", "a:80", "a/b", "a?b", "a#b", "-a", "a-", "", "a b",
            "ä",
            "a%2e", "a\\", String(repeating: "a", count: 64),
        ])
    func hosts(_ value: String) {
        let words = #""url": "https://{{site}}.x.net/""#
        let defect: CallDefect = value.isEmpty ? .missing(field("site")) : .unusable(field("site"))
        #expect(throws: defect) { try rendered(words, ["site": value]) }
    }

    @Test(
        "refuses an address of a field that is none, or holds more than one",
        arguments: [
            "http://a", "https://", "https://a@b", "https://a b", "https://a\\b", "https://a/../b",
            "https://a/#f", "https://a\"", "https://a\nurl = x", "HTTPS://a", "https://a/?q",
            "https://a:0", "https://a:99999", "https://-a",
        ])
    func bases(_ value: String) {
        #expect(throws: CallDefect.unusable(field("base"))) {
            try rendered(#""url": "{{base}}/p""#, ["base": value])
        }
    }

    @Test("does not go up by a field that is two dots", arguments: [".", ".."])
    func dots(_ value: String) {
        #expect(throws: CallDefect.unusable(field("user"))) {
            try rendered(#""url": "https://x/a/{{user}}/b""#, ["user": value])
        }
    }

    @Test("leaves out what has no value, and says what it cannot do without")
    func absent() throws {
        let read = try rendered(
            """
            "url": "https://x", "method": "POST", "headers": {"a": "{{user}}", "b": "1"},
            "json": {"u": "{{user}}", "n": "{{size}}", "k": [{"x": "{{user}}"}]}
            """, ["size": "7"])
        #expect(
            read.values("header") == [
                "b: 1", "accept: application/json", "content-type: application/json",
            ])
        #expect(read.value("data-raw") == #"{"n":7,"k":[{}]}"#)
        #expect(throws: CallDefect.missing(field("user"))) {
            try rendered(#""url": "https://x/{{user}}""#)
        }
        #expect(throws: CallDefect.missing(field("user"))) {
            try rendered(#""url": "https://x", "needs": ["user"]"#)
        }
    }

    @Test("signs for AWS through curl, whose user ends at a colon")
    func signature() throws {
        let use = #", "authentication": {"aws": {"key": "{{user}}", "secret": "{{token}}"}}"#
        let members = """
            "url": "https://x", "method": "POST", "with": ["self"],
            "signature": {"service": "iam", "region": "us-east-1"}
            """
        let read = try rendered(
            members, ["user": "AKID"], token: Array("s:e\"c".utf8), rest: use)
        #expect(read.value("aws-sigv4") == "aws:amz:us-east-1:iam")
        #expect(read.value("user") == "AKID:s:e\"c")
        #expect(throws: CallDefect.unusable(field("user"))) {
            try rendered(members, ["user": "A:B"], rest: use)
        }
    }
}

@Suite("calls of the built-in profiles")
struct BuiltInCallTests {
    private func read(
        _ credential: CallCredential, _ purpose: IssuerCall.Purpose, token: String = ""
    ) throws -> ReadConfiguration {
        let call = try #require(credential.profile.call(purpose))
        let token = Array(token.utf8)
        let proof: SecretBytes
        if case .credential(_, isOwn: true) = call.administration {
            proof = try credential.proof(for: call, token: token.span)
        } else {
            proof = SecretBytes()
        }
        let text = try call.configuration(with: credential, proof: proof.bytes)
        return ReadConfiguration(text.bytes)
    }

    @Test("a cloud leads to its host, and one that nobody knows to none")
    func clouds() throws {
        let fields = ["client_id": "id", "customer_id": "72"]
        let zpa = try credential("zpa", fields, secrets: ["client_secret": "s&t"])
        #expect(
            try read(zpa, .exchange).value("url") == "https://config.private.zscaler.com/signin")
        #expect(try read(zpa, .exchange).value("data-raw") == "client_id=id&client_secret=s%26t")
        zpa.fields[field("cloud")] = "BETA"
        let list = try read(zpa, .list, token: "jwt")
        #expect(
            list.value("url")
                == "https://config.zpabeta.net/mgmtconfig/v1/admin/customers/72/apiKeys"
                + "?pagesize=500"
        )
        #expect(list.header("authorization") == "Bearer jwt")
        zpa.fields[field("cloud")] = "evil.example/"
        #expect(throws: CallDefect.unknown(field("cloud"))) { try read(zpa, .exchange) }
    }

    @Test("a vanity domain and a cloud make a host, and nothing else")
    func vanity() throws {
        let client = try credential(
            "zscaler-oneapi", ["client_id": "id", "vanity_domain": "acme"],
            secrets: ["client_secret": "s"])
        #expect(
            try read(client, .exchange).value("url") == "https://acme.zslogin.net/oauth2/v1/token")
        client.fields[field("cloud")] = "beta"
        #expect(
            try read(client, .exchange).value("url")
                == "https://acme.zsloginbeta.net/oauth2/v1/token")
        client.fields[field("cloud")] = "a.evil"
        #expect(throws: CallDefect.unusable(field("cloud"))) { try read(client, .exchange) }
        client.fields[field("cloud")] = nil
        client.fields[field("vanity_domain")] = "evil.example/#"
        #expect(throws: CallDefect.unusable(field("vanity_domain"))) { try read(client, .exchange) }
    }

    @Test("an OAuth client proves itself in a header, or in the form where that is wanted")
    func clients() throws {
        let client = try credential(
            "oauth2-client", ["client_id": "i d", "token_url": "https://127.0.0.1:9/t"],
            secrets: ["client_secret": "s:%"])
        let basic = try read(client, .exchange)
        let proof = Data("i%20d:s%3A%25".utf8).base64EncodedString()
        #expect(basic.header("authorization") == "Basic \(proof)")
        #expect(basic.value("data-raw") == "grant_type=client_credentials")
        client.fields[field("client_authentication")] = "post"
        let posted = try read(client, .exchange)
        #expect(posted.header("authorization") == nil)
        #expect(
            posted.value("data-raw")
                == "grant_type=client_credentials&client_id=i%20d&client_secret=s%3A%25")
    }

    @Test("a new credential gets a name, and an end in the issuer's own way, or none")
    func ends() throws {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let end = Timestamp(milliseconds: 1_700_086_400_999)
        let gitlab = try credential("gitlab", secrets: ["token": "t"])
        gitlab.give(label: "new", expires: end, at: now)
        #expect(try read(gitlab, .create).value("data-raw") == "expires_at=2023-11-15")
        #expect(gitlab.given[.expiryTime] == "2023-11-15T22:13:20Z")
        #expect(gitlab.given[.expiryEpoch] == "1700086400")
        #expect(gitlab.given[.expirySeconds] == "86400")
        let entra = try credential(
            "entra", ["client_id": "c", "tenant_id": "t"], secrets: ["client_secret": "s"])
        entra.give(label: "new \"one\"", expires: end, at: now)
        entra.give(label: "new \"one\"", expires: nil, at: now)
        #expect(
            try read(entra, .create, token: "jwt").value("data-raw")
                == #"{"passwordCredential":{"displayName":"new \"one\""}}"#)
    }

    @Test("every call can be made once its fields have values", arguments: BuiltInProfiles.ids)
    func all(_ id: IssuerID) throws {
        let profile = try builtIn.profile(id)
        var fields: [String: String] = [:]
        for field in profile.publicFields {
            switch field.kind {
            case .integer(let range, _): fields[field.name.text] = "\(range.lowerBound)"
            case .choice(let choices, _): fields[field.name.text] = choices[0]
            case .url: fields[field.name.text] = "https://issuer.example"
            case .host: fields[field.name.text] = "issuer.example"
            case .text, .label: fields[field.name.text] = "x1"
            }
        }
        var secrets: [String: [UInt8]] = [:]
        for field in profile.secretFields { secrets[field.name.text] = Array("S3CRET".utf8) }
        let full = credential(profile, fields, secrets: secrets)
        for value in GivenValue.allCases where value != .assertion { full.given[value] = "1" }
        full.assertion = SecretBytes(copying: Array("a.b.c".utf8).span)
        for call in profile.calls {
            let read = try read(full, call.purpose, token: "jwt")
            let url = try #require(read.value("url"))
            #expect(url.hasPrefix("https://"), "\(call.purpose)")
            #expect(!url.contains("S3CRET"), "\(call.purpose)")
            #expect(!url.contains("{{"), "\(call.purpose)")
            #expect(read.value("request") == call.method)
        }
    }
}
