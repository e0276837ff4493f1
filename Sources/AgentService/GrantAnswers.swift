// What the agent answers about grants.

internal import AgentProtocol
internal import SecretMemory
internal import VaultCore
internal import VaultModel

extension Custodian {
    /// Judges whether who asks may have a secret that is handed out by grant only.
    func check(_ asker: Asker) -> GrantCheck {
        { [book] metadata, rid, grants throws(VaultError) in
            try book.check(metadata.name, rid, grants, asker)
        }
    }

    func reply(
        to question: GrantQuestion, from asker: Asker, at time: Timestamp
    ) throws(VaultError) -> SecretBytes {
        guard isOpen else { throw .locked }
        switch question {
        case .permit(let name, let scope): try permit(name, scope, asker, at: time)
        case .list: return Reply.grants(book.grants)
        case .forget: book.forget()
        }
        return Reply.done()
    }

    /// A person allowed what was asked for. What they are asked is shown by the client; whether
    /// there is such a person is judged here, by what the kernel says.
    private func permit(
        _ name: SecretName, _ scope: GrantScope, _ asker: Asker, at time: Timestamp
    ) throws(VaultError) {
        let path = try book.permitted(name, asker)
        let isRuled = try reading(by: asker.caller) { session throws(VaultError) in
            try session.needsGrant(name)
        }
        guard isRuled else { throw .agentRefused(.malformed) }
        if case .program(let until) = scope {
            guard until > time, until.milliseconds - time.milliseconds <= GrantScope.longest else {
                throw .agentRefused(.malformed)
            }
            let file = try book.file(name, asker)
            try changing(by: asker.caller, at: time) { session throws(VaultError) in
                _ = try session.addGrant(of: name, to: file, until: until, note: "", at: time)
            }
            return
        }
        let rid = try reading(by: asker.caller) { session throws(VaultError) in
            try session.enterPermit(of: name, to: path, at: time)
        }
        if scope == .session {
            book.keep(rid, named: name, asker)
        } else {
            asker.permit(rid, in: book.round)
        }
    }
}
