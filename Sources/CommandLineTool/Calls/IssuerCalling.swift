// Making the calls of a profile: what proves that we may, and patience with an issuer.

internal import AgentService
internal import Glibc
internal import Issuers
internal import SecretMemory
internal import VaultModel

/// One issuer's calls, made with credentials of the vault.
struct IssuerCalling {
    private let curl: CurlProgram

    /// The longest that an issuer is waited for between two attempts, in seconds.
    static let longestWait: UInt64 = 60
    private static let mostAttempts = 4

    /// Finds curl, before there is anything to send.
    init() throws(Complaint) { curl = try CurlProgram.find() }

    /// Makes a call with `credential`. Where another one proves that we may, that is
    /// `admin`.
    func make(
        _ call: IssuerCall, with credential: CallCredential,
        by admin: CallCredential?
    ) throws(Complaint) -> CallOutcome {
        let reply = try reply(to: call, with: credential, by: admin)
        return call.read(reply, of: credential.profile)
    }

    /// The same with the reply as it came: what is issued once is stored before it is understood.
    func reply(
        to call: IssuerCall, with credential: CallCredential,
        by admin: CallCredential?
    ) throws(Complaint) -> CallReply {
        let lines = try prepare(call, with: credential, by: admin)
        do throws(Unheard) { return try send(lines, of: call) } catch { throw error.complaint }
    }

    /// Everything of a call but the call itself: what fails here leaves the issuer as it was.
    func prepare(
        _ call: IssuerCall, with credential: CallCredential, by admin: CallCredential?
    ) throws(Complaint) -> SecretBytes {
        let proof = try proof(for: call, credential, admin)
        try assertion(for: call, credential)
        do throws(CallDefect) {
            return try call.configuration(with: credential, proof: proof.bytes)
        } catch {
            throw Complaint(error, call.purpose, credential.profile.id)
        }
    }

    /// Makes the call. Tries again what may be done twice, or was not done at all, later each time
    /// or when the issuer says.
    func send(
        _ lines: borrowing SecretBytes, of call: IssuerCall
    ) throws(Unheard) -> CallReply {
        var attempt = 1
        while true {
            let reply = try curl.run(lines)
            let isWorthIt =
                reply.status == 429
                || (500...599).contains(reply.status) && call.purpose.isIdempotent
            guard isWorthIt, attempt < Self.mostAttempts else { return reply }
            // Spread, so that many jobs do not come back together.
            let longest = UInt64(500) << UInt64(attempt)
            var milliseconds = UInt64.random(in: longest / 2...longest)
            if let seconds = reply.secondsToWait {
                guard seconds <= Self.longestWait else { return reply }
                milliseconds = seconds * 1_000
            }
            do throws(Complaint) { try Self.sleep(milliseconds: milliseconds) } catch {
                throw Unheard(error, isUnsent: true)
            }
            attempt += 1
        }
    }

    /// Ends early if somebody has enough. Where signals are held back, as behind a receipt, they
    /// would else be noticed only afterwards.
    static func sleep(milliseconds: UInt64) throws(Complaint) {
        let until = Clock.monotonicMilliseconds() + Int64(milliseconds)
        while true {
            let left = until - Clock.monotonicMilliseconds()
            guard left > 0 else { return }
            guard !HeldSignals.isOneWaiting else { throw Complaint(.interrupted, "interrupted") }
            usleep(UInt32(min(left, 500) * 1_000))
        }
    }

    /// Waits until what was done at an issuer shows everywhere there, and says so.
    static func settle(seconds: UInt64) throws(Complaint) {
        Console.note("waiting \(seconds) s, until what was done shows everywhere at the issuer")
        try sleep(milliseconds: seconds * 1_000)
    }

    private func proof(
        for call: IssuerCall, _ credential: CallCredential, _ admin: CallCredential?
    ) throws(Complaint) -> SecretBytes {
        guard case .credential(let ids, let isOwn) = call.administration else {
            return SecretBytes()
        }
        if let admin {
            let isOfItsKind = isOwn && admin.profile.id == credential.profile.id
            guard ids.contains(admin.profile.id) || isOfItsKind else {
                throw Complaint(
                    .usage, "\(admin.profile.id) administers no \(credential.profile.id)")
            }
            try Self.requireOneHost(call, credential, admin)
            return try proof(of: admin, for: call)
        }
        guard isOwn else {
            throw Complaint(
                .usage,
                "\(credential.profile.id) is administered with another credential of the vault",
                hint: "one of \(ids.map(\.text).joined(separator: ", "))")
        }
        return try proof(of: credential, for: call)
    }

    /// The address comes from one credential and the proof from another: it must not go to a host
    /// that is not its own.
    static func requireOneHost(
        _ call: IssuerCall, _ credential: CallCredential, _ admin: CallCredential
    ) throws(Complaint) {
        for name in call.hostFields(of: credential.profile).sorted(by: { $0.text < $1.text })
        where credential.publicValue(name) != admin.publicValue(name) {
            throw Complaint(
                .refused,
                "\(name) is not the same for \(credential.profile.id) and what administers it:"
                    + " that would be sent to another host",
                hint: "`\(RotateCommand.admin.name) NAME` names a credential of the same host")
        }
    }

    private func proof(
        of credential: CallCredential, for call: IssuerCall
    ) throws(Complaint) -> SecretBytes {
        // What asks for a session can have none yet, whatever a profile says.
        guard credential.needsSession, call.purpose != .exchange else {
            return try proof(of: credential, for: call, token: SecretBytes())
        }
        return try proof(of: credential, for: call, token: session(of: credential).take())
    }

    private func proof(
        of credential: CallCredential, for call: IssuerCall, token: borrowing SecretBytes
    ) throws(Complaint) -> SecretBytes {
        do throws(CallDefect) { return try credential.proof(for: call, token: token.bytes) } catch {
            throw Complaint(error, call.purpose, credential.profile.id)
        }
    }

    private func assertion(
        for call: IssuerCall, _ credential: CallCredential
    ) throws(Complaint) {
        let identifier =
            String(UInt64.random(in: .min ... .max), radix: 36)
            + String(UInt64.random(in: .min ... .max), radix: 36)
        do throws(CallDefect) {
            try credential.makeAssertion(for: call, at: Clock.now(), identifier: identifier) {
                message, key in AssertionSigner.sign(message, by: key)
            }
        } catch {
            throw Complaint(error, call.purpose, credential.profile.id)
        }
    }
}

/// A session token, and how long it lives from when it was asked for.
struct SessionToken: ~Copyable {
    let token: SecretBytes
    /// In seconds; nil if nobody says.
    let life: UInt64?

    consuming func take() -> SecretBytes { token }
}

// Tokens.
extension IssuerCalling {
    /// Exchanges a credential for a session token.
    func session(of credential: CallCredential) throws(Complaint) -> SessionToken {
        let id = credential.profile.id
        guard let call = credential.profile.call(.exchange) else {
            throw Complaint(.failed, "\(id) gives no session tokens")
        }
        switch try make(call, with: credential, by: nil) {
        case .done(let result):
            let life = result.life
            switch result.takeToken() {
            case .some(let token):
                return SessionToken(token: token, life: credential.bounded(life))
            case .none: throw Complaint(.failed, "the issuer gave no session token")
            }
        case let other: throw Complaint(other)
        }
    }
}

extension CallCredential {
    /// The field that says how long sessions of a key live, in seconds.
    static let sessionValidity = FieldName("session_validity")

    /// A life that is no longer than the credential and its profile say.
    func bounded(_ life: UInt64?) -> UInt64? {
        guard let name = Self.sessionValidity, let field = profile.field(name) else { return life }
        var bounds = [life].compactMap { $0 }
        if let value = fields[name].flatMap({ UInt64($0) }), value > 0 { bounds.append(value) }
        if case .integer(let range, _) = field.kind {
            bounds.append(UInt64(max(1, range.upperBound)))
        }
        return life == nil && bounds.count < 2 ? life : bounds.min()
    }
}

extension Complaint {
    /// A call that cannot be made with a credential.
    init(_ defect: CallDefect, _ purpose: IssuerCall.Purpose, _ id: IssuerID) {
        let hints: [String]
        switch defect {
        case .missing(let name), .unusable(let name), .unknown(let name):
            hints = ["`coffer edit NAME --set \(name)=VALUE` sets a public field"]
        case .notGiven, .noAddress, .noUse, .noKey: hints = []
        }
        self.init(
            .failed, "the call `\(purpose.rawValue)` of \(id) cannot be made: \(defect.words)",
            hints: hints)
    }

    static let refusedCredential = Complaint(
        .refused, "the issuer does not accept the credential")

    /// Why a call came to nothing.
    init(_ outcome: consuming CallOutcome) {
        switch consume outcome {
        case .refused: self = .refusedCredential
        case .later(let seconds, let status): self.init(later: seconds, status)
        case .failed(let status): self.init(failed: status)
        case .missing: self.init(failed: 404)
        case .full: self.init(failed: 409)
        default:
            self.init(.failed, "the issuer's reply was not understood; nothing of it is shown")
        }
    }

    init(later seconds: UInt64?, _ status: Int) {
        let wait = seconds.map { "again in \($0) s" } ?? "later"
        let why = status == 429 ? "it has had too many calls" : "it has a fault"
        self.init(
            .busy, "the issuer does not answer now: \(why) (status \(status))",
            hint: "try \(wait)")
    }

    init(failed status: Int) {
        self.init(.failed, "the issuer refused the call with status \(status)")
    }
}
