// What is said of deposits when the vault is opened.

internal import AgentProtocol
internal import VaultModel

enum DepositWords {
    static func remark(on found: Unlocked) {
        for notice in found.notices { remark(on: notice) }
        if let obstacle = found.obstacle {
            Console.warn("what lies in the inbox waits on: \(Complaint(obstacle).words)")
        }
    }

    static func remark(on notice: DepositNotice) {
        switch notice {
        case .taken(let id, let name, let version, let wanted):
            let beside = name == wanted ? "" : ", since \"\(wanted)\" says something else"
            Console.note(
                "deposit \(short(id)) was taken in: version \(version) of \"\(name)\" is"
                    + " pending\(beside); `coffer inbox accept \(name)` puts it into use")
        case .quarantined(let id):
            Console.warn(
                "deposit \(id) does not open: it was edited, or is for another vault or for keys"
                    + " that are damaged; it was set aside, and `coffer inbox list` shows it")
        case .missing(let id):
            Console.warn("deposit \(id) is gone: the log tells of it, the inbox does not hold it")
        case .known(let id):
            Console.note("deposit \(short(id)) was taken in before; this copy was set aside")
        }
    }

    private static func short(_ id: DepositID) -> String { String(id.description.prefix(8)) }
}
