// What an issuer answers, in the terms of coffer.

import SecretMemory
import Testing
import VaultModel

@testable import Issuers

/// An outcome without what cannot be compared.
private enum Seen: Equatable {
    case done(Taken, token: String?, life: UInt64?, keys: [ListedKey], isCut: Bool)
    case refused, missing, full, notUnderstood
    case later(UInt64?, Int)
    case failed(Int)

    static func done(_ taken: Taken = Taken(secrets: [:])) -> Seen {
        .done(taken, token: nil, life: nil, keys: [], isCut: false)
    }
}

private func seen(
    _ profile: IssuerProfile, _ purpose: IssuerCall.Purpose, _ status: Int, _ body: String = "",
    wait: String = ""
) throws -> Seen {
    let bytes = Array(body.utf8)
    let reply = CallReply(
        status: status, retryAfter: wait, body: SecretBytes(copying: bytes.span))
    let call = try #require(profile.call(purpose))
    switch call.read(reply, of: profile) {
    case .done(let result): return seen(result)
    case .refused: return .refused
    case .missing: return .missing
    case .full: return .full
    case .notUnderstood: return .notUnderstood
    case .later(let seconds, let status): return .later(seconds, status)
    case .failed(let status): return .failed(status)
    }
}

private func seen(_ result: borrowing CallResult) -> Seen {
    var taken = Taken(secrets: [:])
    for name in result.secrets.names {
        taken.secrets[name.text] = bytes(of: result.secrets.value(of: name))
    }
    for (name, value) in result.fields { taken.fields[name.text] = value }
    let token: String?
    switch result.token {
    case .none: token = nil
    case .some(let held): token = String(decoding: bytes(of: held.bytes), as: UTF8.self)
    }
    return .done(
        taken, token: token, life: result.life, keys: result.keys, isCut: result.isCut)
}

private func seen(
    _ id: String, _ purpose: IssuerCall.Purpose, _ status: Int, _ body: String = "",
    wait: String = ""
) throws -> Seen {
    try seen(try profile(id), purpose, status, body, wait: wait)
}

@Suite("a reply of an issuer")
struct ReplyReadingTests {
    @Test("gives a token and its life, as a number or as text")
    func tokens() throws {
        func token(_ body: String) throws -> Seen { try seen("zpa", .exchange, 200, body) }
        let done = Seen.done(
            Taken(secrets: [:]), token: "ey.J", life: 3_000, keys: [], isCut: false)
        #expect(try token(#"{"access_token": "ey.J", "expires_in": "3000"}"#) == done)
        #expect(try token(#"{"access_token": "ey.J", "expires_in": 3000}"#) == done)
        let usual = Seen.done(Taken(secrets: [:]), token: "x", life: 3_600, keys: [], isCut: false)
        #expect(try token(#"{"access_token": "x"}"#) == usual)
        #expect(try token(#"{"access_token": "x", "expires_in": -1}"#) == usual)
    }

    @Test(
        "has no token that a header could not hold",
        arguments: [
            #"{"access_token": "a b"}"#, #"{"access_token": "a\nb: c"}"#, #"{"access_token": ""}"#,
            #"{"access_token": 7}"#, #"{"access_token": "ü"}"#, #"{"access_token": null}"#, "{}",
            "",
            "[]", "<html>", #"{"access_token": "x", "access_token": "y"}"#,
        ])
    func noTokens(_ body: String) throws {
        #expect(try seen("zpa", .exchange, 200, body) == .notUnderstood)
    }

    @Test("says by its status, and by the error that it names, whose fault it was")
    func refusals() throws {
        #expect(try seen("zpa", .exchange, 401) == .refused)
        #expect(try seen("zpa", .exchange, 400) == .failed(400))
        #expect(try seen("zpa", .exchange, 302) == .failed(302))
        let invalid = #"{"error": "invalid_client"}"#
        #expect(try seen("entra", .exchange, 400, invalid) == .refused)
        #expect(try seen("entra", .exchange, 400, #"{"error": "invalid_scope"}"#) == .failed(400))
        #expect(try seen("okta", .revoke, 204) == .done())
        #expect(try seen("okta", .revoke, 404) == .missing)
        #expect(try seen("okta", .revoke, 403) == .failed(403))
        #expect(try seen("gitlab", .revoke, 401) == .missing)
    }

    @Test("asks for patience in seconds, with an s behind them or not")
    func patience() throws {
        #expect(try seen("zpa", .exchange, 429, wait: "13s") == .later(13, 429))
        #expect(try seen("zpa", .exchange, 503, wait: "7") == .later(7, 503))
        for odd in ["", "s", "soon", "-1", "1.5", "Thu, 26 Nov 2026 08:00:00 GMT", "1 2"] {
            #expect(try seen("zpa", .exchange, 500, wait: odd) == .later(nil, 500), "\(odd)")
        }
        let endless = String(repeating: "9", count: 40)
        #expect(try seen("zpa", .exchange, 429, wait: endless) == .later(.max, 429))
    }

    @Test("counts as proof only if it says so")
    func proof() throws {
        #expect(try seen("slack", .verify, 200, #"{"ok": true}"#) == .done())
        #expect(try seen("slack", .verify, 200, #"{"ok": false, "error": "x"}"#) == .refused)
        #expect(try seen("slack", .verify, 200, "{}") == .notUnderstood)
        #expect(
            try seen("cloudflare", .verify, 200, #"{"result": {"id": "7", "status": "disabled"}}"#)
                == .refused)
        #expect(
            try seen("cloudflare", .verify, 200, #"{"result": {"id": "7", "status": "active"}}"#)
                == .done(Taken(secrets: [:], fields: ["token_id": "7"])))
    }

    @Test("gives the fields of a new credential, escapes resolved")
    func fields() throws {
        #expect(
            try seen("zscaler-oneapi", .create, 200, #"{"id": "9", "value": "a\"\u0041\\"}"#)
                == .done(Taken(secrets: ["client_secret": "a\"A\\"], fields: ["secret_id": "9"])))
        #expect(try seen("zscaler-oneapi", .create, 200, #"{"id": "9"}"#) == .notUnderstood)
        let key = #"{"id":"3","clientId":"c","clientSecret":"s","name":"n","enabled":"true"}"#
        #expect(
            try seen("zpa", .create, 201, key)
                == .done(
                    Taken(
                        secrets: ["client_secret": "s"],
                        fields: [
                            "key_id": "3", "client_id": "c", "key_name": "n", "status": "true",
                        ])))
    }

    @Test("gives a key file that is in it as base64, byte for byte")
    func keyFile() throws {
        let file = #"{"type": "service_account", "private_key_id": "k1", "private_key": "P"}"#
        let body = "{\"privateKeyData\": \"\(Self.base64(file))\"}"
        #expect(
            try seen("google-service-account", .create, 200, body)
                == .done(Taken(secrets: ["key_json": file], fields: ["private_key_id": "k1"])))
        let odd = #"{"privateKeyData": "not base64"}"#
        #expect(try seen("google-service-account", .create, 200, odd) == .notUnderstood)
    }

    @Test("lists credentials, with what tells them apart and whether they are in use")
    func lists() throws {
        let okta =
            #"[{"id": "a", "status": "ACTIVE"}, {"id": "b", "status": "INACTIVE"}, {"id": "c"}]"#
        let keys = [("a", true as Bool?), ("b", false), ("c", nil)].map {
            ListedKey(fields: [field("secret_id"): $0.0], isActive: $0.1)
        }
        #expect(
            try seen("okta", .list, 200, okta)
                == .done(Taken(secrets: [:]), token: nil, life: nil, keys: keys, isCut: false))
        let google =
            #"{"keys": [{"name": "projects/p/serviceAccounts/s/keys/K7", "disabled": false}]}"#
        let one = ListedKey(fields: [field("private_key_id"): "K7"], isActive: true)
        #expect(
            try seen("google-service-account", .list, 200, google)
                == .done(Taken(secrets: [:]), token: nil, life: nil, keys: [one], isCut: false))
        let cut = #"{"data": [], "has_more": true}"#
        #expect(
            try seen("openai", .list, 200, cut)
                == .done(Taken(secrets: [:]), token: nil, life: nil, keys: [], isCut: true))
        #expect(try seen("okta", .list, 200, #"[{"status": "ACTIVE"}]"#) == .notUnderstood)
        #expect(try seen("okta", .list, 200, "{}") == .notUnderstood)
    }

    @Test("of AWS is XML")
    func markup() throws {
        let created = """
            <CreateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
              <CreateAccessKeyResult><AccessKey><UserName>ci</UserName>
              <AccessKeyId>AKIA1</AccessKeyId><Status>Active</Status>
              <SecretAccessKey>a/b+c&amp;"\\d</SecretAccessKey></AccessKey></CreateAccessKeyResult>
              <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
            </CreateAccessKeyResponse>
            """
        #expect(
            try seen("aws-iam", .create, 200, created)
                == .done(
                    Taken(
                        secrets: ["secret_access_key": "a/b+c&\"\\d"],
                        fields: ["access_key_id": "AKIA1", "user_name": "ci"])))
        func error(_ code: String) -> String {
            "<ErrorResponse><Error><Type>Sender</Type><Code>\(code)</Code></Error></ErrorResponse>"
        }
        #expect(try seen("aws-iam", .create, 409, error("LimitExceeded")) == .full)
        #expect(try seen("aws-iam", .revoke, 404, error("NoSuchEntity")) == .missing)
        #expect(try seen("aws-iam", .verify, 403, error("InvalidClientTokenId")) == .refused)
        #expect(try seen("aws-iam", .list, 403, error("AccessDenied")) == .failed(403))
        #expect(try seen("aws-iam", .list, 403, "<oops") == .failed(403))
        // Nobody needs a permission to ask who he is.
        #expect(try seen("aws-iam", .verify, 403, "<oops") == .refused)
        #expect(try seen("aws-iam", .create, 200, "<CreateAccessKeyResponse/>") == .notUnderstood)
    }

    @Test("of AWS lists many, one or none")
    func markupLists() throws {
        func list(_ members: String) throws -> Seen {
            try seen(
                "aws-iam", .list, 200,
                """
                <ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata>\(members)\
                </AccessKeyMetadata><IsTruncated>false</IsTruncated></ListAccessKeysResult>\
                </ListAccessKeysResponse>
                """)
        }
        func member(_ id: String, _ status: String) -> String {
            "<member><AccessKeyId>\(id)</AccessKeyId><Status>\(status)</Status></member>"
        }
        func keys(_ keys: [(String, Bool)]) -> Seen {
            let listed = keys.map {
                ListedKey(fields: [field("access_key_id"): $0.0], isActive: $0.1)
            }
            return .done(Taken(secrets: [:]), token: nil, life: nil, keys: listed, isCut: false)
        }
        #expect(try list("") == keys([]))
        #expect(try list(member("A", "Active")) == keys([("A", true)]))
        #expect(
            try list(member("A", "Active") + member("B", "Inactive"))
                == keys([("A", true), ("B", false)]))
    }

    private static func base64(_ text: String) -> String {
        var encoded = ""
        let bytes = Array(text.utf8)
        Base64.encode(bytes.span, .standard) {
            encoded.unicodeScalars.append(Unicode.Scalar($0))
        }
        return encoded
    }
}
