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

    /// Has all of them answered, and each answer sent when the log tells of it.
    mutating func answer(by custodian: Custodian, at time: Timestamp, send: (Connection) -> Void) {
        var sent = 0
        while sent < questions.count {
            let end = prepare(from: sent, by: custodian, at: time)
            for connection in connections[sent..<end] { send(connection) }
            sent = end
        }
        questions = []
        connections = []
    }

    /// Prepares the answers of one transaction; where its questions end.
    private func prepare(from start: Int, by custodian: Custodian, at time: Timestamp) -> Int {
        var next = start
        do throws(VaultError) {
            return start
                + (try custodian.fetch(questions[start...], at: time) { answer in
                    connections[next].hold(answer)
                    next += 1
                })
        } catch {
            // What was prepared is wiped: nothing leaves that the log does not tell of.
            for connection in connections[start...] { connection.hold(Reply.failed(error)) }
            return questions.count
        }
    }
}
