// Uses of keys, folded from the log.

import Testing
import VaultModel

@testable import CommandLineTool

@Suite("the use of keys")
struct KeyUsageTests {
    private func usage(
        of secret: Metadata, _ build: (inout SampleLog) throws -> Void
    ) throws -> KeyUsage {
        let secrets = try numbered([secret])
        var log = SampleLog()
        try build(&log)
        return log.ledger(secrets).usage(of: secrets[0].0)
    }

    @Test("counts reads that succeeded, by program and by day, each record for itself")
    func counts() throws {
        let secrets = try numbered([try sample("a"), try sample("b"), try sample("c")])
        var log = SampleLog()
        try log.add(.read, 1, noon.before(60), by: "/usr/bin/curl")
        try log.add(.read, 2, noon.before(120), by: "/usr/bin/terraform")
        try log.add(.read, 1, noon.before(days(1)), by: "/usr/bin/make", outcome: .refused)
        try log.add(.breakGlass, 1, noon.before(days(2)), by: "/usr/bin/make")
        try log.add(.show, 1, noon.before(days(3)), by: "/usr/bin/make")
        try log.add(.read, 1, noon.before(days(3)))
        try log.add(.collect, 1, noon.before(days(31)), by: "/usr/bin/curl")
        let ledger = log.ledger(secrets)
        let first = ledger.usage(of: secrets[0].0)
        #expect(first.last == noon.before(60))
        #expect(first.lastProgram == "/usr/bin/curl")
        #expect(first.count == 4)
        #expect(first.recentCount == 3)
        #expect(
            first.programs.mapValues(\.count) == ["/usr/bin/curl": 2, "/usr/bin/make": 1, "": 1])
        #expect(first.programs["/usr/bin/curl"]?.last == noon.before(60))
        let today = noon.day
        #expect(first.days == [today: 1, today - 2: 1, today - 3: 1, today - 31: 1])
        #expect(ledger.usage(of: secrets[1].0).count == 1)
        #expect(!ledger.usage(of: secrets[2].0).wasUsed)
        #expect(ledger.begins == noon.before(days(31)))
    }

    @Test("the last thirty days end now and begin to the millisecond")
    func recent() throws {
        let found = try usage(of: try sample("a")) { log in
            try log.add(.read, 1, noon)
            try log.add(.read, 1, noon.before(days(30)))
            try log.add(.read, 1, Timestamp(milliseconds: noon.before(days(30)).milliseconds - 1))
        }
        #expect(found.recentCount == 2)
    }

    @Test("the last use is the last in the log, even if the clock was set back since")
    func clock() throws {
        let found = try usage(of: try sample("a")) { log in
            try log.add(.read, 1, noon.before(500), by: "/new")
            try log.add(.read, 1, noon.before(10), by: "/old")
        }
        #expect(found.last == noon.before(500))
        #expect(found.lastProgram == "/new")
    }

    private enum Step {
        case read, disable, enable, capture, edit, failedEnable
    }

    private func whileDisabled(_ status: SecretStatus, _ steps: [Step]) throws -> UInt64? {
        let secret = try sample("a") { $0.status = status }
        let found = try usage(of: secret) { log in
            // The newest first; each a second before the one that follows it.
            for (index, step) in steps.reversed().enumerated() {
                let time = noon.before(UInt64(index))
                switch step {
                case .read: try log.add(.read, 1, time)
                case .disable: try log.add(.disable, 1, time)
                case .enable: try log.add(.enable, 1, time)
                case .capture: try log.add(.capture, 1, time)
                case .edit: try log.add(.edit, 1, time)
                case .failedEnable: try log.add(.enable, 1, time, outcome: .refused)
                }
            }
        }
        return found.lastWhileDisabled.map { noon.seconds(since: $0) }
    }

    @Test("a read of a disabled secret is seen, and no other")
    func disabled() throws {
        #expect(try whileDisabled(.disabled, [.capture, .read, .disable]) == nil)
        #expect(try whileDisabled(.disabled, [.capture, .disable, .read]) == 0)
        #expect(try whileDisabled(.disabled, [.disable, .read, .edit]) == 1)
        #expect(try whileDisabled(.disabled, [.disable, .read, .failedEnable]) == 1)
        #expect(try whileDisabled(.disabled, [.disable, .read, .enable, .read, .disable]) == nil)
        // Stored as disabled: there is no event but the capture.
        #expect(try whileDisabled(.disabled, [.capture, .read]) == 0)
        // What the capture did to the status is not told; that it was disabled before is.
        #expect(try whileDisabled(.disabled, [.disable, .read, .capture]) == 1)
        #expect(try whileDisabled(.disabled, [.disable, .read, .capture, .read]) == 0)
        #expect(try whileDisabled(.disabled, [.read, .capture]) == nil)
        #expect(try whileDisabled(.disabled, [.enable, .read, .capture]) == nil)
        #expect(try whileDisabled(.enabled, [.disable, .read, .enable]) == nil)
    }

    @Test("a read behind the date of expiry is seen, if it was one of the version that has it")
    func expired() throws {
        let secret = try sample("a", age: days(20)) { $0.expires = noon.before(days(5)) }
        func after(_ time: Timestamp, version: UInt32? = nil) throws -> Timestamp? {
            try usage(of: secret) { try $0.add(.read, 1, time, by: "/p", version: version) }
                .lastAfterExpiry
        }
        #expect(try after(noon) == noon)
        #expect(try after(noon, version: 1) == noon)
        #expect(try after(noon, version: 2) == nil)
        #expect(try after(noon.before(days(5))) == nil)
        // Stored with a date that was past: what was read before was another version.
        let late = try sample("a", age: days(1)) { $0.expires = noon.before(days(5)) }
        let found = try usage(of: late) { try $0.add(.read, 1, noon.before(days(2))) }
        #expect(found.lastAfterExpiry == nil)
    }

    @Test("a secret is unused since its last use, its storing or the beginning of the log")
    func unused() throws {
        let secrets = try numbered([try sample("a"), try sample("b", age: days(400))])
        var log = SampleLog()
        #expect(log.ledger(secrets).unusedSince(secrets[0].0, secrets[0].1) == nil)
        try log.add(.list, 9, noon.before(days(300)))
        let silent = log.ledger(secrets)
        #expect(silent.unusedSince(secrets[0].0, secrets[0].1) == noon.before(days(10)))
        #expect(silent.unusedSince(secrets[1].0, secrets[1].1) == noon.before(days(300)))
        var used = SampleLog()
        try used.add(.read, 2, noon.before(7))
        #expect(used.ledger(secrets).unusedSince(secrets[1].0, secrets[1].1) == noon.before(7))
    }

    @Test("events that come forwards end the program")
    func order() async {
        await #expect(processExitsWith: .failure) {
            var log = SampleLog()
            // A sample that cannot be made ends well, so that it is not taken for what is tested.
            guard (try? log.add(.read, 1, noon)) != nil, (try? log.add(.read, 1, noon)) != nil
            else { return }
            var fold = UsageFold([], now: noon)
            for event in log.events.reversed() { fold.take(event) }
        }
    }
}
