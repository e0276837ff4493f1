// Steps of a rotation that a person decides on, or does.

internal import AgentProtocol
internal import AgentService
internal import Glibc
internal import Issuers
internal import Rotation
internal import SecretMemory
internal import VaultModel

extension RotationDriver {
    func ask(_ question: Question) throws(Complaint) -> Event? {
        // A yes beforehand is no yes to one key after another.
        if question == .createAgain, asked > 0 {
            throw trouble ?? Complaint(.failed, "nobody knows whether a key was made")
        }
        if try person.confirms(question.words, default: .no, byOption: mayBeAnswered(question)) {
            return .confirmed
        }
        return question == .oldWorks ? .rejected(.old) : nil
    }

    /// Whether `--yes` answers it: not for a key that a command may have refused before, nor where
    /// asking with the old value may revoke the new one.
    func mayBeAnswered(_ question: Question) -> Bool {
        switch question {
        case .createAgain: service.abilities(for: secret).oldMayBeTried
        case .useUnverified: journal.mode != .command || asked > 0
        default: true
        }
    }

    /// Decides on keys that nobody holds; what was decided is on disk before the next one is asked
    /// about.
    func offer(_ keys: [KeyID]) throws(Complaint) -> Event? {
        var last: Event?
        for key in keys {
            guard let choice = try person.decides(on: key, isOver: journal.state.isOver) else {
                continue
            }
            if let event = last { steps += try answer(event).filter { $0 != .goOn } }
            switch choice {
            case .keep: last = .strayKept(key)
            case .delete:
                try delete(key)
                last = .strayDeleted(key)
            }
        }
        return last
    }

    func delete(_ key: KeyID) throws(Complaint) {
        let abilities = service.abilities(for: secret)
        guard abilities.revoke == .call else {
            throw Complaint(
                .refused,
                "no call deletes keys: \(Escaped.text(key.text)) is to be deleted by hand",
                hint: "then `\(RotateCommand.keepKey.name) ID` has it forgotten")
        }
        if let name = try holder(of: key) {
            throw Complaint(
                .refused, "the key \(Escaped.text(key.text)) is that of \"\(name)\": not deleted")
        }
        // Some issuers delete only what is switched off.
        if abilities.deactivate { _ = try service.change(.deactivate, key, of: secret) }
        if case .refused(let why) = try service.change(.revoke, key, of: secret) { throw why }
    }

    /// What no call does, a person can do at the console; nobody else says that it is done.
    func endByHand(_ key: RotatedKey, _ why: Complaint) throws(Complaint) -> Event {
        guard let version = version(key), person.isThere else { throw elsewhere(why) }
        Console.warn("\(why.words)")
        guard try person.hasDeleted(keyWords(version), at: service.console, byOption: false)
        else { throw why }
        return .revoked(key)
    }

    func reviveByHand(_ key: RotatedKey, _ why: Complaint) throws(Complaint) -> Event {
        guard person.isThere else { throw elsewhere(why) }
        Console.warn("\(why.words): see to it at the issuer's console")
        if try person.confirms("is the old key switched on there?", default: .no, byOption: false) {
            return .activated(key)
        }
        let isGone = try person.confirms("is it gone for good?", default: .no, byOption: false)
        guard isGone else { throw why }
        return .rejected(key)
    }

    /// A timer would be told no each time, and nobody would be asked.
    private func elsewhere(_ why: Complaint) -> Complaint {
        Complaint(
            why.code, why.words,
            hints: why.hints + [
                "if the issuer goes on saying no: `coffer rotate \(secret.name) --resume` on a"
                    + " terminal asks a person to do it at the console"
            ])
    }

    func keyWords(_ version: VersionSummary) -> String {
        let id = secret.keyID(of: version, by: service.keyField).map { Escaped.text($0.text) }
        return id.map { "\($0) (version \(version.number))" } ?? "version \(version.number)"
    }
}
