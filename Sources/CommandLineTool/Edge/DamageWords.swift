// What is damaged, in words.

internal import VaultModel

extension DamagedObject {
    /// What is wrong with it.
    var words: String {
        switch self {
        case .slots: "every key slot is damaged"
        case .metadata(let name?): "the description of \"\(name)\" does not fit its seal"
        case .metadata(nil): "a description does not fit its seal"
        case .record(let name, let version):
            "version \(version) of \"\(name)\" does not fit its seal"
        case .head: "its head does not fit this key"
        case .state: "state mismatch: its rows are not those that were left in it"
        case .rows(let name):
            "the rows of \"\(name)\", or rows beside them, are not what was left"
        case .audit: "its audit log does not fit"
        case .auditEntry(let number): "entry \(number) of the audit log does not fit its seal"
        case .container: "the file is malformed"
        case .depositKey: "its deposit key is not the one that was seen here"
        case .retiredKey(let epoch):
            "the keys that are kept of epoch \(epoch.number) do not fit their seal"
        case .deposit(let id): "\(id) does not open"
        case .policy: "its jobs, deliveries and grants are not those that were left in it"
        case .delivery(let name): "what was delivered of \"\(name)\" does not open for this job"
        }
    }
}
