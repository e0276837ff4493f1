// Which events a person asked for: names, kinds, times, programs.

import TestSupport
import Testing
import VaultModel

@testable import CommandLineTool

private func asking(_ change: (inout AuditFilter) -> Void) -> AuditFilter {
    var asked = AuditFilter()
    change(&asked)
    return asked
}

/// The filter of a command line.
private func filter(_ words: [String]) throws -> AuditFilter {
    let parser = CommandLineParser(globalOptions: AuditFilter.options)
    guard case .run(let call) = try parser.parse(["list"] + words) else { return AuditFilter() }
    return try AuditFilter(call, now: SampleEvents.time)
}

@Suite("the filter of the log")
struct AuditFilterTests {
    @Test("lets everything pass if nothing is asked for")
    func everything() {
        for event in SampleEvents.all { #expect(AuditFilter().matches(event)) }
    }

    @Test("finds a secret by its name, and what it was renamed to")
    func name() throws {
        let name = try #require(SecretName("zpa/prod/ci"))
        let new = try #require(SecretName("zpa/prod/build"))
        let old = asking { $0.names = .one(name) }
        #expect(old.matches(SampleEvents.event(.read)))
        #expect(old.matches(SampleEvents.event(.rename)))
        #expect(!old.matches(SampleEvents.event(.list)))
        let renamed = asking { $0.names = .one(new) }
        #expect(renamed.matches(SampleEvents.event(.rename)))
        #expect(!renamed.matches(SampleEvents.event(.read)))
    }

    @Test("finds an export by every name whose value was in it")
    func exports() throws {
        let name = try #require(SecretName("zpa/prod/ci"))
        let other = try #require(SecretName("zscaler"))
        let object = try #require(SampleEvents.record)
        let some = SampleEvents.event(.exporting)
        let all = SampleEvents.event(.exporting) { $0.prefix = nil }
        #expect(asking { $0.names = .one(name) }.matches(some))
        #expect(!asking { $0.names = .one(other) }.matches(some))
        #expect(asking { $0.names = .one(other) }.matches(all))
        for folder in ["zpa/", "zpa/prod/"] {
            #expect(asking { $0.names = .under(folder) }.matches(some))
        }
        #expect(!asking { $0.names = .under("zia/") }.matches(some))
        #expect(asking { $0.names = .under("zia/") }.matches(all))
        let record = AuditFilter.Names.record(
            object, names: [other, name])
        #expect(asking { $0.names = record }.matches(some))
        #expect(asking { $0.names = record }.matches(SampleEvents.event(.read)))
        let unlike = AuditFilter.Names.record(object, names: [other])
        #expect(!asking { $0.names = unlike }.matches(some))
    }

    @Test("finds by its name what a job asked for in vain, which knows no record")
    func inVain() throws {
        let (object, name) = (try #require(SampleEvents.record), try #require(SecretName("a")))
        for (operation, isFound) in [(AuditOperation.collect, true), (.read, false)] {
            let sample = SampleEvents.event(operation, .missing) { $0.name = name }
            let event = AuditEvent(
                number: 1, time: sample.time, operation: operation, outcome: .missing, user: 1,
                process: 1, object: nil, detail: sample.detail)
            #expect(asking { $0.names = .record(object, names: [name]) }.matches(event) == isFound)
            #expect(!asking { $0.names = .record(object, names: []) }.matches(event))
        }
    }

    @Test(
        "finds names under a folder, not names that merely begin alike",
        arguments: [
            ("zpa/", true), ("zpa/prod/", true), ("zpa/pro/", false), ("zpa/prod/ci/", false),
            ("pa/", false), ("ZPA/", false),
        ])
    func folder(_ folder: String, _ isThere: Bool) {
        #expect(asking { $0.names = .under(folder) }.matches(SampleEvents.event()) == isThere)
    }

    @Test("never finds a sealed event by name or program")
    func sealed() {
        let event = SampleEvents.sealed(.read)
        #expect(!asking { $0.names = .under("zpa/") }.matches(event))
        #expect(!asking { $0.program = "coffer" }.matches(event))
        #expect(asking { $0.operations = [.read] }.matches(event))
    }

    @Test("finds kinds and outcomes, any of those asked for")
    func kinds() {
        for event in SampleEvents.all {
            let both = asking { $0.operations = [.read, .lock] }
            #expect(both.matches(event) == [.read, .lock].contains(event.operation))
            let bad = asking { $0.outcomes = [.refused, .damaged] }
            #expect(bad.matches(event) == [.refused, .damaged].contains(event.outcome))
        }
    }

    @Test("takes the second of the end in, and nothing before the beginning")
    func times() {
        func at(_ milliseconds: UInt64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
        let event = SampleEvents.event()
        #expect(asking { $0.since = at(1_700_000_000_123) }.matches(event))
        #expect(!asking { $0.since = at(1_700_000_000_124) }.matches(event))
        #expect(asking { $0.until = at(1_700_000_000_000) }.matches(event))
        #expect(!asking { $0.until = at(1_699_999_999_999) }.matches(event))
    }

    private static let paths: [(String, String, Bool)] = [
        ("git", "/usr/bin/git", true), ("bin/git", "/usr/bin/git", true),
        ("/usr/bin/git", "/usr/bin/git", true), ("it", "/usr/bin/git", false),
        ("/git", "/usr/bin/git", false), ("/bin/git", "/usr/bin/git", false),
        ("git", "git", true), ("", "/usr/bin/git", false), ("git", "", false),
        ("a/usr/bin/git", "/usr/bin/git", false), ("git/", "/usr/bin/git", false),
        ("bin", "/usr/bin/git", false), ("é", "/x/é", true), ("\u{301}", "/e\u{301}", false),
    ]

    @Test("finds a program by whole parts at the end of its path", arguments: paths)
    func ends(_ end: String, _ path: String, _ isEnd: Bool) {
        #expect(AuditFilter.isEnd(end, of: path) == isEnd)
    }

    @Test("finds a program anywhere in the chain, and the job")
    func program() {
        let event = SampleEvents.event { $0.attribution.job = "/usr/bin/terraform" }
        for program in ["coffer", "deploy", "bash", "terraform", "bin/deploy"] {
            #expect(asking { $0.program = program }.matches(event), "\(program)")
        }
        #expect(!asking { $0.program = "sh" }.matches(event))
    }

    @Test("of a command line has what was asked for")
    func options() throws {
        let found = try filter([
            "--name", "zpa/", "--operation", "read", "--operation", "failed-unlock", "--outcome",
            "refused", "--since", "90m", "--until", "2027-03-31", "--program", "bin/git",
        ])
        #expect(found.names == .under("zpa/"))
        #expect(found.operations == [.read, .failedUnlock])
        #expect(found.outcomes == [.refused])
        let since: UInt64 = 1_700_000_000_123 - 90 * 60_000
        #expect(found.since?.milliseconds == since)
        #expect(found.until == Timestamp(iso8601: "2027-03-31"))
        #expect(found.program == "bin/git")
        #expect(try filter(["--name", "a"]).names == SecretName("a").map { .one($0) })
        #expect(try filter(["--since", "1000w"]).since?.milliseconds ?? 0 > 0)
        #expect(try filter(["--since", "5000w"]).since?.milliseconds == UInt64(0))
        #expect(try filter([]) == AuditFilter())
        for word in AuditOperation.allCases.map(\.word) {
            #expect(try filter(["--operation", word]).operations.map(\.word) == [word])
        }
    }

    @Test("refuses what it does not know, and does not repeat it")
    func refusals() throws {
        for words in [
            ["--name", "-hunter2"], ["--name", "hunter2//"], ["--name", "/"], ["--name", ""],
            ["--operation", "hunter2"], ["--outcome", "hunter2"], ["--since", "hunter2"],
            ["--since", "14"], ["--until", "2027-02-30"], ["--program", ""],
        ] {
            let found = complaint { try filter(words) }
            #expect(found?.code == .usage, "\(words)")
            #expect(found?.everything.contains("hunter2") == false)
        }
    }
}
