// What issuers hand out, in the form in which they do: recognised, and every part in its place.

import Issuers
import Testing
import VaultModel

/// A document, whose it is, and what is in it.
struct Sample: CustomTestStringConvertible, Sendable {
    let issuer: String
    let text: String
    let secrets: [String: String]
    let fields: [String: String]

    var testDescription: String { issuer }
}

private let secret40 = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

let documents = [
    Sample(
        issuer: "aws-iam",
        text: """
            {
                "AccessKey": {
                    "UserName": "ci", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active",
                    "SecretAccessKey": "\(secret40)", "CreateDate": "2026-01-01T00:00:00+00:00"
                }
            }
            """,
        secrets: ["secret_access_key": secret40],
        fields: [
            "user_name": "ci", "access_key_id": "AKIAIOSFODNN7EXAMPLE", "status": "Active",
        ]),
    Sample(
        issuer: "aws-iam",
        text: #"{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"s/+"}"#,
        secrets: ["secret_access_key": "s/+"], fields: ["access_key_id": "AKIAIOSFODNN7EXAMPLE"]),
    Sample(
        issuer: "aws-iam",
        text: """
            {"Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t",
             "Expiration": "2026-01-01T00:00:00Z"},
             "AssumedRoleUser": {"AssumedRoleId": "r", "Arn": "arn:aws:sts::1:assumed-role/x/y"}}
            """,
        secrets: ["secret_access_key": "s", "session_token": "t"],
        fields: ["access_key_id": "ASIA"]),
    Sample(
        issuer: "zpa",
        text: #"""
            {"id":"7","name":"ci","clientId":"MjE2","clientSecret":"a\"b'c#d}$e\\","enabled":true,
             "roleId":"12","tokenExpiryTimeInSec":"3600","iamClientId":null,"readOnly":false}
            """#,
        secrets: ["client_secret": #"a"b'c#d}$e\"#],
        fields: [
            "key_id": "7", "client_id": "MjE2", "key_name": "ci", "role": "12",
            "session_validity": "3600", "status": "true",
        ]),
    Sample(
        issuer: "zpa",
        text: #"""
            {"zpa_client_id": "c", "zpa_client_secret": "s",
             "zpa_customer_id": "72", "zpa_cloud": "BETA"}
            """#,
        secrets: ["client_secret": "s"],
        fields: ["client_id": "c", "customer_id": "72", "cloud": "BETA"]),
    Sample(
        issuer: "zscaler-oneapi",
        text: #"{"id":"sec1","value":"v","createdAt":"1700000000","expiresAt":"0"}"#,
        secrets: ["client_secret": "v"], fields: ["secret_id": "sec1"]),
    Sample(
        issuer: "zcc", text: #"{"apiKey":"k","secretKey":"s"}"#, secrets: ["client_secret": "s"],
        fields: ["client_id": "k"]),
    Sample(
        issuer: "entra",
        text: #"{"appId":"a1","displayName":"ci","password":"abc8Q~x","tenant":"t1"}"#,
        secrets: ["client_secret": "abc8Q~x"],
        fields: ["client_id": "a1", "tenant_id": "t1", "display_name": "ci"]),
    Sample(
        issuer: "gitlab",
        text: #"""
            {"id":42,"name":"ci","revoked":false,"created_at":"2026-01-01T00:00:00.000Z",
             "scopes":["api"],"user_id":2,"last_used_at":null,"active":true,
             "expires_at":"2026-12-31","token":"glpat-abcdefghijklmnopqrst"}
            """#,
        secrets: ["token": "glpat-abcdefghijklmnopqrst"],
        fields: ["token_id": "42", "token_name": "ci"]),
    Sample(
        issuer: "okta",
        text: #"{"id":"ocs1","client_secret":"s","secret_hash":"h","status":"ACTIVE"}"#,
        secrets: ["client_secret": "s"], fields: ["secret_id": "ocs1"]),
    Sample(
        issuer: "auth0",
        text: #"""
            {"tenant": "t", "name": "app", "client_id": "c", "client_secret": "s",
             "jwt_configuration": {}}
            """#,
        secrets: ["client_secret": "s"],
        fields: ["domain": "t", "app_name": "app", "client_id": "c"]),
    Sample(
        issuer: "cloudflare",
        text: #"""
            {"success":true,"errors":[],"messages":[],
             "result":{"id":"t1","name":"ci","status":"active","policies":[],"value":"v"}}
            """#,
        secrets: ["token": "v"], fields: ["token_id": "t1", "token_name": "ci"]),
    Sample(
        issuer: "docker-hub",
        text:
            #"{"uuid":"u","client_id":"HUB","token":"dckr_pat_x","token_label":"ci","scopes":[]}"#,
        secrets: ["token": "dckr_pat_x"], fields: ["token_id": "u", "token_label": "ci"]),
    Sample(
        issuer: "openai",
        text: #"""
            {"object":"organization.project.service_account","id":"svc","name":"ci",
             "api_key":{"object":"o","id":"key_1","name":"Secret Key","value":"sk-1"}}
            """#,
        secrets: ["api_key": "sk-1"], fields: ["key_id": "key_1", "service_account_id": "svc"]),
    Sample(
        issuer: "google-oauth-client",
        text: #"{"web":{"client_id":"c","project_id":"p","client_secret":"GOCSPX-1"}}"#,
        secrets: ["client_secret": "GOCSPX-1"], fields: ["client_id": "c", "project_id": "p"]),
    Sample(
        issuer: "google-oauth-client",
        text: #"{"installed":{"client_id":"c","project_id":"p","client_secret":"GOCSPX-1"}}"#,
        secrets: ["client_secret": "GOCSPX-1"], fields: ["client_id": "c", "project_id": "p"]),
]

@Suite("what an issuer hands out")
struct RecognitionTests {
    @Test("is recognised without a name, and every part finds its place", arguments: documents)
    func recognised(_ sample: Sample) throws {
        let (issuer, taken) = try take(json: sample.text)
        #expect(issuer == sample.issuer)
        #expect(taken == Taken(secrets: sample.secrets, fields: sample.fields))
    }

    @Test("is read the same when the issuer is named", arguments: documents)
    func named(_ sample: Sample) throws {
        let (_, taken) = try take(json: sample.text, as: sample.issuer)
        #expect(taken == Taken(secrets: sample.secrets, fields: sample.fields))
    }

    @Test("is read the same when a command prints it with space around", arguments: documents)
    func printed(_ sample: Sample) throws {
        let taken = try take(output: "\r\n \t\(sample.text)\n\n", as: sample.issuer)
        #expect(taken == Taken(secrets: sample.secrets, fields: sample.fields))
    }

    @Test("a Google key file is kept whole, byte for byte, with its lines and its PEM")
    func serviceAccount() throws {
        let text = """
            {
              "type": "service_account",
              "project_id": "p-1",
              "private_key_id": "0a1b",
              "private_key":
                "-----BEGIN PRIVATE KEY-----\\nMIIE\\nvQ==\\n-----END PRIVATE KEY-----\\n",
              "client_email": "ci@p-1.iam.gserviceaccount.com",
              "client_id": "100",
              "token_uri": "https://oauth2.googleapis.com/token",
              "universe_domain": "googleapis.com"
            }

            """
        let (issuer, taken) = try take(json: text)
        #expect(issuer == "google-service-account")
        let fields = [
            "project_id": "p-1", "private_key_id": "0a1b",
            "client_email": "ci@p-1.iam.gserviceaccount.com",
        ]
        #expect(taken == Taken(secrets: ["key_json": text], fields: fields))
    }

    @Test("AWS's CSV in its three headings, with a byte order mark, quotes and either line end")
    func awsCSV() throws {
        let id = "AKIAIOSFODNN7EXAMPLE"
        for text in [
            "Access key ID,Secret access key\n\(id),\(secret40)\n",
            "Access key ID,Secret access key\r\n\(id),\(secret40)\r\n",
            "\u{feff}Access key ID,Secret access key\r\n\(id),\(secret40)",
            "\"Access key ID\",\"Secret access key\"\n\"\(id)\",\"\(secret40)\"\n\n",
            "ACCESS KEY ID, secret access key \n\(id),\(secret40)\n",
        ] {
            let (issuer, taken) = try take(csv: text)
            #expect(issuer == "aws-iam")
            let wanted = Taken(
                secrets: ["secret_access_key": secret40], fields: ["access_key_id": id])
            #expect(taken == wanted)
        }
        let (_, taken) = try take(
            csv: "User name,Password,Access key ID,Secret access key,Console login link\n"
                + "ci,,\(id),\(secret40),https://x\n")
        #expect(taken.fields == ["user_name": "ci", "access_key_id": id])
    }

    @Test(
        "what no issuer hands out is recognised as nobody's",
        arguments: [
            #"{}"#, #"{"foo":"bar"}"#, #"{"token":"x"}"#, #"{"project_id":"p"}"#, #"[]"#, #""x""#,
            #"7"#, #"{"AccessKey":{"AccessKeyId":"a"}}"#, #"{"clientId":"a","clientSecret":""}"#,
            #"{"clientId":"a","clientSecret":null}"#, #"{"clientId":"a","clientSecret":{"x":1}}"#,
        ])
    func unrecognised(_ text: String) {
        #expect(throws: CredentialError.unrecognised) { try take(json: text) }
    }

    @Test("what two profiles know equally well is nobody's until one is named")
    func ambiguous() throws {
        let text = #"{"name":"ci","token":"t"}"#
        let ids = ["gitlab", "npm"].compactMap(IssuerID.init)
        #expect(throws: CredentialError.ambiguous(ids)) { try take(json: text) }
        let (_, taken) = try take(json: text, as: "npm")
        #expect(taken == Taken(secrets: ["token": "t"], fields: ["token_name": "ci"]))
    }

    @Test("what is missing is named, and a value that is no text is missing")
    func missing() {
        let secret = FieldName("secret_access_key").map { [$0] } ?? []
        for value in ["true", "null", "{}", "[]", "\"\""] {
            let text = #"{"AccessKeyId":"AKIA","SecretAccessKey":\#(value)}"#
            #expect(throws: CredentialError.missing(secret), "\(value)") {
                try take(json: text, as: "aws-iam")
            }
        }
        #expect(throws: CredentialError.missing(secret)) {
            try take(output: #"{"AccessKeyId":"AKIA","SecretAccessKey":false}"#, as: "aws-iam")
        }
    }

    @Test("a profile without such a document says so")
    func noDocument() throws {
        let github = try #require(IssuerID("github"))
        #expect(throws: CredentialError.noSuchDocument(github)) {
            try take(json: "{}", as: "github")
        }
        #expect(throws: CredentialError.noSuchDocument(github)) {
            try take(csv: "a\nb\n", as: "github")
        }
        #expect(throws: CredentialError.empty) { try take(json: "", as: "zpa") }
        #expect(throws: CredentialError.empty) { try take(csv: "", as: "aws-iam") }
        #expect(throws: CredentialError.empty) { try take(output: "", as: "generic") }
    }
}
