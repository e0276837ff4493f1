// The list of accepted findings: what it says, and what is refused with its line.

import Foundation
import TestSupport
import Testing
import VaultModel

@testable import CommandLineTool

@Suite("accepted findings")
struct AcceptedFindingsTests {
    private func read(_ text: String) throws -> AcceptedFindings {
        try AcceptedFindings(text, path: "/c/accepted-findings")
    }

    @Test("are lines of an id, a name, a last day and a reason")
    func lines() throws {
        let list = try read(
            """
            # what we know of

            expired a/b 2026-12-31 waits for   the issuer #42
              single-slot\t-\t2026-11-25

            """)
        let name = try #require(SecretName("a/b"))
        let found = try #require(list.acceptance(of: .expired, name, now: noon))
        #expect(found.line == 3)
        #expect(found.until == "2026-12-31")
        #expect(found.reason == "waits for the issuer #42")
        #expect(list.acceptance(of: .singleSlot, nil, now: noon)?.reason == "")
        #expect(list.acceptance(of: .overAge, name, now: noon) == nil)
        #expect(list.acceptance(of: .expired, SecretName("a"), now: noon) == nil)
        #expect(try read("").past(now: noon).isEmpty)
    }

    @Test("end with the day that is named")
    func end() throws {
        let name = try #require(SecretName("a"))
        let list = try read("unused a 2026-11-25\n")
        let midnight = try #require(Timestamp(iso8601: "2026-11-26"))
        let before = Timestamp(milliseconds: midnight.milliseconds - 1)
        #expect(list.acceptance(of: .unused, name, now: before) != nil)
        #expect(list.past(now: before).isEmpty)
        #expect(list.acceptance(of: .unused, name, now: midnight) == nil)
        #expect(list.past(now: midnight).map(\.line) == [1])
    }

    @Test(
        "of any other form are refused with the number of the line",
        arguments: [
            ("old a 2026-12-31", "there is no finding of this id"),
            ("EXPIRED a 2026-12-31", "there is no finding of this id"),
            ("expired", "a word is missing"), ("expired a", "a word is missing"),
            ("expired a//b 2026-12-31", "this is no name of a secret"),
            ("expired - 2026-12-31", "this finding is about a secret: name it"),
            ("single-slot a 2026-12-31", "this finding is about the vault: its name is `-`"),
            ("expired a 2026-02-30", "the date must be YYYY-MM-DD"),
            ("expired a 2026-12-31T00:00:00Z", "the date must be YYYY-MM-DD"),
            ("expired a forever", "the date must be YYYY-MM-DD"),
            ("expired a 2026-12-31\r", "there is a control character"),
            ("expired a 2026-12-31 x\u{1b}[2J", "there is a control character"),
            ("unused b 2027-01-01", "line 2 is about the same finding"),
        ])
    func refusals(_ line: String, _ words: String) throws {
        let found = complaint { try self.read("# one\nunused b 2026-12-31\n\(line)\n") }
        #expect(found?.words == "/c/accepted-findings:3: \(words)")
        #expect(found?.code == .usage)
        #expect(found?.hints.count == 1)
    }

    @Test("are read from a file that is ours and that nobody else may write")
    func file() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("accepted-findings")
        #expect(try AcceptedFindings(file: path).past(now: noon).isEmpty)
        #expect(try AcceptedFindings(file: nil).past(now: noon).isEmpty)
        try Data("unused a 2020-01-01\n".utf8).write(to: URL(fileURLWithPath: path))
        for mode: mode_t in [0o600, 0o644, 0o444] {
            chmod(path, mode)
            #expect(try AcceptedFindings(file: path).past(now: noon).map(\.line) == [1])
        }
        for mode: mode_t in [0o620, 0o602, 0o666] {
            chmod(path, mode)
            #expect(
                complaint { try AcceptedFindings(file: path) }
                    == Complaint(
                        .refused, "others may write \"\(path)\"", hint: "chmod go-w \"\(path)\""))
        }
        let link = folder.file("link")
        symlink(path, link)
        #expect(complaint { try AcceptedFindings(file: link) }?.code == .refused)
        #expect(complaint { try AcceptedFindings(file: folder.path) }?.code == .usage)
        try Data([0x23, 0xff]).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        #expect(complaint { try AcceptedFindings(file: path) }?.code == .usage)
        try Data(repeating: 0x0a, count: 262_145).write(to: URL(fileURLWithPath: path))
        #expect(
            complaint { try AcceptedFindings(file: path) }?.words
                == "the list of accepted findings is longer than 256 KiB")
    }

    @Test("of another user are refused")
    func owner() {
        var status = stat()
        (status.st_mode, status.st_uid) = (S_IFREG | 0o644, 1_001)
        #expect(
            Intake.refusal(status, .settings, "f", user: 1_000)
                == Complaint(.refused, "f belongs to another user"))
        #expect(Intake.refusal(status, .settings, "f", user: 1_001) == nil)
    }
}
