// What is wrong with the keys of a vault: descriptions, uses, values and slots, judged together.

internal import Issuers
internal import VaultModel

/// Everything that `audit health` looks at. Pure.
struct Health {
    /// After so many days without use a key is one that nobody needs.
    static let unusedDays: UInt64 = 90
    /// Most names that a finding lists.
    private static let mostNames = 3

    let secrets: [(RecordID, Metadata)]
    let ledger: UsageLedger
    /// Of the secret fields of current versions.
    let judgements: [ValueJudgement]
    let slots: [KeySlotSummary]
    let now: Timestamp
    /// How far to look ahead, in seconds.
    let span: UInt64
    let profiles: KnownProfiles

    /// Hidden secrets are left out, and their judgements.
    init(
        _ secrets: [(RecordID, Metadata)], _ ledger: UsageLedger, _ judgements: [ValueJudgement],
        _ slots: [KeySlotSummary], now: Timestamp, within span: UInt64 = Due.standardSpan,
        profiles: KnownProfiles
    ) {
        self.secrets = secrets.filter { $0.1.removed == nil }
        let names = Set(self.secrets.map(\.1.name))
        self.ledger = ledger
        self.judgements = judgements.filter { names.contains($0.name) }
        self.slots = slots
        self.now = now
        self.span = span
        self.profiles = profiles
    }

    /// The most severe first, then by id and name.
    func findings() -> [Finding] {
        let found =
            vault() + secrets.flatMap { dates($0, $1) + use($0, $1) } + values() + sharing()
        return found.sorted { left, right in
            if left.severity != right.severity { return left.severity > right.severity }
            let (one, other) = (left.kind.rawValue, right.kind.rawValue)
            return (one, left.name?.text ?? "", left.field?.text ?? "", left.words)
                < (other, right.name?.text ?? "", right.field?.text ?? "", right.words)
        }
    }

    private func vault() -> [Finding] {
        guard slots.count == 1 else { return [] }
        return [
            Finding(
                kind: .singleSlot, severity: .medium, name: nil,
                words: "one key alone opens the vault: without it everything is lost",
                hint: "`coffer slot add --new-recovery` makes a second one")
        ]
    }
}

// Time.
extension Health {
    /// What is due. A disabled key harms nobody by its age: that is said, but softly.
    private func dates(_ id: RecordID, _ secret: Metadata) -> [Finding] {
        let end = now.adding(seconds: span)
        return Due.dates(id, secret, profiles[secret.issuer]).filter { $0.time <= end }.map { due in
            let (kind, severity) = weight(of: due)
            return Finding(
                kind: kind, severity: secret.status == .disabled ? .low : severity,
                name: secret.name,
                words: "it \(due.words(at: now)) (\(due.time.date))",
                hint: secret.isManagedElsewhere
                    ? "make a new one where it is managed, and capture it"
                    : "make a new one at the issuer; `coffer capture \(secret.name) --replace`"
                        + " stores it")
        }
    }

    private func weight(of due: DueDate) -> (FindingKind, Severity) {
        guard due.isOver(at: now) else { return (.dueSoon, .medium) }
        switch due.reason {
        case .expires: return (.expired, .high)
        case .issuersLimit: return (.expired, .medium)
        case .maximumAge: return (.overAge, .medium)
        }
    }
}

// Use.
extension Health {
    private func use(_ id: RecordID, _ secret: Metadata) -> [Finding] {
        let usage = ledger.usage(of: id)
        var found: [Finding] = []
        if let read = usage.lastWhileDisabled {
            found.append(
                Finding(
                    kind: .disabledButUsed, severity: .high, name: secret.name,
                    words: "it is disabled, and was used on \(read.date)",
                    hint: "`coffer audit log --name \(secret.name)` shows by whom"))
        }
        if let read = usage.lastAfterExpiry {
            found.append(
                Finding(
                    kind: .usedAfterExpiry, severity: .medium, name: secret.name,
                    words: "it expired on \(secret.expires?.date ?? "-") and was used on"
                        + " \(read.date)",
                    hint: "a job fails, or the date is wrong: `coffer edit \(secret.name)"
                        + " --expires DATE`"))
        }
        // A disabled key is not meant to be used.
        if secret.status == .enabled, let since = ledger.unusedSince(id, secret),
            since.adding(seconds: Self.unusedDays * Age.secondsOfDay) <= now
        {
            let age = Age.long(now.seconds(since: since))
            found.append(
                Finding(
                    kind: .unused, severity: .low, name: secret.name,
                    words: usage.wasUsed
                        ? "nothing has used it for \(age)"
                        : "nothing has ever used it, for \(age)",
                    hint: "revoke it at the issuer, then `coffer rm \(secret.name)`; or"
                        + " `coffer disable \(secret.name)` first"))
        }
        return found
    }
}

// Values.
extension Health {
    private func values() -> [Finding] {
        judgements.flatMap { judgement in
            [weakness(judgement)].compactMap { $0 }
                + judgement.doubts.map { finding(judgement, $0) }
        }
    }

    private func weakness(_ judgement: ValueJudgement) -> Finding? {
        let isShort = judgement.length < 12
        let words = "\(judgement.field): \(judgement.length) bytes"
        let severity: Severity
        switch judgement.strength {
        case .fair: return nil
        case .weak: severity = .medium
        case .guessable: severity = .high
        }
        return Finding(
            kind: .weakValue, severity: severity, name: judgement.name, field: judgement.field,
            words: isShort
                ? "\(words) are too few for a key"
                : "\(words) of few kinds, or repeating each other",
            hint: "if this is the whole value, have the issuer make a new one")
    }

    private func finding(_ judgement: ValueJudgement, _ doubt: ShapeDoubt) -> Finding {
        let (kind, severity): (FindingKind, Severity) =
            switch doubt {
            case .checksum: (.checksumMismatch, .high)
            case .masked: (.shapeMismatch, .high)
            case .shape, .spaceAround, .newlineAtEnd: (.shapeMismatch, .medium)
            }
        return Finding(
            kind: kind, severity: severity, name: judgement.name, field: judgement.field,
            words: "\(judgement.field): \(Escaped.text(doubt.words))",
            hint: "copy it again where it was issued, if it can still be seen:"
                + " `coffer capture \(judgement.name) --replace`")
    }

    /// One finding for each name, so that each can be accepted by itself.
    private func sharing() -> [Finding] {
        var names: [ValueFingerprint: Set<SecretName>] = [:]
        for judgement in judgements {
            names[judgement.fingerprint, default: []].insert(judgement.name)
        }
        return judgements.compactMap { judgement in
            let others = (names[judgement.fingerprint] ?? []).subtracting([judgement.name])
            guard !others.isEmpty else { return nil }
            let more = others.count - Self.mostNames
            let list = others.sorted().prefix(Self.mostNames).map { "\"\($0)\"" }
                .joined(separator: ", ")
            return Finding(
                kind: .sharedValue, severity: .medium, name: judgement.name,
                field: judgement.field,
                words: "\(judgement.field): the same value is in \(list)"
                    + (more > 0 ? " and \(more) more" : ""),
                hint: "give each use a key of its own, or keep one name and remove the others")
        }
    }
}
