// Proving a credential at its issuer, once it is stored: nothing that comes of it touches what is
// stored.

internal import AgentProtocol
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// What the issuer says of a credential.
enum Verification {
    /// The call that proves a credential of a profile: its own, or else that for a session token.
    static func call(of profile: IssuerProfile) -> IssuerCall? {
        profile.call(.verify) ?? profile.call(.exchange)
    }

    /// Fails where the profile has no such call.
    static func require(_ profile: IssuerProfile) throws(Complaint) {
        guard call(of: profile) == nil else { return }
        throw Complaint(
            .usage, "\(profile.id) has no call that proves a credential",
            hint: "leave `--verify` out; nothing was asked for yet")
    }

    /// Whether the issuer accepts a credential. Fails where it is not heard, or has no call for it.
    static func accepts(
        _ credential: CallCredential, by calling: IssuerCalling
    ) throws(Complaint) -> Bool {
        let profile = credential.profile
        guard let call = call(of: profile) else {
            throw Complaint(.failed, "\(profile.id) has no call that proves a credential")
        }
        return try refusal(calling.make(call, with: credential, by: nil)) == nil
    }

    /// Asks the issuer, and keeps what it says with the secret. Returns normally if the credential
    /// is accepted; every error says that the secret is stored all the same.
    static func run(
        _ receipt: Receipt, _ secrets: borrowing SecretFields, _ calling: IssuerCalling,
        _ door: any Door
    ) throws(Complaint) {
        let profile = try ProfileCatalog.standard.named(receipt.metadata.issuer.text)
        let name = receipt.metadata.name
        guard let call = call(of: profile) else {
            throw unverified(
                name, Complaint(.failed, "\(profile.id) has no call that proves a credential"))
        }
        let credential = CallCredential(
            profile, fields: receipt.metadata.fields, secrets: SecretFields(copying: secrets))
        let answer: Complaint?
        do throws(Complaint) {
            answer = try refusal(calling.make(call, with: credential, by: nil))
        } catch {
            throw unverified(name, error)
        }
        let version = receipt.version.number
        guard answer == nil else {
            keep("refused \(Clock.now()) version \(version)", name, door)
            throw Complaint(
                .refused, "the issuer does not accept the new secret of \"\(name)\"",
                hints: [
                    "it is stored all the same, as version \(version):"
                        + " some issuers take half a minute to know a new one",
                    "`coffer token \(name)` tries again where the issuer gives tokens",
                ])
        }
        keep("\(Clock.now()) version \(version)", name, door)
        Console.note("the issuer accepts it")
    }

    /// Nil if the credential is accepted.
    private static func refusal(_ outcome: consuming CallOutcome) throws(Complaint) -> Complaint? {
        switch consume outcome {
        case .done: return nil
        case .refused: return .refusedCredential
        case let other: throw Complaint(other)
        }
    }

    private static func unverified(_ name: SecretName, _ why: Complaint) -> Complaint {
        Complaint(
            .failed, "\"\(name)\" is stored, but not verified: \(why.words)", hints: why.hints)
    }

    private static func keep(_ words: String, _ name: SecretName, _ door: any Door) {
        do throws(VaultError) {
            _ = try door.edit(name, [.set(.verified, words)], at: Clock.now())
        } catch {
            Console.warn(
                "what the issuer said could not be kept with \"\(name)\": \(Complaint(error).words)"
            )
        }
    }
}
