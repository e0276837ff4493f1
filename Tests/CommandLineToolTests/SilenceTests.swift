// What was typed or given in the wrong place may be a secret: no message repeats four bytes of it.

import Issuers
import SecretMemory
import Testing
import VaultModel

@testable import CommandLineTool

/// Has no four bytes in common with any word of the program.
private let value = "Zq7!xK9$vB2@wN5^"

@Suite("no message repeats what may be a secret")
struct SilenceTests {
    @Test("the check itself sees four bytes, and not three")
    func teeth() {
        #expect(reveals("it was \"xK9$\"", value))
        #expect(!reveals("it was \"xK9\"", value))
        #expect(!reveals("", value))
        let words = VerbTable.verbs.flatMap { [Help.page($0), $0.usage] } + [Help.overview()]
        #expect(!words.contains { reveals($0, value) })
    }

    @Test("wherever it stands in a command line", arguments: VerbTable.verbs.map(\.words))
    func commandLines(_ words: String) throws {
        let verb = try #require(VerbTable.verb(words))
        let head = words.split(separator: " ").map(String.init)
        let full = head + verb.operands.map { _ in "x" }
        let lines = [
            full + [value], full + [value, value], head + ["--\(value)"], head + ["-\(value)"],
            full + ["--\(value)=\(value)"], full + ["--json=\(value)", "--json=\(value)"],
            ["--\(value)"] + full, [value] + full, ["--vault=\(value)", "--\(value)"] + full,
            full + ["--passphrase", value], full + ["--key=\(value)"], ["help", value],
            full + ["--secret-value=\(value)"], ["slot", value], ["issuer", value], [value],
            full + ["--vault", value, "--vault", value], full + ["--recovery=\(value)"],
            ["--passphrase=\(value)"] + full, full + [value, "--", value],
        ]
        for line in lines {
            guard case .refused(let complaint) = parsed(line) else { continue }
            #expect(complaint.code == .usage)
            #expect(!reveals(complaint.everything, value), "\(line)")
        }
    }

    @Test("as a second argument of capture, with advice")
    func capture() {
        let wanted = Complaint(
            .usage, "`coffer capture` takes fewer arguments",
            hints: [
                "a secret is never taken from the command line: type it at the prompt,"
                    + " or use --stdin, --json, --csv, --clipboard or -- COMMAND",
                "what was typed may now be in the shell's history",
            ])
        #expect(parsed(["capture", "zpa/ci", value]) == .refused(wanted))
    }

    @Test("as a name, a reference or a field")
    func names() throws {
        for text in [value, "a b \(value)", "\(value)#x", "a#\(value)", "a@\(value)", "-\(value)"] {
            let complaints = [
                complaint { try SecretName.reading(text) },
                complaint { try Reference.reading("\(text)!") },
                complaint { try PublicField.reading(text, nil) },
                complaint { try VaultAccess.passphrase(descriptor: text) },
                complaint { try PublicField.status(text) },
                complaint { try ProfileCatalog(userDirectory: nil).named("\(text) ") },
            ]
            for complaint in complaints {
                let complaint = try #require(complaint)
                #expect(complaint.code == .usage)
                #expect(!reveals(complaint.everything, value), "\(complaint)")
            }
        }
    }

    @Test("as the value of an option that wants something else")
    func options() throws {
        let lines: [([String], (Invocation) throws -> Void)] = [
            (["--watch", value], { _ = try CaptureWay($0) }),
            (["--clipboard", "--watch", value], { _ = try CaptureWay($0) }),
            (["--stdin", "--field", value], { _ = try CaptureWay($0) }),
            (["--field", value], { _ = try CaptureWay($0) }),
            (["--json", "{\"clientSecret\":\"\(value)\"}"], { _ = try CaptureWay($0) }),
            (["--json", "[\"\(value)\"]"], { _ = try CaptureWay($0) }),
            (["--csv", "a,b\n1,\(value)\n"], { _ = try CaptureWay($0) }),
            (
                ["--expires", value],
                { _ = try $0.expiry(CaptureCommand.expires, now: Clock.now()) }
            ),
            (["--max-age", value], { _ = try $0.duration(CaptureCommand.maximumAge) }),
        ]
        for (options, read) in lines {
            let call = try invocation(["capture", "x"] + options)
            let complaint = try #require(complaint { try read(call) }, "\(options)")
            #expect(complaint.code == .usage)
            #expect(!reveals(complaint.everything, value), "\(complaint)")
        }
        let call = try invocation(["slot", "add", "--kdf-memory", value])
        #expect(
            complaint { try call.kdfParameters() }.map { reveals($0.everything, value) } == false)
    }

    @Test("as a value where run wants a reference")
    func runWishes() throws {
        for options in [
            ["--secret", value], ["--env", value], ["--env", "X=\(value)"],
            ["--env", "\(value)=a"],
            ["--file", value], ["--fd", value], ["--fd", "\(value)=a"], ["--fd", "3=\(value)"],
            ["--stdin", value], ["--env", "1X=a"], ["--fd", "2=a"], ["--fd", "256=a"], [],
        ] {
            let call = try invocation(["run"] + options + ["--", "true"])
            let complaint = try #require(complaint { try RunWishes(call) }, "\(options)")
            #expect(complaint.code == .usage)
            #expect(!reveals(complaint.everything, value), "\(complaint)")
        }
    }

    @Test(
        "as a secret field that is set as if it were public",
        arguments: [
            "client_secret", "secret", "password", "x_password", "token", "api_key", "private_key",
        ])
    func secretFields(_ field: String) throws {
        let zpa = try ProfileCatalog(userDirectory: nil).named("zpa")
        let text = "\(field)=\(value)"
        let complaint = try #require(complaint { try PublicField.reading(text, zpa) })
        #expect(complaint.words.hasPrefix("\(field) is a secret field"))
        #expect(complaint.code == .usage)
        #expect(!reveals(complaint.everything, value))
    }
}

@Suite("no message repeats a document")
struct DocumentSilenceTests {
    private let catalog = ProfileCatalog(userDirectory: nil)

    /// The words of every way in which a text fails to be read.
    private func complaints(_ text: [UInt8]) throws -> [Complaint] {
        var found: [Complaint] = []
        let profiles = try ["aws-iam", "zpa", "github", "generic"].map { try catalog.named($0) }
        func note(_ body: () throws(CredentialError) -> Void) {
            do throws(CredentialError) { try body() } catch {
                found += [Complaint(error, in: "-"), Complaint(error, inLine: 7)]
            }
        }
        note { () throws(CredentialError) in _ = try catalog.recognise(json: text.span) }
        note { () throws(CredentialError) in _ = try catalog.recognise(csv: text.span) }
        note { () throws(CredentialError) in _ = try JSONLine.parse(text.span) }
        for profile in profiles {
            note { () throws(CredentialError) in
                _ = try CredentialParser.parse(json: text.span, with: profile)
            }
            note { () throws(CredentialError) in
                _ = try CredentialParser.parse(csv: text.span, with: profile)
            }
            note { () throws(CredentialError) in
                _ = try CredentialParser.parse(output: text.span, with: profile)
            }
        }
        return found
    }

    private static let documents = [
        "{\"AccessKey\":{\"AccessKeyId\":\"AKIA\",\"SecretAccessKey\":\"\(value)\"}}",
        "{\"name\":\"a\",\"secret\":\"\(value)\",\"\(value)\":\"\(value)\"}",
        "{\"name\":\"\(value)\",\"secrets\":{\"\(value)\":\"\(value)\"}}",
        "Access key ID,Secret access key\nAKIA,\"\(value)\"\n",
        "{\"clientId\":\"a\",\"clientSecret\":\"\(value)\",\"expires\":\"\(value)\"}",
        "\(value)\n\(value)\n",
    ]

    @Test("cut anywhere, with any byte missing or made into another", arguments: documents)
    func mutated(_ document: String) throws {
        let whole = Array(document.utf8)
        var found: Set<Complaint> = []
        for index in whole.indices {
            var missing = whole
            missing.remove(at: index)
            var quote = whole
            quote[index] = 0x22
            var wild = whole
            wild[index] = 0xff
            for text in [Array(whole.prefix(index)), missing, quote, wild] {
                found.formUnion(try complaints(text))
            }
        }
        #expect(found.count > 10)
        for complaint in found { #expect(!reveals(complaint.everything, value), "\(complaint)") }
    }
}
