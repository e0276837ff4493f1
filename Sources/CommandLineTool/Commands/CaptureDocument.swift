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
            let profile = try recognised(text.bytes, format)
            let parsed =
                switch format {
                case .json: try CredentialParser.parse(json: text.bytes, with: profile)
                case .csv: try CredentialParser.parse(csv: text.bytes, with: profile)
                }
            return captured(parsed, profile)
        } catch {
            guard isStandardInput, !text.isEmpty else { throw Complaint(error, in: path) }
            return keepWhole(text, because: error)
        }
    }

    /// Runs the issuing command. Its standard output reaches nobody but us.
    func takeFromCommand(_ words: [String]) throws(Complaint) -> Captured {
        let outcome = try ChildProcess.capture(words)
        let code = outcome.exitCode
        do throws(CredentialError) {
            if code != 0, outcome.output.isEmpty { throw .empty }
            let profile = try recognised(outcome.output.bytes, .json)
            let parsed =
                code == 0
                ? try CredentialParser.parse(output: outcome.output.bytes, with: profile)
                : try CredentialParser.parse(json: outcome.output.bytes, with: profile)
            Console.errRaw(Redactor.redact(outcome.errors, hiding: parsed.secrets))
            var captured = captured(parsed, profile)
            if code != 0 {
                Console.warn("the command failed, but it printed a secret, which is stored")
                captured = captured.ending { Terminal.end(passingOn: outcome) }
            }
            return captured
        } catch {
            Console.errRaw(Redactor.redact(outcome.errors, hidingAll: outcome.output))
            guard code == 0 else {
                Console.complain(Complaint(.failed, "the command failed; nothing was stored"))
                outcome.passOn()
            }
            guard !outcome.output.isEmpty else {
                throw Complaint(.failed, "the command printed nothing; nothing was stored")
            }
            return keepWhole(outcome.output, because: error)
        }
    }

    /// The named profile, or the only one that knows the document.
    private func recognised(
        _ text: Span<UInt8>, _ format: DocumentFormat
    ) throws(CredentialError) -> IssuerProfile {
        if let profile { return profile }
        return try catalog.recognise(text)
    }

    /// Joins what the document says with what the options said; options win.
    private func captured(
        _ parsed: consuming ParsedCredential, _ profile: IssuerProfile
    ) -> Captured {
        var draft = draft
        draft.issuer = profile.id
        draft.fields.merge(parsed.fields) { given, _ in given }
        warnDoubts(about: parsed.secrets, profile)
        noteMissing(draft, parsed.secrets, profile)
        return Captured(draft: draft, secrets: parsed.secrets, afterStoring: { .ok })
    }

    /// Output that nobody can produce again is kept whole rather than lost: as the secret field
    /// `output`, to be sorted out by hand.
    private func keepWhole(
        _ text: borrowing SecretBytes, because error: CredentialError
    ) -> Captured {
        let words = Complaint(error, in: "-").words
        var secrets = SecretFields(capacity: text.count)
        _ = secrets.add(Self.wholeOutput, text.bytes)
        let name = draft.name
        return Captured(draft: draft, secrets: secrets) { () throws(Complaint) in
            throw Complaint(
                .failed, "the output was not understood and is stored whole: \(words)",
                hint: "it is the field `output`: `coffer get \(name)#output --show`")
        }
    }

    private static let wholeOutput = FieldName("output") ?? .secret
}
