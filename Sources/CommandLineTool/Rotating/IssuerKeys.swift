// Keys at an issuer, through the calls of its profile.

internal import AgentProtocol
internal import AgentService
internal import Issuers
internal import Rotation
internal import SecretMemory
internal import VaultModel

/// The calls of one secret's issuer, with what proves that we may.
final class IssuerKeys: KeyService {
    let mode: RotationMode
    let profile: IssuerProfile
    let administrator: Administrator
    private let calling: IssuerCalling
    private let door: any Door
    private var credentials: [Place: CallCredential] = [:]

    /// A version of a secret.
    private struct Place: Hashable {
        let name: SecretName
        let version: VersionSelector
    }

    init(
        _ mode: RotationMode, _ profile: IssuerProfile, _ administrator: Administrator,
        _ calling: IssuerCalling, _ door: any Door
    ) {
        self.mode = mode
        self.profile = profile
        self.administrator = administrator
        self.calling = calling
        self.door = door
    }

    var keyField: FieldName? { profile.keyField }
    var console: String? { profile.console }

    func abilities(for secret: Metadata) -> Abilities {
        let rotation = secret.rotation
        let new = rotation?.new.flatMap { secret.version(.number($0)) }
        let old = rotation.flatMap { secret.version(.number($0.old)) } ?? secret.version(.current)
        let versions = [old, new].compactMap { $0 }
        func isReady(_ purpose: IssuerCall.Purpose) -> Bool {
            versions.allSatisfy { self.isReady(purpose, for: $0, of: secret) }
        }
        // A new key that nobody can name would be taken for one that nobody holds.
        let isNamed = new.map { secret.keyID(of: $0, by: keyField) != nil } ?? true
        var abilities = Abilities(
            create: mode == .guided ? .person : can(.create) ? .call : .nobody,
            revoke: isReady(.revoke) ? .call : .person,
            list: mode == .dual && keyField != nil && isNamed && can(.list),
            verify: Verification.call(of: profile) != nil)
        abilities.deactivate = isReady(.deactivate)
        abilities.activate = isReady(.activate)
        abilities.renewsItself = administrator == .itself
        abilities.oldMayBeTried = !profile.lifetime.reuseRevokes
        abilities.slots = profile.lifetime.slots
        abilities.settling = profile.lifetime.settling
        abilities.soak = profile.lifetime.soak
        return abilities
    }

    /// Whether there is such a call, and something that proves that we may make it.
    private func can(_ purpose: IssuerCall.Purpose) -> Bool {
        guard let call = profile.call(purpose) else { return false }
        switch (call.administration, administrator) {
        case (.none, _): return true
        case (.credential(_, let isOwn), .itself): return isOwn
        case (.credential, .secret): return true
        case (.credential, _): return false
        }
    }

    /// Whether there is such a call and a version has what it needs.
    func isReady(
        _ purpose: IssuerCall.Purpose, for version: VersionSummary, of secret: Metadata
    ) -> Bool {
        guard can(purpose), let call = profile.call(purpose) else { return false }
        return call.missing(in: secret.fields(of: version), of: profile) == nil
    }

    func check(_ secret: Metadata) throws(Complaint) {
        guard mode != .guided, let call = profile.call(.create),
            let current = secret.version(.current)
        else { return }
        if let name = call.missing(in: secret.fields, of: profile) {
            throw Complaint(
                .usage, "a new key of \(profile.id) cannot be asked for without its \(name)",
                hint: "`coffer edit \(secret.name) --set \(name)=VALUE` sets it")
        }
        let credential = try credential(current, of: secret)
        if let admin = try prover(of: call, secret) {
            try IssuerCalling.requireOneHost(call, credential, admin)
        }
        if mode == .inPlace { try checkIdentity(credential, secret) }
    }

    /// An exchange hits the key that the id names: it must be that of the value.
    private func checkIdentity(
        _ credential: CallCredential, _ secret: Metadata
    ) throws(Complaint) {
        guard let call = profile.call(.verify) else { return }
        let outcome = try calling.make(call, with: credential, by: nil)
        guard case .done(let result) = consume outcome else { return }
        for (name, text) in result.fields {
            guard let known = secret.fields[name], known != text else { continue }
            throw Complaint(
                .refused,
                "the value of \"\(secret.name)\" is not that of its \(name), says the issuer",
                hint: "`coffer edit \(secret.name) --set \(name)=VALUE` sets it")
        }
    }

    // Calls.

    func list(_ secret: Metadata) throws(Complaint) -> [ListedKey] {
        guard let call = profile.call(.list), let current = secret.version(.current) else {
            return []
        }
        let credential = try credential(current, of: secret)
        let outcome = try calling.make(call, with: credential, by: prover(of: call, secret))
        switch consume outcome {
        case .done(let result):
            guard !result.isCut else {
                throw Complaint(.failed, "the issuer's list of keys has more than one page")
            }
            return result.keys
        case let other: throw Complaint(other)
        }
    }

    func create(for secret: Metadata, expires: Timestamp?) -> Creation {
        guard let call = profile.call(.create), let current = secret.version(.current) else {
            return .refused(Complaint(.failed, "\(profile.id) has no call that makes a key"))
        }
        // A day ends before the moment: what is kept must not be later than what the issuer keeps.
        let end = expires.map(call.roundedExpiry)
        let lines: SecretBytes
        do throws(Complaint) {
            let credential = try credential(current, of: secret)
            credential.give(
                label: Self.label(secret.name), expires: call.takesExpiry ? end : nil,
                at: Clock.now())
            lines = try calling.prepare(call, with: credential, by: prover(of: call, secret))
        } catch {
            // Nothing was asked for yet: whoever is refused today may be let in tomorrow.
            return .notNow(error)
        }
        let reply: CallReply
        do throws(Unheard) { reply = try calling.send(lines, of: call) } catch {
            return error.isUnsent ? .notNow(error.complaint) : .lost(error.complaint)
        }
        return read(reply, to: call, for: secret, expires: end)
    }

    private func read(
        _ reply: borrowing CallReply, to call: IssuerCall, for secret: Metadata,
        expires: Timestamp?
    ) -> Creation {
        switch call.read(reply, of: profile) {
        case .done(let result):
            guard !result.secrets.isEmpty else { return unread(reply, secret) }
            var draft = SecretDraft(name: secret.name, issuer: profile.id)
            draft.fields = result.fields.filter { $0.key != PublicField.status }
            return .made(
                Captured(draft: draft, secrets: result.takeSecrets(), ending: .done),
                expires: expires)
        case .notUnderstood: return unread(reply, secret)
        case .full: return .full
        case .later(let seconds, let status):
            let why = Complaint(later: seconds, status)
            return status == 429 ? .notNow(why) : .lost(why)
        case .failed(let status) where !Self.saysNo.contains(status):
            return .lost(Complaint(failed: status))
        // Where the key is to be made, nothing is: a gateway may say so of what was done.
        case .missing: return .lost(Complaint(failed: 404))
        case .refused:
            return .refused(
                Complaint(
                    .refused, "the issuer does not let this credential make keys",
                    hint: "`\(RotateCommand.admin.name) NAME` names another one"))
        case let other: return .refused(Complaint(other))
        }
    }

    /// Statuses that say that nothing was made; all others leave that open.
    private static let saysNo = [400, 401, 403, 405, 409, 413, 415, 422]

    /// What may hold a key is kept, whatever it is.
    private func unread(_ reply: borrowing CallReply, _ secret: Metadata) -> Creation {
        let why = Complaint(.failed, "the issuer's reply was not understood")
        guard !reply.body.isEmpty else { return .lost(why) }
        var secrets = SecretFields()
        _ = secrets.add(FieldName("reply") ?? .secret, reply.body.bytes)
        return .unread(
            Captured(
                draft: SecretDraft(name: secret.name, issuer: profile.id), secrets: secrets,
                ending: .done), why)
    }

    func verify(_ version: VersionSummary, of secret: Metadata) throws(Complaint) -> Bool {
        try Verification.accepts(credential(version, of: secret), by: calling)
    }

    func change(
        _ purpose: IssuerCall.Purpose, _ version: VersionSummary, of secret: Metadata
    ) throws(Complaint) -> KeyChange {
        let credential = try credential(version, of: secret)
        do throws(Complaint) { return try change(purpose, credential, secret) } catch {
            // It is the current key that may be dead. The other one, if it is not off at all, is
            // another proof.
            guard purpose == .activate, administrator == .itself, error == .refusedCredential,
                let call = profile.call(purpose)
            else { throw error }
            return try change(call, credential, secret, by: credential)
        }
    }

    func change(
        _ purpose: IssuerCall.Purpose, _ key: KeyID, of secret: Metadata
    ) throws(Complaint) -> KeyChange {
        guard let keyField, let current = secret.version(.current) else { return .missing }
        let opened = try credential(current, of: secret)
        let credential = CallCredential(
            profile, fields: opened.fields, secrets: SecretFields(copying: opened.secrets))
        credential.fields[keyField] = key.text
        return try change(purpose, credential, secret)
    }

    private func change(
        _ purpose: IssuerCall.Purpose, _ credential: CallCredential, _ secret: Metadata
    ) throws(Complaint) -> KeyChange {
        guard let call = profile.call(purpose) else {
            throw Complaint(.failed, "\(profile.id) has no call `\(purpose.rawValue)`")
        }
        return try change(call, credential, secret, by: prover(of: call, secret))
    }

    private func change(
        _ call: IssuerCall, _ credential: CallCredential, _ secret: Metadata,
        by prover: CallCredential?
    ) throws(Complaint) -> KeyChange {
        switch try calling.make(call, with: credential, by: prover) {
        case .done: return .done
        case .missing:
            guard try isListed(credential, secret) != true else {
                return .refused(
                    Complaint(
                        .failed, "the issuer says that there is no such key, and lists it",
                        hint: "is `\(RotateCommand.admin.name)` another account's?"))
            }
            return .missing
        case .failed(let status):
            // Some issuers say no more of a key that is not there than of a call that is wrong.
            if Self.mayMeanMissing.contains(status), try isListed(credential, secret) == false {
                return .missing
            }
            return .refused(Complaint(failed: status))
        case let other: throw Complaint(other)
        }
    }

    private static let mayMeanMissing = [400, 404, 409, 410, 422]

    /// Whether the issuer's list has the key of a credential; nil if that cannot be said: a list
    /// without the current key is not the whole one.
    private func isListed(
        _ credential: CallCredential, _ secret: Metadata
    ) throws(Complaint) -> Bool? {
        guard can(.list), let keyField, let id = credential.fields[keyField],
            let current = secret.version(.current),
            let own = secret.fields(of: current)[keyField]
        else { return nil }
        let ids = Set(try list(secret).compactMap { $0.fields[keyField] })
        if ids.contains(id) { return true }
        return ids.contains(own) ? false : nil
    }

    // Credentials.

    /// Whose credential proves that we may: that of the current version, whichever the call is
    /// about, or another secret's.
    private func prover(
        of call: IssuerCall, _ secret: Metadata
    ) throws(Complaint) -> CallCredential? {
        guard case .credential = call.administration else { return nil }
        switch administrator {
        case .secret(let name):
            return try credential(Place(name: name, version: .current), disabled: .refuse)
        case .itself:
            guard let current = secret.version(.current) else { return nil }
            return try credential(current, of: secret)
        case .missing, .notNeeded: return nil
        }
    }

    private func credential(
        _ version: VersionSummary, of secret: Metadata
    ) throws(Complaint) -> CallCredential {
        let place = Place(name: secret.name, version: .number(version.number))
        let opened = try credential(place)
        // A field may have become known, or have been changed, since it was opened.
        opened.fields = secret.fields(of: version)
        return opened
    }

    private func credential(
        _ place: Place, disabled: DisabledUse = .allow
    ) throws(Complaint) -> CallCredential {
        if let opened = credentials[place] { return opened }
        let opened = try IssuerCalling.credential(
            place.name, place.version, disabled: disabled, from: door)
        credentials[place] = opened
        return opened
    }

    /// A name for a key at the issuer that no other one has.
    private static func label(_ name: SecretName) -> String {
        let last = name.text.split(separator: "/").last.map(String.init) ?? "key"
        let plain = last.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        let mark = String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16)
        return "\(plain.isEmpty ? "key" : plain.prefix(32))-\(mark)"
    }
}
