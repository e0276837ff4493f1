// The door to a vault that an agent keeps open: questions go over its socket.
//
// Nothing here touches libcrypto or the vault's file: the way of most commands is as short as this.

internal import Glibc
public import SecretMemory
public import VaultModel

/// A connection to an agent. It is greeted together with the first question: waiting for its answer
/// to the greeting would cost as much as the question. Used by one thread.
public final class AgentClient {
    private let connection: Int32
    /// The greeting, until it is sent.
    private var greeting: SecretBytes?
    /// What the agent said of itself at last; nil unless it has answered the greeting, which one of
    /// another vault or release does not.
    public private(set) var status: AgentStatus?

    /// Connects to the agent of that name, if a process of our own user listens; nil if not.
    public init?(
        in folder: borrowing SocketFolder, named name: String, greeting: Greeting
    ) throws(VaultError) {
        guard let connection = try folder.connect(to: name) else { return nil }
        self.connection = connection
        var writer = FrameWriter(.hello)
        writer.add(greeting)
        self.greeting = writer.finish()
    }

    /// Asks the one who unlocked the vault whether the program may have the secret; nil if not.
    public var askPerson: ((SecretName, RefusedProgram) -> GrantScope?)?

    deinit { close(connection) }

    /// Whether it has answered a question with anything but a failure: what was asked for has
    /// begun.
    public private(set) var hasAnswered = false

    /// Greets the agent alone; false if it is of another vault or release, or gone.
    public func greet() throws(VaultError) -> Bool {
        do throws(VaultError) {
            try send(SecretBytes())
        } catch {
            switch error {
            case .agentRefused(.otherVault), .agentRefused(.otherVersion), .agentLost: return false
            default: throw error
            }
        }
        return true
    }

    /// Sends a question behind the greeting, if that was not sent yet, and reads what the agent
    /// says to the greeting.
    func send(_ question: consuming SecretBytes) throws(VaultError) {
        guard var first = greeting.take() else { return try write(question) }
        first.append(question.bytes)
        try write(first)
        status = try readAnswer { $0.agentStatus() }
    }

    /// Asks, and reads the answer.
    func ask<R: ~Copyable>(
        _ question: consuming SecretBytes, _ read: (inout CanonicalReader) -> R?
    ) throws(VaultError) -> R {
        try send(question)
        return try readAnswer(read)
    }

    private func readAnswer<R: ~Copyable>(
        _ read: (inout CanonicalReader) -> R?
    ) throws(VaultError) -> R {
        let answer = try receive()
        guard answer.topic == .done else { throw .agentRefused(.malformed) }
        return try Self.read(answer.frame, read)
    }

    static func read<R: ~Copyable>(
        _ answer: borrowing SecretBytes, _ read: (inout CanonicalReader) -> R?
    ) throws(VaultError) -> R {
        var reader = CanonicalReader(answer.bytes.extracting((Frame.headCount + 1)...))
        switch read(&reader) {
        case .some(let found):
            guard reader.isAtEnd else { throw .agentRefused(.malformed) }
            return found
        case .none: throw .agentRefused(.malformed)
        }
    }

    private func write(_ question: consuming SecretBytes) throws(VaultError) {
        var done = 0
        let total = question.count
        while done < total {
            let count = SocketBytes.send(connection, question, from: done)
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                // What it refused may say why.
                if errno == EPIPE || errno == ECONNRESET { return }
                throw .agentLost
            }
        }
    }

    struct Answer: ~Copyable {
        let topic: Topic
        /// With its head.
        let frame: SecretBytes
    }

    /// One frame. A failure is thrown.
    func receive() throws(VaultError) -> Answer {
        var frame = SecretBytes(capacity: 1_024)
        try fill(&frame, to: Frame.headCount)
        guard
            let length = Frame.length(
                frame.bytes.extracting(first: Frame.headCount), isGreeting: false)
        else { throw .agentRefused(.malformed) }
        try fill(&frame, to: Frame.headCount + length)
        guard let topic = Topic(rawValue: frame.bytes[Frame.headCount]) else {
            throw .agentRefused(.malformed)
        }
        guard topic != .failed else {
            throw try Self.read(frame) { ErrorCoding.read(&$0) }
        }
        hasAnswered = status != nil
        return Answer(topic: topic, frame: frame)
    }

    /// Reads until `frame` has `count` bytes.
    private func fill(_ frame: inout SecretBytes, to count: Int) throws(VaultError) {
        while frame.count < count {
            let start = frame.count
            frame.append(zeros: count - start)
            let received = SocketBytes.receive(connection, into: &frame, from: start)
            frame.truncate(to: start + max(0, received))
            guard received > 0 else {
                guard received < 0, errno == EINTR else { throw .agentLost }
                continue
            }
        }
    }
}

// The agent itself.
extension AgentClient {
    public func refreshStatus() throws(VaultError) -> AgentStatus {
        let found = try ask(FrameWriter(.status).finish()) { $0.agentStatus() }
        status = found
        return found
    }

    /// Opens the vault; nil if it was open already, and then nothing was looked at.
    public func unlock(
        with offer: borrowing KeyOffer, rollback choice: RollbackChoice, _ times: LockTimes
    ) throws(VaultError) -> Unlocked? {
        var writer = FrameWriter(.unlock)
        switch offer {
        case .passphrase(let text): writer.add(unlock: text, isRaw: false, choice, times)
        case .rawKey(let text): writer.add(unlock: text, isRaw: true, choice, times)
        }
        return try ask(writer.finish()) { reader in
            if reader.isAtEnd { return .some(nil) }
            return reader.unlocked().map { .some($0) }
        }
    }

    /// Wipes the keys; the agent itself ends too if `ends`.
    public func lock(ends: Bool = false) throws(VaultError) {
        var writer = FrameWriter(.lock)
        writer.add(ends)
        try command(writer)
    }

    func command(_ writer: consuming FrameWriter) throws(VaultError) {
        try ask(writer.finish()) { _ in .some(()) }
    }
}

extension AgentClient: Door {
    public func fetch(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret {
        try fetch(.fetch, name, version, disabled)
    }

    public func fetchUnlogged(
        _ name: SecretName, _ version: VersionSelector, disabled: DisabledUse, at time: Timestamp
    ) throws(VaultError) -> OpenedSecret {
        try fetch(.fetchUnlogged, name, version, disabled)
    }

    private func fetch(
        _ topic: Topic, _ name: SecretName, _ version: VersionSelector, _ disabled: DisabledUse
    ) throws(VaultError) -> OpenedSecret {
        do throws(VaultError) { return try askFor(topic, name, version, disabled) } catch {
            guard case .notGranted(_, let program) = error, program.canAsk,
                let scope = askPerson?(name, program)
            else { throw error }
            try permit(name, scope)
            return try askFor(topic, name, version, disabled)
        }
    }

    private func askFor(
        _ topic: Topic, _ name: SecretName, _ version: VersionSelector, _ disabled: DisabledUse
    ) throws(VaultError) -> OpenedSecret {
        var writer = about(name, topic)
        writer.add(version)
        writer.add(disabled == .allow)
        return try ask(writer.finish()) { $0.opened() }
    }

    public func describe(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata {
        try ask(about(name, .describe).finish()) { $0.metadata() }
    }

    public func list(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> Inventory {
        // A longer one begins no name.
        guard prefix.utf8.count <= Request.longestPrefix else {
            return Inventory(secrets: [], damaged: 0)
        }
        var writer = FrameWriter(.list)
        writer.add(prefix)
        writer.add(removed == .only)
        try send(writer.finish())
        var inventory = Inventory(secrets: [], damaged: 0)
        while true {
            let answer = try receive()
            switch answer.topic {
            case .part:
                inventory.secrets += try Self.read(answer.frame) { $0.descriptions() }
            case .done:
                let counts = try Self.read(answer.frame) { $0.counts() }
                guard counts.all == UInt64(inventory.secrets.count) else {
                    throw .agentRefused(.malformed)
                }
                inventory.damaged = counts.damaged
                return inventory
            default: throw .agentRefused(.malformed)
            }
        }
    }

    public func names(
        prefix: String, removed: RemovedListing, at time: Timestamp
    ) throws(VaultError) -> NameList {
        guard prefix.utf8.count <= Request.longestPrefix else {
            return NameList(names: [], damaged: 0)
        }
        var writer = FrameWriter(.names)
        writer.add(prefix)
        writer.add(removed == .only)
        try send(writer.finish())
        var packed = SecretBytes(capacity: 1_024)
        while true {
            let answer = try receive()
            switch answer.topic {
            case .part: packed.append(answer.frame.bytes.extracting((Frame.headCount + 1)...))
            case .done:
                let counts = try Self.read(answer.frame) { $0.counts() }
                guard counts.all == UInt64(packed.count),
                    let names = ListedName.unpack(packed.bytes)
                else { throw .agentRefused(.malformed) }
                return NameList(names: names, damaged: counts.damaged)
            default: throw .agentRefused(.malformed)
            }
        }
    }

    public func preflight(
        _ name: SecretName, _ conflict: NameConflict, at time: Timestamp
    ) throws(VaultError) -> Metadata? {
        var writer = about(name, .preflight)
        writer.add(conflict == .addVersion)
        return try ask(writer.finish()) { reader in
            guard let isThere = reader.flag() else { return nil }
            guard isThere else { return .some(nil) }
            return reader.metadata().map { .some($0) }
        }
    }

    public func store(
        _ draft: SecretDraft, _ secrets: borrowing SecretFields, _ conflict: NameConflict,
        at time: Timestamp
    ) throws(VaultError) -> Receipt {
        var writer = FrameWriter(.store)
        writer.add(draft)
        writer.add(conflict == .addVersion)
        writer.add(secrets)
        return try ask(writer.finish()) { $0.receipt() }
    }

    public func edit(
        _ name: SecretName, _ changes: [DescriptionChange], at time: Timestamp
    ) throws(VaultError) -> Metadata {
        var writer = about(name, .edit)
        writer.add(UInt32(changes.count))
        for change in changes { writer.add(change) }
        return try ask(writer.finish()) { $0.metadata() }
    }

    public func rename(
        _ name: SecretName, to newName: SecretName, at time: Timestamp
    ) throws(VaultError) -> Metadata {
        var writer = about(name, .rename)
        writer.add(newName.text)
        return try ask(writer.finish()) { $0.metadata() }
    }

    public func remove(_ name: SecretName, at time: Timestamp) throws(VaultError) {
        try command(about(name, .remove))
    }

    public func restore(_ name: SecretName, at time: Timestamp) throws(VaultError) -> Metadata {
        try ask(about(name, .restore).finish()) { $0.metadata() }
    }

    public func purge(_ name: SecretName, at time: Timestamp) throws(VaultError) -> OldRows {
        try ask(about(name, .purge).finish()) { $0.oldRows() }
    }

    func about(_ name: SecretName, _ topic: Topic) -> FrameWriter {
        var writer = FrameWriter(topic)
        writer.add(name.text)
        return writer
    }
}
