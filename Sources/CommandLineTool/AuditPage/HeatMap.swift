// How many uses there were on each day of the last year, as far as the log goes.

internal import VaultModel

/// Days of UTC in columns of weeks, which begin on Monday. Uses of keys that are gone count too.
struct HeatMap {
    /// The first and the last day that are shown, since 1970-01-01.
    let first: Int
    let last: Int
    private let counts: [Int: Int]
    /// Uses on later days: the clock was set back since.
    let later: Int
    /// The highest count of each level, from few to many; as many as there are different ones.
    let bounds: [Int]

    static let levels = 4
    private static let weeks = 53

    /// Nil without a log.
    init?(_ ledger: UsageLedger, now: Timestamp) {
        guard let begins = ledger.begins else { return nil }
        last = Int(now.day)
        first = min(
            max(Int(begins.day), Self.monday(last) - 7 * (Self.weeks - 1)), last)
        var (counts, later): ([Int: Int], Int) = ([:], 0)
        for usage in ledger.usages.values {
            for (day, count) in usage.days {
                let day = Int(day)
                if day > last { later += count }
                if (first...last).contains(day) { counts[day, default: 0] += count }
            }
        }
        (self.counts, self.later) = (counts, later)
        bounds = Self.bounds(most: counts.values.max() ?? 0)
    }

    /// Use is uneven: each level is as many times the one before, up to the most. For 16 that is
    /// 2, 4, 8, 16.
    private static func bounds(most: Int) -> [Int] {
        guard most > 0 else { return [] }
        let root = Double(most).squareRoot()
        let fourth = root.squareRoot()
        let bounds = [fourth, root, fourth * root].map { Int($0.rounded()) } + [most]
        return Set(bounds.map { min($0, most) }).sorted()
    }

    var total: Int { counts.values.reduce(0, +) }
    /// The day with most uses, the latest of equal ones.
    var busiest: (day: Int, count: Int)? {
        counts.max { ($0.value, $0.key) < ($1.value, $1.key) }.map { ($0.key, $0.value) }
    }
    var used: Int { counts.count }

    /// The Mondays, one a column.
    var mondays: [Int] { Array(stride(from: Self.monday(first), through: last, by: 7)) }

    /// The count of a day, or nil if it is not shown.
    func count(on day: Int) -> Int? { (first...last).contains(day) ? counts[day] ?? 0 : nil }

    /// 0 for none, up to `levels`. Where there are fewer levels, the strongest are used.
    func level(_ count: Int) -> Int {
        guard count > 0 else { return 0 }
        let place = bounds.firstIndex { count <= $0 } ?? bounds.count - 1
        return place + 1 + Self.levels - bounds.count
    }

    static func date(_ day: Int) -> String {
        Timestamp(milliseconds: UInt64(max(0, day)) * 86_400_000).date
    }

    /// 1970-01-01 was a Thursday.
    private static func monday(_ day: Int) -> Int { day - (day + 3) % 7 }

    static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
}
