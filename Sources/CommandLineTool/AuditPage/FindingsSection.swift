// What needs attention, the worst first, and what to do about it.

internal import VaultModel

struct FindingsSection {
    let findings: HealthReport

    var section: PageSection {
        var content: [HTMLText] = []
        if findings.open.isEmpty {
            content.append(
                .element(
                    "p", ["class": "good"],
                    .text(
                        findings.accepted.isEmpty
                            ? "Nothing was found."
                            : "Nothing was found but what is accepted.")))
        }
        for severity in Severity.allCases {
            content += group(
                severity.rawValue.capitalizedFirst, severity.rawValue,
                findings.open.filter { $0.severity == severity }, Self.mark(severity))
        }
        content += group("Accepted", "soft", findings.accepted, .empty)
        content += findings.notes.map { PageSection.note($0.capitalizedFirst + ".") }
        return PageSection("findings", "Findings", content)
    }

    private func group(
        _ title: String, _ style: String, _ findings: [Finding], _ mark: HTMLText
    ) -> [HTMLText] {
        guard !findings.isEmpty else { return [] }
        return [
            .element(
                "h3", ["class": style], mark, .text("\(title): \(Count.digits(findings.count))")),
            .element("ul", ["class": "findings"], findings.map(item)),
        ]
    }

    private func item(_ finding: Finding) -> HTMLText {
        let name = finding.name.map { HTMLText.path($0.text) } ?? .text("the vault")
        return .element(
            "li", .element("div", ["class": "name"], name),
            .element(
                "div",
                .element(
                    "p", .text(finding.words + " "),
                    .element("code", ["class": "kind soft"], .text(finding.kind.rawValue))),
                .element("p", ["class": "hint"], advice(finding))))
    }

    private func advice(_ finding: Finding) -> [HTMLText] {
        guard let acceptance = finding.acceptance else {
            return PageSection.commands(in: finding.hint)
        }
        let until = HTMLText.text("accepted until \(acceptance.until)")
        return acceptance.reason.isEmpty
            ? [until] : [until, .text(": "), .outside(acceptance.reason)]
    }

    /// A shape of its own beside the word, for eyes that run over the page.
    private static func mark(_ severity: Severity) -> HTMLText {
        let path =
            switch severity {
            case .high: "M6 0L12 11H0Z"
            case .medium: "M6 0L12 6L6 12L0 6Z"
            case .low: "M6 1A5 5 0 1 0 6 11A5 5 0 1 0 6 1Z"
            }
        return .element(
            "svg",
            [
                "class": "mark", "width": "12", "height": "12", "viewBox": "0 0 12 12",
                "aria-hidden": "true",
            ],
            .element("path", ["d": path]))
    }
}

extension String {
    /// As a sentence begins.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
