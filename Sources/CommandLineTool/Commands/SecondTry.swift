// A second run of a job, with the versions before, where the issuer refuses the current ones.

internal import AgentProtocol
internal import Issuers
internal import VaultModel

/// A job that is run once more if it fails for want of a key that is accepted.
struct SecondTry {
    /// Exit codes by which the job says itself that it was not let in.
    private let codes: Set<Int32>

    /// Nil unless it is asked for.
    init?(_ call: Invocation) throws(Complaint) {
        codes = try Self.codes(call)
        guard call.has(RunCommand.fallback) else {
            guard codes.isEmpty else {
                throw Complaint(
                    .usage,
                    "`\(RunCommand.fallbackOn.name)` needs `\(RunCommand.fallback.name)`")
            }
            return nil
        }
        guard !call.has(VerbTable.passphraseDescriptor) else {
            throw Complaint(
                .usage,
                "`\(RunCommand.fallback.name)` may open the vault twice, and"
                    + " `\(VerbTable.passphraseDescriptor.name)` is read once",
                hint: "use --passphrase-file or --key-file, or unlock the vault")
        }
    }

    private static func codes(_ call: Invocation) throws(Complaint) -> Set<Int32> {
        var codes: Set<Int32> = []
        for list in call.values(of: RunCommand.fallbackOn) {
            for text in list.split(separator: ",", omittingEmptySubsequences: false) {
                guard let code = Int32(text), (1...255).contains(code), String(code) == text else {
                    throw Complaint(
                        .usage,
                        "`\(RunCommand.fallbackOn.name)` needs exit codes from 1 to 255, as in 77"
                            + " or 77,78")
                }
                codes.insert(code)
            }
        }
        return codes
    }

    /// Runs the job, and again if that can help. Returns the exit code to end with.
    func run(_ wishes: RunWishes, _ call: Invocation) throws(Complaint) -> Int32 {
        var launch = try Launch(command: call.command ?? [])
        launch.staysBeside = true
        var handout = JobHandout(wishes, call, instead: [:])
        try handout.fill(&launch)
        let code = try launch.begin()
        guard code != 0 else { return code }
        do throws(Complaint) {
            guard !launch.wasToldToEnd else {
                throw Complaint(.interrupted, "the job was told to end")
            }
            let refused = try refused(among: handout.given, code)
            return try runAgain(refused, behind: launch.masked, code, wishes, call)
        } catch {
            // Its failure is what the job has to say; ours is why nothing more was done about it.
            Console.note("no second try: \(error.words)")
            return code
        }
    }

    /// Those whose current version is refused, by the word of the job or of the issuer.
    private func refused(
        among given: [GivenSecret], _ code: Int32
    ) throws(Complaint) -> [GivenSecret] {
        let replaceable = given.filter { $0.previous != nil }
        guard !replaceable.isEmpty else {
            throw Complaint(
                .failed, "the job was handed nothing that has a previous version to fall back on")
        }
        if codes.contains(code) { return replaceable }
        var (refused, reasons): ([GivenSecret], [String]) = ([], [])
        for secret in replaceable {
            do throws(Complaint) {
                if try Self.accepts(secret) {
                    reasons.append(
                        "the issuer accepts version \(secret.version) of \"\(secret.name)\"")
                } else {
                    refused.append(secret)
                }
            } catch { reasons.append("of \"\(secret.name)\" nothing is known: \(error.words)") }
        }
        guard !refused.isEmpty else {
            throw Complaint(.failed, reasons.joined(separator: "; "))
        }
        return refused
    }

    /// Runs the job with the previous versions, of which the issuer is asked too; those that it
    /// refuses are left as they were.
    private func runAgain(
        _ refused: [GivenSecret], behind masked: SharedPatterns?, _ code: Int32,
        _ wishes: RunWishes, _ call: Invocation
    ) throws(Complaint) -> Int32 {
        announce(refused, call)
        var replaced = refused
        while !replaced.isEmpty {
            var instead: [SecretName: UInt32] = [:]
            for secret in replaced { instead[secret.name] = secret.previous }
            var launch = try Launch(command: call.command ?? [])
            launch.staysBeside = true
            // What the first run was handed may have been kept somewhere.
            if let masked { launch.hide(masked) }
            var handout = JobHandout(wishes, call, instead: instead)
            try handout.fill(&launch)
            let before = replaced.count
            if !codes.contains(code) {
                for secret in handout.given where instead[secret.name] != nil {
                    if try Self.accepts(secret) { continue }
                    replaced.removeAll { $0.name == secret.name }
                }
            }
            guard replaced.count == before else { continue }
            Console.warn(words(for: replaced, code))
            return try launch.begin()
        }
        throw Complaint(.refused, "the issuer refuses the previous version too")
    }

    /// Whoever is asked for a key again is told why.
    private func announce(_ refused: [GivenSecret], _ call: Invocation) {
        guard Terminal.canAsk, !VaultAccess.isKeyGiven(call) else { return }
        let names = refused.map { "\"\($0.name)\"" }.joined(separator: ", ")
        Console.note("the job failed; the previous version is fetched of \(names)")
    }

    private func words(for replaced: [GivenSecret], _ code: Int32) -> String {
        let why =
            codes.contains(code)
            ? "exit code \(code) says that the current version is refused"
            : "the issuer refuses the current version"
        let versions = replaced.map { $0.words(for: $0.previous ?? 0) }
        return "\(why): the job is run once more, with \(versions.joined(separator: " and "))"
    }

    private static func accepts(_ secret: GivenSecret) throws(Complaint) -> Bool {
        guard let credential = secret.credential else {
            throw Complaint(.failed, "there is no profile of its issuer")
        }
        return try Verification.accepts(credential, by: IssuerCalling())
    }
}
