// What a capture asks of a person, and what it remarks when there is none.

internal import Issuers
internal import SecretMemory
internal import VaultModel

extension CaptureIntake {
    /// Asks for the public fields that no option gave; an impossible answer is asked for again.
    func askPublicFields(
        of profile: IssuerProfile, into draft: inout SecretDraft
    ) throws(Complaint) {
        for field in profile.publicFields
        where field.asking == .atAPrompt && !isGiven(field.name, draft) {
            while true {
                let answer = try Terminal.readLine(
                    prompt: PublicField.prompt(field), default: usual(field))
                if answer.isEmpty {
                    if field.requirement == .optional { break }
                    Console.warn("\(Escaped.text(field.title)) is needed")
                } else if let defect = profile.defect(inPublic: answer, of: field) {
                    Console.warn(Escaped.text("\(field.title): \(defect.words)"))
                } else {
                    PublicField.put(answer, field.name, into: &draft)
                    break
                }
            }
        }
    }

    private func isGiven(_ field: FieldName, _ draft: SecretDraft) -> Bool {
        draft.fields[field] != nil || field == PublicField.status && draft.status != nil
    }

    /// What Enter alone means: what the secret has so far, else what the profile proposes.
    private func usual(_ field: ProfileField) -> String {
        let kept =
            field.name == PublicField.status
            ? before.map { "\($0.status)" } : before?.fields[field.name]
        return kept ?? field.defaultValue ?? ""
    }

    /// Asks for one secret field, hidden, until the person is content with it.
    func askSecret(
        _ field: ProfileField, of profile: IssuerProfile, into secrets: inout SecretFields
    ) throws(Complaint) {
        while true {
            let answer = try Terminal.readHiddenLines(prompt: field.title)
            guard try isWhole(lines: answer.unmarkedLines) else { continue }
            let value = answer.take()
            if value.isEmpty {
                if field.requirement == .optional { return }
                Console.warn("\(Escaped.text(field.title)) is needed")
                continue
            }
            if try isAccepted(value, field, profile) {
                _ = secrets.add(field.name, value.bytes)
                return
            }
        }
    }

    /// Whether lines that came at once, but not marked as a paste, are one value.
    private func isWhole(lines: Int) throws(Complaint) -> Bool {
        guard lines > 0 else { return true }
        Console.warn("\(lines) lines came at once, without the marks of a paste")
        if questions == .answerYes { return true }
        return try Terminal.confirm("is all of it the value?", default: .yes)
    }

    /// Says what is odd about a value and asks whether it is to be stored; a no is the end.
    func confirmDoubts(
        about value: borrowing SecretBytes, _ name: FieldName, _ profile: IssuerProfile
    ) throws(Complaint) {
        guard let field = profile.field(name) else { return }
        guard try isAccepted(value, field, profile) else {
            throw Complaint(.failed, "nothing was stored")
        }
    }

    private func isAccepted(
        _ value: borrowing SecretBytes, _ field: ProfileField, _ profile: IssuerProfile
    ) throws(Complaint) -> Bool {
        let doubts = profile.doubts(about: value.bytes, of: field)
        for doubt in doubts { Console.warn(Escaped.text("\(field.title): \(doubt.words)")) }
        if doubts.isEmpty || questions == .answerYes { return true }
        return try Terminal.confirm("store it all the same?", default: .no)
    }

    /// Says what is odd about the values; they are stored whatever it is.
    func warnDoubts(about secrets: borrowing SecretFields, _ profile: IssuerProfile) {
        for name in secrets.names {
            guard let field = profile.field(name) else { continue }
            for doubt in profile.doubts(about: secrets.value(of: name), of: field) {
                Console.warn(Escaped.text("\(field.title): \(doubt.words)"))
            }
        }
    }

    /// Says which required public fields are not there; they can be added later, the value cannot.
    func noteMissing(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, _ profile: IssuerProfile
    ) {
        for field in profile.fields where field.requirement == .required {
            switch field.role {
            case .publicField:
                if isGiven(field.name, draft) { continue }
                Console.warn(
                    "\(field.name) is not given; add it with `coffer edit \(draft.name)"
                        + " --set \(field.name)=VALUE`")
            case .secret:
                if secrets.contains(field.name) { continue }
                Console.warn("the secret field \(field.name) is not given")
            }
        }
    }
}
