// From a request to the frame that answers it.

internal import AgentProtocol
internal import SecretMemory
internal import VaultCore
internal import VaultModel

extension Custodian {
    /// Answers those that wait for a secret, as many as can be in one transaction; how many. What
    /// they are told, each in its turn, must not leave before this returns.
    func fetch(
        _ questions: ArraySlice<FetchQuestion>, at time: Timestamp,
        tell: (consuming SecretBytes) -> Void
    ) throws(VaultError) -> Int {
        switch questions.first {
        case .some(let first):
            do throws(VaultError) {
                return try reading(by: first.caller) { session throws(VaultError) in
                    try session.fetchEach(
                        questions, at: time, opened: { tell(Reply.opened($0)) },
                        failed: { tell(Reply.failed($0)) })
                }
            } catch {
                lockIfRekeyed(error, by: first.caller, at: time)
                throw error
            }
        case .none: return 0
        }
    }

    /// The frame of an answer. A failure is a code with names that the asker knows; it repeats
    /// nothing else of a request.
    func answer(
        _ request: consuming Request, from asker: Asker, at time: Timestamp
    ) -> SecretBytes {
        do throws(VaultError) {
            return try reply(to: request, from: asker, at: time)
        } catch {
            lockIfRekeyed(error, by: asker.caller, at: time)
            return Reply.failed(error)
        }
    }

    /// Another process gave the vault new keys: ours open nothing any more.
    private func lockIfRekeyed(_ error: VaultError, by caller: Caller, at time: Timestamp) {
        if case .rekeyed = error { lock(by: caller, at: time) }
    }

    private func reply(
        to request: consuming Request, from asker: Asker, at time: Timestamp
    ) throws(VaultError) -> SecretBytes {
        let caller = asker.caller
        switch consume request {
        case .fetchUnlogged(let name, let version, let disabled):
            return try reading(by: caller) { session throws(VaultError) in
                Reply.opened(
                    try session.fetchUnlogged(
                        name, version, disabled: disabled, at: time, check: check(asker)))
            }
        case .describe(let name):
            return try reading(by: caller) { session throws(VaultError) in
                Reply.metadata(try session.describe(name, at: time))
            }
        case .list(let prefix, let removed):
            return try reading(by: caller) { session throws(VaultError) in
                Reply.inventory(try session.list(prefix: prefix, removed: removed, at: time))
            }
        case .names(let prefix, let removed):
            return try reading(by: caller) { session throws(VaultError) in
                let found = try session.packedNames(prefix: prefix, removed: removed, at: time)
                return Reply.names(found.names, damaged: found.damaged)
            }
        case .preflight(let name, let conflict):
            return try changing(by: caller, at: time) { session throws(VaultError) in
                Reply.metadata(ifAny: try session.preflight(name, conflict, at: time))
            }
        case .store(let draft, let secrets, let conflict):
            return try changing(by: caller, at: time) { session throws(VaultError) in
                Reply.receipt(try session.store(draft, secrets, conflict, at: time))
            }
        case .audit(let question): return try reply(to: question, by: caller, at: time)
        case .inbox(let question): return try reply(to: question, by: caller, at: time)
        case .grant(let question): return try reply(to: question, from: asker, at: time)
        case .rotation(let question): return try reply(to: question, by: caller, at: time)
        case .storeRotated(let value, let secrets):
            return try changing(by: caller, at: time) { session throws(VaultError) in
                Reply.rotated(try session.storeRotated(value, secrets, at: time))
            }
        case let other: return try describing(other, by: caller, at: time)
        }
    }

    private func describing(
        _ request: consuming Request, by caller: Caller, at time: Timestamp
    ) throws(VaultError) -> SecretBytes {
        switch consume request {
        case .edit(let name, let changes):
            // Else whoever wants a secret without a grant would lift the rule first.
            guard !changes.contains(.requiresGrant(false)) else { throw .agentRefused(.takesKey) }
            try refuseAddresses(name, changes, by: caller)
            return try changed(by: caller, at: time) { session throws(VaultError) in
                try session.edit(name, changes, at: time)
            }
        case .rename(let name, let newName):
            return try changed(by: caller, at: time) { session throws(VaultError) in
                try session.rename(name, to: newName, at: time)
            }
        case .restore(let name):
            return try changed(by: caller, at: time) { session throws(VaultError) in
                try session.restore(name, at: time)
            }
        case .remove(let name):
            try changing(by: caller, at: time) { session throws(VaultError) in
                try session.remove(name, at: time)
            }
            return Reply.done()
        case .purge(let name):
            return Reply.rows(
                try changing(by: caller, at: time) { session throws(VaultError) in
                    try session.purge(name, at: time)
                })
        default: throw .agentRefused(.malformed)
        }
    }

    /// Some issuers are found by what public fields say: whoever wants a secret without a grant
    /// would have it sent to a host of theirs by whoever may have it.
    private func refuseAddresses(
        _ name: SecretName, _ changes: [DescriptionChange], by caller: Caller
    ) throws(VaultError) {
        guard changes.contains(where: \.isOfField) else { return }
        let isRuled = try reading(by: caller) { session throws(VaultError) in
            try session.needsGrant(name)
        }
        guard !isRuled else { throw .agentRefused(.takesKey) }
    }

    func changed(
        by caller: Caller, at time: Timestamp, _ body: (Session) throws(VaultError) -> Metadata
    ) throws(VaultError) -> SecretBytes {
        Reply.metadata(try changing(by: caller, at: time, body))
    }
}
