// A bar for long work: on a terminal, silent elsewhere.

internal import Glibc

/// Shows how far something is, at most ten times a second.
final class Progress {
    private let title: String
    private let total: Int?
    private let isShown: Bool
    private var shownAt: Int64 = 0

    init(_ title: String, of total: Int?) {
        self.title = title
        self.total = total
        isShown = isatty(2) == 1
    }

    func advance(to done: Int) {
        guard isShown else { return }
        let now = Clock.monotonicMilliseconds()
        guard now - shownAt >= 100 else { return }
        shownAt = now
        guard let total, total > 0 else {
            try? OutputSink.standardError.write("\r\(title) \(done / 1_024) KiB\u{1b}[K")
            return
        }
        let tenths = min(30, done * 30 / total)
        let bar = String(repeating: "█", count: tenths) + String(repeating: "░", count: 30 - tenths)
        try? OutputSink.standardError.write(
            "\r\(title) \(bar) \(min(100, done * 100 / total)) %\u{1b}[K")
    }

    /// Clears the bar.
    func end() { if isShown { try? OutputSink.standardError.write("\r\u{1b}[K") } }
}
