// `coffer edit`: changes what is said of a secret, never its value.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import VaultModel

enum EditCommand {
    static let set = Option.many("--set", "FIELD=VALUE", "set a public field")
    static let unset = Option.many("--unset", "FIELD", "remove a public field")
    static let label = Option.one("--label", "TEXT", "set the label; an empty text removes it")
    static let tag = Option.many("--tag", "TAG", "add a tag")
    static let untag = Option.many("--untag", "TAG", "remove a tag")
    static let expires = Option.one("--expires", "DATE|90d|never", "when the issuer lets it expire")
    static let maximumAge = Option.one(
        "--max-age", "90d|never", "age at which it is due for rotation")
    static let managed = Option.one(
        "--managed", "here|elsewhere",
        "whether another console owns it, so that it is read-only here",
        .words(["here", "elsewhere"]))

    static let requireReason = Option.one(
        "--require-reason", "yes|no", "whether it is used only by those who say why (--reason)",
        .words(["yes", "no"]))

    static let requireGrant = Option.one(
        "--require-grant", "yes|no",
        "whether an agent hands it only to programs that it was granted to",
        .words(["yes", "no"]))

    static let verb = Verb(
        words: "edit", summary: "change public fields, label, tags and dates",
        details: [
            "The value of a secret is never edited: `coffer capture --replace` stores a new"
                + " version.",
            "To lift a rule with --require-grant no takes a key of the vault, also while it is"
                + " unlocked; so does changing a public field of a secret with that rule, which may"
                + " say where it is sent.",
        ],
        operands: [.required("NAME")],
        options: [
            set, unset, label, tag, untag, expires, maximumAge, managed, requireReason,
            requireGrant,
        ],
        examples: [
            Example("coffer edit zpa/prod/ci --set cloud=ZPATWO --tag prod", "a field and a tag"),
            Example("coffer edit github/bot --expires 2027-03-31", "a date"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let name = try call.secretName(0)
        let now = Clock.now()
        var changes = try plainChanges(call, now: now)
        let texts = call.values(of: set)
        guard !changes.isEmpty || !texts.isEmpty else {
            throw Complaint(.usage, "nothing to change is named", hint: "see `coffer edit --help`")
        }
        for text in texts { _ = try PublicField.reading(text, nil) }
        let door: any Door =
            try requiresGrant(call) == false
            ? VaultAccess.unlocked(call, for: .changing) : VaultAccess.door(call, for: .changing)
        let metadata = try Complaint.from { () throws(VaultError) in
            try door.describe(name, at: now)
        }
        let profile = ProfileCatalog.standard.known(metadata.issuer)
        for text in texts {
            let (field, value) = try PublicField.reading(text, profile)
            changes.append(try change(field, value, metadata, profile))
        }
        let wanted = changes
        // Where a secret that is handed out by grant only is sent takes a key, too.
        let movesIt = metadata.requiresGrant && wanted.contains(where: \.isOfField)
        let changing: any Door =
            try movesIt && !(door is Session)
            ? VaultAccess.unlocked(call, for: .changing) : door
        let edited = try Complaint.from { () throws(VaultError) in
            try changing.edit(name, wanted, at: Clock.now())
        }
        try Console.out(ShowCommand.text(edited))
        return .ok
    }

    /// What the issuer calls a key is said of one key: older versions hold others.
    private static func change(
        _ field: FieldName, _ value: String, _ secret: Metadata, _ profile: IssuerProfile?
    ) throws(Complaint) -> DescriptionChange {
        if field == PublicField.status { return .status(try PublicField.status(value)) }
        let isOfKey = field == profile?.keyField && secret.version(.current) != nil
        return isOfKey ? .setOfCurrent(field, value) : .set(field, value)
    }

    static func requiresReason(_ call: Invocation) throws(Complaint) -> Bool? {
        try isWanted(requireReason, call)
    }

    static func requiresGrant(_ call: Invocation) throws(Complaint) -> Bool? {
        try isWanted(requireGrant, call)
    }

    private static func isWanted(
        _ option: Option, _ call: Invocation
    ) throws(Complaint) -> Bool? {
        switch call.value(of: option) {
        case nil: return nil
        case "yes": return true
        case "no": return false
        case .some: throw Complaint(.usage, "`\(option.name)` is `yes` or `no`")
        }
    }

    private static func plainChanges(
        _ call: Invocation, now: Timestamp
    ) throws(Complaint) -> [DescriptionChange] {
        var changes: [DescriptionChange] = []
        for text in call.values(of: unset) {
            guard let field = FieldName(text) else {
                throw Complaint(.usage, "`--unset` needs the name of a field")
            }
            changes.append(.unset(field))
        }
        if let text = call.value(of: label) { changes.append(.label(text)) }
        changes += call.values(of: tag).map(DescriptionChange.tag)
        changes += call.values(of: untag).map(DescriptionChange.untag)
        if call.value(of: expires) == "never" {
            changes.append(.expires(nil))
        } else if let time = try call.expiry(expires, now: now) {
            changes.append(.expires(time))
        }
        if call.value(of: maximumAge) == "never" {
            changes.append(.maximumAge(nil))
        } else if let seconds = try call.duration(maximumAge) {
            changes.append(.maximumAge(seconds))
        }
        switch call.value(of: managed) {
        case nil: break
        case "here": changes.append(.managedElsewhere(false))
        case "elsewhere": changes.append(.managedElsewhere(true))
        case .some: throw Complaint(.usage, "`--managed` is `here` or `elsewhere`")
        }
        if let isRequired = try requiresReason(call) { changes.append(.requiresReason(isRequired)) }
        if let isRequired = try requiresGrant(call) { changes.append(.requiresGrant(isRequired)) }
        return changes
    }
}
