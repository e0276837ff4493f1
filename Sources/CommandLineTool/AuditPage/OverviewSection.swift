// The first answers: how many keys, what is wrong, is the log whole.

internal import VaultModel

struct OverviewSection {
    let report: HTMLReport
    let timeline: Timeline

    private struct Tile {
        let title: String
        let figure: String
        let words: String
        var style = ""
    }

    var section: PageSection {
        let tiles = [keys, findings, due, uses, log].map { tile in
            HTMLText.element(
                "div", .element("dt", .text(tile.title)),
                .element("dd", ["class": "big \(tile.style)"], .text(tile.figure)),
                .element("dd", ["class": "soft"], .text(tile.words)))
        }
        return PageSection(
            "overview", "At a glance", [.element("dl", ["class": "tiles"], tiles)])
    }

    private var keys: Tile {
        let disabled = report.keys.count { $0.secret.status == .disabled }
        var words = ["\(Count.digits(disabled)) disabled"]
        if report.hidden > 0 { words.append("\(Count.digits(report.hidden)) hidden, not counted") }
        return Tile(
            title: "Keys", figure: Count.digits(report.keys.count),
            words: words.joined(separator: ", "))
    }

    private var findings: Tile {
        let open = report.findings.open
        var words = Severity.allCases.compactMap { severity in
            let count = open.count { $0.severity == severity }
            return count > 0 ? "\(Count.digits(count)) \(severity.rawValue)" : nil
        }
        let accepted = report.findings.accepted.count
        if accepted > 0 { words.append("\(Count.digits(accepted)) accepted, not counted") }
        return Tile(
            title: "Findings", figure: Count.digits(open.count),
            words: words.isEmpty ? "nothing is known to be wrong" : words.joined(separator: ", "),
            style: open.map(\.severity).max()?.rawValue ?? "good")
    }

    private var due: Tile {
        let (over, soon) = (timeline.count(.over), timeline.count(.soon))
        return Tile(
            title: "Due", figure: Count.digits(over + soon),
            words: "\(Count.digits(over)) past their date, \(Count.digits(soon)) within"
                + " \(Age.long(Due.standardSpan))",
            style: over > 0 ? "high" : soon > 0 ? "medium" : "good")
    }

    private var uses: Tile {
        let count = report.keys.reduce(0) { $0 + $1.usage.recentCount }
        let never = report.keys.count { !$0.usage.wasUsed }
        return Tile(
            title: "Uses in \(KeyUsage.recentDays) days", figure: Count.digits(count),
            words: report.keys.isEmpty
                ? "there are no keys"
                : never == 0
                    ? "every key was used at some time"
                    : "\(Count.of(never, "key")) never, as far as the log goes")
    }

    private var log: Tile {
        let result = report.verification
        let counts =
            "\(Count.of(Int(clamping: result.entries), "entry")),"
            + " \(Count.of(Int(clamping: result.seals), "seal"))"
        return switch result.verdict {
        case .good: Tile(title: "Log", figure: "✓ whole", words: counts, style: "good")
        case .bad: Tile(title: "Log", figure: "✕ not whole", words: counts, style: "high")
        }
    }
}
