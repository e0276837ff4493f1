// Points in time, in milliseconds since 1970-01-01T00:00:00Z, and their ISO 8601 text in UTC.

/// A point in time with millisecond resolution, 1970 to 9999.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let milliseconds: UInt64

    public init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    /// Midnight UTC of `YYYY-MM-DD`, or the second of `YYYY-MM-DDTHH:MM:SSZ`; anything else is nil.
    public init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10 || bytes.count == 20 else { return nil }
        let pattern = Array("dddd-dd-ddTdd:dd:ddZ".utf8).prefix(bytes.count)
        for (byte, expected) in zip(bytes, pattern) {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            guard expected == UInt8(ascii: "d") ? isDigit : byte == expected else { return nil }
        }
        func number(_ range: Range<Int>) -> Int {
            bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        guard year >= 1970, (1...12).contains(month), (1...31).contains(day) else { return nil }
        let days = Self.daysSince1970(year, month, day)
        guard Self.civilDate(days) == (year, month, day) else { return nil }
        var seconds = days * 86_400
        if bytes.count == 20 {
            let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
            guard hour < 24, minute < 60, second < 60 else { return nil }
            seconds += hour * 3_600 + minute * 60 + second
        }
        milliseconds = UInt64(seconds) * 1_000
    }

    /// `YYYY-MM-DDTHH:MM:SSZ`.
    public var description: String {
        let seconds = Int(clamping: milliseconds / 1_000) % 86_400
        return "\(date)T\(Self.padded(seconds / 3_600, 2)):\(Self.padded(seconds / 60 % 60, 2))"
            + ":\(Self.padded(seconds % 60, 2))Z"
    }

    /// `YYYY-MM-DD`.
    public var date: String {
        let (year, month, day) = Self.civilDate(Int(clamping: milliseconds / 86_400_000))
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    // Days and dates of the proleptic Gregorian calendar in eras of 400 years (146,097 days) that
    // begin on 1 March, so that the leap day is the last of its year.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func civilDate(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
