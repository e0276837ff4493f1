// The issuer's own words: a document it wrote, or what its command printed.

internal import Glibc
internal import Issuers
internal import SecretMemory
internal import VaultModel

extension CaptureIntake {
    enum DocumentFormat: Hashable, Sendable {
        case json, csv
    }

    /// A document from a file or, with `-`, from standard input.
    func takeDocument(_ format: DocumentFormat, _ path: String) throws(Complaint) -> Captured {
        let text = try IssuersText(path: path)
        do throws(CredentialError) {
            switch format {
            case .json:
                let profile = try known(or: catalog.recognise(json: text.content.bytes))
                let parsed = try CredentialParser.parse(json: text.content.bytes, with: profile)
                return try joined(parsed, profile, text)
            case .csv:
                let profile = try known(or: catalog.recognise(csv: text.content.bytes))
                let parsed = try CredentialParser.parse(csv: text.content.bytes, with: profile)
                return try joined(parsed, profile, text)
            }
        } catch {
            guard text.origin == .passing, !text.isBlank else { throw Complaint(error, in: path) }
            return keptWhole(text, because: error)
        }
    }

    /// Runs the issuing command. Its standard output reaches nobody but us.
    func takeFromCommand(_ command: IssuingCommand) throws(Complaint) -> Captured {
        let outcome = try command.run()
        let code = outcome.exitCode
        let messages = outcome.messages
        let text = IssuersText(output: outcome.output)
        guard !text.isBlank else {
            messages.show(hiding: SecretFields())
            guard code != 0 else {
                throw Complaint(.failed, "the command printed nothing; nothing was stored")
            }
            throw Complaint.passing(
                on: code, "the command failed (exit code \(code)); nothing was stored")
        }
        var captured = code == 0 ? understood(text) : salvaged(text, code)
        captured.messages = messages
        return captured
    }

    /// What a command printed that went well.
    private func understood(_ text: borrowing IssuersText) -> Captured {
        do throws(CredentialError) {
            let profile = try known(or: guessed(text.content.bytes))
            let parsed = try CredentialParser.parse(output: text.content.bytes, with: profile)
            return try joined(parsed, profile, text)
        } catch {
            return keptWhole(text, because: error)
        }
    }

    /// A command that failed may have made a secret before it did: whatever it printed is stored,
    /// and its exit code is passed on. A value alone may as well be words, unless it has the shape
    /// of the issuer's.
    private func salvaged(_ text: borrowing IssuersText, _ code: Int32) -> Captured {
        let remark = "the command failed (exit code \(code)), but what it printed is stored"
        do throws(CredentialError) {
            let profile = try known(or: guessed(text.content.bytes))
            let parsed = try CredentialParser.parse(output: text.content.bytes, with: profile)
            guard parsed.form == .document || Self.isShaped(parsed.secrets, profile) else {
                throw .shapeless
            }
            var captured = try joined(parsed, profile, text, ending: .passOn(code))
            captured.remarks.insert(remark, at: 0)
            return captured
        } catch {
            var captured = keptWhole(text, because: error, ending: .passOn(code))
            captured.remarks.insert(remark, at: 0)
            return captured
        }
    }

    private static func isShaped(
        _ secrets: borrowing SecretFields, _ profile: IssuerProfile
    ) -> Bool {
        for field in profile.secretFields where secrets.contains(field.name) {
            if !profile.isShaped(secrets.value(of: field.name), as: field) { return false }
        }
        return true
    }

    /// The named profile, or the one that is found.
    private func known(
        or find: @autoclosure () throws(CredentialError) -> IssuerProfile
    ) throws(CredentialError) -> IssuerProfile {
        if let profile { return profile }
        return try find()
    }

    /// The profile that knows the output, or the generic one.
    private func guessed(_ text: Span<UInt8>) throws(CredentialError) -> IssuerProfile {
        if let known = try? catalog.recognise(json: text) { return known }
        if let known = try? catalog.recognise(csv: text) { return known }
        guard let generic = catalog.known(.generic) else { throw .noProfile }
        return generic
    }
}

// From what was read to what is stored. Once there is a secret, nothing here fails for want of
// sense in the rest.
extension CaptureIntake {
    /// Joins what the document says with what the options said; options win.
    private func joined(
        _ parsed: consuming ParsedCredential, _ profile: IssuerProfile,
        _ text: borrowing IssuersText, ending: Captured.Ending = .done
    ) throws(CredentialError) -> Captured {
        guard Self.total(parsed.secrets) <= Intake.longestValue else { throw .tooLong }
        var draft = draft
        draft.issuer = profile.id
        var leftovers = parsed.leftovers
        for (field, value) in parsed.fields where draft.fields[field] == nil {
            if field == PublicField.status, draft.status != nil { continue }
            if value.utf8.count <= Metadata.longestField {
                PublicField.put(value, field, into: &draft)
            } else {
                leftovers.append(field.text)
            }
        }
        warnDoubts(about: parsed.secrets, profile)
        noteMissing(draft, parsed.secrets, profile)
        var remarks: [String] = []
        if parsed.form == .valueAlone, CredentialParser.holdsDocument(text.content.bytes) {
            remarks.append(
                "no profile knows the document in the output: all of it is stored as one secret")
        }
        var secrets = parsed.takeSecrets()
        if !leftovers.isEmpty {
            remarks.append(keep(text, for: leftovers, of: profile, beside: &secrets, draft))
        }
        return Captured(draft: draft, secrets: secrets, ending: ending, remarks: remarks)
    }

    /// Stores the text too if it holds more than the profile knows and cannot be read again.
    /// Returns what is to be said about it: keys, no values.
    private func keep(
        _ text: borrowing IssuersText, for leftovers: [String], of profile: IssuerProfile,
        beside secrets: inout SecretFields, _ draft: SecretDraft
    ) -> String {
        let names = Self.listed(leftovers)
        if text.origin == .file { return "not stored, for \(profile.id) has no field: \(names)" }
        let field = Self.freeName(beside: secrets, draft)
        let room = Intake.longestValue - Self.total(secrets)
        let isCut = text.content.count > room
        _ = secrets.add(field, text.content.bytes.extracting(first: room))
        return "\(profile.id) has no field for \(names): \(isCut ? "the beginning of" : "all of")"
            + " the output is stored too, as the secret field \(field)"
    }

    /// Output that nobody can produce again is kept whole rather than lost, to be sorted out by
    /// hand.
    private func keptWhole(
        _ text: borrowing IssuersText, because error: CredentialError,
        ending: Captured.Ending? = nil
    ) -> Captured {
        let field = Self.freeName(beside: SecretFields(), draft)
        let kept =
            text.content.count > Intake.longestValue ? "its first 16 MiB are stored" : "is stored"
        let words = "the output was not understood and \(kept) whole: \(error.words)"
        let hint = "it is the field `\(field)`: `coffer get \(draft.name)#\(field) --show`"
        var secrets = SecretFields()
        _ = secrets.add(field, text.content.bytes.extracting(first: Intake.longestValue))
        if let ending {
            return Captured(
                draft: draft, secrets: secrets, ending: ending, remarks: [words, hint])
        }
        return Captured(
            draft: draft, secrets: secrets,
            ending: .complain(Complaint(.failed, words, hint: hint)))
    }

    /// `output`, or the first such name that is no other field's.
    private static func freeName(
        beside secrets: borrowing SecretFields, _ draft: SecretDraft
    ) -> FieldName {
        for number in 1...Metadata.mostEntries {
            let name = FieldName(number == 1 ? "output" : "output_\(number)") ?? .secret
            if !secrets.contains(name), draft.fields[name] == nil { return name }
        }
        return .secret
    }

    private static func total(_ secrets: borrowing SecretFields) -> Int {
        var total = 0
        for name in secrets.names { total += secrets.count(of: name) ?? 0 }
        return total
    }

    /// The first few, and how many there are besides.
    private static func listed(_ names: [String]) -> String {
        let shown = names.prefix(8).map { $0.utf8.count <= 64 ? Escaped.text($0) : "a long name" }
        let rest = names.count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
