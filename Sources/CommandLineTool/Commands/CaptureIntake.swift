// From what a person, an issuer or a clipboard hands out to a draft and its values.

internal import Issuers
internal import SecretMemory
internal import VaultModel

/// Everything of a capture that is known before the value is.
struct CaptureIntake {
    private(set) var draft: SecretDraft
    let catalog: ProfileCatalog
    /// Nil until the issuer's own output says which profile it is.
    private(set) var profile: IssuerProfile?
    /// The secret that gets a new version, if there is one.
    private(set) var before: Metadata?
    /// The command that makes the secret, if there is one.
    let command: IssuingCommand?
    let questions: Questions
    /// Public fields as they were given, and whether their profile was.
    private let settings: [String]
    private let isProfileGiven: Bool

    /// Whether questions are asked.
    enum Questions: Hashable, Sendable {
        case ask
        case answerYes
    }

    /// Reads the options. A public value that the profile forbids is refused here, before there is
    /// a secret that could be lost.
    init(
        _ call: Invocation, _ name: SecretName, _ catalog: ProfileCatalog, _ way: CaptureWay,
        of issuer: IssuerProfile? = nil, now: Timestamp
    ) throws(Complaint) {
        self.catalog = catalog
        questions = call.has(VerbTable.yes) || !Terminal.isInteractive ? .answerYes : .ask
        if let issuer { profile = issuer } else { profile = try Self.profile(call, catalog, way) }
        var draft = SecretDraft(name: name, issuer: profile?.id ?? .generic)
        draft.label = call.value(of: CaptureCommand.label) ?? ""
        draft.tags = call.values(of: CaptureCommand.tag)
        draft.expires = try call.expiry(CaptureCommand.expires, now: now)
        draft.maximumAge = try call.duration(CaptureCommand.maximumAge)
        draft.requiresReason = try EditCommand.requiresReason(call)
        draft.requiresGrant = try Self.requiresGrant(call)
        settings = call.values(of: CaptureCommand.set)
        isProfileGiven = issuer != nil || call.has(CaptureCommand.issuer)
        for text in settings {
            let (field, value) = try PublicField.reading(text, profile)
            if field == PublicField.status {
                draft.status = try PublicField.status(value)
            } else {
                draft.fields[field] = value
            }
        }
        let checked = draft
        try Complaint.from { () throws(VaultError) in try checked.checkBounds() }
        self.draft = draft
        if case .command(let words) = way {
            command = IssuingCommand(words)
        } else {
            command = nil
        }
    }

    /// The same for a secret that is there already: it keeps its issuer unless another is named or
    /// recognised, so that its new version has the fields that jobs ask for.
    func succeeding(_ before: Metadata) throws(Complaint) -> CaptureIntake {
        var next = self
        next.before = before
        guard !isProfileGiven, profile != nil, let known = try? catalog.profile(before.issuer)
        else {
            return next
        }
        for text in settings { _ = try PublicField.reading(text, known) }
        next.profile = known
        next.draft.issuer = known.id
        return next
    }

    /// The same for a key that replaces another: whatever brings it, it is of that one's issuer.
    func replacing(_ before: Metadata, of profile: IssuerProfile) -> CaptureIntake {
        var next = self
        next.before = before
        next.profile = profile
        next.draft.issuer = profile.id
        return next
    }

    /// The field that named the key before, if the draft does not say what the new one is called:
    /// with the id of that one the wrong key would be deleted.
    func forgottenField(in draft: SecretDraft) -> FieldName? {
        guard let profile = catalog.known(draft.issuer), profile.lifetime.rotation != .inPlace,
            let key = profile.keyField, draft.fields[key] == nil, before?.fields[key] != nil
        else { return nil }
        return key
    }

    /// The same for a secret that takes the place of one of another issuer: it has its tags and is
    /// used by its rules. What was given wins over `fields`.
    func replacing(_ old: Metadata, _ fields: [FieldName: String]) -> CaptureIntake {
        var next = self
        next.draft.fields.merge(fields) { given, _ in given }
        next.draft.tags += old.tags.filter { !draft.tags.contains($0) }
        next.draft.maximumAge = draft.maximumAge ?? old.maximumAge
        next.draft.requiresReason = old.requiresReason
        next.draft.requiresGrant = old.requiresGrant
        return next
    }

    /// A value that is stored lifts no rule: whoever may only store would lift it for all values.
    static func requiresGrant(_ call: Invocation) throws(Complaint) -> Bool {
        guard let isRequired = try EditCommand.requiresGrant(call) else { return false }
        guard isRequired else {
            throw Complaint(
                .usage, "storing a value does not lift `\(EditCommand.requireGrant.name)`",
                hint: "`coffer edit NAME \(EditCommand.requireGrant.name) no` does")
        }
        return true
    }

    /// The named profile; without a name the issuer's own output will say, else it is generic.
    private static func profile(
        _ call: Invocation, _ catalog: ProfileCatalog, _ way: CaptureWay
    ) throws(Complaint) -> IssuerProfile? {
        if let text = call.value(of: CaptureCommand.issuer) {
            return try catalog.named(text)
        }
        switch way {
        case .json, .csv, .command: return nil
        case .prompts, .standardInput, .clipboard: return try catalog.named("generic")
        }
    }

    func take(by way: CaptureWay) throws(Complaint) -> Captured {
        switch way {
        case .prompts: return try takeFromPrompts()
        case .standardInput(let field): return try takeFromStandardInput(field)
        case .clipboard(let field, let patience):
            return try takeFromClipboard(field, patience: patience)
        case .json(let path): return try takeDocument(.json, path)
        case .csv(let path): return try takeDocument(.csv, path)
        case .command(let words): return try takeFromCommand(command ?? IssuingCommand(words))
        }
    }

    /// The profile of ways that carry no description of their own.
    private func knownProfile() throws(Complaint) -> IssuerProfile {
        if let profile { return profile }
        return try catalog.named("generic")
    }
}

// A person at a terminal, or a value alone.
extension CaptureIntake {
    private func takeFromPrompts() throws(Complaint) -> Captured {
        let profile = try knownProfile()
        guard Terminal.isInteractive else {
            throw Complaint(
                .usage, "there is no terminal to ask for the secret",
                hint: "use --stdin, --json, --csv, --clipboard or -- COMMAND")
        }
        var draft = draft
        try askPublicFields(of: profile, into: &draft)
        var secrets = SecretFields()
        for field in profile.secretFields { try askSecret(field, of: profile, into: &secrets) }
        guard !secrets.isEmpty else { throw Complaint(.valueEmpty) }
        return Captured(draft: draft, secrets: secrets, ending: .done)
    }

    private func takeFromStandardInput(_ named: FieldName?) throws(Complaint) -> Captured {
        let profile = try knownProfile()
        let field = try Self.onlySecretField(named, of: profile)
        let value = try Intake.standardInput()
        guard !value.isEmpty else { throw Complaint(.valueEmpty) }
        let secrets = Self.fields(field, value)
        warnDoubts(about: secrets, profile)
        noteMissing(draft, secrets, profile)
        return Captured(draft: draft, secrets: secrets, ending: .done)
    }

    private func takeFromClipboard(
        _ named: FieldName?, patience: UInt64?
    ) throws(Complaint) -> Captured {
        let profile = try knownProfile()
        let field = try Self.onlySecretField(named, of: profile)
        let clipboard = try Clipboard.find()
        var draft = draft
        if Terminal.isInteractive { try askPublicFields(of: profile, into: &draft) }
        let value = try Self.read(clipboard, patience: patience)
        guard !value.isEmpty else { throw Complaint(.failed, "the clipboard is empty") }
        var secrets = Self.fields(field, value)
        if case .ask = questions {
            try confirmDoubts(about: value, field, profile)
            for other in profile.secretFields where other.name != field {
                try askSecret(other, of: profile, into: &secrets)
            }
        } else {
            warnDoubts(about: secrets, profile)
        }
        noteMissing(draft, secrets, profile)
        return Captured(
            draft: draft, secrets: secrets, ending: .clear(ClipboardContent(clipboard, value)))
    }

    /// One field with its value.
    static func fields(_ name: FieldName, _ value: borrowing SecretBytes) -> SecretFields {
        var fields = SecretFields(capacity: value.count)
        _ = fields.add(name, value.bytes)
        return fields
    }

    private static func read(
        _ clipboard: Clipboard, patience: UInt64?
    ) throws(Complaint) -> SecretBytes {
        guard let patience else { return try clipboard.read() }
        Console.note("waiting \(patience) s for something new on the clipboard")
        switch try clipboard.watch(seconds: patience) {
        case .some(let value): return value
        case .none: throw Complaint(.failed, "nothing new was copied within \(patience) s")
        }
    }

    /// The field that a lone value is: the named one, or the profile's only required one.
    private static func onlySecretField(
        _ named: FieldName?, of profile: IssuerProfile
    ) throws(Complaint) -> FieldName {
        if let named {
            if let field = profile.field(named), field.role == .publicField {
                throw Complaint(
                    .usage, "\"\(named)\" is a public field of \(profile.id)",
                    hint: "give it with `--set \(named)=VALUE`")
            }
            return named
        }
        let all = profile.secretFields
        let required = all.filter { $0.requirement == .required }
        guard let field = required.count == 1 ? required.first : all.first, required.count <= 1
        else {
            let names = required.map { "`\($0.name)`" }.joined(separator: ", ")
            throw Complaint(
                .usage, "\(profile.id) has several secret fields: \(names)",
                hint: "use --json, --csv or prompts, or name one with --field")
        }
        return field.name
    }
}
