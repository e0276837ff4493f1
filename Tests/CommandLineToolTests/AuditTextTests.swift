// The log as people see it: one line an event, or all of it, and nothing in it acts.

import TestSupport
import Testing
import VaultModel

@testable import CommandLineTool

private let plain = AuditText(paint: .none, user: 1_000)

private func line(_ event: AuditEvent) -> String { plain.line(event) }

@Suite("a line of the log")
struct AuditLineTests {
    private static let start = "2023-11-14T22:13:20Z  "

    @Test("has time, operation, secret, program, place and reason")
    func whole() {
        #expect(
            line(SampleEvents.event())
                == Self.start + "read             zpa/prod/ci@3             "
                + "/opt/deploy/bin/deploy (deleted)  pts/3  “release 4.2”\n")
    }

    @Test("says how it ended only if it did not end well, and whose it was only if not ours")
    func unusual() {
        #expect(
            line(SampleEvents.event(.read, .refused, user: 0))
                == Self.start + "read             zpa/prod/ci@3             refused  "
                + "/opt/deploy/bin/deploy (deleted)  by uid 0  pts/3  “release 4.2”\n")
    }

    @Test("names what an operation was about")
    func subjects() {
        let wanted: [(AuditOperation, String)] = [
            (.list, "zpa/…"), (.rename, "zpa/prod/ci@3 → zpa/prod/build"), (.slotAdd, "slot 1"),
            (.failedUnlock, "3 attempts"), (.importing, "3 secrets"),
            (.acceptRollback, "3 generations"), (.lock, ""), (.purge, "zpa/prod/ci@3"),
            (.exporting, "3 secrets, zpa/…"), (.backup, ""), (.restore, ""),
        ]
        for (operation, subject) in wanted {
            #expect(AuditText.subject(SampleEvents.event(operation)) == subject)
        }
        let one = SampleEvents.event(.failedUnlock) { $0.count = 1 }
        #expect(AuditText.subject(one) == "1 attempt")
    }

    @Test("says that an event is sealed, and nothing else of it")
    func sealed() {
        #expect(line(SampleEvents.sealed(.read)) == Self.start + "read             sealed\n")
    }

    @Test("shows a container by twelve digits, where there is no terminal")
    func container() {
        let event = SampleEvents.event {
            $0.attribution.terminal = nil
            $0.attribution.unit = SampleEvents.container
            $0.attribution.reason = nil
        }
        #expect(line(event).hasSuffix("(deleted)  docker:0123456789ab\n"))
    }

    @Test("shows the job rather than the chain")
    func job() {
        let event = SampleEvents.event { $0.attribution.job = "/opt/deploy/bin/deploy" }
        #expect(line(event).contains("  /opt/deploy/bin/deploy  pts/3"))
    }

    @Test("of whatever event is one line in which nothing acts")
    func oneLine() {
        var generator = SeededGenerator(seed: 4)
        let hostile = (0..<500).map { _ in
            let text = String(decoding: generator.bytes(40), as: UTF8.self)
            return SampleEvents.hostileEvent(text)
        }
        for event in SampleEvents.all + hostile {
            let found = line(event)
            #expect(found.hasSuffix("\n"))
            let inside = String(found.dropLast())
            #expect(Escaped.text(inside) == inside)
        }
    }

    @Test("has colour if it is wanted, and is the same without it")
    func colour() {
        let painted = AuditText(paint: Paint(isOn: true), user: 1_000)
        for event in SampleEvents.all {
            let found = painted.line(event)
            #expect(found.contains("\u{1b}["))
            var bare = ""
            var isCode = false
            for scalar in found.unicodeScalars {
                if scalar == "\u{1b}" { isCode = true }
                if !isCode { bare.unicodeScalars.append(scalar) }
                if scalar == "m" { isCode = false }
            }
            #expect(bare.filter { $0 != " " } == line(event).filter { $0 != " " })
        }
        #expect(Paint(isOn: true)("", .red) == "")
        #expect(Paint.none("a", .red) == "a")
    }
}

@Suite("an entry of the log")
struct AuditEntryTests {
    @Test("has everything, the whole chain too")
    func whole() {
        #expect(
            plain.entry(SampleEvents.event()) == """
                entry 42  2023-11-14T22:13:20Z  read
                  outcome     done
                  subject     zpa/prod/ci@3
                  record      abababababababababababababababab
                  user        uid 1000
                  process     /usr/bin/coffer, pid 30
                  started by  /opt/deploy/bin/deploy (deleted), pid 20
                  started by  /usr/bin/bash (replaced), pid 10
                  started by  unknown program, pid 9
                  terminal    /dev/pts/3
                  unit        session-3.scope
                  folder      /srv/site
                  reason      release 4.2


                """)
    }

    @Test("that is sealed says so")
    func sealed() {
        #expect(
            plain.entry(SampleEvents.sealed(.capture)) == """
                entry 43  2023-11-14T22:13:20Z  capture
                  outcome  done
                  detail   sealed; an unlocked vault shows it
                  record   abababababababababababababababab
                  user     uid 1000
                  process  pid 30


                """)
    }

    @Test("has lines in which nothing acts")
    func hostile() {
        for event in SampleEvents.all {
            for line in plain.entry(event).split(separator: "\n") {
                #expect(Escaped.text(String(line)) == line)
            }
        }
    }
}
