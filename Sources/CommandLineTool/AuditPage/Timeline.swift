// From when to when keys live: the rows of the timeline and the scale that they share.

internal import VaultModel

/// Keys by how near their dates are.
struct Timeline {
    enum State: Hashable {
        /// A date of it is past.
        case over
        /// One comes within `Due.standardSpan`.
        case soon
        case later
        /// Nothing says that it ends.
        case endless
    }

    struct Row {
        let name: SecretName
        let isDisabled: Bool
        let start: Timestamp
        /// The earliest first.
        let dues: [DueDate]
        let state: State
    }

    /// What is to be done first comes first; what has no date comes last, the oldest before others.
    let rows: [Row]
    let scale: TimeScale
    let now: Timestamp

    /// Most rows that are drawn. More would be a wall of bars; the table has all.
    static let mostRows = 60

    init(_ keys: [InventoryKey], _ profiles: KnownProfiles, now: Timestamp) {
        self.now = now
        let soon = now.adding(seconds: Due.standardSpan)
        rows = keys.map { key in
            let dues = Due.dates(key.id, key.secret, profiles[key.secret.issuer])
                .sorted { $0.time < $1.time }
            let state: State =
                switch dues.first?.time {
                case nil: .endless
                case .some(let time): time <= now ? .over : time <= soon ? .soon : .later
                }
            return Row(
                name: key.secret.name, isDisabled: key.secret.status == .disabled,
                start: key.secret.version(.current)?.created ?? key.secret.created, dues: dues,
                state: state)
        }.sorted { left, right in
            let ends = (left.dues.first?.time ?? .last, right.dues.first?.time ?? .last)
            return (ends.0, left.start, left.name) < (ends.1, right.start, right.name)
        }
        let drawn = rows.prefix(Self.mostRows)
        scale = TimeScale(
            drawn.map(\.start), drawn.flatMap(\.dues).map(\.time), now: now)
    }

    func count(_ state: State) -> Int { rows.count { $0.state == state } }
}

/// Where on a line a moment lies.
struct TimeScale {
    struct Tick: Hashable {
        let time: Timestamp
        let label: String
    }

    let first: Timestamp
    let last: Timestamp

    /// What lies further away than this is cut: one key of 1999 must not squeeze all others.
    private static let longestPast: UInt64 = 3 * 365 * Age.secondsOfDay
    private static let longestFuture: UInt64 = 548 * Age.secondsOfDay
    /// A vault of yesterday has a line too.
    private static let shortest: UInt64 = 60 * Age.secondsOfDay

    init(_ starts: [Timestamp], _ ends: [Timestamp], now: Timestamp) {
        func span(_ seconds: UInt64?, _ longest: UInt64) -> UInt64 {
            let seconds = min(max(seconds ?? 0, Self.shortest), longest)
            // Nothing begins or ends at the very edge.
            return seconds + seconds / 32
        }
        let past = span(starts.min().map { now.seconds(since: $0) }, Self.longestPast)
        let future = span(ends.max().map { $0.seconds(since: now) }, Self.longestFuture)
        first = Timestamp(
            milliseconds: now.milliseconds - min(now.milliseconds, past * 1_000))
        last = now.adding(seconds: future)
    }

    /// From 0 to 1; what lies outside is at the edge.
    func place(_ time: Timestamp) -> Double {
        let within = min(max(time, first), last)
        return Double(within.milliseconds - first.milliseconds)
            / Double(max(1, last.milliseconds - first.milliseconds))
    }

    /// Beginnings of months, as many as can be read.
    var ticks: [Tick] {
        let days = last.seconds(since: first) / Age.secondsOfDay
        let step = days <= 210 ? 1 : days <= 640 ? 3 : days <= 1_200 ? 6 : 12
        guard let year = Int(first.date.prefix(4)) else { return [] }
        let months = stride(from: 12 * year, through: 12 * (year + 5), by: step)
        return months.compactMap { month in
            let name = "\(month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)"
            guard let time = Timestamp(iso8601: name + "-01"), time > first, time < last else {
                return nil
            }
            let isYear = month % 12 == 0
            return Tick(time: time, label: isYear ? name.prefix(4) + "" : Self.months[month % 12])
        }
    }

    static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
