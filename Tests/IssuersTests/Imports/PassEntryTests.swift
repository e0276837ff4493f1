// Entries of pass and gopass.

import Issuers
import Testing

private func read(_ text: [UInt8], _ dialect: PassEntry.Dialect = .pass) throws -> Imported {
    Imported(try PassEntry.read(text.span, at: ["a", "b"], dialect))
}

private func read(_ text: String, _ dialect: PassEntry.Dialect = .pass) throws -> Imported {
    try read(Array(text.utf8), dialect)
}

@Suite("an entry of pass")
struct PassEntryTests {
    @Test("has its first line for the secret, to the byte")
    func firstLine() throws {
        for value in ["s", " s \t", "s\r", "key: value", "otpauth://x", "\u{e9}\0"] {
            #expect(try read(value) == Imported("a/b", secret: ["secret": value]))
            #expect(try read(value + "\n") == Imported("a/b", secret: ["secret": value]))
        }
        let bytes = Array(UInt8(11)...255)
        #expect(try read(bytes).secrets == ["secret": bytes])
    }

    @Test("has fields, secret ones by their looks, and notes")
    func fields() throws {
        let text = """
            s
            user: me
            URL:  https://x.example/a: b
            API Key: k
            note: https://u:p@x.example/
            link: otpauth://totp/y
            otpauth://totp/x
            first of the notes

            last: of them is a field
            https://x.example: no field

            """
        let wanted = Imported(
            "a/b",
            ["user": "me", "url": "https://x.example/a: b"],
            secret: [
                "last": "of them is a field",
                "secret": "s", "api_key": "k", "note": "https://u:p@x.example/",
                "link": "otpauth://totp/y", "otpauth": "otpauth://totp/x",
                "notes": "first of the notes", "notes_2": "https://x.example: no field",
            ])
        #expect(try read(text) == wanted)
    }

    @Test("numbers names that stand twice, and loses no field")
    func twice() throws {
        let parsed = try read("s\nsecret: t\nuser: a\nUser: b\n: x\n1: y")
        let wanted = Imported(
            "a/b", ["user": "a", "user_2": "b"],
            secret: ["secret": "s", "secret_2": "t", "field_1": "y", "notes": ": x"])
        #expect(parsed == wanted)
    }

    @Test("without a first line has no secret but what its fields say")
    func emptyLine() throws {
        #expect(
            try read("\nuser: u\ntoken: t")
                == Imported("a/b", ["user": "u"], secret: ["token": "t"]))
        #expect(try read("") == Imported("a/b", secret: [:]))
    }

    @Test(
        "is a secret as a whole if its first line begins a key or JSON",
        arguments: [
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE\n-----END\n",
            "{\n  \"private_key\": \"x\"\n}\n", "[\r\n1]", " { \nuser: me",
        ])
    func whole(_ text: String) throws {
        for dialect in [PassEntry.Dialect.pass, .gopass] {
            #expect(try read(text, dialect) == Imported("a/b", secret: ["secret": text]))
        }
    }

    @Test("is none as a whole if its first line only looks like that")
    func notWhole() throws {
        #expect(
            try read("{x\nuser: me") == Imported("a/b", ["user": "me"], secret: ["secret": "{x"]))
        #expect(try read("{\n") == Imported("a/b", secret: ["secret": "{"]))
    }

    @Test("of gopass may have YAML behind a line of dashes, or a header")
    func gopass() throws {
        #expect(
            try read("s\n---\nuser: u\n", .gopass)
                == Imported("a/b", ["user": "u"], secret: ["secret": "s"]))
        #expect(
            try read("GOPASS-SECRET-1.0\nPassword: s: t\nuser: u\n\nbody\n", .gopass)
                == Imported("a/b", ["user": "u"], secret: ["secret": "s: t", "notes": "\nbody"]))
        #expect(
            try read("GOPASS-SECRET-1.0\n---")
                == Imported("a/b", secret: ["secret": "GOPASS-SECRET-1.0", "notes": "---"]))
    }

    @Test("keeps what no public field can hold as a secret one")
    func unfit() throws {
        let long = String(repeating: "x", count: 16_385)
        #expect(try read("s\nuser: \(long)").secrets["user"] == Array(long.utf8))
        #expect(try read(Array("s\nuser: ".utf8) + [0xff]).secrets["user"] == [0xff])
        let many = "s" + String(repeating: "\na: b", count: 1_025)
        #expect(throws: ImportDefect.self) { try read(many) }
    }
}
