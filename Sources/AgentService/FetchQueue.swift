// Questions for secrets that came in one turn of the agent's loop: answered together, since most of
// what an answer costs is the transaction in which it is entered in the log.

internal import AgentProtocol
internal import SecretMemory
internal import VaultCore
internal import VaultModel

struct FetchQueue {
    private var questions: [FetchQuestion] = []
    private var connections: [Connection] = []

    mutating func add(_ question: FetchQuestion, from connection: Connection) {
        questions.append(question)
        connections.append(connection)
    }

    var isEmpty: Bool { questions.isEmpty }

    /// Most of them in one transaction: their values are held at the same time.
    private static let mostAtOnce = 32

    /// Has all of them answered, and each answer sent when the log tells of it; the last one first,
    /// which may have taken a grant.
    mutating func answer(
        by custodian: Custodian, now: () -> Timestamp, send: (Connection) -> Void
    ) {
        var most = Self.mostAtOnce
        var start = 0
        while start < questions.count {
            let end: Int
            do throws(VaultError) {
                end = try prepare(from: start, atMost: most, by: custodian, at: now())
            } catch {
                // What was prepared is wiped: nothing leaves that the log does not tell of. One
                // record that cannot be read must not keep others from theirs.
                if most > 1, start + 1 < questions.count {
                    most = 1
                    continue
                }
                connections[start].hold(Reply.failed(error))
                end = start + 1
            }
            for connection in connections[start..<end].reversed() { send(connection) }
            start = end
        }
        questions = []
        connections = []
    }

    /// Prepares the answers of one transaction; where its questions end.
    private func prepare(
        from start: Int, atMost most: Int, by custodian: Custodian, at time: Timestamp
    ) throws(VaultError) -> Int {
        let file = custodian.file
        // Since they greeted, another question of this turn may have locked it, and opened another.
        let meant = connections[start...].prefix(most).prefix { $0.greeting?.vault == file }
        guard !meant.isEmpty else { throw .agentRefused(.otherVault) }
        var next = start
        let count = try custodian.fetch(
            questions[start..<start + meant.count], at: time
        ) { answer in
            connections[next].hold(answer)
            next += 1
        }
        return start + count
    }
}
