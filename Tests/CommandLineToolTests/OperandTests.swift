// Words of the command line as words of the model: durations, sizes, dates, ways, wishes.

import Issuers
import Testing
import VaultModel

@testable import CommandLineTool

@Suite("words of the command line")
struct OperandTests {
    @Test("durations have one unit and no sign")
    func durations() {
        let fine: [(String, UInt64)] = [
            ("0s", 0), ("45s", 45), ("10m", 600), ("12h", 43_200), ("14d", 1_209_600),
            ("6w", 3_628_800), ("366000d", 31_622_400_000),
        ]
        for (text, seconds) in fine { #expect(Duration.seconds(text) == seconds) }
        for text in [
            "", "s", "45", "-1s", "+1s", "1.5h", "1 d", "1y", "1S", "366001d", "٣d", "1e3s",
            "18446744073709551615w", "99999999999999999999s", "1ss",
        ] { #expect(Duration.seconds(text) == nil, "\(text)") }
    }

    @Test("sizes have one unit and no sign")
    func sizes() {
        let fine: [(String, UInt32)] = [
            ("65536KiB", 65_536), ("64MiB", 65_536), ("1GiB", 1_048_576), ("0MiB", 0),
        ]
        for (text, kibibytes) in fine { #expect(Size.kibibytes(text) == kibibytes) }
        for text in [
            "", "64", "64MB", "64mib", "-1MiB", "+1MiB", "1.5GiB", "MiB", "4294967295GiB", "1 GiB",
        ] { #expect(Size.kibibytes(text) == nil, "\(text)") }
    }

    @Test("the cost of a key derivation has bounds")
    func kdf() throws {
        func parameters(_ text: String) throws -> KDFParameters {
            try invocation("init --kdf-memory \(text)").kdfParameters()
        }
        #expect(try invocation("init").kdfParameters() == .standard)
        #expect(
            try parameters("64MiB") == KDFParameters(memory: 65_536, passes: 3, lanes: 4))
        for text in ["65535KiB", "63MiB", "5GiB", "4194305KiB", "64", "x"] {
            #expect(complaint { try parameters(text) }?.code == .usage, "\(text)")
        }
    }

    @Test("dates are absolute or counted from now")
    func dates() throws {
        let now = Timestamp(milliseconds: 1_700_000_000_500)
        func expiry(_ text: String) throws -> Timestamp? {
            try invocation("capture a --expires \(text)").expiry(CaptureCommand.expires, now: now)
        }
        #expect(try expiry("2027-03-31")?.description == "2027-03-31T00:00:00Z")
        #expect(try expiry("2028-02-29T23:59:59Z")?.description == "2028-02-29T23:59:59Z")
        #expect(try expiry("90d")?.milliseconds == now.milliseconds + 90 * 86_400_000)
        for text in ["2027-02-29", "2027-13-01", "soon", "2027-3-1", "1969-12-31", "never"] {
            #expect(complaint { try expiry(text) }?.code == .usage, "\(text)")
        }
        let call = try invocation("capture a")
        #expect(try call.expiry(CaptureCommand.expires, now: now) == nil)
    }

    @Test("names say why they are none")
    func names() throws {
        let reasons = [
            ("", "it is empty"), ("-a", "it begins with a dash"),
            (String(repeating: "a", count: 129), "it is longer than 128 characters"),
            ("a b", "it holds a character that no name has"),
            ("a\u{1b}[2J", "it holds a character that no name has"),
            ("a\u{202e}", "it holds a character that no name has"),
            ("a//b", "it has an empty part before, after or between slashes"),
            ("/a", "it has an empty part before, after or between slashes"),
            ("a/", "it has an empty part before, after or between slashes"),
            ("a/../b", "a part of it is `.` or `..`"), (".", "a part of it is `.` or `..`"),
        ]
        for (text, reason) in reasons {
            let found = complaint { try SecretName.reading(text) }
            #expect(found?.words == "this is no name for a secret: \(reason)")
            #expect(found?.code == .usage)
        }
        #expect(try SecretName.reading(String(repeating: "a", count: 128)).text.count == 128)
    }

    @Test("public fields are read by the profile's bounds, which the refusal names")
    func publicFields() throws {
        let catalog = ProfileCatalog(userDirectory: nil)
        let (zpa, zcc) = (try catalog.named("zpa"), try catalog.named("zcc"))
        func words(_ text: String, _ profile: IssuerProfile?) -> String? {
            complaint { try PublicField.reading(text, profile) }?.words
        }
        #expect(
            words("session_validity=3601", zpa)
                == "session_validity: it must be from 1 to 3600 seconds")
        #expect(
            words("session_validity=29", zcc)
                == "session_validity: it must be from 30 to 999999999 seconds")
        #expect(words("session_validity=3600", zpa) == nil)
        #expect(words("session_validity=", zpa) == "session_validity: a whole number is needed")
        #expect(words("status=on", zpa) == "status: it must be one of enabled, disabled")
        let read = try PublicField.reading("a=b=c", nil)
        #expect(read.field.text == "a" && read.value == "b=c")
        for text in ["", "a", "=b", "A=b", "a b=c"] {
            #expect(words(text, nil) == "`--set` needs FIELD=VALUE")
        }
    }

    @Test("what an issuer calls its status is understood")
    func statuses() {
        for word in ["disabled", "false", "Inactive", "FALSE"] {
            #expect(PublicField.issuersStatus(word) == .disabled)
        }
        for word in ["enabled", "true", "Active"] {
            #expect(PublicField.issuersStatus(word) == .enabled)
        }
        #expect(complaint { try PublicField.status("Enabled") }?.code == .usage)
    }

    @Test("ways to capture exclude each other")
    func ways() throws {
        func way(_ options: String) throws -> CaptureWay {
            try CaptureWay(try invocation("capture a \(options)"))
        }
        #expect(try way("") == .prompts)
        #expect(try way("--stdin") == .standardInput(nil))
        #expect(try way("--stdin --field token") == .standardInput(FieldName("token")))
        #expect(try way("--json -") == .json(path: "-"))
        #expect(try way("--csv x.csv") == .csv(path: "x.csv"))
        #expect(try way("--clipboard --watch 60s") == .clipboard(nil, patience: 60))
        #expect(try way("-- aws iam") == .command(["aws", "iam"]))
        for (options, words) in [
            ("--stdin --json x", "`--stdin` and `--json` exclude each other"),
            ("--csv x -- y", "`--csv` and `-- COMMAND` exclude each other"),
            ("--watch 60s", "`--watch` needs `--clipboard`"),
            ("--clipboard --watch 0s", "`--watch` waits from 1s to 10m"),
            ("--clipboard --watch 601s", "`--watch` waits from 1s to 10m"),
            ("--field token", "`--field` needs `--stdin` or `--clipboard`"),
        ] {
            let found = complaint { try way(options) }
            #expect(found?.words == words)
            #expect(found?.code == .usage)
        }
    }

    @Test("what a job gets, and under which variable")
    func wishes() throws {
        let call = try invocation(
            "run --secret a --env X=a#f@2 --file Y=a --fd 3=b --stdin c@previous -- true")
        let wishes = try RunWishes(call)
        #expect(wishes.secrets.map(\.text) == ["a"])
        #expect(
            wishes.values.map(\.place)
                == [.environment("X"), .file("Y"), .descriptor(3), .standardInput])
        #expect(wishes.values.map(\.reference.description) == ["a#f@2", "a", "b", "c@previous"])
        let name = try #require(SecretName("zpa/prod-1/ci"))
        #expect(JobVariable.name(for: name, nil) == "ZPA_PROD_1_CI")
        #expect(JobVariable.name(for: name, FieldName("id")) == "ZPA_PROD_1_CI_ID")
        #expect(JobVariable.name(for: try #require(SecretName("1a")), nil) == "_1A")
    }
}
