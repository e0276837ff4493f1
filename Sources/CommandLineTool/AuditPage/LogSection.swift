// Whether the log is whole, and the line by which that can be checked again.

struct LogSection {
    let verification: LogVerification
    let receipt: String

    var section: PageSection {
        PageSection("log", "Log and receipt", [verdict, numbers] + notes + proof)
    }

    private var verdict: HTMLText {
        switch verification.verdict {
        case .good:
            .element("p", ["class": "verdict good"], .text("✓ The vault and its log are whole."))
        case .bad:
            .element(
                "p", ["class": "verdict high"], .text("✕ The vault or its log is not whole."))
        }
    }

    private var numbers: HTMLText {
        func fact(_ title: String, _ number: UInt64) -> HTMLText {
            .element(
                "div", .element("dt", .text(title)),
                .element("dd", .text(Count.digits(number))))
        }
        return .element(
            "dl", ["class": "facts"], fact("Entries", verification.entries),
            fact("Seals", verification.seals), fact("Not sealed yet", verification.unsealed))
    }

    private var notes: [HTMLText] {
        guard !verification.notes.isEmpty else { return [] }
        return [
            .element(
                "ul", ["class": "notes"],
                verification.notes.map { .element("li", .outside($0)) })
        ]
    }

    private var proof: [HTMLText] {
        guard !receipt.isEmpty else { return [] }
        return [
            .element("h3", .text("Receipt")),
            .element("code", ["class": "receipt"], .text(receipt)),
            .element(
                "p", ["class": "note"],
                PageSection.commands(
                    in: "Kept where nobody can change it, this line shows later that nothing was"
                        + " taken out of the log: `coffer audit verify --receipt` holds the vault"
                        + " against it. This page itself is a copy and proves nothing.")),
        ]
    }
}
