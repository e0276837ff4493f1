// How far a rotation got, in words and as an exit code.

internal import Rotation
internal import VaultModel

struct RotationOutcome {
    private let ending: RotationDriver.Ending
    private let secret: Metadata
    private let trouble: Complaint?

    init(_ ending: RotationDriver.Ending, _ secret: Metadata, _ trouble: Complaint?) {
        self.ending = ending
        self.secret = secret
        self.trouble = trouble
    }

    func report() throws(Complaint) -> ExitCode {
        guard let rotation = secret.rotation else { return .ok }
        switch ending {
        case .waits(let end):
            try Console.out(waiting(rotation, until: end))
            return .ok
        case .over: return try reportEnd(rotation)
        case .stopped: throw stopped(rotation)
        }
    }

    private var current: String { secret.version(.current).map { "\($0.number)" } ?? "-" }

    private func waiting(_ rotation: RotationJournal, until end: Timestamp) -> String {
        let what =
            rotation.state == .deactivated
            ? "the old one, version \(rotation.old), is switched off and is deleted after \(end)"
            : "version \(rotation.old) stays valid until \(end)"
        return "\"\(secret.name)\": version \(current) is current; \(what)\n"
            + "then `coffer rotate \(secret.name) --resume` goes on, or `coffer rotate --due`\n"
    }

    private func reportEnd(_ rotation: RotationJournal) throws(Complaint) -> ExitCode {
        guard rotation.state == .retired else { return try reportAbandoned(rotation) }
        try Console.out(
            "rotated \"\(secret.name)\": version \(current) is current, version \(rotation.old)"
                + " is retired\n")
        return remainder
    }

    private func reportAbandoned(_ rotation: RotationJournal) throws(Complaint) -> ExitCode {
        let why =
            switch rotation.end {
            case .refused: "the issuer made no key"
            case .full: "there are as many keys at the issuer as it allows"
            case .valueLost:
                "the issuer exchanged the value, and the new one never arrived: make a new key"
                    + " with `coffer capture \(secret.name) --replace`"
            case .asked, nil: "as asked"
            }
        guard rotation.end == .asked || rotation.end == nil else {
            let hints = trouble.map { [$0.words] + $0.hints } ?? []
            throw Complaint(
                .failed,
                "the rotation of \"\(secret.name)\" came to nothing: \(why)", hints: hints)
        }
        let left = rotation.mode == .inPlace && rotation.new != nil
        try Console.out(
            "abandoned the rotation of \"\(secret.name)\": version \(current) is current"
                + (left ? ", the new value waits as a pending version" : "") + "\n")
        return remainder
    }

    /// Keys that nobody decided about need attention.
    private var remainder: ExitCode { secret.strays.isEmpty ? .ok : .findings }

    private func stopped(_ rotation: RotationJournal) -> Complaint {
        var hint =
            "`coffer rotate \(secret.name) --resume` goes on where it is: \(rotation.state.word)"
        if rotation.mode == .command { hint += "; give the commands again" }
        guard let trouble else {
            return Complaint(
                .failed, "the rotation of \"\(secret.name)\" is not over", hints: [hint, abandon])
        }
        // Busy is a rotation that another process is at, refused is what policy forbids: no issuer.
        return Complaint(
            [.busy, .refused].contains(trouble.code) ? .failed : trouble.code,
            trouble.words(about: secret.name), hints: trouble.hints + [hint])
    }

    private var abandon: String { "`coffer rotate \(secret.name) --abandon` takes it back" }
}
