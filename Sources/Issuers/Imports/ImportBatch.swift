// Everything that a source holds: what is taken, and what is left out and why.

/// What stays behind in the source.
public struct LeftOut: Hashable, Sendable {
    /// The name as it stands in the source; nothing in it is secret.
    public let title: String
    public let why: String
}

/// The credentials of a source in its order.
public struct ImportBatch {
    /// Most credentials of one source.
    static let most = 100_000
    /// Most bytes of all their secret values: they are held in locked memory until they are stored.
    static let largest = 64 * 1_024 * 1_024

    public private(set) var credentials: [FoundCredential] = []
    public private(set) var leftOut: [LeftOut] = []
    private var size = 0

    public init() {}

    /// Takes a credential, or leaves it out if it holds no secret.
    public mutating func take(_ credential: FoundCredential) throws(ImportDefect) {
        guard !credential.secretNames.isEmpty else {
            return leaveOut(credential.title, "it holds no secret")
        }
        guard credentials.count < Self.most else {
            throw ImportDefect("it holds more than 100,000 secrets")
        }
        size += credential.size
        guard size <= Self.largest else {
            throw ImportDefect("it holds more than 64 MiB of secrets")
        }
        credentials.append(credential)
    }

    /// Says that something is not imported.
    public mutating func leaveOut(_ title: String, _ why: StaticString) {
        leftOut.append(LeftOut(title: title, why: why.description))
    }

    /// Says that a part of what has this title has a meaning that no reader knows.
    mutating func leaveOutPart(of title: String) { leaveOut(title, "a part that is not read") }

    /// Says that there are comments: an old secret may stand in one.
    mutating func leaveOutComments() { leaveOut("comments", "what stands in them is not read") }
}
