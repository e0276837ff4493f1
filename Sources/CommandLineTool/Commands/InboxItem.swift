// What a person points at in the inbox: a deposit by its number, or a pending version by name.

internal import AgentProtocol
internal import AgentService
internal import VaultModel

enum InboxItem: Hashable {
    /// The beginning of a deposit's number, or all of it.
    case deposit(String)
    /// Without a number the only pending one.
    case version(SecretName, UInt32?)

    /// The least digits of a number: as many as are said when a deposit is taken in.
    private static let leastDigits = 8

    static func reading(_ text: String) throws(Complaint) -> InboxItem {
        let isNumber = text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
        if isNumber, (leastDigits...2 * Identifier.byteCount).contains(text.utf8.count) {
            return .deposit(text)
        }
        let (name, number) = try version(Reference.reading(text))
        return .version(name, number)
    }

    /// The number of a pending version that is named, or nil for the only one.
    static func version(
        _ reference: Reference
    ) throws(Complaint) -> (name: SecretName, number: UInt32?) {
        guard reference.field == nil else {
            throw Complaint(.usage, "a version waits with all its fields")
        }
        switch reference.version {
        case .number(let number): return (reference.name, number)
        case .current, .pending: return (reference.name, nil)
        case .previous: throw Complaint(.usage, "name the number of a pending version")
        }
    }

    /// The deposit whose number begins so.
    static func deposit(
        beginning digits: String, in session: Session
    ) throws(Complaint) -> DepositID {
        if let whole = Identifier(hexadecimal: digits) { return DepositID(whole) }
        let lying = try Complaint.from { () throws(VaultError) in try session.waitingDeposits() }
        let found = lying.map(\.id).filter { $0.description.hasPrefix(digits) }
        guard found.count < 2 else {
            throw Complaint(.usage, "several deposits begin with \(digits)", hint: "add digits")
        }
        guard let id = found.first else {
            throw Complaint(
                .notFound, "there is no deposit \(digits)… in the inbox",
                hint: "`coffer inbox list` lists them; what was taken in is a pending version")
        }
        return id
    }
}
