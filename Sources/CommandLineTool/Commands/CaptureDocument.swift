// The issuer's own output: a document it wrote, or what its command printed.

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
        let isStandardInput = path == "-"
        let text = isStandardInput ? try Intake.standardInput() : try Intake.document(file: path)
        do throws(CredentialError) {
            switch format {
            case .json:
                let profile = try known(or: catalog.recognise(json: text.bytes))
                return joined(try CredentialParser.parse(json: text.bytes, with: profile), profile)
            case .csv:
                let profile = try known(or: catalog.recognise(csv: text.bytes))
                return joined(try CredentialParser.parse(csv: text.bytes, with: profile), profile)
            }
        } catch {
            guard isStandardInput, !text.isEmpty else { throw Complaint(error, in: path) }
            return keepWhole(text, because: error)
        }
    }

    /// Runs the issuing command. Its standard output reaches nobody but us.
    func takeFromCommand(_ words: [String]) throws(Complaint) -> Captured {
        let outcome = try ChildProcess.capture(words)
        guard outcome.exitCode == 0 else { return try takeFromFailure(outcome) }
        guard !outcome.output.isEmpty else {
            Console.errRaw(outcome.errors)
            throw Complaint(.failed, "the command printed nothing; nothing was stored")
        }
        do throws(CredentialError) {
            let profile = try known(or: guessed(outcome.output.bytes))
            let parsed = try CredentialParser.parse(output: outcome.output.bytes, with: profile)
            Console.errRaw(Redactor.redact(outcome.errors, hiding: parsed.secrets))
            return joined(parsed, profile)
        } catch {
            Console.errRaw(Redactor.redact(outcome.errors, hidingAll: outcome.output))
            return keepWhole(outcome.output, because: error)
        }
    }

    /// A command that failed may have made a secret before it did: what is recognisable as one is
    /// stored. Either way its exit code is passed on.
    private func takeFromFailure(_ outcome: borrowing ChildOutcome) throws(Complaint) -> Captured {
        let code = outcome.exitCode
        do throws(CredentialError) {
            let text = outcome.output.bytes
            let profile = try known(or: catalog.recognise(json: text))
            let parsed = try CredentialParser.parse(json: text, with: profile)
            Console.errRaw(Redactor.redact(outcome.errors, hiding: parsed.secrets))
            Console.warn("the command failed, but it printed a secret, which is stored")
            return joined(parsed, profile, ending: .passOn(code))
        } catch {
            Console.errRaw(Redactor.redact(outcome.errors, hidingAll: outcome.output))
            Console.complain(
                Complaint(.failed, "the command failed (exit code \(code)); nothing was stored"))
            exit(code)
        }
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

    /// Joins what the document says with what the options said; options win.
    private func joined(
        _ parsed: consuming ParsedCredential, _ profile: IssuerProfile,
        ending: Captured.Ending = .done
    ) -> Captured {
        var draft = draft
        draft.issuer = profile.id
        for (field, value) in parsed.fields where draft.fields[field] == nil {
            if field == PublicField.status, isStatusGiven { continue }
            PublicField.put(value, field, into: &draft)
        }
        warnDoubts(about: parsed.secrets, profile)
        noteMissing(draft, parsed.secrets, profile)
        return Captured(draft: draft, secrets: parsed.takeSecrets(), ending: ending)
    }

    /// Output that nobody can produce again is kept whole rather than lost: as the secret field
    /// `output`, to be sorted out by hand.
    private func keepWhole(
        _ text: borrowing SecretBytes, because error: CredentialError
    ) -> Captured {
        let complaint = Complaint(
            .failed, "the output was not understood and is stored whole: \(error.words)",
            hint: "it is the field `output`: `coffer get \(draft.name)#output --show`")
        return Captured(
            draft: draft, secrets: Self.fields(Self.wholeOutput, text), ending: .complain(complaint)
        )
    }

    private static let wholeOutput = FieldName("output") ?? .secret
}
