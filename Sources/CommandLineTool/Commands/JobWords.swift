// What is said of jobs and deliveries.

internal import VaultModel

enum JobWords {
    /// What helps where a delivery does not open.
    static let again = "nothing was released; `coffer deliver SECRET --to JOB` delivers it anew"

    static func complaint(_ error: VaultError) -> Complaint {
        switch error {
        case .jobMissing(let name):
            return Complaint(
                .notFound, "there is no job \"\(name)\"", hint: "`coffer job list` lists them")
        case .jobTaken(let name):
            return Complaint(
                .failed, "there is a job \"\(name)\" already",
                hint: "`coffer job remove \(name)` removes it, with what is delivered to it")
        case .notDelivered(let name, let job):
            return Complaint(
                .notFound, "\"\(name)\" is not delivered to the job \"\(job)\"",
                hint: "where the vault is opened: `coffer deliver \(name) --to \(job)`")
        case .deliveryExpired(let name):
            return Complaint(
                .refused, "the time is over that \"\(name)\" was delivered for",
                hint: "where the vault is opened: `coffer deliver \(name) --to JOB`")
        case .unusableIdentity:
            return Complaint(
                .locked, "this is no identity of a job, or it was damaged",
                hint: "`coffer job add NAME --identity-file FILE` makes one")
        case .foreignIdentity:
            return Complaint(
                .locked, "the identity is that of a job of another vault",
                hint: "--vault or COFFER_VAULT names the vault that the job was added to")
        case .policyFull:
            return Complaint(
                .failed, "the vault takes no more jobs, deliveries or grants",
                hint: "at most \(Job.most) jobs and grants, \(Job.mostDeliveries) deliveries a job")
        default: return Complaint(.failed, "nothing was changed")
        }
    }

    static func time(_ expires: Timestamp?) -> String {
        expires.map { "until \($0)" } ?? "until it is revoked"
    }
}
