// Steps of a rotation at the issuer, and whose keys are there.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import Issuers
internal import Rotation
internal import SecretMemory
internal import VaultModel

extension RotationDriver {
    func list() throws(Complaint) -> [KeyID] {
        guard let field = service.keyField else { return [] }
        let listed = try service.list(secret)
        try learn(listed)
        return listed.compactMap { $0.fields[field].flatMap { KeyID($0) } }
    }

    func change(
        _ purpose: IssuerCall.Purpose, _ key: RotatedKey
    ) throws(Complaint) -> KeyChange {
        guard let version = version(key) else { return .missing }
        if key == .old, purpose != .activate { try requireNew() }
        return try service.change(purpose, version, of: secret)
    }

    func staysNew() throws(Complaint) -> Bool {
        try person.confirms(
            "the old key is not accepted: is the new one to stay?", default: .no, byOption: true)
    }

    /// The old key does not go while the new one does not work: somebody may have deleted that.
    func requireNew() throws(Complaint) {
        guard try !isNewAccepted() else { return }
        throw newIsDead
    }

    /// The same before a person is asked to delete it, or whether that was done: an issuer that is
    /// not heard does not keep them from saying so.
    func requireNewIfHeard() throws(Complaint) {
        let isAccepted: Bool
        do throws(Complaint) { isAccepted = try isNewAccepted() } catch {
            guard error.code != .interrupted, error.code != .locked else { throw error }
            return Console.warn("whether the new key works is not known: \(error.words)")
        }
        guard isAccepted else { throw newIsDead }
    }

    private var newIsDead: Complaint {
        Complaint(
            .failed, "the issuer does not accept the new key any more: the old one stays",
            hint: "`coffer rotate \(secret.name) --abandon` makes that the current one")
    }

    /// Whether the new key, once it is in use, still is accepted, as far as that can be asked.
    private func isNewAccepted() throws(Complaint) -> Bool {
        guard [.promoted, .deactivated].contains(journal.state), let new = version(.new),
            service.abilities(for: secret).verify
        else { return true }
        return try service.verify(new, of: secret)
    }

    func verify(_ key: RotatedKey) throws(Complaint) -> Event {
        // A version whose value is gone is a key that is not accepted.
        guard let version = version(key), version.state != .destroyed else {
            return .rejected(key)
        }
        if try service.verify(version, of: secret) { return .verified(key) }
        // A person who mistyped a key is told sooner.
        let settling = service.abilities(for: secret).settling
        let window = journal.mode == .guided ? settling : 2 * settling
        switch key {
        case .new:
            let age = Clock.now().seconds(since: version.created)
            return age < window ? .notYetEffective(.new) : .rejected(.new)
        case .old:
            let now = Clock.monotonicMilliseconds()
            let isFresh = activated.map { now - $0 < Int64(window) * 1_000 } ?? false
            guard !isFresh else { return .notYetEffective(.old) }
            // One no, which may be a proxy's, must not undo that somebody wants the old one back.
            if journal.state == .restoring {
                guard try staysNew() else {
                    throw Complaint(.failed, "the issuer does not accept the old key")
                }
            }
            return .rejected(.old)
        }
    }

    func create() throws(Complaint) -> Event? {
        guard asked < Self.mostAsked else {
            throw trouble
                ?? Complaint(.failed, "no key came of \(asked) calls: the issuer may have a fault")
        }
        asked += 1
        // No signal ends us between its coming and its being stored.
        let signals = HeldSignals.hold()
        defer { signals.release() }
        return try receive(service.create(for: secret, expires: expires))
    }

    func createByHand() throws(Complaint) -> Event? {
        person.show(console: service.console)
        let captured = try person.take(for: secret)
        let signals = HeldSignals.hold()
        defer { signals.release() }
        return try receive(.made(captured, expires: expires))
    }

    /// What comes of asking for a key.
    func receive(_ creation: consuming Creation) throws(Complaint) -> Event? {
        switch consume creation {
        case .made(let captured, let expires):
            let move = try? machine.answer(.created, in: journal)
            try store(captured, seen: journal, expires: expires)
            steps = move?.steps ?? []
            return nil
        case .unread(let captured, let why):
            trouble = why
            let number = try store(captured, seen: nil, expires: nil)
            person.tellUnread(captured, number, why)
            _ = try answer(.lost)
            // It may be in there: a person looks before anything else is done.
            throw Complaint(
                .failed,
                "the new key of \"\(secret.name)\" was not understood: it may be in version"
                    + " \(number)",
                hint: "`coffer get \(secret.name)@\(number)` shows what came; then"
                    + " `coffer rotate \(secret.name) --resume` or `--abandon`")
        case .refused(let why):
            trouble = why
            return .refused
        case .full: return .full
        case .notNow(let why):
            trouble = why
            return .unreachable
        case .lost(let why):
            trouble = why
            person.tellLost(why)
            return .lost
        }
    }

    /// Stores it before anything else looks at it; without a journal it is what the rotation does
    /// not wait for. The number of its version.
    @discardableResult
    func store(
        _ captured: borrowing Captured, seen: RotationJournal?, expires: Timestamp?
    ) throws(Complaint) -> UInt32 {
        let other = RotationJournal(
            id: journal.id, mode: journal.mode, old: journal.old, grace: journal.grace,
            begun: journal.begun)
        var value = RotatedValue(name: secret.name, seen: seen ?? other)
        value.fields = ownFields(captured.draft)
        value.expires = captured.draft.expires ?? expires
        let receipt = try rescue(Clock.now()).storeRotated(value, captured)
        captured.speak()
        secret = receipt.receipt.metadata
        person.tellStored(receipt)
        if case .clear(let content) = captured.ending {
            // It is stored, and the rotation goes on: only a person can clear it now.
            do throws(Complaint) { try content.clear() } catch { Console.warn(error.words) }
        }
        return receipt.receipt.version.number
    }
}

// What is whose.
extension RotationDriver {
    /// The public fields of a new key. Without an id of its own it has none: that of the old one
    /// would have the wrong key deleted.
    func ownFields(_ draft: SecretDraft) -> [FieldName: String] {
        var fields = draft.fields
        // Exchanged in place it is the same key with another value.
        guard let key = service.keyField, journal.mode != .inPlace else { return fields }
        let old = version(.old).flatMap { secret.fields(of: $0)[key] }
        if fields[key] == nil || fields[key] == old { fields[key] = "" }
        return fields
    }

    /// Takes note of the listed keys that a secret of the vault holds, this one or another.
    func learn(_ listed: [ListedKey]) throws(Complaint) {
        let holders = [secret] + (try everySecret())
        for key in listed {
            guard let id = service.keyField.flatMap({ key.fields[$0] }).flatMap({ KeyID($0) })
            else { continue }
            // One call was made and brought its key: whatever else is new there is not of it.
            let isNotOurs = journal.attempts <= 1 && journal.new != nil
            if isNotOurs && !journal.strays.contains(id)
                || holders.contains(where: { $0.holder(of: key) != nil })
            {
                learned.insert(id)
            }
        }
    }

    func everySecret() throws(Complaint) -> [Metadata] {
        try Complaint.from { () throws(VaultError) in try door.keys(at: Clock.now()) }.map(\.1)
    }

    /// The secret that holds a key of this id, as the vault is now.
    func holder(of key: KeyID) throws(Complaint) -> SecretName? {
        guard let field = service.keyField else { return nil }
        return try everySecret().first { other in
            other.versions.contains { other.fields(of: $0)[field] == key.text }
        }?.name
    }
}
