// How old a secret is and when its time is over. Pure: the present is given.

extension Timestamp {
    /// The last millisecond of the year 9999.
    public static let last = Timestamp(milliseconds: 253_402_300_799_999)

    /// That many seconds later, at most `last`.
    public func adding(seconds: UInt64) -> Timestamp {
        let (step, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000)
        let (sum, isTooLate) = milliseconds.addingReportingOverflow(step)
        guard !isTooLong, !isTooLate else { return .last }
        return min(Timestamp(milliseconds: sum), .last)
    }

    /// Whole seconds from `earlier` to this; 0 if that is not earlier, for clocks are set back.
    public func seconds(since earlier: Timestamp) -> UInt64 {
        self > earlier ? (milliseconds - earlier.milliseconds) / 1_000 : 0
    }

    /// The days since 1970-01-01 in UTC.
    public var day: UInt64 { milliseconds / 86_400_000 }
}

extension Metadata {
    /// Seconds since the current version was stored, or nil if there is none.
    public func age(at now: Timestamp) -> UInt64? {
        version(.current).map { now.seconds(since: $0.created) }
    }

    /// When the current version reaches `seconds` of age, or nil if there is none.
    public func whenAged(_ seconds: UInt64) -> Timestamp? {
        version(.current)?.created.adding(seconds: seconds)
    }

    /// When the rotation policy asks for a new version, or nil if there is no policy.
    public var dueByPolicy: Timestamp? { maximumAge.flatMap(whenAged) }
}
