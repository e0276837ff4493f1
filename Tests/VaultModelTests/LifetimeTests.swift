// Ages and the dates that follow from them.

import Testing
import VaultModel

@Suite("lifetimes")
struct LifetimeTests {
    private let start = Timestamp(milliseconds: 1_700_000_000_500)

    private func secret(_ states: [VersionState], maximumAge: UInt64? = nil) throws -> Metadata {
        var secret = Metadata(name: try #require(SecretName("a")), created: start)
        secret.maximumAge = maximumAge
        secret.versions = states.enumerated().map { index, state in
            VersionSummary(
                number: UInt32(index + 1), state: state,
                created: start.adding(seconds: UInt64(index) * 100), fields: [.secret])
        }
        return secret
    }

    @Test("a time moves by seconds, and never beyond the year 9999")
    func adding() {
        #expect(start.adding(seconds: 2).milliseconds == 1_700_000_002_500)
        for seconds in [UInt64.max, UInt64.max / 1_000, 316_224_000_000] {
            #expect(start.adding(seconds: seconds) == .last)
        }
        #expect(Timestamp(milliseconds: .max).adding(seconds: 0) == .last)
        #expect(Timestamp.last.description == "9999-12-31T23:59:59Z")
    }

    @Test("seconds between two times are whole, and none if the clock was set back")
    func between() {
        #expect(Timestamp(milliseconds: 2_499).seconds(since: Timestamp(milliseconds: 500)) == 1)
        #expect(Timestamp(milliseconds: 500).seconds(since: Timestamp(milliseconds: 2_499)) == 0)
        #expect(start.seconds(since: start) == 0)
    }

    @Test("days are counted from midnight to midnight of UTC")
    func days() throws {
        #expect(Timestamp(milliseconds: 86_399_999).day == 0)
        #expect(Timestamp(milliseconds: 86_400_000).day == 1)
        #expect(try #require(Timestamp(iso8601: "2026-11-25")).day == 20_782)
    }

    @Test("the age of a secret is that of its current version")
    func age() throws {
        let now = start.adding(seconds: 1_000)
        #expect(try secret([.previous, .current, .pending]).age(at: now) == 900)
        #expect(try secret([.pending]).age(at: now) == nil)
        #expect(try secret([.current]).age(at: Timestamp(milliseconds: 0)) == 0)
    }

    @Test("a policy is due when the current version is so old; without either there is no date")
    func policy() throws {
        #expect(
            try secret([.previous, .current], maximumAge: 50).dueByPolicy
                == start.adding(seconds: 150))
        #expect(try secret([.current], maximumAge: .max).dueByPolicy == .last)
        #expect(try secret([.pending], maximumAge: 50).dueByPolicy == nil)
        #expect(try secret([.current]).dueByPolicy == nil)
    }
}
