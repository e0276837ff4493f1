// `coffer migrate`: from one issuer's credential to the one that takes its place, with both live.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import SecretMemory
internal import VaultModel

enum MigrateCommand {
    static let target = Option.one(
        "--to", "ISSUER", "the profile of the new one, if there are several", .issuer)
    static let onlyPlan = Option.flag(
        "--plan", "show what would be done and what stops working; nothing is stored")
    static let format = Option.one(
        "--format", "text|json", "of the plan", .words(["text", "json"]))

    static let verb = Verb(
        words: "migrate", summary: "move from an issuer's old credential to the one in its place",
        details: [
            "Such as from an API key of Zscaler Private Access to an API client of OneAPI: the old"
                + " profile says what takes its place. Says what has to be set up, which variables"
                + " of jobs become which, and what stops working; then takes the new credential in"
                + " as `coffer capture` does, under NEWNAME. The old one is not touched: both are"
                + " valid until you delete it.",
            "Public fields that the old one knows, its tags and its rules are taken over; --set"
                + " wins. Each gets a public field that names the other, `migrated_to` and"
                + " `migrated_from`. Behind the receipt stands what is left to type: jobs and"
                + " deliveries are not changed by themselves, and a delivery is one of a secret by"
                + " its name.",
            "With --verify the issuer is asked whether it accepts the new one, as by `coffer"
                + " capture --verify`. Without it nothing is asked of the network.",
        ],
        operands: [.required("NAME"), .required("NEWNAME")],
        options: [
            target, onlyPlan, format, CaptureCommand.set, CaptureCommand.label, CaptureCommand.tag,
            CaptureCommand.expires, CaptureCommand.maximumAge, CaptureCommand.stdin,
            CaptureCommand.field, CaptureCommand.jsonInput, CaptureCommand.clipboard,
            CaptureCommand.watch, CaptureCommand.verify, VerbTable.yes,
        ],
        examples: [
            Example("coffer migrate zpa/ci oneapi/ci --plan", "what would change"),
            Example("coffer migrate zpa/ci oneapi/ci --verify", "answer prompts, the secret last"),
            Example(
                "coffer migrate zpa/ci oneapi/ci --json client.json --set client_id=a1b2"
                    + " --set vanity_domain=acme", "from what the issuer printed"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let (old, new) = (try call.secretName(0), try call.secretName(1))
        guard old != new else {
            throw Complaint(
                .usage, "the new credential needs a name of its own: both are kept")
        }
        try CaptureCommand.refuseSecret(asName: new)
        let isJSON = try isJSON(call)
        if call.has(onlyPlan) {
            let door = try VaultAccess.door(call, for: .reading)
            let plan = try MigrationPlan(from: old, to: new, call, door)
            try Console.out(isJSON ? plan.json : plan.text + plan.afterwards)
            return .ok
        }
        let way = try CaptureWay(call)
        let (session, door) = try VaultAccess.doorIfPossible(call)
        guard let door else { throw Complaint(VaultError.locked) }
        let plan = try MigrationPlan(from: old, to: new, call, door)
        return try migrate(plan, way, call, session, door)
    }

    private static func isJSON(_ call: Invocation) throws(Complaint) -> Bool {
        let text = call.value(of: format)
        guard text == nil || call.has(onlyPlan) else {
            throw Complaint(.usage, "`\(format.name)` needs `\(onlyPlan.name)`")
        }
        switch text {
        case nil, "text": return false
        case "json": return true
        case .some: throw Complaint(.usage, "`\(format.name)` is text or json")
        }
    }

    /// The order is that of a capture: what can fail without the value is tried before it.
    private static func migrate(
        _ plan: MigrationPlan, _ way: CaptureWay, _ call: Invocation, _ session: Session,
        _ door: any Door
    ) throws(Complaint) -> ExitCode {
        let intake = try CaptureIntake(
            call, plan.new, .standard, way, of: plan.target, now: Clock.now()
        ).replacing(plan.old, plan.fields)
        let calling = try calling(call, plan)
        try refuseTaken(plan.new, door)
        try Console.out(plan.text + "\n")
        try Console.flush()
        let captured = try intake.take(by: way)
        let rescue = CaptureRescue(door, session, at: Clock.now())
        let outcome = try rescue.store(captured, .refuse, forgetting: nil)
        let unprinted = CaptureCommand.acknowledge(outcome, captured.draft.name)
        captured.speak()
        CaptureCommand.remark(on: way)
        guard case .stored(let receipt) = outcome, !captured.ending.isForeign else {
            try CaptureCommand.finish(captured.ending, session)
            return .failed
        }
        let stored = plan.with(receipt.metadata.name)
        mark(stored, door)
        let doubt = CaptureCommand.doubt(of: outcome, captured.secrets, calling, door)
        try CaptureCommand.finish(captured.ending, session)
        if let doubt { throw unproved(doubt, stored) }
        guard unprinted == nil else { return .notStored }
        try Console.out("\n" + stored.afterwards)
        return stored.new == plan.new ? .ok : .failed
    }

    private static func calling(
        _ call: Invocation, _ plan: MigrationPlan
    ) throws(Complaint) -> IssuerCalling? {
        guard call.has(CaptureCommand.verify) else { return nil }
        try Verification.require(plan.target)
        return try IssuerCalling()
    }

    private static func refuseTaken(_ name: SecretName, _ door: any Door) throws(Complaint) {
        do throws(VaultError) {
            _ = try door.preflight(name, .refuse, at: Clock.now())
        } catch {
            guard case .nameTaken = error else { throw Complaint(error) }
            throw Complaint(
                .failed, "\"\(name)\" exists already",
                hint: "choose another name; `coffer capture \(name) --replace` stores a new"
                    + " version of that one")
        }
    }

    /// Has the old one name the new one, which was stored with the old one's name.
    private static func mark(_ plan: MigrationPlan, _ door: any Door) {
        let name = plan.old.name
        do throws(VaultError) {
            _ = try door.edit(name, [.set(.migratedTo, plan.new.text)], at: Clock.now())
        } catch {
            Console.warn(
                "that \"\(plan.new)\" takes its place could not be kept with \"\(name)\":"
                    + " \(Complaint(error).words)")
        }
    }

    /// Jobs that are changed to a credential that is not accepted stop.
    private static func unproved(_ doubt: Complaint, _ plan: MigrationPlan) -> Complaint {
        let hint =
            "change no job before it is accepted; `coffer migrate \(plan.old.name) \(plan.new)"
            + " --plan` says what to change"
        return Complaint(doubt.code, doubt.words, hints: doubt.hints + [hint])
    }
}
