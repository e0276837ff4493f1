// What a report answers with, before anything of it is shown.

/// The text for standard output, remarks for standard error, and how the command ends.
struct Report: Hashable, Sendable {
    var text: String
    var notes: [String] = []
    var code = ExitCode.ok
}

/// Spans of time in words for people, rounded down.
enum Age {
    static let secondsOfDay: UInt64 = 86_400

    private enum Unit: String {
        case minute, hour, day

        var short: String {
            switch self {
            case .minute: "min"
            case .hour: "h"
            case .day: "d"
            }
        }
    }

    /// `3 min`, `5 h`, `12 d`.
    static func short(_ seconds: UInt64) -> String {
        let (count, unit) = rounded(seconds)
        return "\(count) \(unit.short)"
    }

    /// `3 minutes`, `1 hour`, `12 days`.
    static func long(_ seconds: UInt64) -> String {
        let (count, unit) = rounded(seconds)
        return "\(count) \(unit.rawValue)\(count == 1 ? "" : "s")"
    }

    private static func rounded(_ seconds: UInt64) -> (UInt64, Unit) {
        // One day is told in hours still: a key that expires in `1 day` may have 25 hours or 47.
        if seconds >= 2 * secondsOfDay { return (seconds / secondsOfDay, .day) }
        return seconds >= 3_600 ? (seconds / 3_600, .hour) : (seconds / 60, .minute)
    }
}
