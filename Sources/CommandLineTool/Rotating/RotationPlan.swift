// What a rotation will do, from what the vault and the issuer's list say.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import VaultModel

/// The steps of a rotation that is not begun yet. Nothing that made it changed anything at the
/// issuer.
struct RotationPlan {
    let steps: [PlannedStep]
    /// The secret, with what the list told of its current key.
    let secret: Metadata
    /// What was not known of it before: what the issuer calls its key.
    let learned: DescriptionChange?

    init(
        for secret: Metadata, by service: any KeyService, grace: UInt64
    ) throws(Complaint) {
        var secret = secret
        var planner = Planner(
            mode: service.mode, abilities: Self.abilities(secret, service),
            administrator: service.administrator, grace: grace, keys: nil, currentID: nil)
        // Whatever would be refused without the issuer is refused without asking it.
        _ = try Self.steps(planner, secret)
        var learned: DescriptionChange?
        if service.mode == .dual, planner.abilities.list {
            let listed = try service.list(secret)
            learned = try Self.learn(listed, secret, service)
            if let learned {
                try Complaint.from { () throws(VaultError) in try secret.apply(learned) }
            }
            planner.keys = Self.keys(listed, secret, service)
            planner.abilities = Self.abilities(secret, service)
        }
        planner.currentID = secret.version(.current).flatMap {
            secret.keyID(of: $0, by: service.keyField)
        }
        steps = try Self.steps(planner, secret)
        self.secret = secret
        self.learned = learned
    }

    /// What can be done now. A rotation that is over says nothing of it.
    private static func abilities(_ secret: Metadata, _ service: any KeyService) -> Abilities {
        guard secret.rotation?.state.isOver == true else { return service.abilities(for: secret) }
        var fresh = secret
        fresh.rotation = nil
        return service.abilities(for: fresh)
    }

    private static func steps(
        _ planner: Planner, _ secret: Metadata
    ) throws(Complaint) -> [PlannedStep] {
        do throws(PlanRefusal) { return try planner.plan(for: secret) } catch {
            throw Complaint(error, secret.name)
        }
    }

    private static func keys(
        _ listed: [ListedKey], _ secret: Metadata, _ service: any KeyService
    ) -> [KeyAtIssuer] {
        listed.compactMap { key in
            guard let field = service.keyField, let id = key.fields[field].flatMap({ KeyID($0) })
            else { return nil }
            let holder = secret.holder(of: key).map {
                KeyAtIssuer.Holder.version($0.number, $0.state)
            }
            return KeyAtIssuer(id: id, isActive: key.isActive ?? true, holder: holder ?? .nobody)
        }
    }

    /// What the issuer calls the current key, if that was not known: by other fields, or because
    /// there is no other key and this one is accepted. Fails if the list contradicts what is known.
    private static func learn(
        _ listed: [ListedKey], _ secret: Metadata, _ service: any KeyService
    ) throws(Complaint) -> DescriptionChange? {
        guard let field = service.keyField, let current = secret.version(.current) else {
            return nil
        }
        if let known = secret.fields(of: current)[field] {
            let own = listed.first { $0.fields[field] == known }
            guard own.map({ !secret.contradicts($0, current) }) ?? true else {
                throw unknown(listed, secret, field)
            }
            return nil
        }
        var own = listed.first { secret.holder(of: $0)?.number == current.number }
        if own == nil, listed.count == 1, !secret.contradicts(listed[0], current),
            service.abilities(for: secret).verify, try service.verify(current, of: secret)
        {
            own = listed[0]
        }
        guard let id = own?.fields[field] else { throw unknown(listed, secret, field) }
        return .setOfCurrent(field, id)
    }

    private static func unknown(
        _ listed: [ListedKey], _ secret: Metadata, _ field: FieldName
    ) -> Complaint {
        let ids = listed.compactMap { $0.fields[field] }.map(Escaped.text)
        return Complaint(
            .refused, "which key at the issuer that of \"\(secret.name)\" is, is not known",
            hint: "`coffer edit \(secret.name) --set \(field)=ID` says it; there are: "
                + ids.joined(separator: ", "))
    }

    private static func words(_ step: PlannedStep) -> String {
        switch step {
        case .grace(let seconds): "keep both valid for \(Duration.text(seconds))"
        case .soak(let seconds), .waitForOlder(let seconds): "wait \(Duration.text(seconds))"
        default: Escaped.text(step.words)
        }
    }

    /// As a person reads it.
    func text(_ mode: RotationMode) -> String {
        let lines = steps.enumerated().map { place, step in
            "\(place + 1). \(Self.words(step))\n"
        }
        return "\"\(secret.name)\", \(mode.word):\n" + lines.joined()
    }
}

extension Complaint {
    /// Why a rotation is not begun.
    init(_ refusal: PlanRefusal, _ name: SecretName) {
        let words = "\"\(name)\" is not rotated: \(Escaped.text(refusal.words))"
        switch refusal {
        case .running:
            self.init(
                .busy, words,
                hint: "`coffer rotate \(name) --resume` goes on, `--abandon` takes it back")
        case .administratorMissing(let issuer):
            self.init(
                .usage, words,
                hints: [
                    "capture one: `coffer capture NAME --issuer \(issuer)`, or name one with"
                        + " \(RotateCommand.admin.name)",
                    "or make the key by hand: `coffer rotate \(name) --guided`",
                ])
        case .modeUnfit:
            self.init(
                .usage, words,
                hint: "`--guided` has a person make the key, `--from 'COMMAND'` a command")
        case .noCurrentVersion: self.init(.notFound, words)
        case .managedElsewhere: self.init(.refused, words)
        case .oneSlot, .full:
            self.init(
                .refused, words, hint: "delete one at the issuer's console; see `coffer history`")
        case .currentUnknown(let id):
            self.init(
                .refused, words,
                hint: "was \(Escaped.text(id.text)) deleted at the issuer? a new key is captured"
                    + " with `coffer capture \(name) --replace`")
        }
    }
}
