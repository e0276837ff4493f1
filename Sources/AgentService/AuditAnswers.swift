// Answers about the log, all rows, deposits and pending versions.

internal import AgentProtocol
internal import SecretMemory
internal import VaultModel

extension Custodian {
    func reply(
        to question: AuditQuestion, by caller: Caller, at time: Timestamp
    ) throws(VaultError) -> SecretBytes {
        try reading(by: caller) { session throws(VaultError) in
            switch question {
            case .enter:
                try session.enterAudit(at: time)
                return Reply.done()
            case .events(let page, let object, let count):
                var damaged: [UInt64] = []
                let events = try session.events(page, of: object, atMost: count) {
                    damaged.append($0)
                }
                return Reply.events(events, damaged: damaged)
            case .record(let name): return Reply.record(try session.record(of: name))
            case .keys: return Reply.keys(try session.keys(at: time))
            case .verifyRows: return Reply.rows(try session.verifyRows { _, _ in })
            }
        }
    }

    func reply(
        to question: InboxQuestion, by caller: Caller, at time: Timestamp
    ) throws(VaultError) -> SecretBytes {
        switch question {
        case .facts(let id):
            return try reading(by: caller) { session throws(VaultError) in
                Reply.facts(try session.depositFacts(id, at: time))
            }
        case .show(let name, let version):
            return try reading(by: caller) { session throws(VaultError) in
                Reply.pending(try session.showPending(name, version, at: time))
            }
        case .retry(let ids):
            return try changing(by: caller, at: time) { session throws(VaultError) in
                let notices = session.depositNotices
                return Reply.notices(notices + (try session.retryDeposits(ids, at: time)))
            }
        case .discardDeposits(let ids):
            return try changing(by: caller, at: time) { session throws(VaultError) in
                Reply.rows(try session.discardDeposits(ids, at: time))
            }
        case .discard(let name, let version):
            return try changing(by: caller, at: time) { session throws(VaultError) in
                Reply.rows(try session.discard(name, version, at: time))
            }
        case .accept(let name, let version):
            return try changing(by: caller, at: time) { session throws(VaultError) in
                Reply.pending(try session.accept(name, version, at: time))
            }
        }
    }
}
