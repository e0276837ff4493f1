// `coffer audit receipt`: one line that says where the vault stands, to keep elsewhere.

internal import AgentService
internal import VaultModel

enum AuditReceiptCommand {
    static let verb = Verb(
        words: "audit receipt", summary: "print a line that says where the vault stands",
        details: [
            "Keep it where whoever changes the vault cannot: in git, in a CI log, on paper. `coffer"
                + " audit verify --receipt` holds the vault against it. Needs no key, and tells"
                + " nothing secret."
        ],
        examples: [
            Example("coffer audit receipt > vault.receipt", "for git, or to print"),
            Example("coffer audit receipt | tee -a receipts.txt", "one line a day, for a timer"),
        ],
        run: run)

    private static func run(_ call: Invocation) throws(Complaint) -> ExitCode {
        let session = try VaultAccess.locked(call, for: .reading)
        let receipt = try Complaint.from { () throws(VaultError) in try session.receipt() }
        try Console.out("\(receipt)\n")
        return .ok
    }
}
