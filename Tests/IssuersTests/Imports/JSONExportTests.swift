// Exports that are JSON: Bitwarden, 1Password, Docker, Google, Zscaler.

import Issuers
import Testing

@Suite("exports that are JSON")
struct JSONExportTests {
    @Test("of Bitwarden: logins, cards, notes, keys, fields")
    func bitwarden() throws {
        let text = #"""
            {"encrypted": false, "folders": [{"id": "f1", "name": "Web/Office"}], "items": [
              {"type": 1, "name": "Shop", "folderId": "f1", "notes": null, "favorite": true,
               "login": {"username": "u", "password": "p\u00e9\n\"", "totp": "seed",
                         "uris": [{"uri": "https://a.example"}, {"uri": "https://b.example"}],
                         "fido2Credentials": []},
               "fields": [{"name": "Pin", "value": "12", "type": 0},
                          {"name": "Colour", "value": "red", "type": 0},
                          {"name": "Hid", "value": "h", "type": 1},
                          {"name": "Is it", "value": "true", "type": 2}],
               "passwordHistory": [{"password": "old"}]},
              {"type": 2, "name": "Note", "notes": "n", "folderId": null},
              {"type": 3, "name": "Card", "card": {"cardholderName": "me", "brand": "v",
               "number": "4111", "expMonth": "1", "code": "999"}},
              {"type": 5, "name": "Key", "sshKey": {"privateKey": "-----BEGIN",
               "publicKey": "ssh-x", "keyFingerprint": "SHA"}},
              {"type": 4, "name": "Me", "identity": {"firstName": "F", "ssn": null}}]}
            """#
        let (found, leftOut) = try read(.bitwarden, text)
        let shop = Imported(
            "Web/Office/Shop",
            [
                "username": "u", "url": "https://a.example", "url_2": "https://b.example",
            ],
            secret: [
                "secret": "pé\n\"", "totp": "seed", "pin": "12", "hid": "h", "colour": "red",
                "is_it": "true",
            ])
        let card = Imported(
            "Card", ["cardholder_name": "me", "brand": "v", "exp_month": "1"],
            secret: ["number": "4111", "code": "999"])
        let key = Imported(
            "Key",
            secret: [
                "private_key": "-----BEGIN", "public_key": "ssh-x", "key_fingerprint": "SHA",
            ])
        #expect(found == [shop, Imported("Note", secret: ["notes": "n"]), card, key])
        #expect(leftOut == ["Web/Office/Shop: its older passwords", "Me: it holds no secret"])
    }

    @Test("of 1Password: logins, sections, archived items, files")
    func onePassword() throws {
        let text = #"""
            {"accounts": [{"attrs": {}, "vaults": [{"attrs": {"name": "Private"}, "items": [
              {"state": "archived", "overview": {"title": "Shop", "url": "https://a.example",
                "urls": [{"label": "", "url": "https://a.example"}, {"url": "https://b.example"}],
                "tags": ["t"]},
               "details": {"loginFields": [
                  {"value": "u", "name": "user", "fieldType": "T", "designation": "username"},
                  {"value": "p", "name": "pass", "fieldType": "P", "designation": "password"},
                  {"value": "x", "name": "other", "fieldType": "P"}],
                "notesPlain": "n", "passwordHistory": [{"value": "old"}],
                "sections": [{"title": "s", "fields": [
                  {"title": "seed", "value": {"totp": "otpauth://x"}},
                  {"title": "Host", "value": {"string": "h"}},
                  {"title": "Reach", "value":
                    {"email": {"email_address": "e@x", "provider": null}}},
                  {"title": "Doc", "value": {"file": {"fileName": "f"}}},
                  {"title": "Ref", "value": {"reference": "id"}},
                  {"title": "Day", "value": {"date": 1700000000}},
                  {"title": "", "value": {"concealed": "c"}}]}]}},
              {"item": {"overview": {"title": "Old"}, "details": {"password": "q"}}}]}]}]}
            """#
        let (found, leftOut) = try read(.onePasswordArchive, text)
        let shop = Imported(
            "Private/Shop",
            [
                "username": "u", "url": "https://a.example", "url_2": "https://b.example",
                "host": "h", "reach_email_address": "e@x",
            ],
            secret: [
                "day": "1700000000", "secret": "p", "other": "x", "seed": "otpauth://x",
                "concealed": "c", "notes": "n",
            ],
            tags: ["t", "archived"])
        #expect(found == [shop, Imported("Private/Old", secret: ["secret": "q"])])
        #expect(
            leftOut == [
                "Private/Shop: its file", "Private/Shop: a reference to another item",
                "Private/Shop: its older passwords",
            ])
    }

    @Test(
        "of Bitwarden: says what is not read of an item",
        arguments: [
            #""bankAccount": {"accountNumber": "Zq7", "pin": "1234"}"#,
            #""login": {"extra": ["Zq7"]}"#, #""login": {"totp": {"secret": "Zq7"}}"#,
            #""fields": [{"name": "f", "type": 1, "value": {"v": "Zq7"}}]"#,
            #""fields": [{"name": "f", "type": "1", "value": "v"}]"#,
            #""attachments": [{"fileName": "a"}]"#, #""type": {"x": "Zq7"}"#,
            #""collectionIds": ["c", {"x": "Zq7"}]"#, #""login": "Zq7""#, #""new": 7"#,
        ])
    func bitwardenUnread(_ part: String) throws {
        let text = #"{"items": [{"name": "x", "notes": "n", \#(part)}]}"#
        let (found, leftOut) = try read(.bitwarden, text)
        #expect(found.map(\.title) == ["x"])
        #expect(leftOut == ["x: a part that is not read"])
    }

    @Test("of Bitwarden: says what stands outside of its items; dates and ids need no word")
    func bitwardenElsewhere() throws {
        let text = #"""
            {"encrypted": false, "more": {"x": ["Zq7"]}, "none": [{}, null, ""],
             "collections": [{"id": "c", "organizationId": "o", "name": "C", "externalId": null}],
             "folders": [{"name": "no id"}], "items": [
              {"id": "i", "organizationId": "o", "folderId": null, "type": 1, "reprompt": 0,
               "name": "x", "notes": "n", "favorite": false, "collectionIds": ["c", "d"],
               "secureNote": {"type": 0}, "passwordHistory": null, "revisionDate": "2024",
               "login": {"fido2Credentials": [], "passwordRevisionDate": "2024", "totp": "",
                         "uris": [{"match": 1, "uri": "https://x.example"}]},
               "fields": [{"name": "l", "value": null, "type": 3, "linkedId": 100}]}]}
            """#
        let (found, leftOut) = try read(.bitwarden, text)
        #expect(found == [Imported("C/x", ["url": "https://x.example"], secret: ["notes": "n"])])
        #expect(leftOut == ["more: a part that is not read", "folders: a part that is not read"])
    }

    private func archive(details: String, vault: String = "") -> String {
        #"{"accounts": [{"attrs": {"uuid": "u"}, "vaults": [{"attrs": {"name": "V"\#(vault)},"#
            + #" "items": [{"uuid": "u", "favIndex": 0, "createdAt": 1, "overview":"#
            + #" {"title": "T", "subtitle": "s", "ps": 1, "icons": null},"#
            + #" "details": {"password": "p", \#(details)}}]}]}]}"#
    }

    @Test("of 1Password: takes all values of a field, whatever their kind")
    func onePasswordFields() throws {
        let text = archive(
            details: #"""
                "sections": [{"title": "s", "name": "n", "fields": [
                  {"title": "k1", "id": "i", "value": "text", "inputTraits": {"keyboard": "x"}},
                  {"title": "k2", "guarded": false, "value": {"sshKey":
                    {"privateKey": "PK", "metadata": {"publicKey": "x", "host": "h"}}}},
                  {"title": "k3", "value": {"list": ["one", "two"]}},
                  {"title": "k4", "value": {"string": "ok"}}]}]
                """#)
        let (found, leftOut) = try read(.onePasswordArchive, text)
        let wanted = Imported(
            "V/T", ["k2_metadata_host": "h"],
            secret: [
                "secret": "p", "k1": "text", "k2_private_key": "PK",
                "k2_metadata_public_key": "x", "k3": "one", "k3_2": "two", "k4": "ok",
            ])
        #expect(found == [wanted])
        #expect(leftOut == [])
    }

    @Test(
        "of 1Password: says what is not read of an item",
        arguments: [
            #""extra": {"token": "Zq7"}"#, #""loginFields": [{"value": ["Zq7"]}]"#,
            #""sections": [{"more": "Zq7"}]"#, #""sections": [{"fields": [{"more": "Zq7"}]}]"#,
            #""sections": [{"fields": [{"value": {"concealed": {"x": "Zq7"}}}]}]"#,
            #""htmlForm": {"x": "Zq7"}"#,
        ])
    func onePasswordUnread(_ details: String) throws {
        let (found, leftOut) = try read(.onePasswordArchive, archive(details: details))
        #expect(found == [Imported("V/T", secret: ["secret": "p"])])
        #expect(leftOut == ["V/T: a part that is not read"])
    }

    @Test("of 1Password: says what is not read of a vault")
    func onePasswordVault() throws {
        let text = archive(details: #""x": """#, vault: #", "desc": "Zq7""#)
        #expect(try read(.onePasswordArchive, text).leftOut == ["V: a part that is not read"])
    }

    @Test("of Docker: zeros around the password are none of it; what is not read is said")
    func dockerParts() throws {
        // user:\0p\0\0
        let text = #"""
            {"auths": {"r.example": {"password": "q", "auth": "dXNlcjoAcAAA", "x": {"y": "Zq7"}}}}
            """#
        let (found, leftOut) = try read(.docker, text)
        let wanted = Imported(
            "r.example", ["registry": "r.example", "username": "user"],
            secret: ["secret": "p", "secret_2": "q"])
        #expect(found == [wanted])
        #expect(leftOut == ["r.example: a part that is not read"])
    }

    @Test("of Docker: user and password out of base64; a helper's entries stay")
    func docker() throws {
        // user:p:ä and AWS:x
        let text = #"""
            {"auths": {"https://index.docker.io/v1/": {"auth": "dXNlcjpwOsOk"},
              "https://r.example:5000/path": {"auth": "QVdTOng=", "identitytoken": "i"},
              "kept.example": {}}, "credsStore": "desktop"}
            """#
        let (found, leftOut) = try read(.docker, text)
        let hub = Imported(
            "index.docker.io/v1", issuer: "docker-hub",
            ["registry": "https://index.docker.io/v1/", "username": "user"],
            secret: ["token": "p:ä"])
        let other = Imported(
            "r.example:5000/path",
            ["registry": "https://r.example:5000/path", "username": "AWS"],
            secret: ["secret": "x", "identity_token": "i"])
        #expect(found == [hub, other])
        #expect(leftOut == ["kept.example: it holds no secret", "credsStore: a setting"])
    }

    @Test("of Google: the whole file is the secret")
    func google() throws {
        let text =
            #"{"type": "service_account", "project_id": "p", "private_key_id": "k","#
            + #" "private_key": "-----BEGIN", "client_email": "a@p.example"}"# + "\n"
        #expect(
            try read(.google, text).found == [
                Imported(
                    "a@p.example", issuer: "google-service-account",
                    ["client_email": "a@p.example", "project_id": "p", "private_key_id": "k"],
                    secret: ["key_json": text])
            ])
    }

    @Test("of Zscaler: the key of `credentials.json`")
    func zscaler() throws {
        let text =
            #"{"zpa_client_id": "c", "zpa_client_secret": "s", "zpa_customer_id": "1","#
            + #" "zpa_cloud": "BETA", "x": {}}"#
        let (found, leftOut) = try read(.zscalerJSON, text)
        let wanted = Imported(
            "zpa", issuer: "zpa", ["client_id": "c", "customer_id": "1", "cloud": "BETA"],
            secret: ["client_secret": "s"])
        #expect(found == [wanted])
        #expect(leftOut == ["x: it is empty or no text"])
    }

    @Test(
        "are refused with the line",
        arguments: [
            (ImportFormat.bitwarden, "[]", "1: an object is needed"),
            (
                .bitwarden, "{\"items\":\n[\"a\" \"Zq7\"]}",
                "2: it is not JSON: an unexpected character"
            ),
            (.bitwarden, "{\"items\":\n{}}", "2: an array is needed"),
            (.bitwarden, "{\"items\": [\n{\"name\": 7}]}", "2: a text is needed"),
            (.bitwarden, "{\"x\": 1}", "1: it has no \"items\""),
            (
                .bitwarden, "{\"encrypted\": true, \"items\": []}",
                "1: it is an encrypted export; export it again as plain JSON"
            ),
            (
                .bitwarden, "{\"items\": [],\n\"items\": []}",
                "2: it is not JSON: a key is there twice"
            ),
            (.onePasswordArchive, "{}", "1: it has no \"accounts\""),
            (.docker, "{\"auths\": []}", "1: it has no \"auths\""),
            (
                .docker, "{\"auths\": {\"a\":\n{\"auth\": \"Zq7\"}}}",
                "2: \"auth\" is not base64 of a user and a password"
            ),
            (
                .docker, "{\"auths\": {\"a\":\n{\"auth\": \"WnE3\"}}}",
                "2: \"auth\" is not base64 of a user and a password"
            ),
            (.google, "{\"type\": \"user\"}", "1: it is no key file of a service account"),
            (.zscalerJSON, "{}", "1: it has no \"zpa_client_secret\""),
        ])
    func malformed(_ format: ImportFormat, _ text: String, _ words: String) {
        #expect(defect(format, text) == words)
    }

    @Test("are bounded in the size of an entry's values together")
    func together() throws {
        let half = String(repeating: "x", count: 8 * 1_024 * 1_024 - 72)
        func text(_ more: String) -> String {
            #"{"items": [{"name": "a", "notes": "\#(half)","#
                + #" "login": {"password": "\#(half)\#(more)"}}]}"#
        }
        #expect(try read(.bitwarden, text("")).found.count == 1)
        #expect(
            defect(.bitwarden, text("x"))
                == "0: the secret values of an entry are together longer than 16 MiB")
    }

    @Test("are bounded in depth and in number of values")
    func bounds() {
        let deep = "{\"items\": " + String(repeating: "[", count: 100_000)
        #expect(defect(.bitwarden, deep) == "1: it is not JSON: it is nested too deeply")
        let many = "{\"items\": [" + String(repeating: "1,", count: 300_000) + "1]}"
        #expect(defect(.bitwarden, many) == "1: it is not JSON: it is too large")
    }
}
