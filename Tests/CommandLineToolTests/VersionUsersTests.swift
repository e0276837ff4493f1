// Who still fetches an old version, told from events of the log.

import Testing
import VaultModel

@testable import CommandLineTool

@Suite("the users of a version")
struct VersionUsersTests {
    private static let since = noon.before(3_600)

    private static func event(
        _ number: UInt64, version: UInt32?, by programs: [String], job: String? = nil,
        recipient: String? = nil, user: UInt32 = 1_000
    ) -> AuditEvent {
        let chain = programs.map { ActingProcess(pid: 1, path: $0, executable: .present) }
        var detail = AuditDetail(Attribution(chain: chain, job: job))
        detail.version = version
        detail.recipient = recipient.flatMap { SecretName($0) }
        return AuditEvent(
            number: number, time: noon.before(1_000 - number), operation: .read, outcome: .done,
            user: user, process: 1, object: nil, detail: detail)
    }

    private static func users(_ events: [AuditEvent]) -> VersionUsers {
        var users = VersionUsers(of: 1, since: since)
        for event in events { users.take(event) }
        return users
    }

    @Test("are counted by program, job and user, the newest first; other versions are not")
    func counted() {
        let users = Self.users([
            Self.event(9, version: 1, by: ["/bin/coffer", "/bin/cron"], job: "/srv/sync"),
            Self.event(8, version: 2, by: ["/bin/coffer", "/bin/bash"]),
            Self.event(7, version: nil, by: ["/bin/coffer", "/bin/bash"]),
            Self.event(6, version: 1, by: ["/bin/coffer", "/bin/bash"]),
            Self.event(5, version: 1, by: ["/bin/coffer", "/bin/cron"], job: "/srv/sync"),
            Self.event(4, version: 1, by: ["/bin/coffer", "/bin/cron"], job: "/srv/sync", user: 0),
            Self.event(3, version: 1, by: [], recipient: "ci/deploy"),
        ])
        #expect(users.uses.map(\.count) == [2, 1, 1, 1])
        #expect(users.uses.map(\.caller.program) == ["/bin/cron", "/bin/bash", "/bin/cron", nil])
        #expect(users.uses.map(\.caller.job) == ["/srv/sync", nil, "/srv/sync", "ci/deploy"])
        #expect(users.uses.map(\.caller.user) == [1_000, 1_000, 0, 1_000])
        #expect(users.uses[0].last == noon.before(991))
        #expect(
            users.rows[0].1
                == "version 1, 2 times, last \(noon.before(991)), by /bin/cron for /srv/sync,"
                + " uid 1000")
        #expect(users.rows[3].1.contains("once"))
        #expect(users.rows[3].1.contains("by an unknown program for ci/deploy"))
        #expect(users.rows.allSatisfy { $0.0 == "still used" })
    }

    @Test("are told as none since when, if there are none")
    func none() {
        let users = Self.users([Self.event(9, version: 2, by: ["/bin/coffer"])])
        #expect(users.rows.map(\.0) == ["not used"])
        #expect(users.rows.map(\.1) == ["version 1, by nobody since \(Self.since)"])
        #expect(users.json.text == "[]")
    }

    @Test("of a hostile name act on no terminal, and many of them are cut")
    func hostile() {
        let program = SampleEvents.hostile
        let users = Self.users(
            (0..<40).map { number in
                Self.event(
                    UInt64(40 - number), version: 1, by: ["/bin/coffer", "/\(number)\(program)"],
                    job: program)
            })
        #expect(users.uses.count == 40)
        #expect(users.rows.count == 17)
        #expect(users.rows.last?.1 == "version 1, by 24 more")
        for (title, words) in users.rows {
            #expect(!(title + words).unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{9b}" })
        }
        #expect(!users.json.text.contains("\u{1b}"))
    }
}
